/**
 * Who can be taken for a verified person, because of the name. Pure. Mirrored by lanchatd/web/rows.py.
 *
 * Of who took such a name the daemon tells in a notice, and holds strangers back, until our person has agreed to the name.
 * From then on it is the page that keeps the two apart.
 *
 * @import {Person} from "./messages.js"
 */

/**
 * What a name looks like at a glance: its letters without case and accents. The daemon looks closer, and knows which letters
 * of other scripts look the same.
 *
 * @param {string} name
 */
export function glance(name) {
  const letters = name.normalize("NFKD").replace(/[^\p{L}\p{M}\p{N}]|[\u0300-\u036f]/gu, "");
  return letters.toLowerCase() || name;
}

/** The names that belong to verified people, at a glance. @param {Map<string, Person>} people */
export function verifiedNames(people) {
  return new Set([...people.values()].filter(({ verified }) => verified).map(({ name }) => glance(name)));
}

/** @param {Person} person @param {Set<string>} names those of verified people */
export function isNamesake({ verified, relation, name }, names) {
  return !verified && relation !== "blocked" && names.size > 0 && names.has(glance(name));
}
