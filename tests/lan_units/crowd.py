"""Many daemons of which only the watching is real: links without sockets, in a time that passes as fast as it can."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import selectors
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Set
from functools import partial
from typing import Any, Final, TypeVar

from lanchatd.lan.pulse import Pulse
from lanchatd.lan.watch import Watch
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Message, Suspect

T = TypeVar("T")

DELAY: Final = (0.001, 0.02)
"""Seconds that a frame takes, by chance."""


class _NoWaiting(selectors.SelectSelector):
    """Adds up what it was to wait for, instead of waiting."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing is to come")
        self.waited += max(0.0, timeout)
        return []


class _QuickLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock: Final = _NoWaiting()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.waited


def quickly(story: Coroutine[Any, Any, T]) -> T:
    """Run something that waits for nothing but time."""
    with asyncio.Runner(loop_factory=_QuickLoop) as runner:
        return runner.run(story)


class Member:
    """One daemon, its links to all others, and what it sees and sends."""

    def __init__(self, crowd: Crowd, peer: PeerId) -> None:
        self._crowd = crowd
        self.id = peer
        self.pulses: dict[PeerId, Pulse] = {}
        self.watch = Watch(peer, self.pulses.get, self.send)
        self.lost: dict[PeerId, float] = {}
        """Whose link has ended, and when."""
        self.sent: Counter[str] = Counter()
        """Frames: each a ``ping``, a ``pong`` or a ``message``."""
        self.mute = False
        """Whether it says nothing to anybody, but for the answers to pings."""

    def link(self, tasks: asyncio.TaskGroup, peer: PeerId) -> asyncio.Task[None]:
        """Begin a link to a peer, who does the same."""
        pulse = self.pulses[peer] = Pulse(partial(self._ping, peer))
        pulse.felt()
        self.watch.linked(peer)
        return tasks.create_task(self._feel(peer, pulse))

    def send(self, peer: PeerId, message: Message) -> None:
        """Send anything."""
        if (pulse := self.pulses.get(peer)) is not None and not self.mute:
            pulse.sent(message)
            self._frame(peer, "message", message)

    def take(self, by: PeerId, kind: str, message: Message | None) -> None:
        """A frame has come."""
        if (pulse := self.pulses.get(by)) is None:
            return
        pulse.felt()
        if kind == "ping":
            self._frame(by, "pong")
        elif kind == "pong":
            pulse.answered()
        elif isinstance(message, Suspect):
            self.watch.suspected(by, message, asyncio.get_running_loop().time())

    async def _ping(self, peer: PeerId) -> None:
        self._frame(peer, "ping")

    def _frame(self, peer: PeerId, kind: str, message: Message | None = None) -> None:
        self.sent[kind] += 1
        self._crowd.carry(self.id, peer, kind, message)

    async def _feel(self, peer: PeerId, pulse: Pulse) -> None:
        await pulse.stops(partial(self.watch.late, peer))
        del self.pulses[peer]
        self.watch.unlinked(peer)
        self.lost[peer] = asyncio.get_running_loop().time()


class Crowd:
    """Daemons that are all linked with each other.

    Args:
        ids: their peer ids.
    """

    def __init__(self, ids: list[PeerId]) -> None:
        self.members = {peer: Member(self, peer) for peer in ids}
        self.passes: Callable[[PeerId, PeerId], bool] = lambda sender, receiver: True
        """Whether a frame from one to the other arrives now."""

    @contextlib.asynccontextmanager
    async def linked(self) -> AsyncIterator[None]:
        """All links stand, until one side finds out that the other does not answer."""
        async with asyncio.TaskGroup() as tasks:
            links = [self.members[one].link(tasks, other) for one, other in itertools.permutations(self.members, 2)]
            yield
            for link in links:
                link.cancel()

    def carry(self, sender: PeerId, receiver: PeerId, kind: str, message: Message | None) -> None:
        """A frame is under way."""
        if self.passes(sender, receiver):
            loop = asyncio.get_running_loop()
            loop.call_later(random.uniform(*DELAY), self.members[receiver].take, sender, kind, message)

    def part(self, away: Set[PeerId]) -> None:
        """These and the others do not hear each other from now on, and no cable says so."""
        self.passes = lambda sender, receiver: (sender in away) == (receiver in away)

    def sent(self, kind: str) -> int:
        """How many frames of one kind all of them have sent."""
        return sum(member.sent[kind] for member in self.members.values())

    @property
    def losses(self) -> set[tuple[PeerId, PeerId]]:
        """Who has lost whom."""
        return {(member.id, other) for member in self.members.values() for other in member.lost}
