/**
 * The two buttons that call somebody. Where this browser cannot call they stay within reach, and say why when pressed.
 *
 * @import {Context} from "../main.js"
 * @import {Person} from "../messages.js"
 * @import {State} from "../state.js"
 */

import { ringsHere } from "../call_screen.js";
import { isLinked } from "../person.js";
import { part, setAttribute } from "./dom.js";

/** @param {HTMLElement} root @param {Person} person @param {State} state @param {Context["intents"]["calls"]} calls */
export function paintCallButtons(root, person, { call, connected }, { reason }) {
  for (const name of ["audio", "video"]) {
    const button = /** @type {HTMLButtonElement} */ (part(root, name));
    const free = call === null || (ringsHere(call) && call.person === person.id);
    button.disabled = reason === null && !(connected && isLinked(person) && free);
    setAttribute(button, "aria-disabled", reason === null ? null : "true");
    setAttribute(button, "title", reason ?? button.getAttribute("aria-label"));
  }
}
