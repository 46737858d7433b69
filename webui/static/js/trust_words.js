/**
 * What is odd about a name or a key, in sentences. Pure.
 *
 * @import {Me, Notice, Person} from "./messages.js"
 */

import { shortKey } from "./person.js";

/**
 * @param {Notice} notice
 * @param {Person} person whom it is about
 * @param {Me} me
 * @returns {{words: string, advice: string, key: string, other: string | null}} `other`: another person whom one may want to see
 */
export function noticeWords({ kind, name, person: about }, person, me) {
  const mine = about === me.id;
  const other = mine ? null : (about ?? null);
  const key = shortKey(person.id);
  switch (kind) {
    case "mismatch":
      return { words: `When you verified, the pictures were not the same: this may not be ${person.name}.`, advice: "Write nothing private. Meet in person and verify again, or block this key.", key: "", other: null };
    case "renamed":
      return { words: `${name} is now called “${person.name}”.`, advice: "The key is the same as before.", key: "", other: null };
    case "same_name":
      return { words: mine ? `${person.name} has the same name as you.` : `Somebody else in your contacts is called “${name}”, too.`, advice: "This is another key:", key, other };
    case "looks_like":
      return { words: mine ? `This name only looks like yours (“${name}”).` : `This name only looks like “${name}”, who is in your contacts.`, advice: "It is spelt in another way, and this is another key:", key, other };
    default:
      return {
        words: `This key is in use on two machines at once; the second one is at ${name}.`,
        advice: `Either ${person.name} has copied it, or somebody else has. Ask ${person.name} face to face; until then, write nothing private. The key:`,
        key,
        other: null,
      };
  }
}

/**
 * Why nothing of a person is shown until our person has decided.
 *
 * @param {Person} person
 * @param {string} other the name of the verified person
 */
export function heldWords({ name }, other) {
  const whose = name === other ? "This name belongs to somebody" : `This name only looks like ${other},`;
  return `${whose} whom you have verified, and this is another key. It may be a new machine of theirs, or somebody who pretends. Ask the ${other} you know.`;
}

/** @param {string} address where our own key is in use, too */
export function cloneWords(address) {
  return `Another machine, at ${address}, uses your key as well, so messages may reach the wrong one. A key is for one machine: stop LanChat on one of the two, delete the file identity.key there, and start it again.`;
}
