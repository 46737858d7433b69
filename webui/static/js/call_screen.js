/**
 * Which face a call shows, and its words. Pure: a function of the state and of now.
 *
 * @import {State} from "./state.js"
 * @import {Call, CallOutcome} from "./messages.js"
 * @import {Live} from "./intents/live_call.js"
 * @import {CallUi, Over} from "./intents/calls.js"
 * @import {Keys} from "./rtc/fingerprints.js"
 * @import {Quality} from "./rtc/stats.js"
 */

import { caution, tellingKey } from "./person.js";
import { durationWords } from "./time.js";
import { warningWords } from "./trust_words.js";

/** @typedef {"none" | "incoming" | "quiet" | "stage" | "rejoin" | "elsewhere"} Kind `quiet`: it comes in and must not disturb. */
/**
 * @typedef {object} Who The person of a call, who may not be whom the name makes one think of.
 * @property {string} name
 * @property {string} key the short one, if the name makes one think of somebody else; else empty
 * @property {string} title the name, and that key
 * @property {boolean} verified
 * @property {boolean} undisturbed they do not want to be disturbed
 * @property {{words: string, sign: "warning" | "info"}} caution
 * @property {string} warning the same in a sentence; empty if nothing is odd
 */
/** @typedef {{ kind: Kind, call: Call | null, live: Live | null, person: string } & Who} Screen */

/**
 * @param {State} state
 * @param {CallUi} ui
 * @returns {Screen}
 */
export function screenOf(state, { live, starting }) {
  const { call, tab, me } = state;
  const person = call?.person ?? starting ?? "";
  return { kind: kindOf(call, live !== null, tab, me.status === "dnd"), call, live, person, ...whoIs(person, state) };
}

/**
 * @param {string} id
 * @param {Pick<State, "people" | "me">} state
 * @returns {Who}
 */
export function whoIs(id, state) {
  const person = state.people.get(id);
  const nobody = { name: "Somebody", key: "", title: "Somebody", verified: false, undisturbed: false, warning: "" };
  if (!person) return { ...nobody, caution: { words: "", sign: "warning" } };
  const { name, verified, presence } = person;
  const key = tellingKey(person);
  const odd = { caution: caution(person), warning: warningWords(person, state) };
  return { name, key, title: key ? `${name} · ${key}` : name, verified, undisturbed: presence === "dnd", ...odd };
}

/**
 * @param {Call | null} call
 * @param {boolean} here Whether this tab holds the call.
 * @param {number} tab
 * @param {boolean} undisturbed
 * @returns {Kind}
 */
function kindOf(call, here, tab, undisturbed) {
  if (here) return "stage";
  if (!call) return "none";
  if (ringsHere(call)) return undisturbed ? "quiet" : "incoming";
  // The page as it was served does not know its number yet, and so not whose call this is.
  if (tab === 0) return "none";
  const mayRejoin = call.state === "active" && (call.owner === null || call.owner === tab);
  return mayRejoin ? "rejoin" : "elsewhere";
}

/** Whether this call waits for our answer. @param {Call} call */
export const ringsHere = ({ state, direction }) => state === "ringing" && direction === "incoming";

const STUCK =
  "Still no connection. A guest network that keeps its machines apart, a VPN or a firewall may be in the way: " +
  "try another network, or a cable.";

/**
 * What the stage says below the name; empty when the picture says it all.
 * @param {Screen} screen
 */
export function statusWords({ call, live, name, undisturbed }) {
  if (live?.asking) return "Your browser asks whether LanChat may use your devices. Please answer it.";
  if (call?.state === "ringing" && call.direction === "incoming") return "Connecting…";
  if (!call || call.state === "ringing") return undisturbed ? `Calling… ${name} does not want to be disturbed; it may not ring there.` : "Calling…";
  if (!call.peer_present) return `${name}'s page is being loaded again…`;
  if (live?.session === "refused") return "The two browsers could not agree on this call.";
  if (live?.stuck) return STUCK;
  if (live?.session === "reconnecting") return call.linked ? "Reconnecting…" : "The network is away. Reconnecting…";
  return live?.session === "connected" ? "" : "Connecting…";
}

/**
 * How a call ended, kindly; null when there is nothing that its person does not know.
 * @param {Over} over
 * @param {string} name
 * @returns {string | null}
 */
export function outcomeWords({ call, outcome, duration, unconnected }, name) {
  const theirs = call.direction === "incoming";
  /** @type {Record<CallOutcome, string | null>} */
  const words = {
    ended: unconnected ? `The connection to ${name} could not be made` : `The call with ${name} has ended · ${durationWords(duration)}`,
    declined: theirs ? null : `${name} cannot talk right now`,
    cancelled: theirs ? `You missed a call from ${name}` : null,
    no_answer: theirs ? `You missed a call from ${name}` : `${name} did not answer`,
    busy: theirs ? null : `${name} is in another call`,
    peer_gone: `The connection to ${name} was lost`,
    not_allowed: theirs ? null : `${name} does not take calls from you at the moment`,
  };
  return words[outcome];
}

/** @param {Over} over whether to offer another try */
export const mayCallAgain = ({ outcome, unconnected }) => unconnected || ["declined", "no_answer", "peer_gone", "cancelled"].includes(outcome);

/** @type {Record<Quality["mark"], string>} */
export const MARKS = { good: "Good", fair: "Fair", poor: "Poor", unknown: "Measuring" };

/**
 * The figures of a call, as lines of name and value.
 * @param {Quality} quality
 * @returns {[name: string, value: string][]}
 */
export function figureLines({ inbound, outbound, roundTrip, lossRate, pair }) {
  /** @type {[string, string][]} */
  const lines = [];
  for (const [role, word] of /** @type {const} */ ([["camera", "Picture"], ["screen", "Screen"], ["microphone", "Sound"]])) {
    const incoming = inbound.find((flow) => flow.role === role && flow.bitrate > 0);
    const outgoing = outbound.find((flow) => flow.role === role && flow.bitrate > 0);
    if (incoming) lines.push([`${word} in`, flowWords(incoming)]);
    if (outgoing) lines.push([`${word} out`, flowWords(outgoing)]);
  }
  if (roundTrip !== null) lines.push(["Round trip", roundTrip < 1 ? "less than 1 ms" : `${Math.round(roundTrip)} ms`]);
  lines.push(["Lost", `${(lossRate * 100).toFixed(lossRate > 0 && lossRate < 0.1 ? 1 : 0)} %`]);
  if (pair) lines.push(["Path", `${pair.local.address || "here"} → ${pair.remote.address || "there"} · ${pair.local.protocol.toUpperCase()}`]);
  return lines;
}

/**
 * Who is to hear this call, as far as one can know, as lines of name and value.
 * @param {boolean} verified
 * @param {Keys} keys
 * @returns {[name: string, value: string][]}
 */
export function trustLines(verified, keys) {
  return [
    ["Encrypted", `End to end, with ${verified ? "a verified person" : "an unverified person"}`],
    ["Keys", KEY_WORDS[keys]],
  ];
}

/** @type {Record<Keys, string>} */
const KEY_WORDS = {
  match: "Match: this is the machine that the call was agreed with",
  differ: "Differ: this is not the machine that the call was agreed with",
  unknown: "Checked by the browser",
};

/** @param {Quality["inbound"][number]} flow */
function flowWords({ width, height, framesPerSecond, bitrate, codec }) {
  const size = width && height ? `${width} × ${height}` : null;
  const frames = framesPerSecond ? `${Math.round(framesPerSecond)} frames/s` : null;
  const bits = bitrate >= 1e6 ? `${(bitrate / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bitrate / 1e3)} kbit/s`;
  const parts = [size, frames, bits, codec === "opus" ? "Opus" : codec].filter((each) => each !== null);
  // A line may break between two figures, never inside one.
  return parts.map((each) => each.replaceAll(" ", "\u00a0")).join(" · ");
}
