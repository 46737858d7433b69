"""How people, programs and lists are called in a finding. What strangers have named is cleaned, and
stands in quotation marks: a name that reads like advice is to be seen for what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lanchatd.core.known import short_key
from lanchatd.core.names import clean
from lanchatd.doctor.facts import HolderFact
from lanchatd.lan.report import PeerState
from lanchatd.protocol.model import PeerId

_MARKS: Final = str.maketrans(dict.fromkeys("“”„‟〝〞〟＂", "'"))
"""A name has none of the marks around it, nor what looks like them."""


def listed(words: Sequence[str], most: int = 4) -> str:
    """``a, b and c``, or ``a, b, c, d and 3 more``."""
    shown = list(words[:most]) + ([f"{len(words) - most} more"] if len(words) > most else [])
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""


def quoted(name: str) -> str:
    """A name as it stands in a sentence."""
    return f"“{clean(name).translate(_MARKS)}”"


def who(peer: PeerState) -> str:
    """The name of a person, else a piece of their key, else the address that was given.

    It is told if nobody has proven that they are called so.
    """
    if clean(peer.name):
        return f"somebody announced as {quoted(peer.name)}" if peer.standing == "heard" else quoted(peer.name)
    if peer.id is not None:
        return f"somebody ({short_key(PeerId(peer.id))})"
    return address(peer) or "somebody"


def address(peer: PeerState) -> str | None:
    """Where they are looked for first."""
    return clean(peer.places[0].address) if peer.places else None


def problem(peer: PeerState) -> str | None:
    """Why there is no link, as the page says it; who speaks another version has their name in it."""
    if not peer.incompatible:
        return peer.problem
    _, known, step = (peer.problem or "").rpartition("; ")
    return f"{who(peer)} uses another version of LanChat{f'; {step}' if known else '.'}"


def program(holders: Sequence[HolderFact]) -> str:
    """Who has a port, as far as it can be told."""
    named = [f"{clean(each.process)} (process {each.pid})" for each in holders if each.process]
    others = [f"a program of the user {clean(each.user)}" for each in holders if not each.process]
    return listed(list(dict.fromkeys(named + others))) or "another program"
