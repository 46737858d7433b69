/**
 * The bars at the top: the daemon is gone, or it has been updated, or somebody else uses our key.
 *
 * @import {Context} from "../main.js"
 * @import {State} from "../state.js"
 */

import { cloneWords } from "../trust_words.js";
import { find, part, setAttribute, setText } from "./dom.js";

/** A reload of the daemon's page, or a short restart, needs no words. */
const GRACE = 600;
/** Whoever updates LanChat or starts it again has done so by then. */
const PATIENCE = 10_000;

/** @param {HTMLElement} root @param {Context} context */
export function mountBars(root, { store }) {
  /** @type {ReturnType<typeof setTimeout>[]} */
  let timers = [];

  /** For how long the daemon has been away. @param {"no" | "short" | "long"} time */
  function away(time) {
    part(root, "reconnecting").hidden = time !== "short";
    part(root, "stopped").hidden = time !== "long";
    // Nobody knows now who is there.
    setAttribute(find(document, "#app"), "data-away", time !== "no");
  }

  /** @param {boolean} connected */
  function watch(connected) {
    timers.forEach(clearTimeout);
    if (connected) away("no");
    else timers = [setTimeout(away, GRACE, "short"), setTimeout(away, PATIENCE, "long")];
  }

  /** @param {State} state */
  function render({ version, servedVersion, me }) {
    part(root, "clone").hidden = !me.clone;
    setText(part(root, "clone-words"), me.clone ? cloneWords(me.clone) : "");
    part(root, "updated").hidden = version === servedVersion;
  }

  part(root, "reload").addEventListener("click", () => location.reload());
  addEventListener("beforeunload", (event) => {
    const waits = [...store.state.conversations.values()].some(({ entries }) => entries.some(({ pending }) => pending));
    if (!store.state.connected && waits) event.preventDefault();
  });

  render(store.state);
  watch(store.state.connected);
  return store.subscribe((state, previous) => {
    if (state.connected !== previous.connected) watch(state.connected);
    if (state.version !== previous.version || state.me !== previous.me) render(state);
  });
}
