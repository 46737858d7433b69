"""The page comes to life also where the network changes while it loads."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route

from .stage import Stage, open_page

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
@pytest.mark.parametrize("part", ["reducer.js", "main.js", "layout.css"])
async def test_a_part_that_got_lost_is_fetched_again(page: Page, stage: Stage, part: str) -> None:
    lost: list[str] = []

    async def lose_once(route: Route) -> None:
        if lost:
            await route.continue_()
        else:
            lost.append(route.request.url)
            # What Chromium says when an interface comes or goes is this error, of which its driver has only a cousin.
            await route.abort("internetdisconnected")

    await page.route(f"**/{part}", lose_once)
    await open_page(page, stage)
    assert len(lost) == 1
