"""Puts what the roster knows of people beside what the links know of machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from lanchatd.core.known import short_key
from lanchatd.lan.report import PeerState
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.ui import Person


def named(peers: Sequence[PeerState], people: Mapping[PeerId, Person]) -> list[PeerState]:
    """The same peers; whom the roster knows has the name that it knows, whatever is announced.

    Args:
        peers: as the links know them.
        people: everybody in the roster, by peer id.
    """
    return [_named(peer, people.get(PeerId(peer.id or ""))) for peer in peers]


def _named(peer: PeerState, person: Person | None) -> PeerState:
    if person is None:
        return peer
    # Who is in the roster only because they can't be reached has the announced name there as well.
    met = peer.standing == "heard" and (person.relation != "none" or person.last_seen is not None or person.verified)
    name = "" if person.name == short_key(PeerId(person.id)) else person.name
    return replace(peer, name=name, standing="met" if met else peer.standing)
