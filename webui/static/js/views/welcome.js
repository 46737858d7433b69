/**
 * What stands there while nobody is chosen: the search for people, or an invitation to choose.
 *
 * @import {Context} from "../main.js"
 * @import {State} from "../state.js"
 */

import { paintAvatar } from "./avatar.js";
import { find, part, setAttribute, setText } from "./dom.js";

const PATIENCE = 10_000;

/** @param {HTMLElement} root @param {Context} context */
export function mountWelcome(root, { store }) {
  const app = find(document, "#app");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {State} state */
  function render({ people, me, ui }) {
    const nobody = people.size === 0;
    setAttribute(app, "data-nobody", nobody);
    root.hidden = ui.selected !== null || ui.screen !== "people";
    part(root, "nobody").hidden = !nobody;
    part(root, "choose").hidden = nobody;
    paintAvatar(part(root, "avatar"), me);
    setText(part(root, "name"), me.name);
    if (!nobody) {
      clearTimeout(timer);
      timer = undefined;
      part(root, "checks").hidden = true;
    } else timer ??= setTimeout(() => (part(root, "checks").hidden = false), PATIENCE);
  }

  render(store.state);
  return store.subscribe((state, previous) => {
    if (state.people !== previous.people || state.me !== previous.me || state.ui !== previous.ui) render(state);
  });
}
