/**
 * What the page says of a person: how they look, where they are, what was said last, in which order they stand.
 *
 * Pure. Mirrors lanchatd/web/rows.py, which draws the same list before any script; a test compares the two.
 *
 * @import {Notice, Person} from "./messages.js"
 * @import {Conversation, Entry} from "./state.js"
 */

import { callWords } from "./call_words.js";
import { EMPTY } from "./state.js";

/** @type {Record<string, string>} */
export const PRESENCE_WORDS = {
  online: "Available",
  away: "Away",
  dnd: "Do not disturb",
  busy: "In a call",
  offline: "Offline",
  unreachable: "Can't be reached",
  incompatible: "Uses another version",
};

const ONLINE = new Set(["online", "away", "dnd", "busy"]);
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const HUES = 24;
const TURNS = 4;

/**
 * How an avatar is drawn: from the key, so that a person who takes another's name does not get their colours.
 *
 * @param {{id: string, name: string}} person
 */
export function look({ id, name }) {
  const [first = 0, second = 0, third = 0] = [...id.slice(0, 3)].map((letter) => BASE32.indexOf(letter));
  return { hue: (first * 32 + second) % HUES, turn: third % TURNS, initials: initials(name) };
}

/**
 * The first letters of the first and the last word, of a name in any script.
 *
 * @param {string} name
 */
export function initials(name) {
  const words = name.split(/\s+/u).map((word) => word.replace(/[^\p{L}\p{N}]/gu, "")).filter(Boolean);
  if (words.length === 0) words.push(name.trim() || "?");
  const chosen = [words[0], ...words.slice(1).slice(-1)];
  return chosen.map((word) => [...(word ?? "")][0]).join("").toUpperCase();
}

/**
 * As much of the key as tells two people apart at a glance.
 *
 * @param {string} id
 */
export function shortKey(id) {
  return `${id.slice(0, 4)} ${id.slice(4, 8)}`;
}

/** @param {Person} person whether there is a live link to them */
export function isLinked({ presence }) {
  return ONLINE.has(presence);
}

/** @param {Person} person a stranger who is not here any more; the daemon forgets them after a while */
export function hasLeft({ presence, relation }) {
  return relation === "none" && presence === "offline";
}

/** @param {Person} person */
export function presenceWords({ presence, relation }) {
  return relation === "blocked" ? "Blocked" : (PRESENCE_WORDS[presence] ?? presence);
}

/** What may be odd about a name or a key, the worst first. @type {[kind: Notice["kind"], words: string][]} */
const CAUTIONS = [
  ["mismatch", "The pictures did not match"],
  ["clone", "Key in use on two machines"],
  ["looks_like", "Name looks like somebody else's"],
  ["same_name", "Same name as somebody else"],
  ["renamed", "New name"],
];
/** The same once our person has agreed to the name, which is still that of a verified person. @type {Record<string, string>} */
const SETTLED = { looks_like: "Name looks like a verified person's", same_name: "Same name as a verified person" };

/** @param {Person} person @returns {Notice | undefined} the worst of what is odd about them */
export function worstNotice({ notices }) {
  return CAUTIONS.map(([kind]) => notices.find((notice) => notice.kind === kind)).find(Boolean);
}

/**
 * What is odd about a person, and the sign for it; no words when nothing is.
 *
 * @param {Person} person
 * @returns {{words: string, sign: "warning" | "info"}}
 */
export function caution(person) {
  if (person.held) return { words: "Not the person whom you have verified", sign: "warning" };
  const odd = worstNotice(person);
  if (odd?.settled) return { words: SETTLED[odd.kind] ?? "", sign: "info" };
  const words = CAUTIONS.find(([kind]) => kind === odd?.kind)?.[1];
  return { words: words ?? "", sign: odd?.kind === "renamed" ? "info" : "warning" };
}

/**
 * The short key of a person whose name makes one think of somebody else; empty if it does not.
 *
 * @param {Person} person
 */
export function tellingKey({ id, held, notices }) {
  return held || notices.some(({ person }) => person) ? shortKey(id) : "";
}

/**
 * @typedef {object} Row what a line of the list shows
 * @property {Person} person
 * @property {string} origin the machine, with the key where two people have one name
 * @property {{words: string, sign: string}} caution
 * @property {string} words
 * @property {boolean} typing
 * @property {number} unread
 * @property {number | null} at when the last words were said
 */

/**
 * Everybody, in the order of the list: who waits for an answer, who is here, whom one knows, and then strangers whom one
 * can't reach, who is blocked, and at last strangers who have left.
 *
 * @param {Map<string, Person>} people
 * @param {Map<string, Conversation>} conversations
 * @returns {Row[]}
 */
export function rows(people, conversations) {
  const shared = sharedNames([...people.values()].map(({ name }) => name));
  return [...people.values()].map((person) => row(person, conversations.get(person.id) ?? EMPTY, shared(person.name))).sort(inOrder);
}

/** Whether more than one has a name. @param {string[]} names of everybody @returns {(name: string) => boolean} */
export function sharedNames(names) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of names) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  return (name) => (counts.get(name.toLowerCase()) ?? 0) > 1;
}

/** @param {Person} person @param {Conversation} conversation @param {boolean} shared @returns {Row} */
function row(person, conversation, shared) {
  const typing = conversation.typing && person.relation === "contact";
  return {
    person,
    origin: shared || tellingKey(person) ? [person.machine, shortKey(person.id)].filter(Boolean).join(" · ") : person.machine,
    caution: caution(person),
    words: typing ? "typing…" : words(person, conversation),
    typing,
    unread: person.relation === "blocked" ? 0 : conversation.unread,
    at: conversation.entries.at(-1)?.at ?? null,
  };
}

/** @param {Person} person @param {Conversation} conversation */
function words(person, conversation) {
  if (person.held) return "Is this really them?";
  if (person.relation === "incoming") return "Wants to chat with you";
  if (person.relation === "outgoing") return "Request sent";
  if (person.relation === "blocked") return "Blocked";
  const last = conversation.entries.at(-1);
  return last ? preview(last) : presenceWords(person);
}

/**
 * The last words of a conversation, in one line.
 *
 * @param {Entry} entry
 */
export function preview(entry) {
  if (entry.kind === "call") return callWords(entry);
  const text = [...entry.text.slice(0, 400)].slice(0, 200).join("").trim().replace(/\s+/gu, " ");
  return entry.mine ? `You: ${text}` : text;
}

/** @param {Row} row */
function group({ person, unread }) {
  if (hasLeft(person)) return 5;
  if (person.relation === "blocked") return 4;
  if (unread > 0 || (person.relation === "incoming" && !person.held)) return 0;
  if (isLinked(person)) return 1;
  return person.relation === "none" ? 3 : 2;
}

/** @param {Row} one @param {Row} other */
function inOrder(one, other) {
  return (
    group(one) - group(other) ||
    (other.at ?? 0) - (one.at ?? 0) ||
    compare(one.person.name.toLowerCase(), other.person.name.toLowerCase()) ||
    compare(one.person.id, other.person.id)
  );
}

/** @param {string} one @param {string} other */
function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * Whether a person answers to what stands in the filter: by name, machine or key.
 *
 * @param {Person} person
 * @param {string} filter
 */
export function matches({ name, machine, id }, filter) {
  const wanted = filter.trim().toLowerCase();
  return [name.toLowerCase(), machine.toLowerCase(), id].some((text) => text.includes(wanted));
}
