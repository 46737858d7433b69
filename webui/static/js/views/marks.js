/**
 * The marks beside a name: verified, and what is odd about it.
 *
 * @import {Person} from "../messages.js"
 */

import { caution } from "../person.js";
import { part, setAttribute, setIcon } from "./dom.js";

/** @param {ParentNode} root @param {boolean} verified */
export function paintVerified(root, verified) {
  setAttribute(part(root, "verified"), "hidden", !verified);
}

/** @param {ParentNode} root @param {Person} person */
export function paintMarks(root, person) {
  const { words, sign } = caution(person);
  const svg = part(root, "caution");
  paintVerified(root, person.verified);
  setAttribute(svg, "hidden", !words);
  setAttribute(svg, "aria-label", words);
  setIcon(svg, sign);
}
