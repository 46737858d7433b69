/**
 * What stands between two people who are no contacts: ask, wait, answer, or take a block away.
 *
 * @import {Context} from "../main.js"
 * @import {Open} from "./conversation.js"
 * @import {Person, Relation} from "../messages.js"
 * @import {RequestAnswer} from "../state.js"
 */

import { caution, isLinked, shortKey } from "../person.js";
import { heldWords, otherWords, warningWords } from "../trust_words.js";
import { paintAvatar } from "./avatar.js";
import { asking } from "./confirm.js";
import { part, setAttribute, setText } from "./dom.js";
import { paintMarks } from "./marks.js";

/** @type {Record<Relation, string[]>} which buttons are there */
const ACTIONS = {
  none: ["ask"],
  outgoing: ["cancel"],
  incoming: ["accept", "decline", "block"],
  blocked: ["unblock"],
  contact: [],
};
const HELD = ["block", "keep", "other"];
const BUTTONS = /** @type {const} */ (["accept", "decline", "block", "ask", "cancel", "unblock", "keep", "other"]);

/** @param {HTMLElement} root @param {Context} context @returns {(open: Open) => void} */
export function mountRequest(root, context) {
  const { store } = context;
  /** @type {string | null} the verified person whose name they have */
  let other = null;
  const act = { ...asking(context), keep: context.intents.people.keepName, other: () => context.intents.route.open(other ?? "") };
  for (const action of BUTTONS) {
    part(root, action).addEventListener("click", () => act[action](store.state.ui.selected ?? ""));
  }

  return (open) => {
    const { person, state } = open;
    root.hidden = person.relation === "contact";
    if (root.hidden) return;
    const focused = root.contains(document.activeElement);
    const { title, words } = sentences(open);
    const known = state.people.get(person.notices.find((notice) => notice.person)?.person ?? "");
    other = known?.id ?? null;
    setText(part(root, "other"), known ? otherWords(known) : "");
    paintKeys(root, person, known);
    // The title of who is held back, and the two keys, say it all.
    paintMarks(part(root, "heading"), { verified: person.verified, caution: person.held ? { words: "", sign: "warning" } : caution(person) });
    paintAvatar(part(root, "avatar"), person);
    setText(part(root, "title"), title);
    setText(part(root, "words"), words);
    setText(part(root, "origin"), person.machine);
    setText(part(root, "short-key"), shortKey(person.id));
    for (const name of BUTTONS) {
      const button = /** @type {HTMLButtonElement} */ (part(root, name));
      button.hidden = !(person.held ? HELD : ACTIONS[person.relation]).includes(name);
      button.disabled = !state.connected || (name === "ask" && !isLinked(person));
    }
    // The button that was pressed is gone: the next one takes the focus, so that the keyboard is not lost.
    if (focused) /** @type {HTMLElement | null} */ (root.querySelector("button:not([hidden], :disabled)"))?.focus();
  };
}

/** Who is held back and who is verified, one above the other. @param {HTMLElement} root @param {Person} person @param {Person | undefined} known */
function paintKeys(root, person, known) {
  setAttribute(root, "data-held", person.held);
  part(root, "who").hidden = person.held;
  part(root, "keys").hidden = !person.held || !known;
  for (const [name, who] of /** @type {const} */ ([["known", known], ["new", person]])) {
    const line = part(root, name);
    if (!who) continue;
    paintAvatar(part(line, "avatar"), who);
    setText(part(line, "name"), who.name);
    setText(part(line, "machine"), who.machine);
    setText(part(line, "key"), shortKey(who.id));
  }
}

/** @param {Open} open @returns {{title: string, words: string}} */
function sentences({ person, state }) {
  const { name } = person;
  if (person.held) return { title: `Is this really ${name}?`, words: heldWords(person, verifiedName(person, state)) };
  switch (person.relation) {
    case "incoming":
      return { title: `${name} wants to chat`, words: `${hint(person, state)}If you accept, you can write to each other and call each other.` };
    case "outgoing":
      return { title: `Waiting for ${name}`, words: `Your request is with ${name}. You can write as soon as they accept.` };
    case "blocked":
      return { title: `You have blocked ${name}`, words: "They can neither write to you nor call you. They are not told." };
    default:
      return { title: name, words: stranger(person, state.ui.answers.get(person.id)) };
  }
}

/** Of what is odd a banner tells; of a name to which our person has agreed, this. @param {Person} person @param {import("../state.js").State} state */
function hint(person, state) {
  const words = person.notices.every(({ settled }) => settled) ? warningWords(person, state) : "";
  return words && `${words} `;
}

/** @param {Person} person @param {import("../state.js").State} state */
function verifiedName({ name, notices }, { people }) {
  return people.get(notices.find((notice) => notice.person)?.person ?? "")?.name ?? name;
}

/** @param {Person} person @param {RequestAnswer | undefined} answer */
function stranger(person, answer) {
  const { name } = person;
  if (person.reason) return `You can ask ${name} to chat as soon as your machines understand each other.`;
  if (answer?.mine && answer.reason === "declined") return `${name} would rather not chat right now. You can ask again another time.`;
  if (answer?.mine) return `${name} has not answered. Perhaps they are away from their desk; ask again whenever you like.`;
  if (answer?.reason === "cancelled") return `${name} wanted to chat, and has taken the request back.`;
  if (answer?.reason === "expired") return `${name} wanted to chat a while ago. Ask, if you still want to talk.`;
  if (!isLinked(person)) return `${name} is not here right now. You can ask as soon as they are back.`;
  return `Ask ${name} to chat. As soon as both of you have said yes, you can write to each other and call each other.`;
}
