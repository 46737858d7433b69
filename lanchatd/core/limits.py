"""How much a peer may say in a while. More than any person or page does; what is over it is damped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lanchatd.protocol import peer
from lanchatd.protocol.model import PeerId


class Bucket:
    """A token bucket: ``burst`` at once, then ``rate`` a second. Full to begin with."""

    __slots__ = ("_burst", "_left", "_rate", "_since")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._since: float | None = None

    def take(self, now: float, cost: float = 1.0) -> bool:
        """Take ``cost`` tokens, if they are there.

        Args:
            now: seconds, of a clock that never goes back.
            cost: at most ``burst``.
        """
        self._refill(now)
        if self._left < cost:
            return False
        self._left -= cost
        return True

    def fill(self) -> None:
        """Give everything back."""
        self._left = self._burst

    def wait(self, now: float, cost: float = 1.0) -> float:
        """Seconds until ``cost`` tokens are there; 0 if they are."""
        self._refill(now)
        return max(0.0, (cost - self._left) / self._rate)

    def _refill(self, now: float) -> None:
        elapsed = 0.0 if self._since is None else max(0.0, now - self._since)
        self._left = min(self._burst, self._left + elapsed * self._rate)
        self._since = now


RINGS: Final = (1 / 30, 8.0)
"""A contact may let it ring eight times in a row, then twice a minute. A call that is taken gives all of it back."""
REQUESTS: Final = (1 / 300, 2.0)
"""Requests of one person that are announced, each after the one before was taken back or answered."""
REQUESTS_OF_ALL: Final = (1 / 20, 6.0)
"""Requests that are announced at all: whoever makes keys by the hundred fills the list, and disturbs nobody."""
VERIFICATIONS: Final = (1 / 30, 3.0)

_NOTES: Final[dict[type, tuple[float, float]]] = {
    peer.Typing: (2.0, 10.0),
    peer.Seen: (50.0, 500.0),
    peer.Resend: (1.0, 10.0),
    peer.Stance: (1.0, 30.0),
    peer.Profile: (1.0, 20.0),
    peer.CallMedia: (5.0, 60.0),
    peer.CallPresence: (2.0, 30.0),
    peer.CallRejoin: (1.0, 10.0),
    peer.CallSync: (1.0, 30.0),
    peer.Candidate: (20.0, 400.0),
    peer.Offer: (5.0, 60.0),
    peer.Answer: (5.0, 60.0),
}


@dataclass(slots=True)
class _Allowance:
    """What one person has left."""

    rings: Bucket = field(default_factory=lambda: Bucket(*RINGS))
    requests: Bucket = field(default_factory=lambda: Bucket(*REQUESTS))
    verifications: Bucket = field(default_factory=lambda: Bucket(*VERIFICATIONS))
    notes: dict[type, Bucket] = field(default_factory=dict)


class Limits:
    """What everybody has left. A person keeps it when the link ends, so that a new link is no new allowance."""

    def __init__(self) -> None:
        self._people: dict[PeerId, _Allowance] = {}
        self._requests = Bucket(*REQUESTS_OF_ALL)

    @property
    def people(self) -> int:
        """Of how many people something is remembered."""
        return len(self._people)

    def hears(self, person: PeerId, message: peer.PeerMessage, now: float) -> bool:
        """Whether this message is listened to, or one too many of its kind."""
        limit = _NOTES.get(type(message))
        if limit is None:
            return True
        notes = self._of(person).notes
        bucket = notes.get(type(message))
        if bucket is None:
            bucket = notes[type(message)] = Bucket(*limit)
        return bucket.take(now)

    def rings(self, person: PeerId, now: float) -> bool:
        """Whether it may ring once more."""
        return self._of(person).rings.take(now)

    def answered(self, person: PeerId) -> None:
        """Our person talks with them: they may ring as if they never had."""
        self._of(person).rings.fill()

    def announces(self, person: PeerId, now: float) -> bool:
        """Whether one more request is announced, or only stands in the list."""
        return self._of(person).requests.take(now) and self._requests.take(now)

    def verifies(self, person: PeerId, now: float) -> bool:
        """Whether they may ask once more to compare codes."""
        return self._of(person).verifications.take(now)

    def keep(self, people: set[PeerId]) -> None:
        """Forget everybody else."""
        for person in self._people.keys() - people:
            del self._people[person]

    def _of(self, person: PeerId) -> _Allowance:
        return self._people.setdefault(person, _Allowance())
