"""Firefox and WebKit on a machine; how they are driven is in `tests.browsers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

from tests.browsers.firefox import Firefox
from tests.browsers.page import Locator, Page
from tests.browsers.webkit import WebKit

from .browser import Browser, steps
from .machine import Machine

_VIEWPORT: Final = {"width": 1280, "height": 800}


class Driven(Browser):
    """See `Browser`."""

    def __init__(self, kind: str, browser: Firefox | WebKit, page: Page) -> None:
        self.kind = kind
        self._browser = browser
        self._page = page

    @classmethod
    async def start(cls, machine: Machine, kind: Literal["firefox", "webkit"]) -> Driven:
        """Open a window on a machine."""
        browser = await (Firefox.start(machine) if kind == "firefox" else WebKit.start(machine))
        return cls(kind, browser, await browser.new_page(_VIEWPORT))

    @property
    def console(self) -> list[str]:
        return self._page.console

    async def open(self, url: str) -> None:
        await self._page.goto(url)

    async def reload(self) -> None:
        await self._page.reload()

    async def evaluate(self, expression: str) -> Any:
        return await self._page.run(expression)

    async def click(self, role: str, name: str, *, within: str = "", part: bool = False, seconds: float = 10) -> None:
        await self.has(role, name, within=within, part=part, seconds=seconds)
        await Locator(self._page, steps(role, name, within, part)).click()

    async def type(self, name: str, text: str) -> None:
        await self.click("textbox", name)
        await self._page.keyboard.type(text)
        await self._page.keyboard.press("Enter")

    async def screenshot(self, path: Path) -> None:
        await self._page.screenshot(path)

    async def close(self) -> None:
        await self._browser.close()
