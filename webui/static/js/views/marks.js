/**
 * The marks beside a name: verified, and what is odd about it.
 */

import { part, setAttribute, setIcon } from "./dom.js";

/** @param {ParentNode} root @param {boolean} verified */
export function paintVerified(root, verified) {
  setAttribute(part(root, "verified"), "hidden", !verified);
}

/** @param {ParentNode} root @param {{words: string, sign: string}} caution */
export function paintCaution(root, { words, sign }) {
  const svg = part(root, "caution");
  setAttribute(svg, "hidden", !words);
  setAttribute(svg, "aria-label", words);
  setIcon(svg, sign);
}

/** @param {ParentNode} root @param {{verified: boolean, caution: {words: string, sign: string}}} person */
export function paintMarks(root, { verified, caution }) {
  paintVerified(root, verified);
  paintCaution(root, caution);
}
