/**
 * What the network screen says of the others, of this machine and of what was found. Pure.
 *
 * The types below are those of `GET /api/network` and `GET /api/findings` (lanchatd/doctor/facts.py, lanchatd/lan/report.py), as far as
 * the page shows them. Durations are milliseconds.
 *
 * @import {Person} from "./messages.js"
 *
 * @typedef {{address: string, port: number}} Place
 * @typedef {{address: string, since: number, round_trip: number | null}} Link
 * @typedef {object} Peer
 * @property {string | null} id null for an address that our person gave and nobody has answered at
 * @property {string} name perhaps empty
 * @property {Link | null} link
 * @property {Partial<Record<Source, number>>} told who speaks of them, and how long ago
 * @property {boolean} in_sight
 * @property {Place[]} places
 * @property {string | null} problem
 * @property {boolean} incompatible
 * @property {{sentence: string}[]} attempts the last one that came to nothing, if there is one
 * @property {"contact" | "met" | "heard"} standing `heard`: it is only said that they are there, and how they are called
 * @property {boolean} given_up nobody dials them any longer
 *
 * @typedef {"mdns" | "introduced" | "remembered" | "manual"} Source
 * @typedef {{name: string, peer_port: number, peers: Peer[], links: number, hearing: {interface: string, neighbours: number}[], discovery_problem: string | null}} Daemon
 * @typedef {{name: string, use: string, wireless: boolean, addresses: string[], echoes: {returned: boolean}[], neighbours: string[]}} Interface
 * @typedef {{interfaces: Interface[], mdns_problem: string | null}} Machine
 * @typedef {{kind: string, severity: "problem" | "warning" | "note", sentence: string, step: string, command: string | null, about: string | null}} Finding
 * @typedef {{summary: string, findings: Finding[], machine: Machine, daemon: Daemon}} Examination
 *
 * @typedef {object} Other somebody else's machine, as the screen shows it
 * @property {string} key
 * @property {string | null} person whose conversation can be opened
 * @property {string} name never empty
 * @property {boolean} named it is the name of a person
 * @property {string} label the name where there is no room for more: in quotation marks, if it is only announced
 * @property {{words: string, sign: "warning" | "info"}} caution what is odd about the name
 * @property {string} origin the machine; with the key where the name does not tell who it is
 * @property {"linked" | "sight" | "trouble" | "away"} state
 * @property {string} words how it stands
 * @property {string} reason why there is no link; empty if that is not known
 * @property {string} address with the port where nobody has answered yet
 * @property {string} spot the same without; or the key, where the name does not tell who it is
 * @property {string} trip the round trip; empty if it was not measured
 * @property {string} heard how we know of them
 */

import { caution, sharedNames, shortKey, tellingKey } from "./person.js";

/** In the order in which they go before each other. @type {Record<Source, string>} */
const SOURCES = {
  mdns: "Announces itself",
  introduced: "Introduced by somebody else",
  manual: "Named in your settings",
  remembered: "Remembered from before",
};
const ORDER = ["linked", "trouble", "sight", "away"];

/**
 * Everybody whom the daemon knows of: who is linked first, then who should be.
 *
 * @param {Peer[]} peers
 * @param {Map<string, Person>} people
 * @returns {Other[]}
 */
export function others(peers, people) {
  const names = new Map([...people.values()].map(({ id, name }) => [id, name]));
  for (const { id, name } of peers) if (id !== null && name && !names.has(id)) names.set(id, name);
  const shared = sharedNames([...names.values()]);
  return peers
    .map((peer) => other(peer, people.get(peer.id ?? ""), shared))
    .sort((one, two) => ORDER.indexOf(one.state) - ORDER.indexOf(two.state) || one.name.localeCompare(two.name, "en") || (one.key < two.key ? -1 : 1));
}

/** @param {Peer} peer @param {Person | undefined} person @param {(name: string) => boolean} shared @returns {Other} */
function other(peer, person, shared) {
  const place = peer.places[0];
  const address = peer.link?.address ?? (place ? authority(place) : "");
  const state = stateOf(peer);
  // What the roster knows goes before what somebody announces.
  const known = person?.name || peer.name;
  const name = known || (peer.id === null ? place?.address || "Somebody" : `Somebody (${shortKey(peer.id)})`);
  const announced = known !== "" && peer.id !== null && peer.standing === "heard" && !peer.link;
  const key = peer.id !== null && known && (announced || shared(known) || (person && tellingKey(person))) ? shortKey(peer.id) : "";
  return {
    key: peer.id ?? `by hand ${address}`,
    person: person?.id ?? null,
    name,
    named: known !== "",
    label: announced ? `“${name}”` : name,
    caution: person ? caution(person) : { words: "", sign: "info" },
    origin: [person?.machine, announced ? "only announced" : "", key].filter(Boolean).join(" · "),
    state,
    words: words(peer, state),
    reason: state === "trouble" || peer.given_up ? (peer.problem ?? peer.attempts.at(-1)?.sentence ?? "") : "",
    address,
    spot: key || (peer.link?.address ?? place?.address ?? ""),
    trip: peer.link ? tripWords(peer.link.round_trip) : "",
    heard: SOURCES[/** @type {Source} */ (Object.keys(SOURCES).find((source) => source in peer.told))] ?? "",
  };
}

/** @param {Peer} peer @returns {Other["state"]} */
function stateOf({ link, incompatible, problem, in_sight: inSight, told, attempts, given_up: givenUp }) {
  if (link) return "linked";
  if (incompatible) return "trouble";
  // Who is merely not here was dialled in vain as well.
  if (givenUp || !(inSight || "manual" in told)) return "away";
  return problem || attempts.length > 0 ? "trouble" : "sight";
}

/** @param {Peer} peer @param {Other["state"]} state */
function words({ link, incompatible, given_up: givenUp }, state) {
  if (link) return `Linked for ${spanWords(link.since)}`;
  if (incompatible) return "Uses another version";
  if (givenUp) return "Not reached, and tried no more";
  return { trouble: "Can’t be reached", sight: "In sight, connecting", away: "Not here now", linked: "" }[state];
}

/** An address with its port, as one would type it. @param {Place} place */
export function authority({ address, port }) {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** @param {number | null} milliseconds */
export function tripWords(milliseconds) {
  if (milliseconds === null) return "";
  if (milliseconds < 0.1) return "< 0.1 ms";
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** How long something has been so, roughly. @param {number} milliseconds */
export function spanWords(milliseconds) {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return count(minutes, "minute");
  if (minutes < 48 * 60) return count(Math.floor(minutes / 60), "hour");
  return count(Math.floor(minutes / 1440), "day");
}

/** @param {number} number @param {string} thing */
function count(number, thing) {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** Who is here, in one line. @param {Other[]} all @param {number} [links] how many there are; not all of a crowd are told */
export function companyWords(all, links = 0) {
  const number = (/** @type {string} */ state) => all.filter((each) => each.state === state).length;
  const [linked, trouble, sight] = [Math.max(number("linked"), links), number("trouble"), number("sight")];
  if (linked + trouble + sight === 0) return "No other machine with LanChat is in sight.";
  const parts = [linked > 0 ? `Linked with ${count(linked, "machine")}` : "Linked with nobody"];
  if (sight > 0) parts.push(`${sight} connecting`);
  if (trouble > 0) parts.push(`${trouble} out of reach`);
  return `${parts.join(", ")}.`;
}

/** @type {Record<string, string>} */
const LEFT_OUT = {
  down: "Switched off",
  no_carrier: "No cable or Wi-Fi",
  no_address: "No address",
  inside: "Left out: containers or virtual machines",
  tunnel: "Left out: a VPN",
  not_chosen: "Left out: not chosen in your settings",
  no_multicast: "Left out: no multicast",
};

/**
 * @typedef {object} Way an interface of this machine, as the screen shows it
 * @property {string} name
 * @property {"wifi" | "cable"} sign
 * @property {boolean} used
 * @property {boolean | null} returns whether multicast comes back; null if that is not known
 * @property {string} words
 * @property {string} heard
 * @property {string[]} addresses
 */

/**
 * The interfaces: those that LanChat uses first. What leads to this machine only is none.
 *
 * @param {Machine} machine
 * @param {Daemon} daemon
 * @returns {Way[]}
 */
export function ways({ interfaces, mdns_problem: problem }, { hearing }) {
  return interfaces
    .filter(({ name, use }) => use !== "loopback" && (name !== "lo" || use === "used"))
    .map((each) => way(each, problem !== null, hearing.find((heard) => heard.interface === each.name)?.neighbours ?? 0))
    .sort((one, two) => Number(two.used) - Number(one.used) || one.name.localeCompare(two.name, "en"));
}

/** @param {Interface} fact @param {boolean} deaf @param {number} neighbours @returns {Way} */
function way({ name, use, wireless, addresses, echoes, neighbours: probed }, deaf, neighbours) {
  const used = use === "used";
  const returns = !used || deaf ? null : echoes.some((echo) => echo.returned);
  const heard = Math.max(neighbours, probed.length);
  const echo = returns === null ? "Multicast can’t be tried" : returns ? "Multicast leaves and returns" : "Multicast does not return";
  return {
    name,
    sign: wireless ? "wifi" : "cable",
    used,
    returns,
    words: used ? echo : (LEFT_OUT[use] ?? "Not used"),
    heard: used ? (heard === 0 ? "No other address heard" : `${heard} other ${heard === 1 ? "address" : "addresses"} heard`) : "",
    addresses: addresses.map((address) => address.split("/")[0] ?? address),
  };
}

/**
 * Each with what it is told by from the others, whoever comes or goes before it.
 *
 * @param {Finding[]} findings
 */
export function keyed(findings) {
  /** @type {Map<string, number>} */
  const times = new Map();
  return findings.map((finding) => {
    const name = `${finding.kind} ${finding.about ?? ""}`;
    times.set(name, (times.get(name) ?? 0) + 1);
    return { finding, key: `${name} ${times.get(name)}` };
  });
}

/** @param {Finding[]} findings how bad it is */
export function verdict(findings) {
  const has = (/** @type {string} */ severity) => findings.some((finding) => finding.severity === severity);
  return has("problem") ? "problem" : has("warning") ? "warning" : "well";
}
