/** The negotiator against every order of events; the same scenarios run in browsers, see test_negotiator.py. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Negotiator } from "../../webui/static/js/rtc/negotiator.js";
import { CASES, runCase } from "./cases.js";

for (const name of Object.keys(CASES)) {
  test(name, async () => {
    const { orders, failures, first, complete } = await runCase(Negotiator, name);
    assert.equal(failures, 0, `${failures} of ${orders} orders fail. ${first?.problem}:\n${first?.log.join("\n")}`);
    assert.ok(complete || CASES[name].orders === orders);
  });
}
