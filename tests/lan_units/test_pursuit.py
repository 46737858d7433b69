"""Whom there is room for when strangers make themselves known in masses, and who is dialled first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from lanchatd.lan import pursuit as module
from lanchatd.lan import target as target_module
from lanchatd.lan.dialler import DialError, Dialler
from lanchatd.lan.link import Link
from lanchatd.lan.pursuit import Pursuit
from lanchatd.lan.sighting import Endpoint, MeshEvents, Sighting, Source
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Hello

from .test_interfaces import network

LIMIT = 16
OWN, BOB = PeerId("z" * 52), PeerId("b" * 52)


class Nobody(Dialler):
    """Dials, and nobody answers."""

    def __init__(self) -> None:
        self.dialled: set[PeerId | None] = set()
        self.stir = asyncio.Event()

    async def dial(
        self,
        endpoints: Sequence[Endpoint],
        expected: PeerId | None,
        *,
        known: bool = False,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Link:
        if wanted():
            self.dialled.add(expected)
            self.stir.set()
        raise DialError("Nobody is there.")


class Chase:
    """A pursuit of people who do not answer."""

    def __init__(self, own: PeerId) -> None:
        self.lost: list[PeerId] = []
        self.coming: set[PeerId] = set()
        self.dialler = Nobody()
        events = MeshEvents(
            linked=lambda *_: None,
            unlinked=lambda *_: None,
            received=lambda *_: None,
            sighted=lambda *_: None,
            unreachable=lambda *_: None,
            lost=self.lost.append,
        )
        self.pursuit = Pursuit(own, self.dialler, network("10.0.0.1/24"), self.serve, events, self.coming.__contains__)

    async def serve(self, link: Link) -> bool:
        raise AssertionError("nobody answers")

    async def dials(self, *peers: PeerId) -> None:
        """Wait until exactly these have been dialled."""
        async with asyncio.timeout(3):
            while self.dialler.dialled != set(peers):
                self.dialler.stir.clear()
                await self.dialler.stir.wait()

    def links(self, peer: PeerId) -> None:
        """Somebody has come to us."""
        self.pursuit.linked(peer, Hello(id=peer, protocol=1, port=5263), "10.0.0.9")

    def meet(self, number: int, port: int | None = 5263) -> PeerId:
        """Somebody with a new key links and is gone."""
        peer = PeerId(f"{number:0>52}")
        self.pursuit.linked(peer, Hello(id=peer, protocol=1, port=port), "10.0.0.9")
        self.pursuit.unlinked(peer, clean=False)
        return peer

    def sight(self, peer: PeerId, source: Source) -> None:
        self.pursuit.sight(Sighting(peer, ("10.0.0.7",), 5263, source))


@contextlib.asynccontextmanager
async def chase(own: PeerId = OWN) -> AsyncIterator[Chase]:
    it = Chase(own)
    async with asyncio.TaskGroup() as tasks:
        it.pursuit.start(tasks)
        yield it
        it.pursuit.stop()
        for task in it.pursuit._dialling.values():
            task.cancel()  # as a link would end them


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TARGETS", LIMIT)


async def test_throw_away_keys_leave_room_for_neighbours() -> None:
    async with chase() as it:
        for number in range(5 * LIMIT):
            it.meet(number)
        assert len(it.pursuit._targets) == len(it.pursuit._dialling) == LIMIT
        it.sight(BOB, "mdns")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert BOB in it.dialler.dialled


@pytest.mark.parametrize("source", ["remembered", "manual"])
async def test_the_known_are_not_displaced(source: Source) -> None:
    async with chase() as it:
        for number in range(LIMIT):
            it.sight(PeerId(f"k{number:0>51}"), source)
        known = set(it.pursuit._targets)
        it.sight(BOB, "introduced")
        it.sight(BOB, "mdns")
        for number in range(3 * LIMIT):
            it.meet(number)
        assert known <= it.pursuit._targets.keys()
        assert len(it.pursuit._targets) <= LIMIT + 1


async def test_the_announced_are_not_displaced_by_the_introduced() -> None:
    async with chase() as it:
        for number in range(LIMIT):
            it.sight(PeerId(f"k{number:0>51}"), "mdns")
        it.sight(BOB, "introduced")
        assert BOB not in it.pursuit._targets


async def test_who_links_and_never_answers_again_is_dropped_and_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_module, "_FIRST_PAUSE", 0.0)
    async with chase() as it:
        peer = it.meet(1)
        async with asyncio.timeout(3):
            while it.pursuit._targets:
                await asyncio.sleep(0)
        assert it.lost == [peer]
        assert it.pursuit._dialling == {}


async def test_who_can_not_be_dialled_leaves_nothing_behind() -> None:
    async with chase() as it:
        peer = it.meet(1, port=None)
        assert it.lost == [peer]
        assert it.pursuit._targets == {}
        assert it.pursuit._dialling == {}


@pytest.fixture
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_AGAIN", (0.05, 0.1))
    monkeypatch.setattr(module, "_COUNT_AGAIN", 0.0)


def many(count: int) -> list[PeerId]:
    return [PeerId(f"m{number:0>51}") for number in range(count)]


async def test_in_a_crowd_the_lower_key_dials_at_once() -> None:
    async with chase(own=PeerId("a" * 52)) as it:
        for peer in many(LIMIT):
            it.sight(peer, "mdns")
        await it.dials(*many(LIMIT))


@pytest.mark.usefixtures("_quick_looks")
async def test_in_a_crowd_the_higher_key_waits_until_most_have_come() -> None:
    async with chase() as it:
        crowd = many(LIMIT)
        for peer in crowd:
            it.sight(peer, "mdns")
        await asyncio.sleep(0.2)
        assert it.dialler.dialled == set()
        rest = module._CROWD - 1
        for peer in crowd[rest:]:
            it.links(peer)
        await it.dials(*crowd[:rest])


@pytest.mark.usefixtures("_quick_looks")
async def test_a_crowd_that_nobody_comes_from_is_dialled_in_the_end() -> None:
    async with chase() as it:
        for peer in many(LIMIT):
            it.sight(peer, "mdns")
        await it.dials(*many(LIMIT))


@pytest.mark.usefixtures("_quick_looks")
async def test_whom_we_know_waits_for_one_look_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GIVE_WAY", 1000)
    async with chase() as it:
        for peer in many(LIMIT - 1):
            it.sight(peer, "mdns")
        it.sight(BOB, "remembered")
        it.sight(BOB, "mdns")
        await it.dials(BOB)


async def test_who_is_coming_is_not_dialled() -> None:
    async with chase() as it:
        it.coming.add(BOB)
        it.sight(BOB, "mdns")
        it.sight(cat := PeerId("c" * 52), "mdns")
        await it.dials(cat)
