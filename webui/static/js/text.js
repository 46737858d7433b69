/** What a message's text is made of, and how long it is. Pure. */

/** The longest text of a message, in bytes of UTF-8; the daemon refuses more. */
export const TEXT_BYTES = 16 * 1024;

const encoder = new TextEncoder();

/** @param {string} text bytes of UTF-8 */
export function byteLength(text) {
  return encoder.encode(text).length;
}

const LINK = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;

/**
 * Split a text into words and links. Only http and https become links, and only if the browser reads them as such.
 *
 * @param {string} text
 * @returns {{text: string, href?: string}[]} whose texts add up to `text`
 */
export function tokens(text) {
  /** @type {{text: string, href?: string}[]} */
  const found = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = withoutTrailing(match[0]);
    const href = webAddress(link);
    if (!href) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: link, href });
    end = match.index + link.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/** @param {string} link what ends a sentence ends no link, and a bracket only one that it opened */
function withoutTrailing(link) {
  let kept = link;
  for (;;) {
    const last = kept.at(-1) ?? "";
    const open = { ")": "(", "]": "[" }[last];
    const unbalanced = open !== undefined && kept.split(last).length > kept.split(open).length;
    if (!unbalanced && !/[.,;:!?…*_~]/u.test(last)) return kept;
    kept = kept.slice(0, -1);
  }
}

/** @param {string} link */
function webAddress(link) {
  try {
    const url = new URL(link);
    return ["http:", "https:"].includes(url.protocol) && url.hostname ? url.href : null;
  } catch {
    return null;
  }
}

const JOINED = String.raw`(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*`;
const PICTURE = String.raw`(?:\p{Regional_Indicator}{2}|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)${JOINED})`;
const PICTURES = new RegExp(`^(?:${PICTURE}\\s*){1,3}$`, "u");

/**
 * Whether a text is nothing but one to three emoji, which are shown large.
 *
 * @param {string} text
 */
export function isPictures(text) {
  return text.length <= 48 && PICTURES.test(text);
}
