"""Daemons are killed while messages are under way, pages stay open: each message is shown once, in its turn."""

from __future__ import annotations

import asyncio

import pytest_asyncio

from .daemon import Daemon
from .lan import Lan
from .page import Page
from .tab import befriend


class Desk:
    """A machine with its daemon, and the page that is open there."""

    def __init__(self, lan: Lan, daemon: Daemon, page: Page) -> None:
        self._lan = lan
        self.daemon = daemon
        self.page = page
        self.id = page.id

    async def comes_back(self) -> None:
        """The daemon starts again, and the page finds it."""
        self.daemon = await self._lan.daemon(self.daemon.machine)
        await self.page.until(lambda: bool(self.page.state["connected"]), "its daemon")

    async def crash(self) -> None:
        """The daemon is killed, and the page knows it."""
        await self.daemon.kill()
        await self.page.until(lambda: not self.page.state["connected"], "the end of its daemon")


@pytest_asyncio.fixture(loop_scope="session")
async def pair(lan: Lan) -> tuple[Desk, Desk]:
    """Two contacts, and nobody in front of their pages."""
    tabs = await lan.tabs("Anna", "Ben")
    await befriend(*tabs)
    desks = []
    for tab in tabs:
        await tab.close()
        page = await lan.page(tab.daemon)
        await page.look(False)
        desks.append(Desk(lan, tab.daemon, page))
    return desks[0], desks[1]


async def test_who_is_killed_with_unseen_messages_gets_them_again(pair: tuple[Desk, Desk], lan: Lan) -> None:
    anna, ben = pair
    await ben.page.close()
    await anna.page.send(ben.id, "one", "two")
    await anna.page.delivers(ben.id, "delivered")
    await ben.daemon.kill()
    await anna.page.send(ben.id, "three")
    ben.daemon = await lan.daemon(ben.daemon.machine)
    await anna.page.delivers(ben.id, "delivered")
    ben.page = await lan.page(ben.daemon)
    await ben.page.shows(anna.id, "one", "two", "three")
    await anna.page.delivers(ben.id, "seen")


async def test_what_the_page_shows_already_does_not_come_twice(pair: tuple[Desk, Desk]) -> None:
    anna, ben = pair
    await anna.page.send(ben.id, "one", "two")
    await ben.page.shows(anna.id, "one", "two")
    await ben.crash()
    await anna.page.send(ben.id, "three")
    await ben.comes_back()
    await ben.page.shows(anna.id, "one", "two", "three")
    await ben.page.look(True)
    await anna.page.delivers(ben.id, "seen")
    assert not (await ben.page.ledger())[anna.id]["faults"]


async def test_the_sending_daemon_is_killed_with_waiting_messages(pair: tuple[Desk, Desk], lan: Lan) -> None:
    anna, ben = pair
    texts = [f"#{number}" for number in range(1, 11)]
    async with lan.network.pulled(ben.daemon.machine):
        await anna.page.send(ben.id, *texts[:5])
        await anna.page.delivers(ben.id, "waiting", "sent")
        await anna.crash()
        assert anna.page.lines(ben.id, mine=True) == texts[:5]
        await anna.page.send(ben.id, *texts[5:8])
        await anna.comes_back()
        await anna.page.send(ben.id, *texts[8:])
    await ben.page.shows(anna.id, *texts)
    await anna.page.delivers(ben.id, "delivered")
    assert anna.page.lines(ben.id, mine=True) == texts
    assert not (await ben.page.ledger())[anna.id]["faults"]


async def test_both_daemons_are_killed_before_anybody_has_read(pair: tuple[Desk, Desk], lan: Lan) -> None:
    anna, ben = pair
    await ben.page.close()
    await anna.page.send(ben.id, "one", "two")
    await anna.page.delivers(ben.id, "delivered")
    await asyncio.gather(ben.daemon.kill(), anna.crash())
    await anna.comes_back()
    await anna.page.send(ben.id, "three")
    ben.daemon = await lan.daemon(ben.daemon.machine)
    ben.page = await lan.page(ben.daemon)
    await ben.page.shows(anna.id, "one", "two", "three")


async def test_two_tabs_stay_in_step_through_a_restart(pair: tuple[Desk, Desk], lan: Lan) -> None:
    anna, ben = pair
    second = await lan.page(ben.daemon)
    await second.look(False)
    await anna.page.send(ben.id, "one")
    await ben.page.shows(anna.id, "one")
    await ben.page.send(anna.id, "two")
    await second.until(lambda: second.lines(anna.id, mine=True) == ["two"], "what the other tab wrote")
    await ben.crash()
    await anna.page.send(ben.id, "three")
    await second.send(anna.id, "four")
    await ben.comes_back()
    await anna.page.shows(ben.id, "two", "four")
    for tab in (ben.page, second):
        await tab.shows(anna.id, "one", "three")
        await tab.delivers(anna.id)
        await tab.until(lambda tab=tab: len(tab.lines(anna.id, mine=True)) == 2, "both of Ben's messages")  # type: ignore[misc]
    assert ben.page.state["talks"][anna.id]["lines"] == second.state["talks"][anna.id]["lines"]
