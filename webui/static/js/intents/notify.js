/**
 * Sentences that appear for a while and go away by themselves.
 *
 * @import {AppStore} from "../state.js"
 * @import {Refusal} from "../socket.js"
 */

const SHOWN = 6000;
const SHOWN_LONG = 60_000;
let count = 0;

/**
 * @param {AppStore} store
 * @param {string} text one sentence
 * @param {{forLong?: boolean}} [how] forLong: what nobody has asked for may be read later
 */
export function notify(store, text, { forLong = false } = {}) {
  const id = ++count;
  store.dispatch({ event: "ui/notice", notice: { id, text } });
  setTimeout(() => store.dispatch({ event: "ui/notice_gone", id }), forLong ? SHOWN_LONG : SHOWN);
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
