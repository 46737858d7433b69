/**
 * What a conversation looks like from top to bottom: day dividers, the unread divider, grouped bubbles, calls. Pure.
 *
 * @import {Entry} from "./state.js"
 * @import {CallLine} from "./call_words.js"
 *
 * @typedef {Extract<Entry, {kind: "text"}>} Text
 *
 * @typedef {{key: string, type: "day", at: number}
 *   | {key: string, type: "unread"}
 *   | {key: string, type: "text", entry: Text, first: boolean, last: boolean}
 *   | {key: string, type: "call", entry: CallLine}} Line `first` and `last` of a group of bubbles
 */

import { keyOf } from "./entries.js";

import { daysAgo } from "./time.js";

/** Bubbles of one author that are no further apart than this stand together. */
const GROUP = 5 * 60_000;

/**
 * @param {Entry[]} entries oldest first
 * @param {string | null} unreadFrom the id of the entry above which the unread divider stands
 * @returns {Line[]}
 */
export function layout(entries, unreadFrom) {
  /** @type {Line[]} */
  const lines = [];
  /** @type {Entry | undefined} */
  let before;
  for (const entry of entries) {
    if (!before || daysAgo(before.at, entry.at) !== 0) lines.push({ key: `day-${keyOf(entry)}`, type: "day", at: entry.at });
    if (entry.id === unreadFrom && !entry.mine) lines.push({ key: "unread", type: "unread" });
    if (entry.kind === "call") lines.push({ key: keyOf(entry), type: "call", entry });
    else lines.push(bubble(entry, lines.at(-1)));
    before = entry;
  }
  return lines;
}

/** @param {Text} entry @param {Line | undefined} above @returns {Line} */
function bubble(entry, above) {
  const joined =
    above?.type === "text" && above.entry.mine === entry.mine && entry.at - above.entry.at < GROUP && !above.entry.problem;
  if (joined) above.last = false;
  return { key: keyOf(entry), type: "text", entry, first: !joined, last: true };
}
