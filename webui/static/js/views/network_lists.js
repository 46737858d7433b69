/**
 * Everybody whom the daemon knows of, and the interfaces of this machine, as lists: all that the picture shows, in words.
 *
 * @import {Daemon, Machine, Other, Way} from "../network.js"
 */

import { ways } from "../network.js";
import { paintAvatar } from "./avatar.js";
import { clone, find, part, reconcile, setAttribute, setIcon, setText } from "./dom.js";
import { paintCaution } from "./marks.js";

/** @param {HTMLElement} list @returns {(all: Other[]) => void} */
export function paintOthers(list) {
  /** @type {Map<string, HTMLElement>} */
  const elements = new Map();
  return (all) =>
    reconcile(list, elements, all, {
      key: ({ key }) => key,
      make: ({ key }) => made("network-other", key),
      update: updateOther,
    });
}

/** @param {HTMLElement} element @param {Other} other */
function updateOther(element, { key, person, name, named, caution, origin, state, words, reason, address, trip, heard }) {
  setAttribute(element, "data-state", state);
  paintAvatar(part(element, "avatar"), { id: key, name: named ? name : "?" });
  setAttribute(part(element, "link"), "href", person === null ? null : `#/${person}`);
  for (const [place, text] of Object.entries({ name, origin, words, reason, address, trip, heard })) setText(part(element, place), text);
  paintCaution(element, caution);
  part(element, "reason").hidden = reason === "";
  part(element, "trip-label").hidden = trip === "";
}

/** @param {HTMLElement} list @returns {(facts: {machine: Machine, daemon: Daemon} | null) => void} */
export function paintWays(list) {
  /** @type {Map<string, HTMLElement>} */
  const elements = new Map();
  return (facts) =>
    reconcile(list, elements, facts ? ways(facts.machine, facts.daemon) : [], {
      key: ({ name }) => name,
      make: ({ name }) => made("network-way", name),
      update: updateWay,
    });
}

/** @param {HTMLElement} element @param {Way} way */
function updateWay(element, { name, sign, used, returns, words, heard, addresses }) {
  setAttribute(element, "data-used", used);
  setAttribute(element, "data-returns", returns === null ? null : returns ? "yes" : "no");
  setIcon(find(element, ".net-sign svg"), sign);
  for (const [place, text] of Object.entries({ name, words, heard, addresses: addresses.join("\n") })) setText(part(element, place), text);
}

/** @param {string} template @param {string} key */
function made(template, key) {
  const element = clone(template);
  element.dataset["key"] = key;
  element.tabIndex = -1;
  return element;
}
