/**
 * A card over everything, but in nobody's way: somebody would like to verify, or a comparison goes on without its dialog.
 *
 * @import {Context} from "../main.js"
 * @import {State} from "../state.js"
 */

import { cardWords } from "../verify_screen.js";
import { paintAvatar } from "./avatar.js";
import { part, setText } from "./dom.js";

/** @param {HTMLElement} root @param {Context} context */
export function mountVerifyCard(root, { store, intents: { verify } }) {
  part(root, "accept").addEventListener("click", () => verify.accept());
  part(root, "go-on").addEventListener("click", () => store.state.comparison && verify.open(store.state.comparison.person));
  for (const name of ["not-now", "cancel"]) part(root, name).addEventListener("click", () => verify.cancel());

  /** @param {State} state */
  function render({ comparison, people, ui }) {
    const person = people.get(comparison?.person ?? "");
    const words = comparison && person && ui.verify?.person !== person.id ? cardWords(comparison, person.name) : "";
    root.hidden = words === "";
    if (!comparison || !person || !words) return setText(part(root, "words"), "");
    paintAvatar(part(root, "avatar"), person);
    setText(part(root, "words"), words);
    const invited = comparison.state === "asking";
    for (const [name, there] of /** @type {const} */ ([["accept", invited], ["not-now", invited], ["go-on", !invited], ["cancel", !invited]])) {
      part(root, name).hidden = !there;
    }
  }

  render(store.state);
  return store.subscribe(render);
}
