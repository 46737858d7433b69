/**
 * The page and the desktop: whether one looks at the page, so that nothing is announced beside it, and the call that was
 * accepted in a notification or placed by a command.
 *
 * @import {Frame, Socket} from "../socket.js"
 * @import {AppStore, State} from "../state.js"
 * @import {Calls} from "./calls.js"
 *
 * @typedef {ReturnType<typeof import("./route.js").createRoute>} Route
 */

import { ringsHere } from "../call_screen.js";

/** @param {{socket: Socket, store: AppStore, calls: Calls, route: Route}} context */
export function createDesktop({ socket, store, calls, route }) {
  /** @param {State} state */
  function tell({ ui: { attentive, selected } }) {
    socket.send({ event: "set_focus", focused: attentive, person: selected });
  }

  /** @param {string} id @param {boolean} video */
  function take(id, video) {
    const { call } = store.state;
    if (call?.id === id && ringsHere(call)) void calls.accept(call, { video });
  }

  /** @param {string} person @param {boolean} video */
  function place(person, video) {
    route.open(person);
    void calls.start(person, { video });
  }

  store.subscribe((state, previous) => {
    const { attentive, selected } = previous.ui;
    if (state.ui.attentive !== attentive || state.ui.selected !== selected) tell(state);
  });

  return {
    /** @param {Frame} event the daemon's events, after the state has changed */
    handle(event) {
      // Every new socket is a new tab for the daemon.
      if (event.event === "snapshot") tell(store.state);
      if (event.event === "take_call") take(event["call"], event["video"]);
      if (event.event === "place_call") place(event["person"], event["video"]);
    },
  };
}
