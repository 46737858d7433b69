/**
 * The list of people. It takes over the rows that the server has drawn.
 *
 * @import {Context} from "../main.js"
 * @import {Row} from "../person.js"
 * @import {State} from "../state.js"
 */

import { hasLeft, matches, presenceWords, rows } from "../person.js";
import { stamp } from "../time.js";
import { paintAvatar, paintPresence } from "./avatar.js";
import { paintCallButtons } from "./call_buttons.js";
import { clone, find, part, reconcile, setAttribute, setText, slide } from "./dom.js";
import { paintMarks } from "./marks.js";

const MINUTE = 60_000;

/** @param {HTMLElement} root @param {Context} context */
export function mountPeople(root, { store, intents }) {
  const list = part(root, "list");
  const left = /** @type {HTMLDetailsElement} */ (part(root, "left"));
  const filter = /** @type {HTMLInputElement} */ (part(root, "filter"));
  const here = taken(list);
  const gone = taken(left);

  filter.addEventListener("input", () => intents.people.filter(filter.value));
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && filter.value) {
      event.preventDefault();
      filter.value = "";
      intents.people.filter("");
    }
    if (event.key === "Enter") /** @type {HTMLElement | null} */ (root.querySelector(".person-link"))?.click();
  });
  root.addEventListener("click", (event) => act(event, intents));
  root.addEventListener("keydown", (event) => walk(event, root));
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    filter.focus();
    filter.select();
  });

  let filtered = "";
  let ordered = "";

  /** @param {State} state */
  function render(state) {
    const now = Date.now();
    const shown = rows(state.people, state.conversations).filter(({ person }) => matches(person, state.ui.filter));
    const [staying, departed] = [shown.filter(({ person }) => !hasLeft(person)), shown.filter(({ person }) => hasLeft(person))];
    const how = {
      key: (/** @type {Row} */ { person }) => person.id,
      make: (/** @type {Row} */ { person }) => make(person.id),
      update: (/** @type {HTMLElement} */ element, /** @type {Row} */ row) => update(element, row, state, intents.calls, now),
    };
    const put = () => {
      reconcile(list, here, staying, how);
      reconcile(part(left, "left-list"), gone, departed, how);
    };
    const order = [...staying, ...departed].map(({ person }) => person.id).join();
    // To see what has to slide, the page is laid out twice.
    if (order === ordered) put();
    else slide(here.values(), put);
    ordered = order;
    left.hidden = departed.length === 0;
    setText(part(left, "left-count"), String(departed.length));
    // Who searches finds everybody.
    if (state.ui.filter !== filtered) left.open = state.ui.filter.trim() !== "";
    filtered = state.ui.filter;
    part(root, "filter-box").hidden = state.people.size === 0;
    part(root, "none").hidden = shown.length > 0 || state.people.size === 0;
    setText(part(root, "none"), state.ui.filter ? `Nobody here is called “${state.ui.filter.trim()}”.` : "");
  }

  render(store.state);
  const timer = setInterval(() => render(store.state), MINUTE);
  const stop = store.subscribe((state, previous) => {
    const same = state.people === previous.people && state.conversations === previous.conversations;
    if (same && state.ui.selected === previous.ui.selected && state.ui.filter === previous.ui.filter && state.call === previous.call) return;
    render(state);
  });
  return () => {
    clearInterval(timer);
    stop();
  };
}

/** The rows that the server has drawn, by person. @param {HTMLElement} list */
function taken(list) {
  const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-person]")]);
  return new Map(rows.map((row) => [row.dataset["person"] ?? "", row]));
}

/** @param {string} id */
function make(id) {
  const element = clone("person-row");
  element.dataset["person"] = id;
  setAttribute(part(element, "link"), "href", `#/${id}`);
  return element;
}

/** @param {HTMLElement} element @param {Row} row @param {State} state @param {Context["intents"]["calls"]} calls @param {number} now */
function update(element, { person, origin, caution, words, typing, unread, at }, state, calls, now) {
  setAttribute(element, "data-relation", person.relation);
  setAttribute(element, "data-unread", unread > 0);
  setAttribute(element, "data-typing", typing);
  setAttribute(element, "data-left", hasLeft(person));
  setAttribute(element, "data-held", person.held);
  setAttribute(part(element, "link"), "aria-current", state.ui.selected === person.id ? "true" : null);
  paintAvatar(part(element, "avatar"), person);
  paintPresence(part(element, "presence"), person.relation === "blocked" ? "blocked" : person.presence);
  setText(part(element, "name"), person.name);
  paintMarks(element, { verified: person.verified, caution });
  setText(part(element, "origin"), origin);
  setText(part(element, "presence-words"), presenceWords(person));
  setText(part(element, "words"), words);
  const time = part(element, "time");
  setText(time, at === null ? "" : stamp(at, now));
  setAttribute(time, "datetime", at === null ? null : new Date(at).toISOString());
  part(element, "unread").hidden = unread === 0;
  setText(part(element, "count"), unread > 99 ? "99+" : String(unread || ""));
  part(element, "actions").hidden = person.relation !== "contact";
  paintCallButtons(element, person, state, calls);
}

/** @param {Event} event @param {Context["intents"]} intents */
function act(event, intents) {
  const target = /** @type {Element} */ (event.target);
  const person = /** @type {HTMLElement | null} */ (target.closest("[data-person]"))?.dataset["person"];
  const action = /** @type {HTMLElement | null} */ (target.closest("button"))?.dataset["part"];
  if (!person || !action) return;
  intents.route.open(person);
  if (action === "chat") requestAnimationFrame(() => find(document, "#composer").focus());
  else intents.calls.start(person, { video: action === "video" });
}

/** Arrow keys walk through the list, from the filter too. @param {KeyboardEvent} event @param {HTMLElement} root */
function walk(event, root) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  const links = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".person-link")]);
  const row = /** @type {Element} */ (event.target).closest("[data-person]")?.querySelector(".person-link");
  const next = links.findIndex((link) => link === row) + step;
  event.preventDefault();
  if (next < 0) part(root, "filter").focus();
  else links[Math.min(next, links.length - 1)]?.focus();
}
