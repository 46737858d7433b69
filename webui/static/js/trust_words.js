/**
 * What is odd about a name or a key, in sentences. Pure.
 *
 * @import {Me, Notice, Person} from "./messages.js"
 */

import { shortKey, worstNotice } from "./person.js";

/**
 * @param {Notice} notice
 * @param {Person} person whom it is about
 * @param {Me} me
 * @param {Map<string, Person>} people
 * @returns {{words: string, advice: string, key: string, other: string | null}} `other`: another person whom one may want to see
 */
export function noticeWords({ kind, name, person: about }, person, me, people) {
  const mine = about === me.id;
  const other = mine ? null : (about ?? null);
  const key = shortKey(person.id);
  const whose = people.get(other ?? "")?.verified ? "whom you have verified" : "who is in your contacts";
  switch (kind) {
    case "mismatch":
      return { words: `When you verified, the pictures were not the same: this may not be ${person.name}.`, advice: "Write nothing private. Meet in person and verify again, or block this key.", key: "", other: null };
    case "renamed":
      return { words: `${name} is now called “${person.name}”.`, advice: "The key is the same as before.", key: "", other: null };
    case "same_name":
      return { words: mine ? `${person.name} has the same name as you.` : `This is not the ${name} ${whose}.`, advice: "The name is the same, but this is another key:", key, other };
    case "looks_like":
      return { words: mine ? `This name only looks like yours (“${name}”).` : `This name only looks like “${name}”, ${whose}.`, advice: "It is spelt in another way, and this is another key:", key, other };
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
 * The worst of what is odd about a person who rings or asks, in one sentence; empty when nothing is.
 *
 * @param {Person} person
 * @param {Pick<import("./state.js").State, "me" | "people">} state
 */
export function warningWords(person, { me, people }) {
  const notice = worstNotice(person);
  return notice ? noticeWords(notice, person, me, people).words : "";
}

/** The way to the person whom one knows under that name. @param {Person} known */
export function otherWords({ name, verified }) {
  return verified ? `Show the verified ${name}` : `Show the ${name} you know`;
}

/**
 * Why nothing of a person is shown until our person has decided.
 *
 * @param {Person} person
 * @param {string} other the name of the verified person
 */
export function heldWords({ name, relation }, other) {
  const asks = relation === "incoming" ? "Somebody asks to chat" : "Somebody is on the network";
  const whose = name === other ? "under the name of a person" : `under a name that looks like ${other}'s,`;
  return `${asks} ${whose} whom you have verified, but with another key: on a new machine perhaps, or to deceive you. Before you decide, ask the ${other} you know.`;
}

/** @param {string} address where our own key is in use, too */
export function cloneWords(address) {
  return `Another machine, at ${address}, uses your key as well, so messages may reach the wrong one. A key is for one machine: stop LanChat on one of the two, delete the file identity.key there, and start it again.`;
}
