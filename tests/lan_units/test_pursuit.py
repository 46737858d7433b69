"""Whom there is room for, when strangers make themselves known in masses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

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

    crowded = False

    def __init__(self) -> None:
        self.dialled: set[PeerId | None] = set()

    async def dial(self, endpoints: Sequence[Endpoint], expected: PeerId | None, **_: object) -> Link:
        self.dialled.add(expected)
        raise DialError("Nobody is there.")


class Chase:
    """A pursuit of people who do not answer."""

    def __init__(self) -> None:
        self.lost: list[PeerId] = []
        self.dialler = Nobody()
        events = MeshEvents(
            linked=lambda *_: None,
            unlinked=lambda *_: None,
            received=lambda *_: None,
            sighted=lambda *_: None,
            unreachable=lambda *_: None,
            lost=self.lost.append,
        )
        self.pursuit = Pursuit(OWN, self.dialler, network("10.0.0.1/24"), self.serve, events)

    async def serve(self, link: Link) -> bool:
        raise AssertionError("nobody answers")

    def meet(self, number: int, port: int | None = 5263) -> PeerId:
        """Somebody with a new key links and is gone."""
        peer = PeerId(f"{number:0>52}")
        self.pursuit.linked(peer, Hello(id=peer, protocol=1, port=port), "10.0.0.9")
        self.pursuit.unlinked(peer, clean=False)
        return peer

    def sight(self, peer: PeerId, source: Source) -> None:
        self.pursuit.sight(Sighting(peer, ("10.0.0.7",), 5263, source))


@contextlib.asynccontextmanager
async def chase() -> AsyncIterator[Chase]:
    it = Chase()
    async with asyncio.TaskGroup() as tasks:
        it.pursuit.start(tasks)
        yield it
        it.pursuit.stop()


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
