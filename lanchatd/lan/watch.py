"""Who asks whom for signs of life, so that all soon notice a machine that falls silent, and nobody asks everybody.

Every daemon is watched by the few whose peer ids follow its own in the ring of all peer ids. Whoever misses an answer
says so to everybody who is linked. They ask for themselves, and believe nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from lanchatd.core.limits import Bucket
from lanchatd.core.recent import Recent
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Suspect

WATCHERS: Final = 3
"""Of each daemon, where there are that many others. With so few that all watch all, it is as if there were no ring."""
FRESH: Final = 1.0
"""Seconds after a sign of life in which a suspicion by others is no reason to ask."""
_MANY: Final = 8  # that are silent at the same time, within seconds of each other, have not all died by chance
_TOGETHER: Final = 3.0
TOLD: Final = (1 / 30, 8.0)
"""Suspicions that we tell, a second and at once: each makes everybody ask, and a bad network has many."""
ALARMS: Final = (1 / 30, 4.0)
"""How often everybody is asked, a second and at once: a few who are slow on purpose could make it without end."""
_REMEMBERED: Final = 1024
HEARD: Final = (0.1, 16.0)
"""Suspicions of one peer that we follow, a second and at once."""


class Ring:
    """The peer ids of a daemon and of those it is linked with, in order."""

    def __init__(self, own: PeerId) -> None:
        self._own: Final = own
        self._ids = [own]

    def __iter__(self) -> Iterator[PeerId]:
        return (peer for peer in self._ids if peer != self._own)

    def __contains__(self, peer: PeerId) -> bool:
        place = bisect_left(self._ids, peer)
        return place < len(self._ids) and self._ids[place] == peer

    def add(self, peer: PeerId) -> None:
        """Take somebody in who may be in already."""
        if peer not in self:
            self._ids.insert(bisect_left(self._ids, peer), peer)

    def discard(self, peer: PeerId) -> None:
        """Leave somebody out who may be out already."""
        if peer in self and peer != self._own:
            del self._ids[bisect_left(self._ids, peer)]

    def before(self, count: int) -> set[PeerId]:
        """The ``count`` nearest before our own; all of them if there are fewer."""
        place = bisect_left(self._ids, self._own)
        return {self._ids[place - step] for step in range(1, min(count, len(self._ids) - 1) + 1)}


class Watched(Protocol):
    """What is asked of the pulse of a link; `pulse.Pulse` is one."""

    heard_at: float
    asking: bool

    def watch(self, watched: bool) -> None: ...
    def doubt(self, quiet_for: float = 0.0) -> None: ...


class Watch:
    """The part of one daemon in it.

    Args:
        own: our peer id.
        pulse: of the link to a peer; None without one.
        tell: queues a message.
    """

    def __init__(
        self,
        own: PeerId,
        pulse: Callable[[PeerId], Watched | None],
        tell: Callable[[PeerId, Suspect], object],
    ) -> None:
        self._pulse = pulse
        self._tell = tell
        self._ring = Ring(own)
        self._watched: set[PeerId] = set()
        self._words = Bucket(*TOLD)
        self._told: dict[PeerId, float] = {}
        self._missed: Recent[PeerId, float] = Recent(_MANY)
        self._alarms = Bucket(*ALARMS)
        self._patience: Recent[PeerId, Bucket] = Recent(_REMEMBERED)

    def linked(self, peer: PeerId) -> None:
        """There is a link to a peer, maybe in place of another one."""
        self._ring.add(peer)
        self._assign(peer)

    def unlinked(self, peer: PeerId) -> None:
        """There is no link to a peer any more."""
        self._ring.discard(peer)
        self._told.pop(peer, None)
        self._assign(peer)

    def late(self, peer: PeerId, asked: float, now: float, doubted: bool) -> None:
        """A peer owes an answer, and will be asked about again. Is it the peer, or is it our own network?

        The others are told if anybody else was heard meanwhile. If most of whom we watch are as silent as the peer, or
        many at once are silent, then the network has parted, and everybody is asked.

        Args:
            asked: when the peer was asked, in seconds of the clock of ``now``.
            doubted: whether it was asked because of a doubt.
        """
        by_hearsay = doubted and peer not in self._watched
        many = self._many_missed(peer, asked, now)
        if peer not in self._ring or (by_hearsay and not many):
            return
        others = {other: pulse for other in self._ring if other != peer and (pulse := self._pulse(other)) is not None}
        silent = {other: pulse for other, pulse in others.items() if pulse.heard_at <= asked}
        watched = self._watched & silent.keys()
        unasked = {other for other in watched if not silent[other].asking}
        most = not unasked and 2 * len(watched | (self._watched & {peer})) > len(self._watched)
        everybody = (many or most) and self._alarms.take(now)
        for other in silent if everybody else unasked:
            silent[other].doubt()
        heard = len(silent) < len(others)
        if heard and not by_hearsay and self._told.get(peer) != asked and self._words.take(now):
            self._told[peer] = asked
            for other in others:
                self._tell(other, Suspect(id=peer))

    def suspected(self, by: PeerId, suspect: Suspect, now: float) -> None:
        """A peer hears nothing from another one: ask that one, unless it was heard just now.

        Args:
            now: seconds, of a clock that never goes back.
        """
        pulse = self._pulse(PeerId(suspect.id))
        if pulse is not None and by in self._ring and self._patience.setdefault(by, Bucket(*HEARD)).take(now):
            pulse.doubt(FRESH)

    def _many_missed(self, peer: PeerId, asked: float, now: float) -> bool:
        self._missed[peer] = asked
        if len(self._missed) < _MANY or now - min(self._missed.values()) > _TOGETHER:
            return False
        self._missed.clear()
        return True

    def _assign(self, changed: PeerId) -> None:
        before, self._watched = self._watched, self._ring.before(WATCHERS)
        for peer in (before ^ self._watched) | {changed}:
            pulse = self._pulse(peer)
            if pulse is not None:
                pulse.watch(peer in self._watched)
