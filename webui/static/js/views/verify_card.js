/**
 * A card over everything, but in nobody's way: somebody would like to verify, or a comparison goes on without its dialog.
 *
 * @import {Context} from "../main.js"
 * @import {State} from "../state.js"
 */

import { whoIs } from "../call_screen.js";
import { cardWords } from "../verify_screen.js";
import { paintAvatar } from "./avatar.js";
import { part, setText } from "./dom.js";
import { paintMarks } from "./marks.js";

/** @param {HTMLElement} root @param {Context} context */
export function mountVerifyCard(root, { store, intents: { verify } }) {
  part(root, "accept").addEventListener("click", () => verify.accept());
  part(root, "go-on").addEventListener("click", () => store.state.comparison && verify.open(store.state.comparison.person));
  for (const name of ["not-now", "cancel"]) part(root, name).addEventListener("click", () => verify.cancel());

  /** @param {State} state */
  function render(state) {
    const { comparison, people, ui } = state;
    const person = people.get(comparison?.person ?? "");
    const words = comparison && person && ui.verify?.person !== person.id ? cardWords(comparison, whoIs(person.id, state).title) : "";
    root.hidden = words === "";
    if (!comparison || !person || !words) return setText(part(root, "words"), "");
    paintAvatar(part(root, "avatar"), person);
    const who = whoIs(person.id, state);
    paintMarks(root, who);
    setText(part(root, "words"), words);
    setText(part(root, "warning"), who.key ? who.warning : "");
    const invited = comparison.state === "asking";
    for (const [name, there] of /** @type {const} */ ([["accept", invited], ["not-now", invited], ["go-on", !invited], ["cancel", !invited]])) {
      part(root, name).hidden = !there;
    }
  }

  render(store.state);
  return store.subscribe(render);
}
