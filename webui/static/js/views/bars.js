/**
 * The bars at the top: the daemon is gone, or it has been updated, or somebody else uses our key.
 *
 * @import {Context} from "../main.js"
 * @import {State} from "../state.js"
 */

import { cloneWords } from "../trust_words.js";
import { part, setText } from "./dom.js";

/** A reload of the daemon's page, or a short restart, needs no words. */
const GRACE = 600;

/** @param {HTMLElement} root @param {Context} context */
export function mountBars(root, { store }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {State} state */
  function render({ connected, version, servedVersion, me }) {
    part(root, "clone").hidden = !me.clone;
    setText(part(root, "clone-words"), me.clone ? cloneWords(me.clone) : "");
    part(root, "updated").hidden = version === servedVersion;
    clearTimeout(timer);
    if (connected) part(root, "reconnecting").hidden = true;
    else timer = setTimeout(() => (part(root, "reconnecting").hidden = false), GRACE);
  }

  part(root, "reload").addEventListener("click", () => location.reload());
  addEventListener("beforeunload", (event) => {
    const waits = [...store.state.conversations.values()].some(({ entries }) => entries.some(({ pending }) => pending));
    if (!store.state.connected && waits) event.preventDefault();
  });

  render(store.state);
  return store.subscribe((state, previous) => {
    if (state.connected !== previous.connected || state.version !== previous.version || state.me !== previous.me) render(state);
  });
}
