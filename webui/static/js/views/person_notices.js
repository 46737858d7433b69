/**
 * What one should know of the person whose conversation is open: slim banners over the words.
 *
 * @import {Context} from "../main.js"
 * @import {Open} from "./conversation.js"
 * @import {Notice} from "../messages.js"
 */

import { noticeWords, otherWords } from "../trust_words.js";
import { clone, part, reconcile, setAttribute, setIcon, setText } from "./dom.js";

/** @param {HTMLElement} root @param {Context} context @returns {(open: Open) => void} */
export function mountPersonNotices(root, { store, intents }) {
  /** @type {Map<string, HTMLElement>} */
  const elements = new Map();
  root.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("button"));
    if (button?.dataset["part"] === "keep") intents.people.keepName(store.state.ui.selected ?? "");
    if (button?.dataset["part"] === "other") intents.route.open(button.dataset["person"] ?? "");
  });

  return ({ person, state }) => {
    // Of a person who is held back, the card below says it all; of a name that is settled, the header.
    const shown = person.notices.filter(({ kind, settled }) => !settled && (!person.held || kind === "clone"));
    reconcile(root, elements, shown, {
      key: ({ kind }) => `${person.id} ${kind}`,
      make: () => clone("person-notice"),
      update: (element, notice) => update(element, notice),
    });
    root.hidden = shown.length === 0;

    /** @param {HTMLElement} element @param {Notice} notice */
    function update(element, notice) {
      const { words, advice, key, other } = noticeWords(notice, person, state.me, state.people);
      setAttribute(element, "data-kind", notice.kind);
      setIcon(/** @type {Element} */ (element.querySelector("svg")), notice.kind === "renamed" ? "info" : "warning");
      setText(part(element, "words"), words);
      setText(part(element, "advice"), advice);
      setText(part(element, "key"), key);
      part(element, "keep").hidden = notice.kind === "clone" || notice.kind === "mismatch";
      const known = other === null ? undefined : state.people.get(other);
      part(element, "other").hidden = !known;
      setText(part(element, "other"), known ? otherWords(known) : "");
      setAttribute(part(element, "other"), "data-person", known?.id);
    }
  };
}
