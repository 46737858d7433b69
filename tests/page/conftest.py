"""A browser of each engine for all tests of the page; a stage and a page for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from . import engines
from .company import snapshot
from .engines import Engine, NewPage, Page
from .stage import Stage, staged


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Playwright's Chromium, for what only it can do."""
    async with async_playwright() as playwright:
        browser = await engines.launch(playwright)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=engines.NAMES)
async def engine(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Engine]:
    """Each engine in turn."""
    async with engines.engine(request.param, chromium, tmp_path_factory.mktemp(request.param)) as engine:
        yield engine


@pytest_asyncio.fixture(loop_scope="session")
async def new_page(engine: Engine) -> AsyncIterator[NewPage]:
    """Opens pages for one test; an error in any of them fails the test."""
    pages: list[Page] = []

    async def open_one() -> Page:
        pages.append(await engine.new_page())
        return pages[-1]

    yield open_one
    problems = [problem for page in pages for problem in await engine.put_away(page)]
    assert problems == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(new_page: NewPage) -> Page:
    return await new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    async with staged(snapshot()) as stage:
        yield stage
