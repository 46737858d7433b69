/**
 * What can really be read: on the screen, in the part of the log that shows, with nothing over it.
 *
 * @import {Conversation} from "../state.js"
 */

import { keyOf } from "../entries.js";

/**
 * The last of their messages that can be read now, if it is one of the unread.
 *
 * @param {HTMLElement} log
 * @param {Map<string, HTMLElement>} elements by key
 * @param {Conversation} conversation
 * @returns {string | null}
 */
export function readTo(log, elements, { entries, unread }) {
  const frame = log.getBoundingClientRect();
  const theirs = entries.filter((entry) => entry.kind === "text" && !entry.mine).slice(-unread);
  return theirs.findLast((entry) => isShown(elements.get(keyOf(entry)), frame))?.id ?? null;
}

/** @param {HTMLElement | undefined} element @param {DOMRect} frame */
function isShown(element, frame) {
  const bubble = element?.querySelector(".bubble");
  if (!bubble) return false;
  const { left, top, width, height, bottom } = bubble.getBoundingClientRect();
  // Half of it must have come into view; of a text longer than the window, half a window.
  if (height === 0 || top + Math.min(height, frame.height) / 2 > frame.bottom) return false;
  const y = Math.min(bottom, frame.bottom) - Math.min(height, 16) / 2;
  if (y < frame.top) return true;
  const there = document.elementFromPoint(left + width / 2, y);
  return Boolean(there?.closest(".message"));
}
