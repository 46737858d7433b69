/** Avatars and presence signs, wherever a person is shown. */

import { look, PRESENCE_WORDS } from "../person.js";
import { find, setAttribute, setText } from "./dom.js";

/**
 * Draw a person: two hues from the key, and the initials of the name.
 *
 * @param {Element} element an `.avatar`
 * @param {{id: string, name: string}} person
 */
export function paintAvatar(element, person) {
  const { hue, turn, initials } = look(person);
  setAttribute(element, "data-hue", hue);
  setAttribute(element, "data-turn", turn);
  setText(element, initials);
}

/**
 * Show a presence by shape and colour.
 *
 * @param {Element} svg a `.presence`
 * @param {string} state a presence, or `blocked`
 */
export function paintPresence(svg, state) {
  const known = state === "blocked" || state in PRESENCE_WORDS ? state : "offline";
  setAttribute(svg, "data-presence", known);
  setAttribute(find(svg, "use"), "href", `#i-presence-${known}`);
}
