/**
 * Pure helpers for the lines of one conversation.
 *
 * @import {Conversation, Entry} from "./state.js"
 */

/**
 * What a line is known by: an id is only good among the lines of one author, who could give it to another line as well.
 *
 * @param {Pick<Entry, "kind" | "mine" | "id">} entry
 */
export function keyOf({ kind, mine, id }) {
  return `${kind} ${mine ? "mine" : "theirs"} ${id}`;
}

/** @param {Entry} one @param {Entry} other */
function isSame(one, other) {
  return keyOf(one) === keyOf(other);
}

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
  const index = entries.findLastIndex((each) => isSame(each, entry));
  const known = entries[index];
  const replaced = known?.kept ? { ...entry, kept: /** @type {const} */ ("read") } : entry;
  if (known && (known.kept || !known.pending)) return { ...conversation, entries: entries.map((each) => (each === known ? replaced : each)) };
  const others = entries.filter((each) => !isSame(each, entry));
  const place = entry.pending ? others.length : others.findLastIndex((other) => !other.pending || other.kept) + 1;
  return { ...conversation, entries: [...others.slice(0, place), entry, ...others.slice(place)] };
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
 * A conversation after a snapshot: first what was kept, where it stood; then the daemon's other lines; last what only this
 * tab has and the daemon has not confirmed.
 *
 * @param {{entries: Entry[], unread: number}} told by the daemon
 * @param {Conversation} before
 * @returns {{entries: Entry[], unread: number}}
 */
export function withOurs(told, before) {
  const news = new Map(told.entries.map((entry) => [keyOf(entry), entry]));
  const stays = before.entries.filter(({ kept }) => kept);
  const read = new Set(stays.filter(({ kept }) => kept === "read").map(keyOf));
  const kept = stays.map((entry) => withMark(news.get(keyOf(entry)), "read") ?? entry);
  const places = new Set(kept.map(keyOf));
  const added = told.entries.filter((entry) => !places.has(keyOf(entry)));
  const own = before.entries.filter((entry) => !entry.kept && (entry.pending || entry.problem) && !news.has(keyOf(entry)));
  const countedAgain = unreadOf(told).filter((entry) => read.has(keyOf(entry))).length;
  return { entries: [...kept, ...added, ...own], unread: told.unread - countedAgain + keptUnread(kept) };
}

/** @param {Entry | undefined} entry @param {"read" | "unread"} kept @returns {Entry | undefined} */
function withMark(entry, kept) {
  return entry && { ...entry, kept };
}

/** So many messages may wait for one person; the daemon takes no more. */
const OUTBOX = 1000;

/**
 * The daemon has started anew and remembers no words: everything that stands here is kept, and what of ours the other side
 * has not seen is pending again. Their daemon may have been started anew as well, and then nobody else has these words; if
 * not, it knows them by their ids.
 *
 * @param {Conversation} conversation
 * @param {boolean} contact whether they may still be written to
 * @returns {Conversation}
 */
export function keep(conversation, contact) {
  const unread = new Set(unreadOf(conversation));
  const again = new Set(conversation.entries.filter((entry) => isOwed(entry, contact)).slice(-OUTBOX));
  const entries = conversation.entries.map((entry) => {
    if (!entry.kept && (entry.pending || entry.problem)) return entry;
    /** @type {"read" | "unread"} */
    const kept = unread.has(entry) ? "unread" : "read";
    if (entry.kind !== "text" || !again.has(entry)) return { ...entry, kept };
    return { ...entry, kept, pending: true, status: /** @type {const} */ ("waiting") };
  });
  return { ...conversation, entries };
}

/** @param {Entry} entry @param {boolean} contact */
function isOwed(entry, contact) {
  if (entry.kind !== "text" || !entry.mine || entry.problem) return false;
  return entry.status === "waiting" || entry.status === "sent" || (contact && entry.status === "delivered");
}

/** @param {Entry[]} entries how many lines are unread that the daemon does not count */
export function keptUnread(entries) {
  return entries.filter(({ kept }) => kept === "unread").length;
}

/**
 * Somebody has seen this line, and all before it: also those that the daemon does not count.
 *
 * @param {Conversation} conversation
 * @param {string} id
 * @returns {Conversation}
 */
export function seenUntil(conversation, id) {
  const place = conversation.entries.findIndex((entry) => entry.id === id && !entry.mine && entry.kind === "text");
  const entries = conversation.entries.map((entry, index) =>
    entry.kept && index <= place ? { ...entry, kept: /** @type {const} */ ("read") } : entry,
  );
  const seen = keptUnread(conversation.entries) - keptUnread(entries);
  return seen > 0 ? { ...conversation, entries, unread: conversation.unread - seen } : conversation;
}

/**
 * Their messages that nobody has read.
 *
 * @param {{entries: Entry[], unread: number}} conversation
 * @returns {Entry[]}
 */
export function unreadOf({ entries, unread }) {
  return unread > 0 ? entries.filter((entry) => entry.kind === "text" && !entry.mine).slice(-unread) : [];
}

/**
 * The id of the first of their messages that nobody has read.
 *
 * @param {Conversation} conversation
 * @returns {string | null}
 */
export function firstUnread(conversation) {
  return unreadOf(conversation)[0]?.id ?? null;
}
