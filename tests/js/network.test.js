// The network screen: where machines stand in the picture, and what is said of them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { authority, companyWords, keyed, others, spanWords, tripWords, verdict, ways } from "../../webui/static/js/network.js";
import { boxOf, layout, overlap, ownBox, tripBox } from "../../webui/static/js/network_layout.js";

const WIDTHS = [254, 280, 334, 358, 600, 672, 1024, 1088, 1600];
const COUNTS = [...Array(32).keys(), 60, 200, 256];

for (const width of WIDTHS) {
  test(`on ${width} pixels nobody stands over anybody, and all are within the picture`, () => {
    for (const count of COUNTS) {
      const { height, middle, places, radius, named, labelled, side } = layout(count, width);
      assert.equal(places.length, count);
      assert.ok(height <= 620, `${count}: ${height} pixels high`);
      const boxes = named ? places.map((place) => boxOf(place, side)) : places.map(({ x, y }) => ({ left: x - radius, right: x + radius, top: y - radius, bottom: y + radius }));
      for (const [index, box] of boxes.entries()) {
        assert.ok(box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= height, `${count}: ${index} leaves the picture`);
        assert.ok(!overlap(box, ownBox(middle)), `${count}: ${index} covers this machine`);
        if (labelled) assert.ok(!overlap(tripBox(places[index].trip), box) && !overlap(tripBox(places[index].trip), ownBox(middle)), `${count}: a label covers a name`);
      }
      for (const [index, one] of places.entries()) {
        for (const [later, two] of places.slice(index + 1).entries()) {
          const free = named ? !overlap(boxes[index], boxes[index + 1 + later]) : Math.hypot(one.x - two.x, one.y - two.y) >= 2 * radius;
          assert.ok(free, `${count}: ${index} and ${index + 1 + later} overlap`);
        }
      }
    }
  });
}

test("names are shown as long as there is room for them", () => {
  const most = (width) => COUNTS.findLast((count) => layout(count, width).named);
  assert.ok(most(1024) >= 10, `${most(1024)} on a wide page`);
  assert.ok(most(334) >= 4, `${most(334)} on a telephone`);
  for (const width of WIDTHS) {
    const named = COUNTS.map((count) => layout(count, width).named);
    assert.deepEqual(named, [...named].sort().reverse(), "with one more there is not suddenly room again");
  }
});

const KEY = "b".repeat(52);
const peer = (fields = {}) => ({
  id: KEY, name: "Ben", link: null, told: { mdns: 9 }, in_sight: true, places: [{ address: "192.168.1.9", port: 5263 }],
  problem: null, incompatible: false, attempts: [], standing: "contact", given_up: false, ...fields,
});
const LINK = { address: "192.168.1.9", since: 190 * 60_000, round_trip: 0.62 };
const person = (fields = {}) => ({ id: KEY, name: "Ben", machine: "box", held: false, notices: [], ...fields });
const only = (fields, people = new Map()) => others([peer(fields)], people)[0];

test("who is linked, who is about to be, who can't be reached, and who is not here", () => {
  const linked = only({ link: LINK });
  assert.deepEqual([linked.state, linked.words, linked.address, linked.trip], ["linked", "Linked for 3 hours", "192.168.1.9", "0.6 ms"]);
  const sight = only();
  assert.deepEqual([sight.state, sight.address, sight.spot, sight.heard], ["sight", "192.168.1.9:5263", "192.168.1.9", "Announces itself"]);
  const failed = only({ attempts: [{ sentence: "old" }, { sentence: "It does not answer." }] });
  assert.deepEqual([failed.state, failed.reason], ["trouble", "It does not answer."]);
  assert.equal(only({ problem: "A firewall.", attempts: [{ sentence: "x" }] }).reason, "A firewall.");
  assert.equal(only({ incompatible: true }).words, "Uses another version");
  const tried = { problem: "It does not answer.", attempts: [{ sentence: "It does not answer." }] };
  const away = only({ in_sight: false, told: { remembered: 5 }, ...tried });
  assert.deepEqual([away.state, away.words, away.reason, away.heard], ["away", "Not here now", "", "Remembered from before"]);
  assert.equal(only({ id: null, in_sight: false, told: { manual: 5 }, ...tried }).state, "trouble");
  const lost = only({ told: { introduced: 5 }, standing: "heard", given_up: true, ...tried });
  assert.deepEqual([lost.state, lost.words, lost.reason], ["away", "Not reached, and tried no more", "It does not answer."]);
});

test("whoever has no name is called by the key, or by the address that was given", () => {
  assert.deepEqual([only({ name: "" }).name, only({ name: "" }).named], ["Somebody (bbbb bbbb)", false]);
  assert.equal(only({ name: "", id: null, places: [{ address: "nas", port: 99 }] }).name, "nas");
  assert.equal(only({ name: "", id: null, places: [] }).name, "Somebody");
  assert.equal(only({ name: "" }, new Map([[KEY, person()]])).name, "Ben");
});

test("what is announced renames nobody, and is told from what is known", () => {
  const known = only({ name: "IT support" }, new Map([[KEY, person()]]));
  assert.deepEqual([known.name, known.label, known.origin, known.spot], ["Ben", "Ben", "box", "192.168.1.9"]);
  const stranger = only({ name: "Ben", standing: "heard" });
  assert.deepEqual([stranger.name, stranger.label, stranger.origin, stranger.spot], ["Ben", "“Ben”", "only announced · bbbb bbbb", "bbbb bbbb"]);
  assert.equal(only({ standing: "heard", link: LINK }).label, "Ben", "who is linked has a key");
  assert.deepEqual([only({ name: "", standing: "heard" }).origin, only({ id: null, standing: "heard" }).label], ["", "Ben"]);
});

test("people of one name are told apart by key, and what is odd about a name is marked", () => {
  const [one, two] = ["c".repeat(52), "d".repeat(52)];
  const people = new Map([[one, person({ id: one })]]);
  const both = others([peer({ id: one }), peer({ id: two, name: "BEN", link: LINK })], people);
  assert.deepEqual(both.map(({ origin }) => origin).sort(), ["box · cccc cccc", "dddd dddd"]);
  const odd = person({ notices: [{ kind: "same_name", was: "Ben", person: one }] });
  const marked = only({ link: LINK }, new Map([[KEY, odd]]));
  assert.deepEqual([marked.caution.words, marked.origin, marked.spot], ["Same name as somebody else", "box · bbbb bbbb", "bbbb bbbb"]);
});

test("a row and a finding are the same one whoever comes before them", () => {
  const byHand = peer({ id: null, told: { manual: 5 } });
  const key = (list) => others(list, new Map()).find(({ named }) => named && !list[0].id)?.key;
  assert.equal(key([byHand]), "by hand 192.168.1.9:5263");
  assert.equal(others([peer(), byHand], new Map()).some((each) => each.key === "by hand 192.168.1.9:5263"), true);
  const [vpn, wall] = [{ kind: "vpn_default", about: "tun0" }, { kind: "peer_firewall", about: KEY }];
  assert.equal(keyed([vpn])[0].key, keyed([wall, vpn])[1].key);
  assert.equal(new Set(keyed([vpn, vpn, wall]).map((each) => each.key)).size, 3);
});

test("a conversation is reached only with whom the page knows", () => {
  assert.equal(only().person, null);
  assert.equal(only({}, new Map([[KEY, person()]])).person, KEY);
});

test("who is linked stands before who is not, and names are in order", () => {
  const all = [
    peer({ id: "c".repeat(52), name: "Zoe", link: LINK }), peer({ id: "d".repeat(52), name: "away", in_sight: false }),
    peer({ id: "e".repeat(52), name: "Ann", link: LINK }), peer({ id: "f".repeat(52), name: "Gus", problem: "no" }), peer(),
  ];
  assert.deepEqual(others(all, new Map()).map(({ name }) => name), ["Ann", "Zoe", "Gus", "Ben", "away"]);
  assert.equal(companyWords(others(all, new Map())), "Linked with 2 machines, 1 connecting, 1 out of reach.");
  assert.equal(companyWords(others([peer()], new Map())), "Linked with nobody, 1 connecting.");
  assert.equal(companyWords(others([peer({ link: LINK })], new Map()), 300), "Linked with 300 machines.", "not all of a crowd are told");
  assert.equal(companyWords([]), "No other machine with LanChat is in sight.");
});

test("lengths of time, round trips and addresses in words", () => {
  assert.deepEqual([0, 61_000, 120_000, 3_600_000, 47 * 3_600_000, 48 * 3_600_000].map(spanWords), ["less than a minute", "1 minute", "2 minutes", "1 hour", "47 hours", "2 days"]);
  assert.deepEqual([null, 0, 0.04, 0.62, 9.99, 12.7, 128.4, 999.6, 99999].map(tripWords), ["", "< 0.1 ms", "< 0.1 ms", "0.6 ms", "10.0 ms", "13 ms", "128 ms", "1.0 s", "100.0 s"]);
  assert.equal(authority({ address: "fe80::1%wlan0", port: 5263 }), "[fe80::1%wlan0]:5263");
});

test("interfaces: which are used, whether multicast returns, and why others are not used", () => {
  const fact = (name, use, fields = {}) => ({ name, use, wireless: false, addresses: ["10.0.0.2/24"], echoes: [], neighbours: [], ...fields });
  const machine = {
    mdns_problem: null,
    interfaces: [
      fact("lo", "loopback"), fact("docker0", "inside"), fact("wlan0", "used", { wireless: true, echoes: [{ returned: false }, { returned: true }], neighbours: ["x"] }),
      fact("eth0", "used", { echoes: [{ returned: false }] }), fact("odd", "something new"),
    ],
  };
  const daemon = { hearing: [{ interface: "wlan0", neighbours: 4 }] };
  const said = (list) => list.map(({ name, sign, words, heard }) => [name, sign, words, heard]);
  assert.deepEqual(said(ways(machine, daemon)), [
    ["eth0", "cable", "Multicast does not return", "No other address heard"],
    ["wlan0", "wifi", "Multicast leaves and returns", "4 other addresses heard"],
    ["docker0", "cable", "Left out: containers or virtual machines", ""],
    ["odd", "cable", "Not used", ""],
  ]);
  assert.deepEqual(ways(machine, daemon)[0].addresses, ["10.0.0.2"]);
  assert.equal(ways({ ...machine, mdns_problem: "taken" }, daemon)[0].words, "Multicast can’t be tried");
});

test("the worst finding is the verdict, and notes hinder nobody", () => {
  const found = (...severities) => verdict(severities.map((severity) => ({ severity })));
  assert.deepEqual([found(), found("note"), found("note", "warning"), found("warning", "problem")], ["well", "well", "warning", "problem"]);
});
