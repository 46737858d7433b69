/**
 * Where one writes. Enter sends, Shift+Enter breaks the line; a text that is too long is told before it is sent.
 *
 * @import {Context} from "../main.js"
 * @import {Open} from "./conversation.js"
 */

import { isLinked } from "../person.js";
import { byteLength, TEXT_BYTES } from "../text.js";
import { part, setAttribute, setText } from "./dom.js";

const NEAR_LIMIT = TEXT_BYTES * 0.9;
const count = new Intl.NumberFormat("en");

/** @param {HTMLElement} root @param {Context} context @returns {(open: Open) => void} */
export function mountComposer(root, { store, intents }) {
  const text = /** @type {HTMLTextAreaElement} */ (part(root, "text"));
  /** @type {string | null} */
  let person = null;

  function send() {
    if (person === null || !intents.chat.send(person, text.value)) return text.focus();
    text.value = "";
    measure();
    text.focus();
  }

  function measure() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
    const bytes = byteLength(text.value);
    const over = bytes > TEXT_BYTES;
    setText(part(root, "limit"), limitWords(bytes));
    setAttribute(root, "data-over", over);
    setAttribute(text, "aria-invalid", over ? "true" : null);
    setAttribute(part(root, "send"), "aria-disabled", over || !text.value.trim() ? "true" : null);
  }

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  text.addEventListener("input", () => {
    if (person !== null) intents.chat.draft(person, text.value);
    measure();
  });
  // Another width breaks the lines anew. Another height is our own doing: to measure again would move what is above.
  let width = 0;
  new ResizeObserver(() => {
    if (root.clientWidth !== width) measure();
    width = root.clientWidth;
  }).observe(root);

  return ({ person: shown, conversation }) => {
    root.hidden = shown.relation !== "contact";
    setText(part(root, "hint"), isLinked(shown) ? "" : `${shown.name} is not here. What you write waits, and goes out when they are back.`);
    part(root, "hint").hidden = isLinked(shown);
    setAttribute(text, "placeholder", `Message ${shown.name}`);
    if (shown.id === person) return;
    person = shown.id;
    text.value = conversation.draft;
    measure();
  };
}

/** @param {number} bytes */
function limitWords(bytes) {
  if (bytes <= NEAR_LIMIT) return "";
  const left = TEXT_BYTES - bytes;
  if (left >= 0) return `Room for ${count.format(left)} more bytes.`;
  const bytesOver = `${count.format(-left)} ${left === -1 ? "byte" : "bytes"}`;
  return `This is ${bytesOver} too long for one message (the limit is 16 KiB). Shorten it, or send it in parts.`;
}
