"""How people, programs and lists are called in a finding. What strangers have named is cleaned."""

from __future__ import annotations

from collections.abc import Sequence

from lanchatd.core.known import short_key
from lanchatd.core.names import clean
from lanchatd.doctor.facts import HolderFact
from lanchatd.lan.report import PeerState
from lanchatd.protocol.model import PeerId


def listed(words: Sequence[str], most: int = 4) -> str:
    """``a, b and c``, or ``a, b, c, d and 3 more``."""
    shown = list(words[:most]) + ([f"{len(words) - most} more"] if len(words) > most else [])
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""


def who(peer: PeerState) -> str:
    """The name of a person, else a piece of their key, else the address that was given."""
    name = clean(peer.name)
    if name or peer.id is None:
        return name or (clean(peer.places[0].address) if peer.places else "somebody")
    return f"somebody ({short_key(PeerId(peer.id))})"


def program(holders: Sequence[HolderFact]) -> str:
    """Who has a port, as far as it can be told."""
    named = [f"{clean(each.process)} (process {each.pid})" for each in holders if each.process]
    others = [f"a program of the user {clean(each.user)}" for each in holders if not each.process]
    return listed(list(dict.fromkeys(named + others))) or "another program"
