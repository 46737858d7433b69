// What the page keeps when its daemon starts anew, which remembers no words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { reduce } from "../../webui/static/js/reducer.js";
import { DEFAULTS, firstState } from "../../webui/static/js/state.js";

const ADA = { id: "a".repeat(52), name: "Ada", machine: "kestrel", presence: "online", relation: "contact", reason: null, last_seen: null, verified: false, held: false, notices: [] };
const ME = { id: "m".repeat(52), name: "Mara", machine: "heron", status: "available", clone: null };
const text = (id, fields = {}) => ({ kind: "text", id, mine: false, text: id, at: 1, status: "delivered", ...fields });
const ours = (id, status) => text(id, { mine: true, status });
const call = { kind: "call", id: "call-1", mine: true, video: false, outcome: "ended", at: 2, duration: 9 };

const snapshot = (run, entries = [], { unread = 0, people = [ADA], ...fields } = {}) => ({
  event: "snapshot", tab: 1, version: "1", run, me: ME, people, call: null, comparison: null, ice_servers: [],
  conversations: entries.length > 0 ? [{ person: ADA.id, entries, unread }] : [], ...fields,
});
const receive = (entry) => ({ event: "receive_private_message", person: ADA.id, entry });
const play = (...actions) => actions.reduce(reduce, firstState(snapshot("one"), DEFAULTS));
const of = (state) => state.conversations.get(ADA.id) ?? { entries: [], unread: 0 };
const ids = (state) => of(state).entries.map(({ id }) => id);
const pending = (state) => of(state).entries.filter((entry) => entry.pending).map(({ id }) => id);

const LINES = [text("theirs"), ours("seen", "seen"), ours("sent", "sent"), call, ours("waiting", "waiting"), ours("delivered", "delivered")];

test("a new run of the daemon takes no line away, and what was not seen is pending in its place", () => {
  const state = play(snapshot("one", LINES), { event: "ui/submit", person: ADA.id, entry: ours("written", "waiting") }, snapshot("two"));
  assert.deepEqual(ids(state), ["theirs", "seen", "sent", "call-1", "waiting", "delivered", "written"]);
  assert.deepEqual(pending(state), ["sent", "waiting", "delivered", "written"]);
});

test("no more is pending than the daemon takes, and to a blocked person nothing that they have", () => {
  const many = Array.from({ length: 1200 }, (_, number) => ours(`own-${number}`, number < 1100 ? "delivered" : "sent"));
  assert.deepEqual(pending(play(snapshot("one", many), snapshot("two"))), many.slice(200).map(({ id }) => id));
  const blocked = { people: [{ ...ADA, relation: "blocked" }] };
  assert.deepEqual(pending(play(snapshot("one", LINES), snapshot("two", [], blocked))), ["sent", "waiting"]);
});

test("the first snapshot over the socket may be of a later run than the one in the page", () => {
  assert.deepEqual(ids(play(snapshot("one", [text("shown")]), snapshot("two"))), ["shown"]);
});

test("a line of theirs with the id of one of ours is another line", () => {
  const state = play(snapshot("one", [ours("id-1", "delivered")]), receive(text("id-1", { text: "You promised me money" })));
  assert.deepEqual(of(state).entries.map(({ mine, text }) => [mine, text]), [[true, "id-1"], [false, "You promised me money"]]);
  assert.equal(of(state).unread, 1);
  const seen = reduce(state, { event: "message_status", person: ADA.id, ids: ["id-1"], status: "seen" });
  assert.deepEqual(of(seen).entries.map(({ status }) => status), ["seen", "delivered"]);
});

test("whoever is open and not known to a new daemon is no longer open", () => {
  const state = play(snapshot("one"), { event: "ui/select", person: ADA.id }, snapshot("two", [], { people: [] }));
  assert.equal(state.ui.selected, null);
});

test("with the same run the snapshot is the truth", () => {
  assert.deepEqual(ids(play(snapshot("one", LINES), snapshot("one", [text("only")]))), ["only"]);
  assert.deepEqual(ids(play(snapshot("one", LINES), snapshot("one"))), []);
});

test("what was kept stays after the socket was lost once more, and nothing is there twice", () => {
  const again = [ours("sent", "delivered"), text("new")];
  const state = play(snapshot("one", LINES), snapshot("two"), snapshot("two", again), snapshot("two", again));
  assert.deepEqual(ids(state), [...LINES.map(({ id }) => id), "new"]);
  assert.equal(of(state).entries[2].status, "delivered");
  assert.deepEqual(pending(state), ["waiting", "delivered"]);
});

test("what the new daemon confirms or is told again stays in its place; what is new comes after it", () => {
  const state = play(
    snapshot("one", [text("t1"), ours("o1", "sent"), text("t2"), ours("o2", "sent")]), snapshot("two"),
    receive(text("t3")), receive(ours("o1", "waiting")), receive(text("t1", { at: 5 })), receive(ours("o2", "sent")),
  );
  assert.deepEqual(ids(state), ["t1", "o1", "t2", "o2", "t3"]);
  assert.deepEqual(pending(state), []);
  assert.equal(of(state).entries[0].at, 5);
});

test("a status from the daemon confirms, too", () => {
  const state = play(snapshot("one", [ours("o1", "sent")]), snapshot("two"), { event: "message_status", person: ADA.id, ids: ["o1"], status: "sent" });
  assert.deepEqual(pending(state), []);
});

test("what was read before stays read when it comes again; what was not stays unread, and is counted once", () => {
  const before = snapshot("one", [text("read"), text("unread")], { unread: 1 });
  const restarted = play(before, snapshot("two"));
  assert.equal(of(restarted).unread, 1);
  const again = [receive(text("read")), { event: "conversation_seen", person: ADA.id, unread: 0 }].reduce(reduce, restarted);
  assert.equal(of(again).unread, 1, "the daemon's count says nothing of what it does not know");
  const all = [receive(text("unread")), receive(text("new"))].reduce(reduce, again);
  assert.equal(of(all).unread, 2);
  assert.equal(of(reduce(all, { event: "conversation_seen", person: ADA.id, unread: 0 })).unread, 0);
  const inSnapshot = play(before, snapshot("two", [text("read"), text("unread"), text("new")], { unread: 3 }));
  assert.equal(of(inSnapshot).unread, 2);
});

test("kept lines can be seen, although the daemon does not know them", () => {
  const state = play(snapshot("one", [text("t1"), text("t2")], { unread: 2 }), snapshot("two"), { event: "ui/seen", person: ADA.id, id: "t1" });
  assert.equal(of(state).unread, 1);
  assert.equal(of(reduce(state, { event: "ui/seen", person: ADA.id, id: "t2" })).unread, 0);
});

test("a message that was refused keeps its reason and is not sent again by itself", () => {
  const refused = [{ event: "ui/submit", person: ADA.id, entry: ours("no", "waiting") }, { event: "ui/refused", person: ADA.id, id: "no", problem: "Too much." }];
  const state = play(snapshot("one", [text("t1")]), ...refused, snapshot("two"));
  assert.deepEqual(pending(state), []);
  assert.equal(of(state).entries.at(-1).problem, "Too much.");
  const kept = play(snapshot("one", [ours("no", "sent")]), snapshot("two"), refused[1], snapshot("three"));
  assert.deepEqual(pending(kept), []);
});

test("what was written while the daemon was away comes after what it tells", () => {
  const written = { event: "ui/submit", person: ADA.id, entry: ours("written", "waiting") };
  assert.deepEqual(ids(play(snapshot("one", [text("t1")]), written, snapshot("two", [text("new")]))), ["t1", "new", "written"]);
});

test("whoever was forgotten meanwhile stays forgotten", () => {
  const lines = snapshot("one", LINES);
  assert.deepEqual(ids(play(lines, snapshot("two", [], { people: [] }))), []);
  assert.deepEqual(ids(play(lines, snapshot("two", [], { people: [{ ...ADA, relation: "none" }] }))), []);
  assert.deepEqual(ids(play(lines, { event: "person_removed", person: ADA.id }, snapshot("two"))), []);
  assert.deepEqual(ids(play(lines, snapshot("two"), snapshot("two", [], { people: [] }))), []);
  assert.equal(ids(play(lines, snapshot("two", [], { people: [{ ...ADA, relation: "blocked" }] }))).length, LINES.length);
});
