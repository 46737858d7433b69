// What the daemon tells, and what that makes of the page's state.

import assert from "node:assert/strict";
import { test } from "node:test";

import { reduce } from "../../webui/static/js/reducer.js";
import { DEFAULTS, firstState } from "../../webui/static/js/state.js";

const ADA = {
  id: "a".repeat(52), name: "Ada", machine: "kestrel", presence: "online", relation: "contact", reason: null, last_seen: null,
  verified: false, held: false, notices: [],
};
const BO = { ...ADA, id: "b".repeat(52), name: "Bo", relation: "none" };
const ME = { id: "m".repeat(52), name: "Mara", machine: "heron", status: "available", clone: null };
const SNAPSHOT = {
  event: "snapshot", tab: 7, version: "1", run: "first", me: ME, people: [ADA, BO], conversations: [], call: null, comparison: null, ice_servers: [],
};

const start = (snapshot = SNAPSHOT) => reduce(firstState(SNAPSHOT, DEFAULTS), snapshot);
const after = (...actions) => actions.reduce(reduce, start());
const text = (id, fields = {}) => ({ kind: "text", id, mine: false, text: id, at: 1, status: "delivered", ...fields });
const receive = (id, fields) => ({ event: "receive_private_message", person: ADA.id, entry: text(id, fields) });
const submit = (id) => ({ event: "ui/submit", person: ADA.id, entry: text(id, { mine: true, status: "waiting" }) });
const entries = (state) => state.conversations.get(ADA.id).entries;
const ids = (state) => entries(state).map(({ id }) => id);

test("a snapshot is the beginning", () => {
  const state = start();
  assert.equal(state.tab, 7);
  assert.deepEqual([...state.people.keys()], [ADA.id, BO.id]);
});

test("an unknown event changes nothing", () => {
  const state = start();
  assert.equal(reduce(state, { event: "something_new" }), state);
});

test("their messages are unread until a tab has shown them", () => {
  const unread = after(receive("one"), receive("two"));
  assert.equal(unread.conversations.get(ADA.id).unread, 2);
  assert.equal(reduce(unread, { event: "conversation_seen", person: ADA.id, unread: 0 }).conversations.get(ADA.id).unread, 0);
});

test("our own messages and calls are not unread", () => {
  const call = { kind: "call", id: "call", mine: false, video: true, outcome: "no_answer", at: 2, duration: 0 };
  const state = after(receive("mine", { mine: true }), { event: "receive_private_message", person: ADA.id, entry: call });
  assert.equal(state.conversations.get(ADA.id).unread, 0);
  assert.deepEqual(ids(state), ["mine", "call"]);
});

test("the same message twice is one", () => {
  const state = after(receive("one"), receive("one"));
  assert.deepEqual(ids(state), ["one"]);
  assert.equal(state.conversations.get(ADA.id).unread, 1);
});

test("a message is pending until the daemon tells of it", () => {
  const pending = after(submit("mine"));
  assert.equal(entries(pending)[0].pending, true);
  const confirmed = reduce(pending, receive("mine", { mine: true, status: "sent" }));
  assert.deepEqual(entries(confirmed), [text("mine", { mine: true, status: "sent" })]);
});

test("the order is the daemon's; what is pending comes last", () => {
  const state = after(submit("mine"), receive("theirs"), receive("other tab", { mine: true }));
  assert.deepEqual(ids(state), ["theirs", "other tab", "mine"]);
  assert.deepEqual(ids(reduce(state, receive("mine", { mine: true }))), ["theirs", "other tab", "mine"]);
});

test("a snapshot keeps what only this tab has, and no more", () => {
  const before = after(receive("old"), submit("lost"), submit("arrived"), { event: "ui/draft", person: ADA.id, text: "half" });
  const known = [text("new"), text("arrived", { mine: true, status: "sent" })];
  const state = reduce(before, { ...SNAPSHOT, conversations: [{ person: ADA.id, entries: known, unread: 1 }] });
  assert.deepEqual(ids(state), ["new", "arrived", "lost"]);
  assert.equal(state.conversations.get(ADA.id).draft, "half");
  const empty = reduce(before, SNAPSHOT);
  assert.deepEqual(ids(empty), ["lost", "arrived"]);
});

test("a refused message keeps its words and the reason", () => {
  const refused = after(submit("mine"), { event: "ui/refused", person: ADA.id, id: "mine", problem: "Too much." });
  assert.equal(entries(refused)[0].problem, "Too much.");
  assert.equal(entries(refused)[0].pending, undefined);
  const again = reduce(refused, { event: "ui/retry", person: ADA.id, id: "mine" });
  assert.equal(entries(again)[0].pending, true);
  assert.equal(entries(again)[0].problem, undefined);
  assert.deepEqual(ids(reduce(refused, { event: "ui/discard", person: ADA.id, id: "mine" })), []);
});

test("delivery advances for the messages that are named", () => {
  const state = after(receive("one", { mine: true, status: "sent" }), receive("two", { mine: true, status: "sent" }), {
    event: "message_status",
    person: ADA.id,
    ids: ["one"],
    status: "seen",
  });
  assert.deepEqual(entries(state).map(({ status }) => status), ["seen", "sent"]);
});

test("the unread divider stands above what was unread when the conversation was opened", () => {
  const opened = after(receive("one"), receive("two"), { event: "conversation_seen", person: ADA.id, unread: 1 }, {
    event: "ui/select",
    person: ADA.id,
  });
  assert.equal(opened.conversations.get(ADA.id).unreadFrom, "two");
  const seen = reduce(opened, { event: "conversation_seen", person: ADA.id, unread: 0 });
  assert.equal(seen.conversations.get(ADA.id).unreadFrom, "two");
  assert.equal(reduce(seen, submit("mine")).conversations.get(ADA.id).unreadFrom, null);
  assert.equal(reduce(seen, { event: "ui/select", person: BO.id }).conversations.get(ADA.id).unreadFrom, null);
});

test("what comes while one looks needs no divider; what comes while one is away gets one", () => {
  const looking = after({ event: "ui/select", person: ADA.id }, { event: "ui/attention", attentive: true }, receive("one"));
  assert.equal(looking.conversations.get(ADA.id).unreadFrom, null);
  const away = after({ event: "ui/select", person: ADA.id }, { event: "ui/attention", attentive: false }, receive("one"), receive("two"));
  assert.equal(away.conversations.get(ADA.id).unreadFrom, "one");
});

test("a message ends typing", () => {
  const state = after({ event: "typing", person: ADA.id, active: true });
  assert.equal(state.conversations.get(ADA.id).typing, true);
  assert.equal(reduce(state, receive("one")).conversations.get(ADA.id).typing, false);
});

test("how a request ended is remembered until the next one", () => {
  const declined = { event: "chat_request_rejected", person: BO.id, mine: true, reason: "declined" };
  assert.deepEqual(after(declined).ui.answers.get(BO.id), { mine: true, reason: "declined" });
  assert.equal(after(declined, { event: "chat_request_accepted", person: BO.id }).ui.answers.size, 0);
  assert.equal(after({ ...declined, reason: "cancelled" }).ui.answers.size, 0);
  assert.equal(after({ ...declined, mine: false }).ui.answers.size, 0);
});

test("a person who is removed takes the conversation along", () => {
  const state = after(receive("one"), { event: "ui/select", person: ADA.id }, { event: "person_removed", person: ADA.id });
  assert.equal(state.people.has(ADA.id), false);
  assert.equal(state.conversations.has(ADA.id), false);
  assert.equal(state.ui.selected, null);
});

test("only the end of the call that we have ends it", () => {
  const call = { id: "call-1234", person: ADA.id };
  const state = after({ event: "incoming_call", call });
  assert.equal(reduce(state, { event: "call_ended", call: "another1", person: ADA.id }).call, call);
  assert.equal(reduce(state, { event: "call_rejected", call: "call-1234", person: ADA.id }).call, null);
});

test("states are never changed in place", () => {
  const state = start();
  const before = structuredClone(state);
  [receive("one"), submit("two"), { event: "person_removed", person: BO.id }, { event: "ui/select", person: ADA.id }].forEach((action) =>
    reduce(state, action),
  );
  assert.deepEqual(state, before);
});
