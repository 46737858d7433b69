/**
 * What a conversation looks like from top to bottom: day dividers, the unread divider, grouped bubbles, calls. Pure.
 *
 * @import {Entry, Note} from "./state.js"
 * @import {CallLine} from "./call_words.js"
 *
 * @typedef {Extract<Entry, {kind: "text"}>} Text
 *
 * @typedef {{key: string, type: "day", at: number}
 *   | {key: string, type: "unread"}
 *   | {key: string, type: "text", entry: Text, first: boolean, last: boolean}
 *   | {key: string, type: "call", entry: CallLine}
 *   | {key: string, type: "note", note: Note}} Line `first` and `last` of a group of bubbles
 */

import { keyOf } from "./entries.js";

import { daysAgo } from "./time.js";

/** Bubbles of one author that are no further apart than this stand together. */
const GROUP = 5 * 60_000;

/**
 * @param {Entry[]} entries oldest first
 * @param {string | null} unreadFrom the id of the entry above which the unread divider stands
 * @param {Note[]} notes oldest first; each stands before what was said later
 * @returns {Line[]}
 */
export function layout(entries, unreadFrom, notes = []) {
  /** @type {Line[]} */
  const lines = [];
  /** @type {Entry | Note | undefined} */
  let before;
  const divide = (/** @type {number} */ at, /** @type {string} */ key) => {
    if (!before || daysAgo(before.at, at) !== 0) lines.push({ key: `day-${key}`, type: "day", at });
  };
  const tell = (/** @type {Note} */ note) => {
    const key = `note-${note.at}-${note.kind}`;
    divide(note.at, key);
    lines.push({ key, type: "note", note });
    before = note;
  };
  const waiting = [...notes];
  for (const entry of entries) {
    while (waiting[0] && waiting[0].at < entry.at) tell(/** @type {Note} */ (waiting.shift()));
    divide(entry.at, keyOf(entry));
    if (entry.id === unreadFrom && !entry.mine) lines.push({ key: "unread", type: "unread" });
    if (entry.kind === "call") lines.push({ key: keyOf(entry), type: "call", entry });
    else lines.push(bubble(entry, lines.at(-1)));
    before = entry;
  }
  waiting.forEach(tell);
  return lines;
}

/** @param {Text} entry @param {Line | undefined} above @returns {Line} */
function bubble(entry, above) {
  const joined =
    above?.type === "text" && above.entry.mine === entry.mine && entry.at - above.entry.at < GROUP && !above.entry.problem;
  if (joined) above.last = false;
  return { key: keyOf(entry), type: "text", entry, first: !joined, last: true };
}
