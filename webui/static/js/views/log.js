/**
 * The lines of the conversation, and where one is in them.
 *
 * @import {Context} from "../main.js"
 * @import {Line} from "../lines.js"
 * @import {Open} from "./conversation.js"
 */

import { layout } from "../lines.js";
import { isLinked } from "../person.js";
import { paintAvatar } from "./avatar.js";
import { part, reconcile, setText } from "./dom.js";
import { makeLine, updateLine } from "./line.js";
import { readTo } from "./reading.js";

/** Nearer to the end than this, one is at the end. */
const NEAR = 48;

/** @param {HTMLElement} root @param {Context} context @returns {(open: Open) => void} */
export function mountLog(root, { store, intents }) {
  const log = part(root, "log");
  const list = part(root, "lines");
  const jump = part(root, "jump");
  /** @type {Map<string, HTMLElement>} */
  const elements = new Map();
  /** @type {Open | null} */
  let shown = null;
  let atEnd = true;
  let height = 0;

  /** Only a scroll of the person's leaves the end; a window or a composer that changes its size does not. */
  const keepPlace = () => {
    if (log.clientHeight === height) atEnd = log.scrollHeight - log.scrollTop - height < NEAR;
  };
  const toEnd = () => (log.scrollTop = log.scrollHeight);

  function look() {
    if (!shown || log.clientHeight === 0) return;
    keepPlace();
    jump.hidden = atEnd;
    const { person, conversation } = shown;
    const count = part(root, "jump-count");
    count.hidden = conversation.unread === 0;
    setText(count, conversation.unread > 99 ? "99+" : String(conversation.unread));
    if (!store.state.ui.attentive || conversation.unread === 0 || person.relation !== "contact") return;
    const id = readTo(log, elements, conversation);
    if (id !== null) intents.chat.seen(person.id, id);
  }

  /** @param {Open} open */
  function render(open) {
    const fresh = open.person.id !== shown?.person.id;
    if (!fresh) keepPlace();
    const wrote = !fresh && isMine(open) && open.conversation.entries.length > (shown?.conversation.entries.length ?? 0);
    if (fresh) {
      elements.clear();
      list.replaceChildren();
    }
    shown = open;
    reconcile(list, elements, layout(open.conversation.entries, open.conversation.unreadFrom, open.conversation.notes), {
      key: (line) => line.key,
      make: (line) => makeLine(line, { fresh: !fresh }),
      update: (element, line) => updateLine(element, line, open.person),
    });
    renderFrame(root, open);
    if (fresh) begin();
    else if (atEnd || wrote) toEnd();
    look();
  }

  function begin() {
    const unread = elements.get("unread");
    toEnd();
    if (unread && log.scrollHeight > log.clientHeight) log.scrollTop = unread.offsetTop - log.clientHeight / 4;
  }

  log.addEventListener("scroll", look, { passive: true });
  jump.addEventListener("click", () => {
    toEnd();
    log.focus();
  });
  list.addEventListener("click", (event) => act(/** @type {Element} */ (event.target)));
  new ResizeObserver(() => {
    height = log.clientHeight;
    if (atEnd) toEnd();
    look();
  }).observe(log);

  /** @param {Element} target */
  function act(target) {
    const id = /** @type {HTMLElement | null} */ (target.closest("[data-id]"))?.dataset["id"];
    const entry = shown?.conversation.entries.find((candidate) => candidate.id === id && candidate.mine);
    const action = /** @type {HTMLElement | null} */ (target.closest("button"))?.dataset["part"];
    if (!shown || !entry) return;
    if (action === "retry") intents.chat.retry(shown.person.id, entry);
    if (action === "discard") intents.chat.discard(shown.person.id, entry.id);
  }

  return (open) => {
    const same = shown && open.person === shown.person && open.conversation === shown.conversation;
    if (!same) render(open);
    else if (open.state.ui.attentive !== shown?.state.ui.attentive) {
      shown = open;
      look();
    }
    shown = open;
  };
}

/** @param {Open} open whether the last line is our own */
function isMine({ conversation }) {
  return conversation.entries.at(-1)?.mine === true;
}

/** What stands around the lines: the beginning, and who writes. @param {HTMLElement} root @param {Open} open */
function renderFrame(root, { person, conversation }) {
  const contact = person.relation === "contact";
  root.hidden = !contact && conversation.entries.length === 0;
  paintAvatar(part(root, "avatar"), person);
  part(root, "start").hidden = !contact || conversation.entries.length > 0;
  setText(part(root, "start-title"), isLinked(person) ? "You can talk now" : "No messages yet");
  setText(part(root, "start-words"), `You and ${person.name} are contacts. What you write stays between your two machines.`);
  part(root, "typing").hidden = !contact || !conversation.typing;
  setText(part(root, "typing-words"), `${person.name} is typing`);
}
