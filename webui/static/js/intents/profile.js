/**
 * What one says of oneself, and how the page is to look and sound.
 *
 * @import {Socket} from "../socket.js"
 * @import {AppStore, Preferences} from "../state.js"
 * @import {Me} from "../messages.js"
 */

import { tell } from "./notify.js";

/** The longest name, in characters. */
export const NAME_LENGTH = 64;

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
      void socket.request({ event: "set_profile", status }).catch(tell(store));
    },

    /** @param {Partial<Preferences>} preferences */
    prefer: (preferences) => store.dispatch({ event: "ui/preferences", preferences }),
  };
}
