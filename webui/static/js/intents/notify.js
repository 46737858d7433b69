/**
 * Sentences that appear for a while and go away by themselves.
 *
 * @import {AppStore} from "../state.js"
 * @import {Refusal} from "../socket.js"
 */

const SHOWN = 6000;
let count = 0;

/**
 * @param {AppStore} store
 * @param {string} text one sentence
 */
export function notify(store, text) {
  const id = ++count;
  store.dispatch({ event: "ui/notice", notice: { id, text } });
  setTimeout(() => store.dispatch({ event: "ui/notice_gone", id }), SHOWN);
}

/**
 * Tell why the daemon refused something.
 *
 * @param {AppStore} store
 * @returns {(refusal: Refusal) => void}
 */
export function tell(store) {
  return ({ message }) => notify(store, message);
}
