"""Who has been told of whom, so that one link is enough to learn of everybody. Pure."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from lanchatd.core.limits import Bucket
from lanchatd.core.recent import Recent
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Introduce, Introduction

from .addresses import bare, parse
from .sighting import Endpoint, Sighting

_FEW: Final = 16
"""Up to so many links everybody is introduced to everybody."""
_BEFORE_US: Final = (1, 2)
"""Where there are more, we introduce only those who stand so many places before us in the ring of keys."""
_FARTHER: Final = (8, 32, 128)
"""Places before us of those of whom newcomers are told too, so that few links are enough to learn of a large crowd."""
_BY_CHANCE: Final = 3
"""More of whom they are told. Anybody can make keys for the places, and whoever stands there may say nothing."""
_IN_A_MESSAGE: Final = 64
_ADDRESSES: Final = 16
_REMEMBERED: Final = 4096
_HEARD: Final = (5.0, 64.0)
"""Messages of one link a second, and at once. Whoever introduces a large network needs no more."""


class Introductions:
    """What each linked peer knows already: what it told us, and what we told it on this link.

    In a crowd everybody is linked to everybody, and if all introduced all, each pair would hear of each other from
    everyone. So each is introduced by the two whose keys follow theirs. Nobody is left out: whoever links because of
    that knows those whom we know, and introduces those before them in turn, once around the ring. To a newcomer, who
    may have met nobody else, we introduce a few who are farther away, and so do they. Whoever still seems to know only
    us some time later, because they are on a network of ours where the others are not, is told of everybody.

    Args:
        own: our peer id.
    """

    def __init__(self, own: PeerId) -> None:
        self._own: Final = own
        self._knows: dict[PeerId, set[PeerId]] = {}
        self._newcomers: set[PeerId] = set()
        self._elsewhere: set[PeerId] = set()  # who has a link to somebody else, as far as we have heard
        self._waiting: set[PeerId] = set()
        self._lonely: set[PeerId] = set()
        self._patience: Recent[PeerId, Bucket] = Recent(_REMEMBERED)

    def linked(self, peer: PeerId) -> None:
        """A link is up: the peer is to hear of the others, and they of it, but for those who have told us of it."""
        told = {other for other, known in self._knows.items() if peer in known}
        self._knows[peer] = {peer, *told}
        self._newcomers.add(peer)
        if told:
            self._elsewhere.add(peer)

    def unlinked(self, peer: PeerId) -> None:
        """A link is gone: when the peer comes back, the others hear of it again."""
        self._knows.pop(peer, None)
        for some in (self._newcomers, self._elsewhere, self._waiting, self._lonely):
            some.discard(peer)
        for known in self._knows.values():
            known.discard(peer)

    def hears(self, peer: PeerId, now: float) -> bool:
        """Whether another introduction by this peer is listened to.

        Args:
            now: seconds, of a clock that never goes back.
        """
        return peer in self._knows and self._patience.setdefault(peer, Bucket(*_HEARD)).take(now)

    def told_by(self, peer: PeerId, others: Iterable[PeerId]) -> None:
        """``peer`` says that it is linked to ``others``, so they know each other."""
        known = self._knows.get(peer)
        for other in others:
            if known is not None and len(known) < _REMEMBERED:
                known.add(other)
                self._elsewhere.add(peer)
            if other in self._knows:
                self._knows[other].add(peer)
                self._elsewhere.add(other)

    def remind(self) -> None:
        """Think of those who seemed to know only us the last time, and still do. To be called now and then."""
        alone = self._knows.keys() - self._elsewhere
        self._lonely = self._waiting & alone
        self._waiting = alone

    def due(self, whereabouts: Callable[[PeerId, PeerId], Introduction | None]) -> Iterator[tuple[PeerId, Introduce]]:
        """The messages that are to be sent now; each introduction comes once.

        Args:
            whereabouts: of the second peer, as the first one can use them; None when it can't.
        """
        everybody = list(self._knows)
        ours, farther = self._ours()
        for peer, known in self._knows.items():
            subjects = everybody if peer in self._lonely else ours
            if peer in self._newcomers and farther:
                subjects = [*ours, *farther, *random.sample(everybody, _BY_CHANCE)]
            fresh = [other for other in dict.fromkeys(subjects) if other not in known]
            known.update(fresh)
            found = [each for other in fresh if (each := whereabouts(peer, other)) is not None]
            for start in range(0, len(found), _IN_A_MESSAGE):
                yield peer, Introduce(peers=found[start : start + _IN_A_MESSAGE])
        self._newcomers.clear()
        self._lonely.clear()

    def _ours(self) -> tuple[Sequence[PeerId], Sequence[PeerId]]:
        """Whom it is for us to introduce: to everybody, and to newcomers."""
        if len(self._knows) <= _FEW:
            return list(self._knows), ()
        ring = sorted(self._knows)
        here = bisect_left(ring, self._own)
        farther = [ring[here - places] for places in _FARTHER if places < len(ring)]
        return [ring[here - places] for places in _BEFORE_US], farther


def sightings(message: Introduce, is_local: Callable[[str], bool]) -> Iterator[Sighting]:
    """Whom a peer has introduced, at addresses that we may dial."""
    for each in message.peers:
        # A scope names an interface of the sender; such an address is of no use here.
        usable = tuple(ip for ip in each.addresses if is_local(ip) and "%" not in ip)
        if usable:
            yield Sighting(PeerId(each.id), usable, each.port, "introduced")


def introduce(
    subject: PeerId, endpoints: Sequence[Endpoint], listener_at: str, own_address: str
) -> Introduction | None:
    """Where ``subject`` is, in addresses that mean the same on the machine of the listener; None if there are none.

    Args:
        subject: who is introduced.
        endpoints: where we reach them, best first; one port is told, that of the first.
        listener_at: the listener's address on its link.
        own_address: ours on that link.
    """
    addresses: dict[str, None] = {}
    for text, port in endpoints:
        address = parse(text)
        if address is not None and address.is_loopback and listener_at != text:
            address = parse(own_address)  # the subject is on our machine
        if address is None or port != endpoints[0][1] or (address.version == 6 and address.is_link_local):
            continue
        addresses[bare(address)] = None
    return Introduction(id=subject, addresses=list(addresses)[:_ADDRESSES], port=endpoints[0][1]) if addresses else None
