"""Whom to dial, where and when: what is known of one peer that is not linked."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from lanchatd.protocol.model import PeerId

from .addresses import in_turn, parse
from .interfaces import Network
from .sighting import Attempt, Endpoint, Sighting, Source

LONGEST_PAUSE: Final = 60.0
STEADY: Final = 10.0
"""Seconds after which a link counts as good: a loss then starts the pauses anew."""
_FIRST_PAUSE: Final = 0.5
_INSTANT: Final = 0.05
_ATTEMPTS: Final = 8
_GOODBYE: Final = 1.0
_ORDER: Final[tuple[Source, ...]] = ("manual", "mdns", "introduced", "remembered")


@dataclass(slots=True)
class Target:
    """One peer, or one address that a person gave (``peer`` is None then).

    ``shown``: the upper layer has been told that the peer is in sight. ``told``: the last sentence it got about why
    there is no link. ``stale``: the incarnation that was linked and is gone, so that hints of it are no news.
    ``told_at``: when each source has last spoken of them. ``attempts``: the last ones that came to nothing.
    """

    peer: PeerId | None
    hints: dict[Source, Sighting] = field(default_factory=dict)
    good: Endpoint | None = None
    shown: bool = False
    told: str | None = None
    stale: str | None = None
    linked_since: float | None = None
    incompatible: bool = False
    met: PeerId | None = None
    told_at: dict[Source, float] = field(default_factory=dict)
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=_ATTEMPTS))
    _leaving: asyncio.TimerHandle | None = None
    _failures: int = 0
    _not_before: float = 0.0
    _stir: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def in_sight(self) -> bool:
        """Whether mDNS or a peer says that they are there now."""
        return "mdns" in self.hints or "introduced" in self.hints

    def endpoints(self, network: Network) -> list[Endpoint]:
        """Where to dial, best first: what worked, then the best of each source in turn. Only local addresses.

        Of one source what shares a subnet with us comes first. However much one of them says, the others are heard.
        """
        found = in_turn(_usable(self.hints[source], network) for source in _ORDER if source in self.hints)
        if self.good is not None and network.is_local(self.good[0], by_hand=True):
            found = [*_scopes(self.good, network), *found]
        return list(dict.fromkeys(found))

    def hear(self, sighting: Sighting, now: float) -> bool:
        """Take a hint; whether it is news."""
        news = self.hints.get(sighting.source) != sighting
        self.hints[sighting.source] = sighting
        self.told_at[sighting.source] = now
        if sighting.source == "mdns":
            self.stays()
        return news

    def hurry(self) -> None:
        """Something has changed: dial now, and be patient only later."""
        self._failures, self._not_before = 0, 0.0
        self._stir.set()

    def failed(self, now: float) -> None:
        """Dialling came to nothing; the pause is doubled each time, with a quarter of jitter."""
        self._failures += 1
        pause = min(LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self._failures - 1, 16))
        self._not_before = now + pause * random.uniform(0.75, 1.25)

    def unlinked(self, now: float, *, clean: bool) -> None:
        """The link is lost: dial at once if it was steady; after a goodbye only in a long while."""
        steady = self.linked_since is not None and now - self.linked_since > STEADY
        self.linked_since = None
        if clean:
            self._failures, self._not_before = 16, now + LONGEST_PAUSE
        elif steady or self._failures == 0:
            self._failures, self._not_before = 1, now + random.uniform(0, _INSTANT)
        else:
            self.failed(now)
        self._stir.set()

    @property
    def only_stale_hints(self) -> bool:
        """Whether nothing but a record from before the link was lost says that they are there."""
        mdns = self.hints.get("mdns")
        return "introduced" not in self.hints and mdns is not None and mdns.incarnation == self.stale is not None

    @property
    def tried(self) -> bool:
        """Whether dialling has failed."""
        return self._failures > 0

    @property
    def known(self) -> bool:
        """Whether there is more than hearsay: they have been linked, or are known from before."""
        return self.good is not None or bool(self.hints.keys() & {"manual", "remembered"})

    @property
    def tried_twice(self) -> bool:
        """Whether dialling has failed twice in a row: once may be a peer that is still starting."""
        return self._failures >= 2

    @property
    def hopeless(self) -> bool:
        """Whether to give up: dialling fails, and neither mDNS nor the person nor our memory speaks for the peer."""
        return self._failures >= 8 and self.linked_since is None and not self.hints.keys() - {"introduced"}

    @property
    def worth(self) -> int:
        """What is given up last when there are too many: the linked (4), the known, the announced, the others (1)."""
        if self.linked_since is not None:
            return 4
        if self.hints.keys() & {"manual", "remembered"}:
            return 3
        return 2 if "mdns" in self.hints else 1

    def leaves(self, then: Callable[[], None]) -> None:
        """Somebody has said goodbye for them. Anybody can, so it counts in a second (RFC 6762 section 10.1).

        Nor before they have been dialled, however long that takes.
        """
        if self._leaving is None:
            self._leaving = asyncio.get_running_loop().call_later(_GOODBYE, self._leave, then)

    def stays(self) -> None:
        """No goodbye from before counts any more."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def _leave(self, then: Callable[[], None]) -> None:
        self._leaving = None
        if self.linked_since is None and not self.tried:
            self.leaves(then)
        else:
            then()

    @property
    def nowhere(self) -> bool:
        """Whether there is nothing to dial."""
        return self.good is None and self.linked_since is None and not self.hints

    async def due(self) -> None:
        """Wait until there is somebody to dial, and the pause is over."""
        loop = asyncio.get_running_loop()
        while True:
            self._stir.clear()
            pause = self._not_before - loop.time()
            if self.linked_since is None and (self.hints or self.good):
                if pause <= 0:
                    return
                timeout: float | None = pause
            else:
                timeout = None
            try:
                async with asyncio.timeout(timeout):
                    await self._stir.wait()
            except TimeoutError:
                continue


def _usable(hint: Sighting, network: Network) -> list[Endpoint]:
    addresses = [each for each in hint.addresses if network.is_local(each, by_hand=hint.source == "manual")]
    nearest = sorted(addresses, key=network.distance)
    return [scoped for address in nearest for scoped in _scopes((address, hint.port), network)]


def _scopes(endpoint: Endpoint, network: Network) -> Iterable[Endpoint]:
    """An IPv6 link-local address without scope may be on any interface (RFC 4007 section 6)."""
    address, port = endpoint
    parsed = parse(address)
    if parsed is not None and parsed.version == 6 and parsed.is_link_local and "%" not in address:
        return [(f"{address}%{interface.name}", port) for interface in network.interfaces]
    return [endpoint]
