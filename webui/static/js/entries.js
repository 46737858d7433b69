/**
 * Pure helpers for the lines of one conversation.
 *
 * @import {Conversation, Entry} from "./state.js"
 */

/**
 * Add a line, or put the daemon's version in the place of what stands there. What the daemon has not confirmed comes last:
 * the order of the others is the daemon's.
 *
 * @param {Conversation} conversation
 * @param {Entry} entry
 * @returns {Conversation}
 */
export function addEntry(conversation, entry) {
  const { entries } = conversation;
  const index = entries.findLastIndex(({ id }) => id === entry.id);
  if (index >= 0 && !entries[index]?.pending) return { ...conversation, entries: entries.with(index, entry) };
  const others = entries.filter(({ id }) => id !== entry.id);
  const place = entry.pending ? others.length : others.findLastIndex((other) => !other.pending) + 1;
  return { ...conversation, entries: others.toSpliced(place, 0, entry) };
}

/**
 * Set the page's own marks of a line; a mark that is not named is taken away.
 *
 * @param {Entry} entry
 * @param {{pending?: boolean, problem?: string}} marks
 * @returns {Entry}
 */
export function mark(entry, marks) {
  const { pending: _pending, problem: _problem, ...rest } = entry;
  return /** @type {Entry} */ ({ ...rest, ...marks });
}

/**
 * The daemon's lines, followed by those that only this tab has.
 *
 * @param {Entry[]} confirmed
 * @param {Entry[]} before
 * @returns {Entry[]}
 */
export function withPending(confirmed, before) {
  const known = new Set(confirmed.map(({ id }) => id));
  return [...confirmed, ...before.filter((entry) => (entry.pending || entry.problem) && !known.has(entry.id))];
}

/**
 * The id of the first of their messages that nobody has read.
 *
 * @param {Conversation} conversation
 * @returns {string | null}
 */
export function firstUnread({ entries, unread }) {
  const theirs = entries.filter((entry) => entry.kind === "text" && !entry.mine);
  return unread > 0 ? (theirs.at(-unread)?.id ?? theirs[0]?.id ?? null) : null;
}
