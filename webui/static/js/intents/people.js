/**
 * What one can do with a person: ask, answer, block, forget, trust. A refusal is said in a notice.
 *
 * @import {Socket} from "../socket.js"
 * @import {AppStore} from "../state.js"
 */

import { tell } from "./notify.js";

/** @param {{socket: Socket, store: AppStore}} context */
export function createPeople({ socket, store }) {
  /** @param {string} event */
  const request = (event) => (/** @type {string} */ person) => {
    void socket.request({ event, person }).catch(tell(store));
  };

  return {
    ask: request("send_chat_request"),
    accept: request("accept_chat_request"),
    decline: request("reject_chat_request"),
    cancel: request("cancel_chat_request"),
    block: request("block_user"),
    unblock: request("unblock_user"),
    forget: request("forget_user"),
    keepName: request("keep_name"),
    distrust: request("distrust"),
    /** @param {string} text */
    filter: (text) => store.dispatch({ event: "ui/filter", text }),
  };
}
