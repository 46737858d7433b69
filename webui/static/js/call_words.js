/**
 * A call that is over, in words: the same in the list of people and in the conversation.
 *
 * Pure. Mirrored by `call_words` of lanchatd/web/rows.py; a test compares the two.
 *
 * @import {Entry} from "./state.js"
 *
 * @typedef {Extract<Entry, {kind: "call"}>} CallLine
 */

import { durationWords } from "./time.js";

/** How a call ended that we had made. @type {Record<string, string>} */
const OURS = {
  declined: "declined",
  cancelled: "cancelled",
  no_answer: "no answer",
  busy: "busy",
  peer_gone: "connection lost",
  not_allowed: "not allowed",
};

/** @param {CallLine} entry */
export function callWords(entry) {
  const { video, mine, outcome, duration } = entry;
  const kind = video ? "video call" : "audio call";
  const call = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  if (duration > 0) return `${call} · ${durationWords(duration)}${outcome === "peer_gone" ? " · connection lost" : ""}`;
  if (outcome === "ended") return call;
  if (mine) return `${call} · ${OURS[outcome] ?? outcome}`;
  if (outcome === "declined") return `Declined ${kind}`;
  return outcome === "busy" ? `Missed ${kind} · you were in another call` : `Missed ${kind}`;
}

/** @param {CallLine} entry whether it is a call that one may want to return */
export function isMissed({ mine, outcome, duration }) {
  return !mine && duration === 0 && !["ended", "declined"].includes(outcome);
}
