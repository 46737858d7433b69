"""What the links and those who dial know at one moment, as others may read it. Times are milliseconds before now."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final, Literal, Protocol

from msgspec import Struct

from lanchatd.core.names import clean
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Hello

from .interfaces import Network
from .sighting import Attempt, Failure, Source
from .target import Target

MOST: Final = 256
"""Peers in one report: those of our person first, then those that are linked, then those that are in sight."""
OLD: Final = 3600.0
"""Seconds after the last attempt in which somebody who was given up is still told of."""


Standing = Literal["contact", "met", "heard"]
"""``met``: they have proven their key to us once. ``heard``: it is only said that they are there, and how they are
called; anybody on the network can say so."""


class Place(Struct, frozen=True):
    """Where a daemon may be dialled."""

    address: str
    port: int


class FailedAttempt(Struct, frozen=True):
    """We have dialled and nobody of theirs was reached."""

    kind: Failure
    sentence: str
    place: Place | None
    ago: int


class LinkState(Struct, frozen=True):
    """A link that stands. ``outgoing``: we dialled. ``round_trip`` in milliseconds, null before it was measured."""

    address: str
    local_address: str
    outgoing: bool
    since: int
    round_trip: float | None


class PeerState(Struct, frozen=True):
    """One other daemon, or (``id`` null) an address that a person gave and nobody has answered at.

    ``name``: as they call themselves, cleaned, perhaps empty. ``told``: who speaks of them, and how long ago: ``mdns``
    for their announcement, ``introduced`` by another peer, ``remembered`` from before, ``manual`` by the person.
    ``in_sight``: linked, or one of the first two says so and not only in memory of who has gone.
    ``problem``: the sentence that the page shows. ``incompatible``: they speak another protocol version.
    ``attempts``: the last one that came to nothing, if there is one. ``given_up``: nobody dials them any longer.
    """

    id: str | None
    name: str
    link: LinkState | None
    told: dict[Source, int]
    in_sight: bool
    places: list[Place]
    problem: str | None
    incompatible: bool
    attempts: list[FailedAttempt]
    standing: Standing = "heard"
    given_up: bool = False

    @property
    def wanted(self) -> bool:
        """Whether our person has said that they want to reach them."""
        return self.standing == "contact" or "manual" in self.told


class StandingLink(Protocol):
    """What is asked of a link."""

    hello: Hello

    @property
    def outgoing(self) -> bool: ...
    @property
    def address(self) -> str: ...
    @property
    def local_address(self) -> str: ...
    @property
    def round_trip(self) -> float | None: ...


def peers(
    targets: Iterable[Target],
    links: Mapping[PeerId, StandingLink],
    own: PeerId,
    network: Network,
    now: float,
    contacts: Container[PeerId | None] = (),
) -> list[PeerState]:
    """Everybody who is linked, in sight or looked for.

    Args:
        now: seconds, of the loop's clock.
        contacts: strangers do not crowd them out, nor those whom the person has given by hand.
    """
    met = {target.met for target in targets if target.peer is None and target.linked_since is not None}
    known = [each for each in targets if each.peer != own and not (each.peer is None and each.met in (met | {own}))]
    known = [each for each in known if not (each.hopeless and each.attempts and now - each.attempts[-1].at > OLD)]
    known.sort(
        key=lambda each: (
            not (each.peer in contacts or "manual" in each.hints),
            each.peer not in links,
            not each.in_sight,
            each.peer or "",
        )
    )
    return [
        _peer(each, links.get(each.peer) if each.peer else None, network, now, contact=each.peer in contacts)
        for each in known[:MOST]
    ]


def _peer(target: Target, link: StandingLink | None, network: Network, now: float, *, contact: bool) -> PeerState:
    hint = target.hints.get("mdns")
    name = link.hello.name if link is not None else (hint.name if hint is not None else None)
    given = target.hints.get("manual")
    places = target.endpoints(network) or ([(given.addresses[0], given.port)] if given is not None else [])
    if link is not None and link.hello.port is not None:
        # Where they are to be dialled, on the one way that is known to work.
        places = [(link.address, link.hello.port)]
    return PeerState(
        id=target.peer,
        name=clean(name or ""),
        link=_link(target, link, now) if link is not None else None,
        told={source: _ago(at, now) for source, at in target.told_at.items() if source in target.hints},
        in_sight=link is not None or (target.in_sight and not target.only_stale_hints),
        places=[Place(*each) for each in places[:8]],
        problem=target.told if link is None else None,
        incompatible=target.incompatible,
        attempts=[_attempt(each, now) for each in list(target.attempts)[-1:]],
        standing="contact" if contact else "met" if link is not None or "remembered" in target.hints else "heard",
        given_up=target.hopeless,
    )


def _link(target: Target, link: StandingLink, now: float) -> LinkState:
    trip = link.round_trip
    return LinkState(
        address=link.address,
        local_address=link.local_address,
        outgoing=link.outgoing,
        since=_ago(target.linked_since if target.linked_since is not None else now, now),
        round_trip=round(trip * 1000, 2) if trip is not None else None,
    )


def _attempt(attempt: Attempt, now: float) -> FailedAttempt:
    place = Place(*attempt.endpoint) if attempt.endpoint is not None else None
    return FailedAttempt(attempt.kind, attempt.sentence, place, _ago(attempt.at, now))


def _ago(at: float, now: float) -> int:
    return max(0, round((now - at) * 1000))
