"""A page for the media sessions: the real static files and the tests' own scripts, from a port of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright

from tests.page.engines import launch

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "webui" / "static"


async def _blank(_request: web.Request) -> web.Response:
    return web.Response(text="<!doctype html><title>Media sessions</title>", content_type="text/html")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage() -> AsyncIterator[tuple[Browser, str]]:
    """Chromium with a camera, a microphone and a screen that are not real, and where the page is."""
    app = web.Application()
    app.router.add_get("/", _blank)
    app.router.add_static("/static", STATIC)
    app.router.add_static("/tests", HERE)
    async with TestServer(app, host="localhost") as server, async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser, str(server.make_url("/"))
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(stage: tuple[Browser, str]) -> AsyncIterator[Page]:
    """An empty page of a real origin."""
    browser, url = stage
    page = await browser.new_page()
    page.set_default_timeout(30_000)
    await page.goto(url)
    yield page
    await page.close()
