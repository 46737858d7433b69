"""Puts the names that the roster knows beside what the links know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from lanchatd.lan.report import PeerState


def named(peers: Sequence[PeerState], names: Mapping[str, str]) -> list[PeerState]:
    """The same peers; who has told no name on the network has the one that is remembered of them."""
    return [
        replace(peer, name=names[peer.id]) if not peer.name and peer.id is not None and peer.id in names else peer
        for peer in peers
    ]
