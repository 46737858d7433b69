// Figures of a call: what the browser's statistics say, in the words of the page. Pure functions of a report.

import { compareKeys } from "./fingerprints.js";

/** @typedef {import("./transport.js").Role} Role */
/** @typedef {import("./fingerprints.js").Keys} Keys */
/** @typedef {{ address: string, port: number, protocol: string, type: string }} End */
/** @typedef {{ local: End, remote: End, roundTrip: number | null }} Pair `roundTrip` in milliseconds. */

/**
 * @typedef {object} Flow What travels in one role in one direction; counters since the beginning.
 * @property {Role} role
 * @property {string | null} codec
 * @property {number} bytes
 * @property {number} packets
 * @property {number} lost Packets that did not arrive.
 * @property {number | null} roundTrip In milliseconds, outbound only.
 * @property {number} frames Pictures decoded or encoded.
 * @property {number | null} framesPerSecond
 * @property {number | null} width
 * @property {number | null} height
 * @property {number} energy Of the sound, inbound only: rises as long as something is to be heard.
 */

/** @typedef {{ at: number, pair: Pair | null, keys: Keys, inbound: Flow[], outbound: Flow[] }} Figures `at` in milliseconds. */
/** @typedef {Flow & { bitrate: number, lossRate: number }} Rate `bitrate` in bit/s, `lossRate` 0 to 1. */
/** @typedef {"good" | "fair" | "poor" | "unknown"} Mark */

/**
 * @typedef {object} Quality
 * @property {Mark} mark
 * @property {number | null} roundTrip In milliseconds.
 * @property {number} lossRate The worst of all flows, 0 to 1.
 * @property {Pair | null} pair
 * @property {Keys} keys
 * @property {Rate[]} inbound
 * @property {Rate[]} outbound
 */

/** @typedef {Record<string, any>} Stat One member of an RTCStatsReport, whose fields depend on its type. */

/**
 * @param {Iterable<[string, Stat]>} report
 * @param {Map<string, Role>} roles By `mid`.
 * @param {string} [sdp] What the other side has said of itself.
 * @returns {Figures}
 */
export function readFigures(report, roles, sdp = "") {
  const all = new Map(report);
  const stats = [...all.values()];
  /** @param {string} type */
  const flows = (type) =>
    stats.filter((stat) => stat.type === type).map((stat) => readFlow(stat, all, roles)).filter((flow) => flow !== null);
  return {
    at: stats[0]?.timestamp ?? 0,
    pair: readPair(stats, all),
    keys: compareKeys(all, sdp),
    inbound: flows("inbound-rtp"),
    outbound: flows("outbound-rtp"),
  };
}

/**
 * @param {Stat} stat
 * @param {Map<string, Stat>} all
 * @param {Map<string, Role>} roles
 * @returns {Flow | null}
 */
function readFlow(stat, all, roles) {
  const role = roles.get(stat.mid) ?? (stat.kind === "audio" ? "microphone" : null);
  if (!role) return null;
  const remote = all.get(stat.remoteId);
  return {
    role,
    codec: all.get(stat.codecId)?.mimeType?.split("/")[1] ?? null,
    bytes: stat.bytesReceived ?? stat.bytesSent ?? 0,
    packets: stat.packetsReceived ?? stat.packetsSent ?? 0,
    lost: Math.max(0, stat.packetsLost ?? remote?.packetsLost ?? 0),
    roundTrip: stat.type === "outbound-rtp" ? milliseconds(remote?.roundTripTime) : null,
    frames: stat.framesDecoded ?? stat.framesEncoded ?? 0,
    framesPerSecond: stat.framesPerSecond ?? null,
    width: stat.frameWidth ?? null,
    height: stat.frameHeight ?? null,
    energy: stat.totalAudioEnergy ?? 0,
  };
}

/**
 * @param {Stat[]} stats
 * @param {Map<string, Stat>} all
 * @returns {Pair | null}
 */
function readPair(stats, all) {
  // Several pairs may be "nominated"; the transport knows the one in use. Firefox marks it on the pair.
  const transport = stats.find((stat) => stat.type === "transport" && stat.selectedCandidatePairId);
  const pair = all.get(transport?.selectedCandidatePairId) ?? stats.find((s) => s.type === "candidate-pair" && s.selected);
  const local = pair && all.get(pair.localCandidateId);
  const remote = pair && all.get(pair.remoteCandidateId);
  if (!local || !remote) return null;
  return { local: readEnd(local), remote: readEnd(remote), roundTrip: milliseconds(pair.currentRoundTripTime) };
}

/**
 * @param {Stat} candidate
 * @returns {End}
 */
const readEnd = (candidate) => ({
  address: candidate.address ?? candidate.ip ?? "",
  port: candidate.port ?? 0,
  protocol: candidate.protocol ?? "",
  type: candidate.candidateType ?? "",
});

/** @param {number | undefined} seconds */
const milliseconds = (seconds) => (seconds === undefined ? null : seconds * 1000);

/**
 * What happened between two looks.
 * @param {Figures | null} before
 * @param {Figures} now
 * @returns {Quality}
 */
export function compare(before, now) {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  const inbound = now.inbound.map((flow) => rate(flow, before?.inbound, seconds));
  const outbound = now.outbound.map((flow) => rate(flow, before?.outbound, seconds));
  const heard = outbound.find(({ roundTrip }) => roundTrip !== null)?.roundTrip ?? null;
  const roundTrip = now.pair?.roundTrip ?? heard;
  const lossRate = Math.max(0, ...inbound.map((each) => each.lossRate), ...outbound.map((each) => each.lossRate));
  return { mark: mark(seconds, roundTrip, lossRate), roundTrip, lossRate, pair: now.pair, keys: now.keys, inbound, outbound };
}

/**
 * @param {Flow} flow
 * @param {Flow[] | undefined} earlier
 * @param {number} seconds
 * @returns {Rate}
 */
function rate(flow, earlier, seconds) {
  const before = earlier?.find(({ role }) => role === flow.role);
  if (!before || seconds <= 0) return { ...flow, bitrate: 0, lossRate: 0 };
  const lost = Math.max(0, flow.lost - before.lost);
  const arrived = Math.max(0, flow.packets - before.packets);
  const lossRate = lost + arrived ? lost / (lost + arrived) : 0;
  return { ...flow, bitrate: Math.max(0, ((flow.bytes - before.bytes) * 8) / seconds), lossRate };
}

/**
 * ITU-T G.114 calls 150 ms one way comfortable and 400 ms the limit; a LAN has a few. Voices survive 2 % of loss
 * unnoticed, and break up beyond 8 %.
 * @param {number} seconds
 * @param {number | null} roundTrip
 * @param {number} lossRate
 * @returns {Mark}
 */
function mark(seconds, roundTrip, lossRate) {
  if (seconds <= 0) return "unknown";
  const trip = roundTrip ?? 0;
  if (lossRate <= 0.02 && trip <= 150) return "good";
  return lossRate <= 0.08 && trip <= 400 ? "fair" : "poor";
}
