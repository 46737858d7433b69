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
 * @property {{sentence: string}[]} attempts the last one is the latest
 *
 * @typedef {"mdns" | "introduced" | "remembered" | "manual"} Source
 * @typedef {{name: string, peer_port: number, peers: Peer[], hearing: {interface: string, neighbours: number}[], discovery_problem: string | null}} Daemon
 * @typedef {{name: string, use: string, wireless: boolean, addresses: string[], echoes: {returned: boolean}[], neighbours: string[]}} Interface
 * @typedef {{interfaces: Interface[], mdns_problem: string | null}} Machine
 * @typedef {{kind: string, severity: "problem" | "warning" | "note", sentence: string, step: string, command: string | null}} Finding
 * @typedef {{summary: string, findings: Finding[], machine: Machine, daemon: Daemon}} Examination
 *
 * @typedef {object} Other somebody else's machine, as the screen shows it
 * @property {string} key
 * @property {string | null} person whose conversation can be opened
 * @property {string} name never empty
 * @property {boolean} named it is the name of a person
 * @property {string} machine
 * @property {"linked" | "sight" | "trouble" | "away"} state
 * @property {string} words how it stands
 * @property {string} reason why there is no link; empty if that is not known
 * @property {string} address with the port where nobody has answered yet
 * @property {string} host the same without
 * @property {string} trip the round trip; empty if it was not measured
 * @property {string} heard how we know of them
 */

import { shortKey } from "./person.js";

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
  return peers
    .map((peer, index) => other(peer, people.get(peer.id ?? ""), index))
    .sort((one, two) => ORDER.indexOf(one.state) - ORDER.indexOf(two.state) || one.name.localeCompare(two.name, "en") || (one.key < two.key ? -1 : 1));
}

/** @param {Peer} peer @param {Person | undefined} person @param {number} index @returns {Other} */
function other(peer, person, index) {
  const place = peer.places[0];
  const address = peer.link?.address ?? (place ? authority(place) : "");
  const state = stateOf(peer);
  const name = peer.name || person?.name || "";
  return {
    key: peer.id ?? `${address} ${index}`,
    person: person?.id ?? null,
    name: name || (peer.id === null ? place?.address || "Somebody" : `Somebody (${shortKey(peer.id)})`),
    named: name !== "",
    machine: person?.machine ?? "",
    state,
    words: words(peer, state),
    reason: state === "trouble" ? (peer.problem ?? peer.attempts.at(-1)?.sentence ?? "") : "",
    address,
    host: peer.link?.address ?? place?.address ?? "",
    trip: peer.link ? tripWords(peer.link.round_trip) : "",
    heard: SOURCES[/** @type {Source} */ (Object.keys(SOURCES).find((source) => source in peer.told))] ?? "",
  };
}

/** @param {Peer} peer @returns {Other["state"]} */
function stateOf({ link, incompatible, problem, in_sight: inSight, told, attempts }) {
  if (link) return "linked";
  if (incompatible || problem) return "trouble";
  if (inSight || "manual" in told) return attempts.length > 0 ? "trouble" : "sight";
  return "away";
}

/** @param {Peer} peer @param {Other["state"]} state */
function words({ link, incompatible }, state) {
  if (link) return `Linked for ${spanWords(link.since)}`;
  if (incompatible) return "Uses another version";
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

/** Who is here, in one line. @param {Other[]} all */
export function companyWords(all) {
  const number = (/** @type {string} */ state) => all.filter((each) => each.state === state).length;
  const [linked, trouble, sight] = [number("linked"), number("trouble"), number("sight")];
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

/** @param {Finding[]} findings how bad it is */
export function verdict(findings) {
  const has = (/** @type {string} */ severity) => findings.some((finding) => finding.severity === severity);
  return has("problem") ? "problem" : has("warning") ? "warning" : "well";
}
