"""One key on two machines, told from one daemon that was started again. Pure.

Every start of a daemon has its own incarnation, and none is used again. So who comes back with an old one, while a
link with another one stands, is a second machine; unless the link that stands is dead and nobody has noticed, as when
a virtual machine goes back to an older state. The link that stands is asked then, and a dead one ends soon, so the one
who comes back waits for longer than that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from lanchatd.core.recent import Recent
from lanchatd.protocol.model import PeerId

_PROOF: Final = 4.0
"""Seconds; longer than a dead link stands once it is asked."""
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
        self._peers: Recent[PeerId, _Known] = Recent(_PEERS)
        self._told: Recent[PeerId, float] = Recent(_PEERS)

    def judge(self, peer: PeerId, incarnation: str, standing: str | None, now: float) -> Verdict:
        """What becomes of a link that has greeted.

        Args:
            incarnation: of the one who has greeted.
            standing: of the link that stands, None without one.
            now: seconds, of a clock that never goes back.
        """
        known = self._peers[peer] = self._peers.get(peer) or _Known()
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
        told, self._told[peer] = self._told.get(peer), now
        return told is None or now - told > _NEWS
