/**
 * What one says of oneself, and how the page is to look and sound.
 *
 * @import {Socket} from "../socket.js"
 * @import {AppStore, Preferences, Shared} from "../state.js"
 * @import {Me} from "../messages.js"
 */

import { notify, tell } from "./notify.js";

/** The longest name, in characters. */
export const NAME_LENGTH = 64;

/** What a status does. @type {Record<Me["status"], string>} */
export const STATUS_NOTES = {
  available: "Messages and calls make themselves heard.",
  away: "Others see that you are away. Messages and calls make themselves heard.",
  dnd: "Do not disturb: no sounds and no notifications. A call does not ring, it waits in a line above the conversation.",
};

/** @param {{socket: Socket, store: AppStore}} context */
export function createProfile({ socket, store }) {
  return {
    /** @param {string} name keeps the old one if nothing is left of it */
    rename(name) {
      const clean = name.trim().replace(/\s+/gu, " ").slice(0, NAME_LENGTH);
      if (clean && clean !== store.state.me.name) {
        void socket.request({ event: "set_profile", name: clean }).catch(tell(store));
      }
    },

    /** @param {Me["status"]} status */
    setStatus(status) {
      const done = socket.request({ event: "set_profile", status });
      void done.then(() => status === "dnd" && notify(store, STATUS_NOTES.dnd), tell(store));
    },

    /** For all pages. Resolves when the daemon has said yes or no. @param {Partial<Shared>} changes */
    share: (changes) => socket.request({ event: "set_preferences", ...changes }).then(() => {}, tell(store)),

    /** For this browser. @param {Partial<Preferences>} preferences */
    prefer: (preferences) => store.dispatch({ event: "ui/preferences", preferences }),
  };
}
