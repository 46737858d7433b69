"""What the running daemon tells of itself: its status, what it knows of the network, and what it finds wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from typing import Final

from msgspec import Struct

from lanchatd import __version__
from lanchatd.config import Config
from lanchatd.lan.discovery import Discovery
from lanchatd.lan.ear import Ear, Packet
from lanchatd.lan.hearing import Hearing
from lanchatd.lan.interfaces import InterfaceWatcher, own_addresses
from lanchatd.lan.mesh import Mesh
from lanchatd.switchboard import Switchboard
from lanchatd.web.guard import Guard

from .catalogue import Finding
from .facts import CloneFact, DaemonFacts, ForeignFact, HearingFact, MachineFacts
from .whole import named

_RETRY: Final = 10.0
_NEWS: Final = 3600.0
_FRESH: Final = 10.0
"""Seconds in which who asks again gets the same answer: who asks on and on is not to wear out the neighbours."""


class Examination(Struct, frozen=True):
    """An answer to who asks what is wrong: ``summary`` in one line, the findings, and the facts they are made of."""

    summary: str
    findings: list[Finding]
    machine: MachineFacts
    daemon: DaemonFacts


class Desk:
    """Answers for one daemon.

    Args:
        config: what the person has set.
        mesh: knows the links and who is looked for.
        discovery: knows whether mDNS works.
        watcher: knows the interfaces.
        board: knows the people.
    """

    def __init__(
        self, config: Config, mesh: Mesh, discovery: Discovery, watcher: InterfaceWatcher, board: Switchboard
    ) -> None:
        self._page: Guard | None = None
        self._page_port = 0
        self._config: Final = config
        self._mesh: Final = mesh
        self._discovery: Final = discovery
        self._watcher: Final = watcher
        self._board: Final = board
        self._hearing: Final = Hearing()
        self._ear: Final = Ear(self._heard)
        self._news: Final = asyncio.Event()
        self._one_by_one: Final = asyncio.Lock()
        self._last: tuple[float, Examination] | None = None

    async def run(self) -> None:
        """Count what is heard by multicast until cancelled. Where that can't be, nothing is counted."""
        try:
            while True:
                self._news.clear()
                self._hearing.network_changed(self._watcher.network, _own())
                try:
                    self._ear.listen(self._watcher.network)
                    pause = None
                except OSError:  # told by `Discovery`, which can't do without
                    pause = _RETRY
                try:
                    async with asyncio.timeout(pause):
                        await self._news.wait()
                except TimeoutError:
                    continue
        finally:
            self._ear.close()

    def serves(self, page: Guard, port: int) -> None:
        """The page is behind this guard, at this port."""
        self._page, self._page_port = page, port

    def network_changed(self) -> None:
        """Listen on the interfaces that there are now."""
        self._news.set()

    def status(self) -> dict[str, object]:
        """In a few words, for scripts."""
        me = self._board.me
        return {
            "version": __version__,
            "pid": os.getpid(),
            "peer_id": me.id,
            "name": me.name,
            "status": me.status,
            "page_port": self._page_port,
            "peer_port": self._mesh.port,
            "addresses": self._watcher.network.addresses,
            "links": len(self._mesh.links()),
            "people": len(self._board.core.roster.views()),
            "in_call": self._board.in_call,
        }

    def network(self) -> DaemonFacts:
        """What is known of the network now; nothing is looked at for it."""
        me, now = self._board.me, asyncio.get_running_loop().time()
        people = {person.id: person for person in self._board.core.roster.views()}
        page = self._page
        return DaemonFacts(
            id=me.id,
            name=me.name,
            version=__version__,
            pid=os.getpid(),
            url=page.url if page is not None else "",
            page_port=self._page_port,
            wanted_page_port=self._config.ui_port,
            peer_port=self._mesh.port,
            wanted_peer_port=self._config.peer_port,
            interfaces=list(self._config.interfaces),
            peers=named(self._mesh.peers({key for key, each in people.items() if each.relation == "contact"}), people),
            links=len(self._mesh.links()),
            hearing=self._heard_so_far(now),
            discovery_problem=self._discovery.problem,
            let_in=_ago(self._mesh.let_in, now),
            clone=me.clone,
            clones=[
                CloneFact(person.name, notice.name)
                for person in people.values()
                for notice in person.notices
                if notice.kind == "clone"
            ],
            foreign=_foreign(page, now) if page is not None else None,
        )

    async def examine(self) -> Examination:
        """Look at the machine and the network now, and say what is wrong; takes about two seconds."""
        clock = asyncio.get_running_loop().time
        async with self._one_by_one:
            if self._last is None or clock() - self._last[0] > _FRESH:
                # Only now: most daemons are never asked.
                from .findings import findings
                from .gather import gather
                from .picture import summary

                facts = await gather(daemon := self.network())
                found = findings(facts)
                self._last = clock(), Examination(summary(facts, found), found, facts.machine, daemon)
            return self._last[1]

    def _heard(self, packet: Packet) -> None:
        self._hearing.note(packet.interface, packet.source, asyncio.get_running_loop().time())

    def _heard_so_far(self, now: float) -> list[HearingFact]:
        names = {each.index: each.name for each in self._watcher.network.interfaces}
        return [
            HearingFact(names[index], heard.packets, len(heard.neighbours), _ago(heard.last, now))
            for index, heard in self._hearing.by_interface.items()
            if index in names
        ]


def _own() -> Collection[str]:
    try:
        return own_addresses()
    except OSError:  # told by the watcher, which can't do without
        return ()


def _foreign(page: Guard, now: float) -> ForeignFact | None:
    """Who has asked for the page by another name, within the hour: then it is no news any more."""
    if page.foreign is None or now - page.foreign[1] > _NEWS:
        return None
    return ForeignFact(page.foreign[0], _ago(page.foreign[1], now) or 0)


def _ago(at: float | None, now: float) -> int | None:
    return max(0, round((now - at) * 1000)) if at is not None else None
