"""Two Chromiums on two machines, each with LanChat's page and with one of a bare pair of RTCPeerConnections."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.async_api import Page, async_playwright

from tests.lan.chromium import Chromium
from tests.lan.daemon import Daemon
from tests.lan.machine import Machine
from tests.lan.network import Network
from tests.lan.person import Person, befriend

from .lines import Lines
from .references import signals
from .world import QUIETLY

HERE: Final = Path(__file__).parent
_MARKS: Final = HERE / "call_marks.js"
_PATIENCE: Final = 20.0
_RINGS: Final = 0.5
"""Seconds until a person has their hand at Accept; what the page does because it rings is over then."""

Marks = dict[str, float]


class Round(NamedTuple):
    """When what happened in one call, in ms since Accept, in the page that called and in the one that accepted."""

    caller: Marks
    callee: Marks


@dataclass(frozen=True, slots=True)
class End:
    """One machine: the person in LanChat's page, and the bare page in the same browser."""

    person: Person
    bare: Page


@asynccontextmanager
async def ends(folder: Path) -> AsyncIterator[tuple[End, End]]:
    """Two contacts on two machines."""
    async with Network.open(folder) as network, async_playwright() as playwright, AsyncExitStack() as stack:
        relay = ""
        ends = []
        for name in ("ada", "bob"):
            machine = await network.machine(name)
            server = await stack.enter_async_context(Lines.of(machine, sys.executable, "-m", signals.__name__))
            port = int(await server.until(""))
            relay = relay or f"ws://10.77.0.{machine.number}:{port}/signals"
            browser = await Chromium.start(playwright, machine)
            stack.push_async_callback(browser.close)
            await browser.page.context.add_init_script(path=_MARKS)
            ends.append(End(await _person(browser, machine), await _bare(browser, port, relay)))
        one, other = ends
        await _look_at(*map(_page, ends))
        await befriend(one.person, other.person)
        yield one, other


async def _person(browser: Chromium, machine: Machine) -> Person:
    person = Person(machine.name.capitalize(), await Daemon.start(machine, *QUIETLY), browser)
    await person.open_page()
    return person


async def _bare(browser: Chromium, port: int, relay: str) -> Page:
    page = await browser.page.context.new_page()
    await page.goto(f"http://localhost:{port}/")
    await page.evaluate("(relay) => join(relay)", relay)
    return page


async def lanchat(caller: End, callee: End, *, drawn: bool = True) -> Round:
    """One calls, the other presses Accept.

    Args:
        drawn: whether the browsers have to draw what is round the pictures.
    """
    pages = [_page(end) for end in (caller, callee)]
    await _look_at(*pages)
    for page in pages:
        await page.evaluate(f"document.body.style.opacity = '{int(drawn)}'")
    await caller.person.calls(callee.person)
    await callee.person.hears_ringing()
    await pages[0].evaluate("whenMarked('devices')")
    found = await _accepted(pages, "[data-part='accept-video']")
    await caller.person.hangs_up()
    for end in (caller, callee):
        await end.person.is_in_no_call()
    return found


async def bare(caller: End, callee: End) -> Round:
    """The same, with what LanChat asks of its devices."""
    pages = (caller.bare, callee.bare)
    await _look_at(*pages)
    constraints = await _page(caller).evaluate("callConstraints")
    await callee.bare.evaluate("(wanted) => { constraints = wanted; }", constraints)
    await caller.bare.evaluate("(wanted) => openDevices(wanted)", constraints)
    found = await _accepted(pages, "button")
    for page in pages:
        await page.evaluate("leave()")
    return found


async def carried(one: End, count: int) -> list[float]:
    """Milliseconds that a signal of the bare pair takes from page to page."""
    return [await one.bare.evaluate("carried()") for _ in range(count)]


async def _accepted(pages: Sequence[Page], button: str) -> Round:
    callee = pages[1]
    await asyncio.sleep(_RINGS)
    await _forget(callee)
    async with asyncio.timeout(_PATIENCE):
        await callee.click(button)
        for page in pages:
            await page.evaluate("whenMarked('picture')")
    marks: list[Marks] = [await page.evaluate("callMarks") for page in pages]
    began = marks[1]["accept"]
    return Round(*({name: moment - began for name, moment in each.items()} for each in marks))


async def _look_at(*pages: Page) -> None:
    """A page that is behind another one is drawn once in a second."""
    for page in pages:
        await page.bring_to_front()
    await _forget(*pages)


async def _forget(*pages: Page) -> None:
    for page in pages:
        await page.evaluate("callMarks = {}")


def _page(end: End) -> Page:
    browser: Any = end.person.browser
    assert isinstance(browser, Chromium)
    return browser.page
