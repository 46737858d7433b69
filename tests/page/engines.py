"""The three engines that run the page's tests, and what each of them can not do.

Only Playwright's Chromium can fake a clock, emulate a colour scheme and meddle with requests: what needs that (the
pictures, axe over every state, lost parts) runs there alone. Debian's WebKit is built without WebRTC, so there are no
calls to test in it; that the page says so is tested.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from playwright.async_api import Browser, Playwright
from playwright.async_api import Locator as PlaywrightLocator
from playwright.async_api import Page as PlaywrightPage

from tests.browsers.chromium import FEWER_FEATURES, program
from tests.browsers.firefox import Firefox
from tests.browsers.host import Here
from tests.browsers.page import Locator as DrivenLocator
from tests.browsers.page import Page as DrivenPage
from tests.browsers.webkit import WebKit

Page = PlaywrightPage | DrivenPage
Locator = PlaywrightLocator | DrivenLocator
NewPage = Callable[[], Awaitable[Page]]
FONTS: Final = Path(__file__).with_name("fonts.conf")
VIEWPORT: Final = {"width": 1440, "height": 900}
CALLING: Final = ("chromium", "firefox")
"""The engines that have WebRTC."""
SHARING: Final = ("chromium",)
"""Those that have a screen to share: Firefox without a display has none."""
SOUNDING: Final = ("chromium",)
"""Those whose Web Audio runs on a machine without a sound card."""
NAMES: Final = (*CALLING, "webkit")
_PREFERENCES: Final[dict[str, str | int | bool]] = {
    "intl.accept_languages": "en-GB",
    "ui.prefersReducedMotion": 1,
    # Every window thinks that it has the focus, as in Playwright, and none waits for it with its devices.
    "focusmanager.testmode": True,
    "media.devices.unfocused.enabled": True,
    "media.navigator.permission.disabled": True,
    # Two pages of one machine reach each other, whatever network it has or has not.
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
}


class Engine(Protocol):
    """A running browser."""

    name: str

    async def new_page(self) -> Page:
        """Open a page of the size `VIEWPORT`."""

    async def put_away(self, page: Page) -> list[str]:
        """Close a page. Returns its uncaught errors and breaches of the security policy, as far as one can know."""


async def launch(playwright: Playwright) -> Browser:
    """The distribution's Chromium, with a camera and a microphone that are not real."""
    return await playwright.chromium.launch(
        executable_path=program(),
        args=["--no-sandbox", FEWER_FEATURES, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
        env={**os.environ, "FONTCONFIG_FILE": str(FONTS)},
    )


class Chromium:
    """Chromium, by Playwright; every page with a profile of its own."""

    name = "chromium"

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._problems: dict[PlaywrightPage, list[str]] = {}

    async def new_page(self) -> PlaywrightPage:
        context = await self._browser.new_context(
            viewport=VIEWPORT, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
        )
        page = await context.new_page()
        problems = self._problems[page] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    async def put_away(self, page: Page) -> list[str]:
        assert isinstance(page, PlaywrightPage)
        await page.context.close()
        return self._problems.pop(page)


class Driven:
    """Firefox or WebKit. In WebKit all pages have one profile, but every stage is an origin of its own.

    To open a window takes longer than most tests, so the last one is cleared and used again.
    """

    def __init__(self, name: str, browser: Firefox | WebKit) -> None:
        self.name = name
        self._browser = browser
        self._last: DrivenPage | None = None
        self._free = False

    async def new_page(self) -> DrivenPage:
        if self._last is None or not self._free:
            self._last = await self._browser.new_page(VIEWPORT)
        elif await self._last.run("[innerWidth, innerHeight]") != [*VIEWPORT.values()]:
            await self._last.set_viewport_size(VIEWPORT)
        self._free = False
        return self._last

    async def put_away(self, page: Page) -> list[str]:
        assert isinstance(page, DrivenPage)
        if page is self._last:
            problems = await page.clear()
            self._free = True
            return problems
        await page.close()
        return page.problems


@asynccontextmanager
async def engine(name: str, chromium: Browser, folder: Path) -> AsyncIterator[Engine]:
    """The engine of this name, running until the end of the block."""
    if name == "chromium":
        yield Chromium(chromium)
        return
    host = Here(folder, {"FONTCONFIG_FILE": str(FONTS), "TZ": "UTC"})
    browser = await (Firefox.start(host, _PREFERENCES) if name == "firefox" else WebKit.start(host))
    try:
        yield Driven(name, browser)
    finally:
        await browser.close()
        await host.close()
