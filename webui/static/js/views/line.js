/**
 * One line of a conversation as an element.
 *
 * @import {CallLine} from "../call_words.js"
 * @import {Line, Text} from "../lines.js"
 * @import {Person} from "../messages.js"
 */

import { callWords, isMissed } from "../call_words.js";
import { isPictures, tokens } from "../text.js";
import { clock, dayWords } from "../time.js";
import { clone, part, setAttribute, setIcon, setText } from "./dom.js";

const TEMPLATES = { day: "day-line", unread: "unread-line", text: "message-line", call: "call-line", note: "note-line" };
/** @type {Record<string, string>} */
const DELIVERY = { waiting: "Waiting", sent: "Sent", delivered: "Delivered", seen: "Seen", failed: "Not sent" };

/** @param {Line} line @param {{fresh: boolean}} how fresh: it appears now, so it may move */
export function makeLine(line, { fresh }) {
  const element = clone(TEMPLATES[line.type]);
  if (fresh && line.type !== "day") {
    setAttribute(element, "data-fresh", true);
    element.addEventListener("animationend", () => element.removeAttribute("data-fresh"), { once: true });
  }
  if (line.type === "text") makeText(element, line.entry);
  return element;
}

/** @param {HTMLElement} element @param {Line} line @param {Person} person */
export function updateLine(element, line, person) {
  if (line.type === "day") setText(part(element, "words"), dayWords(line.at, Date.now()));
  if (line.type === "call") updateCall(element, line.entry);
  if (line.type === "note") updateNote(element, line.note, person);
  if (line.type !== "text") return;
  const { entry } = line;
  setAttribute(element, "data-first", line.first);
  setAttribute(element, "data-last", line.last);
  setText(part(element, "author"), line.first ? `${entry.mine ? "You" : person.name}: ` : "");
  updateTime(element, entry.at);
  updateDelivery(element, entry);
}

/** @param {HTMLElement} element @param {Text} entry */
function makeText(element, { id, mine, text }) {
  element.dataset["id"] = id;
  setAttribute(element, "data-mine", mine);
  setAttribute(element, "data-pictures", isPictures(text));
  part(element, "text").replaceChildren(...tokens(text).map(node));
}

/** @param {{text: string, href?: string}} token */
function node({ text, href }) {
  if (!href) return document.createTextNode(text);
  const link = document.createElement("a");
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.textContent = text;
  return link;
}

/** @param {HTMLElement} element @param {Text} entry */
function updateDelivery(element, { mine, status, problem }) {
  const sign = part(element, "delivery");
  setAttribute(sign, "hidden", !mine);
  if (mine) {
    const state = problem ? "failed" : status;
    setAttribute(sign, "data-delivery", state);
    setAttribute(sign, "aria-label", DELIVERY[state] ?? state);
    setIcon(sign, `delivery-${state}`);
  }
  setAttribute(element, "data-failed", Boolean(problem));
  part(element, "problem").hidden = !problem;
  setText(part(element, "problem-words"), problem ? `Not sent. ${problem}` : "");
}

/** @param {HTMLElement} element @param {CallLine} entry */
function updateCall(element, entry) {
  setIcon(/** @type {Element} */ (element.querySelector("svg")), entry.video ? "video" : "phone");
  setAttribute(element, "data-missed", isMissed(entry));
  setAttribute(element, "data-held", entry.duration > 0);
  setText(part(element, "words"), callWords(entry));
  updateTime(element, entry.at);
}

/** @param {HTMLElement} element @param {import("../state.js").Note} note @param {Person} person */
function updateNote(element, { at, kind }, { name }) {
  setAttribute(element, "data-kind", kind);
  setText(part(element, "words"), kind === "verified" ? `You verified ${name}` : `${name} is not verified any more`);
  updateTime(element, at);
}

/** @param {HTMLElement} element @param {number} at */
function updateTime(element, at) {
  const time = part(element, "time");
  setText(time, clock(at));
  setAttribute(time, "datetime", new Date(at).toISOString());
}
