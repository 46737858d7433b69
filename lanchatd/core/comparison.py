"""One comparison of codes as this side knows it, and how a code is made.

A key proves that one speaks to the same machine as ever, not whose it is: somebody who sat between two people on the
day they met has been taken for each by the other. The code is made of both keys and of two nonces, of which the first
is promised before the second is told (ZRTP, RFC 6189 section 4.4.1.1, does it so). Whoever sits between can't try keys
until both codes are the same: they have one guess in 2^42, and the two people see that it failed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final, Literal

from lanchatd.protocol import ui
from lanchatd.protocol.model import PeerId

from . import signs

ANSWERED_WITHIN: Final = 120.0
"""Seconds that the other person has to agree to a comparison."""
COMPARED_WITHIN: Final = 600.0
SHOWN_FOR: Final = 600.0
"""Seconds that a code on the screen can be scanned."""


@dataclass(slots=True)
class Comparison:
    """A comparison. ``began``: our person asked for it. ``mine`` and ``theirs``: who said that the code is the same."""

    id: str
    person: PeerId
    began: bool
    state: Literal["asked", "asking", "comparing"]
    since: float
    nonce: str = ""
    commitment: str = ""
    signs: list[ui.Sign] = field(default_factory=list)
    mine: bool = False
    theirs: bool = False

    def view(self) -> ui.Comparison:
        return ui.Comparison(self.id, self.person, self.state, self.signs, self.mine, self.theirs)

    def overdue(self, now: float) -> bool:
        return now - self.since >= (COMPARED_WITHIN if self.state == "comparing" else ANSWERED_WITHIN)


def commitment(comparison: str, person: PeerId, nonce: str) -> str:
    """The promise of who begins, as `peer.CompareStart` defines it."""
    return _digest("lanchat commitment 1", comparison, person, nonce).hex()


def code_of(comparison: str, first: tuple[PeerId, str], second: tuple[PeerId, str]) -> list[ui.Sign]:
    """The code, as `peer.CompareReveal` defines it, from the keys and nonces of who began and of the other."""
    return signs.code(_digest("lanchat code 1", comparison, *first, *second))


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode()).digest()
