/** What the page says of a call, and what it makes of the browser's statistics. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { figureLines, mayCallAgain, outcomeWords, screenOf, statusWords } from "../../webui/static/js/call_screen.js";
import { compare, readFigures } from "../../webui/static/js/rtc/stats.js";

const call = (more) => ({ id: "call-0001", person: "ada", direction: "outgoing", state: "active", owner: 1, linked: true, peer_present: true, offered: { audio: true, video: true }, ...more });
const state = (more) => ({ tab: 1, me: { status: "available" }, call: null, people: new Map([["ada", { id: "ada", name: "Ada", presence: "online", held: false, verified: false, notices: [] }]]), ...more });
const ui = (more) => ({ live: null, over: null, starting: null, ...more });

test("each tab shows its face of a call", () => {
  const faces = [
    [state({}), ui({}), "none"],
    [state({}), ui({ live: {}, starting: "ada" }), "stage"],
    [state({ call: call({ state: "ringing", direction: "incoming", owner: null }) }), ui({}), "incoming"],
    [state({ call: call({ state: "ringing", direction: "incoming", owner: null }), me: { status: "dnd" } }), ui({}), "quiet"],
    [state({ call: call({ state: "ringing", direction: "incoming", owner: null }) }), ui({ live: {} }), "stage"],
    [state({ call: call({ state: "ringing", owner: 2 }) }), ui({}), "elsewhere"],
    [state({ call: call({ owner: 2 }) }), ui({}), "elsewhere"],
    [state({ call: call({ owner: null }) }), ui({}), "rejoin"],
    [state({ call: call({}) }), ui({ live: {} }), "stage"],
    [state({ call: call({ owner: 2 }), tab: 0 }), ui({}), "none"],
  ];
  for (const [now, shown, kind] of faces) assert.equal(screenOf(now, shown).kind, kind);
  assert.equal(screenOf(state({}), ui({ starting: "ada" })).name, "Ada");
});

const BUSY = { id: "ada", name: "Ada", presence: "dnd", held: false, verified: false, notices: [] };
const undisturbed = state({ call: call({ state: "ringing" }), people: new Map([["ada", BUSY]]) });

test("the stage says what one waits for, and nothing when all is well", () => {
  const words = (more, session, stuck = false) =>
    statusWords({ kind: "stage", name: "Ada", person: "ada", call: call(more), live: { session, stuck } });
  assert.equal(words({ state: "ringing" }, "opening"), "Calling…");
  assert.match(statusWords(screenOf(undisturbed, ui({ live: {} }))), /^Calling… Ada does not want to be disturbed/);
  assert.equal(words({}, "connecting"), "Connecting…");
  assert.equal(words({}, "connected"), "");
  assert.equal(words({}, "reconnecting"), "Reconnecting…");
  assert.match(words({ linked: false }, "reconnecting"), /network is away/);
  assert.match(words({}, "refused"), /could not agree/);
  for (const session of ["connecting", "reconnecting"]) assert.match(words({}, session, true), /guest network.*firewall.*try/);
  assert.match(words({ peer_present: false }, "connected"), /loaded again/);
  assert.equal(words({ linked: false }, "connected"), "", "the pictures need no link between the daemons");
});

test("a call that was accepted and never connected is not said to have ended, and can be tried again", () => {
  for (const direction of ["outgoing", "incoming"]) {
    const over = { call: call({ direction }), outcome: "ended", duration: 3_000, mine: true, unconnected: true };
    assert.equal(outcomeWords(over, "Ada"), "The connection to Ada could not be made");
    assert.ok(mayCallAgain(over));
    assert.equal(outcomeWords({ ...over, unconnected: false }, "Ada"), "The call with Ada has ended · 0:03");
    assert.ok(!mayCallAgain({ ...over, unconnected: false }));
  }
});

test("nobody is told what they did themselves", () => {
  const words = (direction, outcome) => outcomeWords({ call: call({ direction }), outcome, duration: 0, mine: true }, "Ada");
  assert.equal(words("outgoing", "cancelled"), null);
  assert.equal(words("incoming", "declined"), null);
  for (const outcome of ["ended", "no_answer", "peer_gone"]) {
    for (const direction of ["outgoing", "incoming"]) assert.match(words(direction, outcome), /Ada/);
  }
});

const report = (at, bytes, packets, lost, trip) => new Map([
  ["t", { id: "t", type: "transport", timestamp: at, selectedCandidatePairId: "p" }],
  ["n", { id: "n", type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "x", remoteCandidateId: "x" }],
  ["p", { id: "p", type: "candidate-pair", localCandidateId: "l", remoteCandidateId: "r", currentRoundTripTime: trip }],
  ["l", { id: "l", type: "local-candidate", address: "10.0.0.1", port: 1, protocol: "udp", candidateType: "host" }],
  ["r", { id: "r", type: "remote-candidate", address: "10.0.0.2", port: 2, protocol: "udp", candidateType: "prflx" }],
  ["c", { id: "c", type: "codec", mimeType: "video/VP9" }],
  ["i", { id: "i", type: "inbound-rtp", kind: "video", mid: "1", codecId: "c", bytesReceived: bytes, packetsReceived: packets, packetsLost: lost, frameWidth: 1920, frameHeight: 1080, framesPerSecond: 30, framesDecoded: 9 }],
]);
const figures = (...numbers) => readFigures(report(...numbers), new Map([["1", "camera"]]));

test("the figures are those of the path in use", () => {
  const { pair, inbound } = figures(1000, 0, 0, 0, 0.002);
  assert.equal(pair.remote.address, "10.0.0.2");
  assert.equal(pair.roundTrip, 2);
  assert.deepEqual([inbound[0].role, inbound[0].codec, inbound[0].frames], ["camera", "VP9", 9]);
});

test("the mark follows loss and round trip", () => {
  const mark = (lost, trip) => compare(figures(1000, 0, 0, 0, trip), figures(3000, 500_000, 1000 - lost, lost, trip)).mark;
  assert.deepEqual([mark(0, 0.002), mark(20, 0.002), mark(50, 0.002), mark(200, 0.002)], ["good", "good", "fair", "poor"]);
  assert.deepEqual([mark(0, 0.3), mark(0, 0.9)], ["fair", "poor"]);
  assert.equal(compare(null, figures(1000, 0, 0, 0, 0)).mark, "unknown");
});

test("a counter that begins again gives no negative rate", () => {
  const quality = compare(figures(1000, 900_000, 900, 5, 0.001), figures(3000, 10, 1, 0, 0.001));
  assert.equal(quality.inbound[0].bitrate, 0);
  assert.equal(quality.lossRate, 0);
});

test("figures are told in words that one can read aloud", () => {
  const lines = new Map(figureLines(compare(figures(1000, 0, 0, 0, 0.0004), figures(3000, 1_600_000, 100, 0, 0.0004))));
  assert.equal(lines.get("Picture in").replaceAll("\u00a0", " "), "1920 × 1080 · 30 frames/s · 6.4 Mbit/s · VP9");
  assert.equal(lines.get("Round trip"), "less than 1 ms");
  assert.equal(lines.get("Path"), "10.0.0.1 → 10.0.0.2 · UDP");
});
