/** Times and durations in words. Pure: now and the language are arguments. */

const DAY = 86_400_000;

/**
 * How many midnights lie between two moments, in local time.
 *
 * @param {number} at
 * @param {number} now
 */
export function daysAgo(at, now) {
  return Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY);
}

/** @param {number} at @param {string} [locale] */
export function clock(at, locale) {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(at);
}

/**
 * The time in a list: the clock today, then the day.
 *
 * @param {number} at
 * @param {number} now
 * @param {string} [locale]
 */
export function stamp(at, now, locale) {
  const days = daysAgo(at, now);
  if (days <= 0) return clock(at, locale);
  if (days === 1) return "Yesterday";
  if (days < 7) return new Intl.DateTimeFormat("en", { weekday: "short" }).format(at);
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "numeric", year: "2-digit" }).format(at);
}

/**
 * A day as a divider says it.
 *
 * @param {number} at
 * @param {number} now
 */
export function dayWords(at, now) {
  const days = daysAgo(at, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return new Intl.DateTimeFormat("en", { weekday: "long" }).format(at);
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long", year }).format(at);
}

/**
 * When somebody was here last.
 *
 * @param {number} at
 * @param {number} now
 * @param {string} [locale]
 */
export function lastSeenWords(at, now, locale) {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return minutes === 1 ? "a minute ago" : `${minutes} minutes ago`;
  const days = daysAgo(at, now);
  if (days === 0) return `today at ${clock(at, locale)}`;
  if (days === 1) return `yesterday at ${clock(at, locale)}`;
  return `on ${new Intl.DateTimeFormat("en", { day: "numeric", month: "long" }).format(at)}`;
}

/**
 * How long a call takes, or took: whole seconds that have passed.
 *
 * @param {number} milliseconds
 * @returns {string} as 4:05 or 1:02:03
 */
export function durationWords(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = `${String(minutes).padStart(hours ? 2 : 1, "0")}:${String(rest).padStart(2, "0")}`;
  return hours ? `${hours}:${tail}` : tail;
}
