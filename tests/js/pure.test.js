// Texts, times, names and lines: what goes in and what comes out.

import assert from "node:assert/strict";
import { test } from "node:test";

import { callWords, isMissed } from "../../webui/static/js/call_words.js";
import { layout } from "../../webui/static/js/lines.js";
import { initials, look, matches, rows, shortKey } from "../../webui/static/js/person.js";
import { createStore } from "../../webui/static/js/store.js";
import { byteLength, isPictures, tokens } from "../../webui/static/js/text.js";
import { dayWords, durationWords, lastSeenWords, stamp } from "../../webui/static/js/time.js";

const links = (text) => tokens(text).filter(({ href }) => href).map(({ href }) => href);

test("only http and https become links", () => {
  assert.deepEqual(links("see https://example.org/a and http://b.example"), ["https://example.org/a", "http://b.example/"]);
  assert.deepEqual(links("javascript:alert(1) data:text/html,x file:///etc/passwd ftp://x www.example.org"), []);
  assert.deepEqual(links("https:// http://"), []);
});

test("what ends a sentence ends no link", () => {
  assert.deepEqual(links("(at https://example.org/a)."), ["https://example.org/a"]);
  assert.deepEqual(links("https://example.org/a_(b) https://example.org/?q=1!"), ["https://example.org/a_(b)", "https://example.org/?q=1"]);
});

test("tokens lose and add nothing", () => {
  for (const text of ["", "no link", "https://a.example", "x https://a.example/y, z\nhttp://b.example", "<https://a.example>", "https://["]) {
    assert.equal(tokens(text).map((token) => token.text).join(""), text);
  }
});

test("length is counted in bytes of UTF-8", () => {
  assert.deepEqual(["a", "é", "€", "🎉"].map(byteLength), [1, 2, 3, 4]);
});

test("one to three emoji are pictures", () => {
  for (const text of ["👍", "🎉🎉", "👩‍👩‍👧 ❤️ 🇳🇱"]) assert.ok(isPictures(text), text);
  for (const text of ["", "1", "👍 ok", "👍👍👍👍", "©"]) assert.ok(!isPictures(text), text);
});

test("initials of names in any script", () => {
  const names = ["Ada Okafor", "Sam", "Imke de Vries", "渡辺 純", "  ", "<img src=x>", "Jean-Luc Picard", "élodie ünal"];
  assert.deepEqual(names.map(initials), ["AO", "S", "IV", "渡純", "?", "IS", "JP", "ÉÜ"]);
});

test("an avatar comes from the key, not from the name", () => {
  const one = look({ id: "abc".padEnd(52, "a"), name: "Sam" });
  const other = look({ id: "xyz".padEnd(52, "a"), name: "Sam" });
  assert.notDeepEqual([one.hue, one.turn], [other.hue, other.turn]);
  assert.equal(shortKey("abcdefgh".padEnd(52, "a")), "abcd efgh");
});

const person = (name, fields = {}) => ({
  id: name.toLowerCase().padEnd(52, "a"), name, machine: "box", presence: "online", relation: "contact", reason: null, last_seen: null,
  verified: false, held: false, notices: [], ...fields,
});
const conversation = (at, unread = 0) => ({
  entries: [{ kind: "text", id: "x", mine: false, text: "hi", at, status: "delivered" }], unread, typing: false, draft: "", unreadFrom: null,
});

test("unread first, then who is here by the last words, the others, strangers out of reach, the blocked, and strangers who have left", () => {
  const people = [
    person("blocked", { relation: "blocked" }), person("gone", { presence: "offline" }), person("zoe"), person("adam"),
    person("recent"), person("unread", { presence: "offline" }), person("asks", { relation: "incoming" }),
    person("left", { presence: "offline", relation: "none" }), person("stranger", { relation: "none" }),
    person("aaron", { presence: "unreachable", relation: "none" }),
  ];
  const conversations = new Map([[person("unread").id, conversation(5, 2)], [person("recent").id, conversation(9)]]);
  const order = rows(new Map(people.map((each) => [each.id, each])), conversations).map((row) => row.person.name);
  assert.deepEqual(order, ["unread", "asks", "recent", "adam", "stranger", "zoe", "gone", "aaron", "blocked", "left"]);
});

test("a blocked person has nothing unread", () => {
  const unread = (relation) => rows(new Map([["x", person("x", { relation })]]), new Map([[person("x").id, conversation(5, 2)]]))[0].unread;
  assert.deepEqual(["contact", "blocked"].map(unread), [2, 0]);
});

test("two people of one name are told apart", () => {
  const people = [person("Sam", { id: "q".repeat(52) }), person("sam", { id: "r".repeat(52) }), person("Ada")];
  const origins = rows(new Map(people.map((each) => [each.id, each])), new Map()).map(({ origin }) => origin);
  assert.deepEqual(origins.sort(), ["box", "box · qqqq qqqq", "box · rrrr rrrr"]);
});

test("the filter looks at name, machine and key", () => {
  assert.ok(matches(person("Ada"), " AD "));
  assert.ok(matches(person("Ada"), "box"));
  assert.equal(matches(person("Ada"), "zzz"), false);
});

const NOON = new Date(2026, 10, 18, 12, 0).getTime();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test("times in words", () => {
  assert.deepEqual([0, DAY, 3 * DAY].map((ago) => dayWords(NOON - ago, NOON)), ["Today", "Yesterday", "Sunday"]);
  assert.equal(dayWords(NOON - 30 * DAY, NOON), "Monday, October 19");
  assert.equal(stamp(NOON - 2 * HOUR, NOON, "en-GB"), "10:00");
  assert.equal(stamp(NOON - 13 * HOUR, NOON, "en-GB"), "Yesterday");
  assert.deepEqual([5000, 60_000, 45 * 60_000].map((ago) => lastSeenWords(NOON - ago, NOON)), ["just now", "a minute ago", "45 minutes ago"]);
});

test("a call takes the whole seconds that have passed, as a clock tells them", () => {
  const told = [-5, 0, 5_000, 37_999, 65_000, 754_999, 3_723_000].map(durationWords);
  assert.deepEqual(told, ["0:00", "0:00", "0:05", "0:37", "1:05", "12:34", "1:02:03"]);
});

test("bubbles of one author stand together for five minutes, and not across a day, a call or a problem", () => {
  const text = (id, minutes, fields = {}) => ({ kind: "text", id, mine: false, text: id, at: NOON + minutes * 60_000, status: "sent", ...fields });
  const call = { kind: "call", id: "call", mine: true, video: false, outcome: "ended", at: NOON + 9 * 60_000, duration: 1000 };
  const lines = layout([text("a", 0), text("b", 2), text("c", 8), call, text("d", 9), text("e", 9, { mine: true }), text("f", 24 * 60)], "c");
  assert.deepEqual(
    lines.map((line) => (line.type === "text" ? `${line.entry.id}${line.first ? "<" : ""}${line.last ? ">" : ""}` : line.type)),
    ["day", "a<", "b>", "unread", "c<>", "call", "d<>", "e<>", "day", "f<>"],
  );
  assert.equal(new Set(lines.map(({ key }) => key)).size, lines.length);
});

test("calls in words", () => {
  const call = (fields) => ({ kind: "call", id: "c", mine: false, video: false, outcome: "ended", at: 0, duration: 0, ...fields });
  assert.equal(callWords(call({ duration: 37_900 })), "Audio call · 0:37");
  assert.equal(callWords(call({ outcome: "peer_gone", duration: 5000, video: true })), "Video call · 0:05 · connection lost");
  const words = (mine) => ["ended", "declined", "cancelled", "no_answer", "busy", "peer_gone"].map((outcome) => callWords(call({ mine, outcome })));
  assert.deepEqual(words(true), [
    "Audio call", "Audio call · declined", "Audio call · cancelled", "Audio call · no answer", "Audio call · busy", "Audio call · connection lost",
  ]);
  assert.deepEqual(words(false), [
    "Audio call", "Declined audio call", "Missed audio call", "Missed audio call", "Missed audio call · you were in another call", "Missed audio call",
  ]);
  assert.deepEqual(["no_answer", "cancelled", "declined", "ended"].map((outcome) => isMissed(call({ outcome }))), [true, true, false, false]);
});

test("what a listener dispatches is handled after all have heard of the first", () => {
  const store = createStore(0, (state, action) => state + action);
  const heard = [];
  store.subscribe((state) => {
    if (state === 1) store.dispatch(10);
  });
  const stop = store.subscribe((state, previous) => heard.push([previous, state]));
  store.dispatch(1);
  assert.deepEqual(heard, [[0, 1], [1, 11]]);
  stop();
  store.dispatch(1);
  assert.equal(heard.length, 2);
});
