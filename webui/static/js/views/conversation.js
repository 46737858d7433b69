/**
 * The conversation that is open: its header, its lines, what stands between strangers, the composer.
 *
 * @import {Context} from "../main.js"
 * @import {Conversation, State} from "../state.js"
 * @import {Person} from "../messages.js"
 */

import { EMPTY } from "../state.js";
import { mountComposer } from "./composer.js";
import { find, part, setAttribute } from "./dom.js";
import { mountHeader } from "./header.js";
import { mountLog } from "./log.js";
import { mountPersonNotices } from "./person_notices.js";
import { mountRequest } from "./request.js";

/** @typedef {{person: Person, conversation: Conversation, state: State}} Open what the parts below show */

const ROOMY = matchMedia("(width > 45rem) and (hover: hover)");

/** @param {HTMLElement} root @param {Context} context */
export function mountConversation(root, context) {
  const { store } = context;
  const parts = [
    mountHeader(root, context),
    mountPersonNotices(part(root, "person-notices"), context),
    mountLog(part(root, "frame"), context),
    mountRequest(part(root, "request"), context),
    mountComposer(part(root, "composer"), context),
  ];

  /** @param {State} state */
  function render(state) {
    const open = openOf(state);
    root.hidden = open === null;
    if (!open) return;
    const answering = part(root, "request").contains(document.activeElement);
    setAttribute(root, "data-relation", open.person.relation);
    setAttribute(root, "data-empty", open.conversation.entries.length === 0);
    for (const show of parts) show(open);
    // The button that was pressed is gone, and now one can write.
    if (answering && open.person.relation === "contact") find(root, "#composer").focus();
  }

  /** @param {State} state a person with a keyboard writes at once; on a telephone the keyboard would cover the words */
  function focus(state) {
    if (openOf(state)?.person.relation === "contact" && ROOMY.matches) find(root, "#composer").focus({ preventScroll: true });
  }

  render(store.state);
  return store.subscribe((state, previous) => {
    if (state === previous) return;
    render(state);
    if (state.ui.selected !== previous.ui.selected) focus(state);
  });
}

/** @param {State} state @returns {Open | null} */
function openOf(state) {
  const person = state.ui.selected === null ? undefined : state.people.get(state.ui.selected);
  return person ? { person, conversation: state.conversations.get(person.id) ?? EMPTY, state } : null;
}
