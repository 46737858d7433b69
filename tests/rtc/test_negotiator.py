"""The negotiator in a browser: every order of events ends in agreement, and every safeguard is needed for that."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVERY_ORDER = """async () => {
    const { Negotiator } = await import("/static/js/rtc/negotiator.js");
    const { CASES, runCase } = await import("/tests/cases.js");
    const found = {};
    for (const [name, { orders: sampled }] of Object.entries(CASES)) {
        found[name] = { ...(await runCase(Negotiator, name)), sampled };
    }
    return found;
}"""

EVERY_MUTATION = """async () => {
    const { Negotiator } = await import("/static/js/rtc/negotiator.js");
    const { runCase } = await import("/tests/cases.js");
    const { MUTATIONS, mutated } = await import("/tests/mutations.js");
    const source = await (await fetch("/static/js/rtc/negotiator.js")).text();
    const caught = {};
    for (const [name, { edit, polite, caughtBy }] of Object.entries(MUTATIONS)) {
        const Changed = edit ? await mutated(source, edit) : Negotiator;
        caught[name] = (await runCase(Changed, caughtBy, { stopAtFailure: true, polite })).failures > 0;
    }
    return caught;
}"""


async def test_every_order_ends_in_agreement(page: Page) -> None:
    for name, found in (await page.evaluate(EVERY_ORDER)).items():
        assert not found["failures"], f"{name}: {found['first']}"
        assert found["complete"] or found["orders"] == found["sampled"], f"{name}: not all orders were tried"


async def test_the_exploration_catches_every_safeguard_that_is_taken_away(page: Page) -> None:
    caught = await page.evaluate(EVERY_MUTATION)
    assert len(caught) >= 12
    assert [name for name, seen in caught.items() if not seen] == []
