// Whose key it is: what the dialog says, what is odd about a name, and what of it all tabs remember.

import assert from "node:assert/strict";
import { test } from "node:test";

import { screenOf, whoIs } from "../../webui/static/js/call_screen.js";
import { caution, rows, tellingKey } from "../../webui/static/js/person.js";
import { layout } from "../../webui/static/js/lines.js";
import { reduce } from "../../webui/static/js/reducer.js";
import { compareKeys, promised } from "../../webui/static/js/rtc/fingerprints.js";
import { DEFAULTS, firstState } from "../../webui/static/js/state.js";
import { heldWords, noticeWords, otherWords } from "../../webui/static/js/trust_words.js";
import { cardWords, outcomeSentence, verifyScreen } from "../../webui/static/js/verify_screen.js";

const person = (name, fields = {}) => ({
  id: name.toLowerCase().padEnd(52, "a"), name, machine: "box", presence: "online", relation: "contact", reason: null, last_seen: null,
  verified: false, held: false, notices: [], ...fields,
});
const ADA = person("Ada");
const ME = { id: "m".repeat(52), name: "Mara", machine: "heron", status: "available", clone: null };
const SIGNS = [{ picture: "🔑", word: "key" }];
const verify = (fields = {}) => ({ person: ADA.id, way: "choose", code: null, problem: "", over: null, mine: false, scanned: false, ...fields });
const comparison = (state, fields = {}) => ({ id: "c1", person: ADA.id, state, signs: [], mine: false, theirs: false, ...fields });

test("each step of verifying has its face, and only what one can do then", () => {
  const steps = [
    [null, verify(), "choose", []],
    [null, verify({ way: "about" }), "choose", []],
    [null, verify({ way: "show" }), "show", ["back"]],
    [null, verify({ way: "scan" }), "scan", ["back", "instead"]],
    [comparison("asked"), verify(), "wait", ["cancel"]],
    [comparison("asking"), verify({ way: "show" }), "question", ["decline", "accept"]],
    [comparison("comparing", { signs: SIGNS }), verify(), "signs", ["differ", "match"]],
    [comparison("comparing", { signs: SIGNS, mine: true }), verify(), "signs", ["close"]],
    [comparison("comparing", { theirs: true }), verify({ way: "show" }), "question", ["no", "yes"]],
    [null, verify({ over: "matched" }), "verified", ["close"]],
    [null, verify({ over: "mismatch" }), "alarm", ["block", "later", "again"]],
    [null, verify({ over: "wrong_code", problem: "Another key." }), "alarm", ["block", "later", "rescan"]],
    [null, verify({ over: "timeout" }), "done", ["close", "again"]],
  ];
  for (const [now, shown, face, actions] of steps) {
    const screen = verifyScreen(ADA, now, shown);
    assert.deepEqual([screen.face, screen.actions], [face, actions]);
    assert.ok(screen.title && screen.words.every(Boolean));
  }
  assert.equal(verifyScreen({ ...ADA, verified: true }, null, verify({ way: "about" })).face, "verified");
});

test("every end has a sentence of its own, and only those that may mean an attack alarm", () => {
  const ends = ["matched", "mismatch", "cancelled", "declined", "timeout", "busy", "broken", "peer_gone"];
  assert.equal(new Set(ends.map((outcome) => outcomeSentence(outcome, "Ada"))).size, ends.length);
  const alarming = ends.filter((over) => verifyScreen(ADA, null, verify({ over })).face === "alarm");
  assert.deepEqual(alarming, ["mismatch", "broken"]);
  const words = verifyScreen(ADA, null, verify({ over: "wrong_code", problem: "Another key." })).words;
  assert.equal(words[0], "Another key.");
  assert.match(words[1], /nothing private.*face to face/);
});

test("whoever has scanned is told to tell the other side; the card keeps quiet once one has said yes", () => {
  assert.match(verifyScreen(ADA, null, verify({ over: "matched", scanned: true })).words[0], /Tell them: yes/);
  assert.equal(cardWords(comparison("comparing", { signs: SIGNS, mine: true }), "Ada"), "");
  assert.match(cardWords(comparison("asking"), "Ada"), /^Ada would like to verify/);
});

const start = () => reduce(firstState({ me: ME, version: "1" }, DEFAULTS), {
  event: "snapshot", tab: 1, version: "1", run: "one", me: ME, people: [ADA], conversations: [], call: null, comparison: null, ice_servers: [],
});
const changed = (now) => ({ event: "comparison_changed", comparison: now });
const ended = (outcome, mine = false) => ({ event: "comparison_ended", comparison: "c1", person: ADA.id, outcome, mine });
const opened = { event: "ui/verify", verify: { person: ADA.id, way: "choose" } };

test("how a comparison ended is shown where one looks at it; an alarm is shown in every tab", () => {
  const seen = (...actions) => actions.reduce(reduce, start()).ui.verify?.over ?? null;
  assert.equal(seen(opened, changed(comparison("asked")), ended("declined")), "declined");
  assert.equal(seen(changed(comparison("asking")), ended("cancelled")), null);
  for (const alarm of ["mismatch", "broken"]) assert.equal(seen(changed(comparison("asked")), ended(alarm)), alarm);
  assert.equal(seen(ended("mismatch")), "mismatch", "a later word of theirs still counts");
  assert.equal(seen(opened, changed(comparison("asked")), ended("declined"), changed({ ...comparison("asked"), id: "c2" })), null);
});

test("who closes a comparison is not told so, and its dialog closes", () => {
  const closed = [opened, changed(comparison("asked")), ended("cancelled", true)].reduce(reduce, start());
  assert.deepEqual([closed.comparison, closed.ui.verify], [null, null]);
});

test("only the end of the comparison that goes on ends it", () => {
  const state = [changed(comparison("asking")), { ...ended("cancelled"), comparison: "another" }].reduce(reduce, start());
  assert.equal(state.comparison.id, "c1");
});

test("a comparison that was lost with the daemon is said to be lost", () => {
  const state = [opened, changed(comparison("asked"))].reduce(reduce, start());
  const snapshot = { event: "snapshot", tab: 1, version: "1", run: "two", me: ME, people: [ADA], conversations: [], call: null, ice_servers: [] };
  assert.equal(reduce(state, { ...snapshot, comparison: null }).ui.verify.over, "peer_gone");
  assert.equal(reduce(state, { ...snapshot, comparison: comparison("comparing") }).ui.verify.over, null);
});

test("the worst of what is odd about a person is the sign beside the name", () => {
  const notice = (kind) => ({ kind, name: "Ada", person: null, settled: false });
  const words = (...kinds) => caution(person("Ada", { notices: kinds.map(notice) })).words;
  assert.equal(words(), "");
  assert.equal(words("renamed", "looks_like"), "Name looks like somebody else's");
  assert.equal(words("same_name", "clone"), "Key in use on two machines");
  assert.equal(caution(person("Ada", { notices: [notice("renamed")] })).sign, "info");
  assert.match(caution(person("Ada", { held: true })).words, /^Not the person/);
});

const VERIFIED = { ...ADA, verified: true };
const everybody = (...people) => new Map([VERIFIED, ...people].map((each) => [each.id, each]));

const settled = (kind) => ({ kind, name: "Ada", person: ADA.id, settled: true });

test("whoever has the name of a verified person is told apart, also after our person has agreed to the name", () => {
  const other = person("Ada", { id: "other".padEnd(52, "a"), notices: [settled("same_name")] });
  const { title, caution: odd, warning, verified } = whoIs(other.id, { people: everybody(other), me: ME });
  assert.deepEqual([title, verified], ["Ada · othe raaa", false]);
  assert.deepEqual(odd, { words: "Same name as a verified person", sign: "info" });
  assert.equal(warning, "This is not the Ada whom you have verified.");
  const real = whoIs(ADA.id, { people: everybody(other), me: ME });
  assert.deepEqual([real.title, real.caution.words, real.warning], ["Ada", "", ""]);
  const listed = rows(everybody(other), new Map()).find((row) => row.person.id === other.id);
  assert.deepEqual([listed.caution.words, listed.origin], ["Same name as a verified person", "box · othe raaa"]);
  assert.equal(tellingKey(person("Bo")), "");
});

test("so is a look-alike, in whatever letters, once our person has agreed to that name", () => {
  const other = person("Adа", { id: "other".padEnd(52, "a"), notices: [settled("looks_like")] });
  const { title, caution: odd, warning } = whoIs(other.id, { people: everybody(other), me: ME });
  assert.equal(title, "Adа · othe raaa");
  assert.deepEqual(odd, { words: "Name looks like a verified person's", sign: "info" });
  assert.equal(warning, "This name only looks like “Ada”, whom you have verified.");
  const [, listed] = rows(everybody(other), new Map());
  assert.deepEqual([listed.caution, listed.origin], [odd, "box · othe raaa"]);
});

test("what our person has not agreed to is worse than the name to which they have", () => {
  const both = person("Ada", { notices: [settled("same_name"), { kind: "clone", name: "192.168.1.9", person: null, settled: false }] });
  assert.deepEqual(caution(both), { words: "Key in use on two machines", sign: "warning" });
});

test("a call from a look-alike shows the key and says whose name it is", () => {
  const other = person("Adа", { notices: [{ kind: "looks_like", name: "Ada", person: ADA.id }] });
  const call = { id: "c", person: other.id, direction: "incoming", state: "ringing", owner: null };
  const screen = screenOf({ tab: 1, me: ME, call, people: everybody(other) }, { live: null, over: null, starting: null });
  assert.match(screen.title, /^Adа · \S{4} aaaa$/);
  assert.equal(screen.warning, "This name only looks like “Ada”, whom you have verified.");
  assert.equal(screen.caution.sign, "warning");
});

test("a verification is a line of the conversation, where it happened", () => {
  const said = (id, at) => ({ kind: "text", id, mine: false, text: id, at, status: "delivered" });
  const told = { event: "snapshot", tab: 1, version: "1", run: "one", me: ME, people: [ADA], conversations: [{ person: ADA.id, entries: [said("a", 10)], unread: 0 }], call: null, ice_servers: [] };
  const changed = (fields, heard) => ({ event: "person_changed", person: { ...ADA, ...fields }, heard });
  const news = [told, changed({ verified: true }, 20), changed({ verified: true, presence: "away" }, 25), { event: "receive_private_message", person: ADA.id, entry: said("b", 30) }, changed({}, 40)];
  const state = [...news, { ...told, conversations: [{ person: ADA.id, entries: [said("a", 10), said("b", 30)], unread: 0 }] }].reduce(reduce, firstState(told, DEFAULTS));
  const { entries, notes } = state.conversations.get(ADA.id);
  const lines = layout(entries, null, notes).filter(({ type }) => type !== "day");
  assert.deepEqual(lines.map((line) => line.note?.kind ?? line.entry.id), ["a", "verified", "b", "distrusted"]);
  const quiet = [{ ...told, conversations: [] }, changed({ verified: true }, 20), { ...told, conversations: [] }];
  assert.equal(quiet.reduce(reduce, firstState(told, DEFAULTS)).conversations.get(ADA.id)?.notes.length, 1, "without a word, too");
  const forgotten = [...news, { ...told, people: [{ ...ADA, relation: "none" }], conversations: [] }].reduce(reduce, firstState(told, DEFAULTS));
  assert.deepEqual(forgotten.conversations.get(ADA.id)?.notes ?? [], []);
  const blocked = reduce(reduce(reduce(firstState(told, DEFAULTS), told), changed({ verified: true }, 20)), changed({ relation: "blocked" }, 30));
  assert.deepEqual(blocked.conversations.get(ADA.id).notes.map(({ kind }) => kind), ["verified"], "a block is no change of trust");
});

test("two people of one name are told apart by machine and key, and others by the machine alone", () => {
  const list = rows(everybody(person("ADA", { id: "other".padEnd(52, "a") }), person("Adam")), new Map());
  assert.deepEqual(list.map(({ origin }) => origin), ["box · adaa aaaa", "box · othe raaa", "box"]);
});

test("a person who is held back neither rises to the top nor asks, and shows the key", () => {
  const held = person("Adа", { relation: "incoming", held: true, notices: [{ kind: "looks_like", name: "Ada", person: ADA.id }] });
  const list = rows(new Map([held, { ...ADA, verified: true }].map((each) => [each.id, each])), new Map());
  assert.deepEqual(list.map((row) => row.person.held), [false, true]);
  assert.equal(list[1].words, "Is this really them?");
  assert.match(list[1].origin, / · \S{4} aaaa$/);
});

test("notices say what is the matter and show the key where it helps", () => {
  const words = (notice, name = "Bo") => noticeWords({ name: "Ada", person: null, ...notice }, person(name), ME, everybody());
  assert.equal(words({ kind: "renamed" }).words, "Ada is now called “Bo”.");
  assert.deepEqual([words({ kind: "same_name", person: ADA.id }).other, words({ kind: "same_name", person: ADA.id }).key], [ADA.id, "boaa aaaa"]);
  assert.equal(words({ kind: "same_name", person: ADA.id }).words, "This is not the Ada whom you have verified.");
  assert.deepEqual([otherWords(VERIFIED), otherWords(ADA)], ["Show the verified Ada", "Show the Ada you know"]);
  const mine = words({ kind: "looks_like", name: "Mara", person: ME.id }, "Mаra");
  assert.match(mine.words, /yours \(“Mara”\)/);
  assert.equal(mine.other, null);
  assert.match(words({ kind: "clone", name: "192.168.1.9" }).words, /two machines.*192\.168\.1\.9/);
  assert.match(heldWords(person("Ada", { relation: "none" }), "Ada"), /^Somebody is on the network under the name of a person whom you have verified/);
  assert.match(heldWords(person("Ada", { relation: "incoming" }), "Ada"), /^Somebody asks to chat under the name/);
  assert.match(heldWords(person("Adа"), "Ada"), /a name that looks like Ada's, whom you have verified/);
});

const SDP = "v=0\r\na=fingerprint:sha-256 AB:CD:EF\r\nm=audio 9\r\na=fingerprint:SHA-256 ab:cd:ef\r\n";
const transport = (fingerprint) => [
  ["T1", { type: "transport", remoteCertificateId: "C1" }],
  ["C1", { type: "certificate", fingerprint, fingerprintAlgorithm: "sha-256" }],
];

test("the certificate in use is compared with the one that was promised", () => {
  assert.deepEqual([...promised(SDP)], ["sha-256 ab:cd:ef"]);
  assert.equal(compareKeys(transport("AB:CD:EF"), SDP), "match");
  assert.equal(compareKeys(transport("AB:CD:00"), SDP), "differ");
  assert.equal(compareKeys(transport("AB:CD:EF"), ""), "unknown");
  assert.equal(compareKeys([["T1", { type: "transport" }]], SDP), "unknown");
});
