"""Two media sessions in one page of a real browser: what people do during a call, and what may go wrong."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

TELL = """async () => {
    const { STORIES, tell } = await import("/tests/stories.js");
    const told = {};
    for (const name of Object.keys(STORIES)) told[name] = await tell(name).catch((error) => [String(error)]);
    return told;
}"""


async def test_every_story_ends_well(page: Page) -> None:
    told = await page.evaluate(TELL)
    assert len(told) >= 10
    assert {name: troubles for name, troubles in told.items() if troubles} == {}
