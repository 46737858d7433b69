"""Introduces the peers to each other, and takes hints from their introductions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import cache, partial
from typing import Final

from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Introduce, Introduction

from .introductions import Introductions, introduce, sightings
from .link import Link
from .sighting import Endpoint, Sighting

_AFTER: Final = 0.1
"""Seconds: those who come together are told of together."""
_REMINDER: Final = 60.0
"""Seconds after which those who seem to know only us are thought of."""


class Introducer:
    """Tells each link what is due there.

    Args:
        own: our peer id.
        whereabouts: of a peer, best first.
        link: to a peer; None without one.
        send: queues a message.
        sight: takes a hint whom to dial.
    """

    def __init__(
        self,
        own: PeerId,
        whereabouts: Callable[[PeerId], list[Endpoint]],
        link: Callable[[PeerId], Link | None],
        send: Callable[[PeerId, Introduce], object],
        sight: Callable[[Sighting], None],
    ) -> None:
        self._introductions = Introductions(own)
        self._whereabouts = whereabouts
        self._link = link
        self._send = send
        self._sight = sight
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Introduce whoever comes, until cancelled."""
        clock = asyncio.get_running_loop().time
        reminder = clock() + _REMINDER
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(reminder):
                    await self._news.wait()
            await asyncio.sleep(_AFTER)
            self._news.clear()
            if clock() >= reminder:
                reminder = clock() + _REMINDER
                self._introductions.remind()
            whereabouts = cache(self._whereabouts)
            for peer, message in self._introductions.due(partial(self._introduction, whereabouts)):
                self._send(peer, message)

    def linked(self, peer: PeerId) -> None:
        """There is a link to a peer."""
        self._introductions.linked(peer)
        self._news.set()

    def unlinked(self, peer: PeerId) -> None:
        """There is none any more."""
        self._introductions.unlinked(peer)

    def heard(self, peer: PeerId, message: Introduce, is_local: Callable[[str], bool]) -> None:
        """A peer introduces others; those at local addresses are hints."""
        if self._introductions.hears(peer, asyncio.get_running_loop().time()):
            self._introductions.told_by(peer, (PeerId(each.id) for each in message.peers))
            for sighting in sightings(message, is_local):
                self._sight(sighting)

    def _introduction(
        self, whereabouts: Callable[[PeerId], list[Endpoint]], listener: PeerId, subject: PeerId
    ) -> Introduction | None:
        link = self._link(listener)
        if link is None:
            return None
        return introduce(subject, whereabouts(subject), link.address, link.local_address)
