/**
 * What is wrong with a device, with the way out; and that one's screen is being shared.
 *
 * @import {Context} from "../main.js"
 * @import {Screen} from "../call_screen.js"
 * @import {Problem} from "../rtc/problems.js"
 */

import { clone, part, reconcile, setText } from "./dom.js";

/** @param {HTMLElement} stage @param {Context} context @returns {(screen: Screen) => void} */
export function mountNotes(stage, { intents: { calls } }) {
  const list = part(stage, "notes");
  /** @type {Map<string, HTMLElement>} */
  const notes = new Map();

  /** @param {Problem} problem */
  function make({ role }) {
    const note = clone("call-note");
    part(note, "note-close").addEventListener("click", () => calls.dismissProblem(role));
    return note;
  }

  return ({ live }) =>
    reconcile(list, notes, live?.problems ?? [], {
      key: ({ role, kind }) => `${role} ${kind}`,
      make,
      update: (note, { title, advice }) => {
        setText(part(note, "note-title"), `${title}.`);
        setText(part(note, "note-advice"), advice);
      },
    });
}
