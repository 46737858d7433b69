"""One key on two machines, told from one daemon that was started again. Pure.

Every start of a daemon has its own incarnation, and none is used again. So who comes back with an old one, while a
link with another one stands, is a second machine; unless the link that stands is dead and nobody has noticed, as when
a virtual machine goes back to an older state. That shows within the silence that a link survives, so the one who comes
back waits for longer than that.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, TypeVar

from lanchatd.protocol.model import PeerId

_T = TypeVar("_T")

_PROOF: Final = 4.0
"""Seconds; longer than a dead link stands."""
_PATIENCE: Final = 120.0
"""Seconds within which one who waits asks again; longer than the longest pause between two attempts."""
_NEWS: Final = 600.0
_INCARNATIONS: Final = 8
_PEERS: Final = 1024


class Verdict(Enum):
    """What becomes of a link: it is taken, it may be tried again, or it is one too many."""

    WELCOME = auto()
    LATER = auto()
    CLONE = auto()


@dataclass(slots=True)
class _Known:
    incarnations: list[str] = field(default_factory=list)
    waiting: str | None = None
    since: float = 0.0
    asked: float = 0.0


class Clones:
    """What is remembered of every peer's incarnations."""

    def __init__(self) -> None:
        self._peers: OrderedDict[PeerId, _Known] = OrderedDict()
        self._told: OrderedDict[PeerId, float] = OrderedDict()

    def judge(self, peer: PeerId, incarnation: str, standing: str | None, now: float) -> Verdict:
        """What becomes of a link that has greeted.

        Args:
            incarnation: of the one who has greeted.
            standing: of the link that stands, None without one.
            now: seconds, of a clock that never goes back.
        """
        known = self._peers.pop(peer, None) or _Known()
        _put(self._peers, peer, known)
        if standing in (None, incarnation) or incarnation not in known.incarnations:
            if incarnation not in known.incarnations:
                known.incarnations = [*known.incarnations, incarnation][-_INCARNATIONS:]
            known.waiting = None if standing is None else known.waiting
            return Verdict.WELCOME
        if known.waiting != incarnation or now - known.asked > _PATIENCE:
            known.waiting, known.since = incarnation, now
        known.asked = now
        return Verdict.CLONE if now - known.since >= _PROOF else Verdict.LATER

    def is_news(self, peer: PeerId, now: float) -> bool:
        """Whether a clone of this peer is to be told of: once, for as long as it keeps coming."""
        told = self._told.pop(peer, None)
        _put(self._told, peer, now)
        return told is None or now - told > _NEWS


def _put(memory: OrderedDict[PeerId, _T], peer: PeerId, value: _T) -> None:
    """Remember as the newest, and forget the oldest if there are too many."""
    memory[peer] = value
    if len(memory) > _PEERS:
        memory.popitem(last=False)
