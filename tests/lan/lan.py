"""A whole test network with its machines, daemons, tabs and people, and the evidence when a test fails."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from playwright.async_api import Playwright

from .browser import Browser
from .chromium import CAMERA, CONSENT, Chromium
from .daemon import Daemon
from .driven import Driven
from .machine import Machine
from .network import Network
from .page import Page
from .person import Person
from .tab import Tab

T = TypeVar("T")
Kind = Literal["chromium", "firefox", "webkit"]


class Lan:
    """Makes what a test asks for, and clears it away."""

    def __init__(self, network: Network, folder: Path, playwright: Playwright, stack: AsyncExitStack) -> None:
        self._folder = folder
        self._playwright = playwright
        self._stack = stack
        self._browsers: dict[str, Browser] = {}
        self.network = network

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, playwright: Playwright) -> AsyncIterator[Lan]:
        """Everything ends with the ``async with``."""
        async with Network.open(folder) as network, AsyncExitStack() as stack:
            yield cls(network, folder, playwright, stack)

    async def machine(self, name: str, *, plugged: bool = True, route: bool = True) -> Machine:
        """Switch on a machine whose only account belongs to ``name``; see `Network.machine`."""
        return await self.network.machine(name.lower(), plugged=plugged, route=route)

    async def daemon(self, machine: Machine, *options: str, account: str = "") -> Daemon:
        """Start the daemon on a machine; see `Daemon.start`."""
        daemon = await Daemon.start(machine, *options, account=account)
        self._stack.push_async_callback(daemon.kill)
        return daemon

    async def tab(self, who: str | Daemon, *options: str, route: bool = True) -> Tab:
        """A tab without a browser: of a running daemon, or of a person with a new machine and daemon."""
        if isinstance(who, str):
            who = await self.daemon(await self.machine(who, route=route), *options)
        tab = await Tab.open(who)
        self._stack.push_async_callback(tab.close)
        return tab

    async def tabs(self, *names: str, route: bool = True) -> list[Tab]:
        """A tab each, of people whose machines and daemons start at the same time."""
        return await _together(*(self.tab(name, route=route) for name in names))

    async def page(self, daemon: Daemon) -> Page:
        """A page without its picture, which stays open while its daemon comes and goes."""
        page = await Page.open(daemon)
        self._stack.push_async_callback(page.close)
        return page

    async def person(self, name: str, kind: Kind = "chromium", *flags: str, route: bool = True) -> Person:
        """A person with a new machine, a daemon, and the page open in a browser.

        Args:
            flags: for Chromium, in place of those that give it a camera and consent to use it.
            route: see `Network.machine`.
        """
        daemon = await self.daemon(await self.machine(name, route=route))
        person = Person(name, daemon, await self.browser(daemon.machine, kind, *flags))
        await person.open_page()
        return person

    async def people(self, *, route: bool = True, **kinds: Kind) -> list[Person]:
        """People, by name and kind of browser, whose machines, daemons and browsers start at the same time."""
        return await _together(*(self.person(name, kind, route=route) for name, kind in kinds.items()))

    async def browser(self, machine: Machine, kind: Kind, *flags: str) -> Browser:
        """Open a browser window on a machine, with nothing in it yet."""
        browser: Browser
        match kind:
            case "chromium":
                browser = await Chromium.start(self._playwright, machine, *(flags or CAMERA + CONSENT))
            case _:
                browser = await Driven.start(machine, kind)
        self._browsers[f"{machine.name}-{kind}"] = browser
        self._stack.push_async_callback(browser.close)
        return browser

    async def evidence(self, folder: Path) -> None:
        """Save what tells why a test failed: all logs, and each browser's console and picture."""
        folder.mkdir(parents=True, exist_ok=True)
        for log in self._folder.glob("*/*.log"):
            shutil.copy(log, folder / f"{log.parent.name}-{log.name}")
        for name, browser in self._browsers.items():
            (folder / f"{name}.console").write_text("\n".join(browser.console))
            try:
                await browser.screenshot(folder / f"{name}.png")
            except Exception as error:  # a browser that died is evidence too
                (folder / f"{name}.gone").write_text(str(error))


async def _together(*jobs: Coroutine[Any, Any, T]) -> list[T]:
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(job) for job in jobs]
    return [job.result() for job in running]
