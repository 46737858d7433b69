"""Whether the other side of a link is alive. It is asked after a silence, and has to answer soon."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
from collections.abc import Awaitable, Callable
from typing import Final

from lanchatd.protocol.peer import Introduce, Message, Profile, Suspect

HEARTBEAT: Final = 2.0
"""Seconds of silence before a ping, where we watch the other side or have said something that is unanswered."""
IDLE: Final = (60.0, 120.0)
"""Seconds of silence before a ping everywhere else; by chance, so that pings do not go out together."""
PONG: Final = 1.0
"""Seconds after a ping in which there has to be a sign of life."""
BUSY: Final = 7.0
"""Seconds after the first ping that are left to a machine that is there, whose program does not get to answering."""
_LATE_AFTER: Final = (0.5, 0.75, 1.0)  # of these seconds
_LATE: Final = 0.5
_STEP: Final = 0.1
"""Seconds: the pings of all links go out at multiples of it, so that one daemon wakes up for several at once."""
# What everybody is told. If it had to be followed by a sign of life, all would ping all; and TCP gives a link up on
# which it is not acknowledged within seconds.
_TO_ALL: Final = (Introduce, Profile, Suspect)

Late = Callable[[float, float, bool], None]
"""Hears of a silence: when it was asked, what time it is now, and whether it was asked because of a doubt."""


class Pulse:
    """Of one link.

    aiohttp has a heartbeat, but it goes by what has reached this machine, and a link that is read slowly takes in
    nothing new for a while. This one goes by what was read.

    Args:
        ping: asks for a sign of life; may raise anything.
        reached: whether all that was sent has reached the machine of the other side, if not its program.
    """

    def __init__(self, ping: Callable[[], Awaitable[None]], reached: Callable[[], bool] = lambda: False) -> None:
        self._ping = ping
        self._reached = reached
        self.round_trip: float | None = None
        """Seconds from a ping to its answer, the last time; None as long as there was none."""
        self.heard_at = 0.0
        """When the last sign of life came, by the loop's clock."""
        self.asking = False
        """Whether an answer is awaited now."""
        self._asked: float | None = None
        self._silent_since: float | None = None  # when it was first asked after the last sign of life
        self._watched = True
        self._idle = random.uniform(*IDLE)
        self._owed: float | None = None  # since when an answer is expected to something that was said
        self._doubt: float | None = None  # when to ask because somebody else has a reason to
        self._stir = asyncio.Event()
        self._wake = 0.0

    def felt(self) -> None:
        """A sign of life."""
        self.heard_at = asyncio.get_running_loop().time()
        self._owed = self._doubt = self._silent_since = None
        if self.asking:
            self._stir.set()

    def answered(self) -> None:
        """The answer to a ping."""
        if self._asked is not None:
            self.round_trip, self._asked = asyncio.get_running_loop().time() - self._asked, None

    def sent(self, message: Message) -> None:
        """Something was said. What was meant for the other side alone is not to be lost in silence."""
        if self._owed is None and not isinstance(message, _TO_ALL):
            self._owed = asyncio.get_running_loop().time()
            self._hasten()

    def watch(self, watched: bool) -> None:
        """Ask after a short silence, or after a long one. Before this is called it is the short one."""
        self._watched = watched
        self._hasten()

    def doubt(self, quiet_for: float = 0.0) -> None:
        """Ask now, not only after a silence; but not before the silence has lasted for ``quiet_for`` seconds."""
        if not self.asking and self._doubt is None:
            self._doubt = max(asyncio.get_running_loop().time(), self.heard_at + quiet_for)
            self._hasten()

    async def stops(self, late: Late) -> None:
        """Wait until there is no sign of life although there should be.

        Args:
            late: told three times that an answer takes long, the last time when it is certain that there is none;
                only that last time if the machine is there, and its program is busy.
        """
        loop = asyncio.get_running_loop()
        while True:
            while (due := self._due()) > loop.time():
                await self._rest(due)
            self.asking = True
            try:
                if await self._unanswered(late) and not self._is_busy():
                    return
            finally:
                self.asking = False

    def _due(self) -> float:
        # Who was never asked is asked early: only that shows that the link carries both ways, and how fast.
        due = self.heard_at + (HEARTBEAT if self._watched or self.round_trip is None else self._idle)
        if self._owed is not None:
            due = min(due, self._owed + HEARTBEAT)
        due = math.ceil(due / _STEP) * _STEP
        return due if self._doubt is None else min(due, self._doubt)

    async def _unanswered(self, late: Late) -> bool:
        loop = asyncio.get_running_loop()
        doubted, self._doubt = self._doubt is not None, None
        self._idle = random.uniform(*IDLE)
        last, asked = self.heard_at, loop.time()
        self._asked = asked
        self._silent_since = self._silent_since or asked
        with contextlib.suppress(Exception):  # who can not be asked does not answer
            async with asyncio.timeout_at(asked + PONG):
                await self._ping()
        in_time = False
        for share in _LATE_AFTER:
            until = asked + PONG * share
            while self.heard_at == last and (now := loop.time()) < until:
                await self._rest(until)
            if self.heard_at != last:
                return False
            # Whoever was stopped in the meantime, or had too much to do, has not listened and is in no place to judge.
            in_time = (now := loop.time()) < until + _LATE
            if in_time and not self._is_busy():
                late(asked, now, doubted)
        return in_time

    def _is_busy(self) -> bool:
        # A machine with too much to do would lose all its links, and then have to make them again.
        since = self._silent_since
        return since is not None and asyncio.get_running_loop().time() < since + BUSY and self._reached()

    async def _rest(self, until: float) -> None:
        self._stir.clear()
        self._wake = until
        timer = asyncio.get_running_loop().call_at(until, self._stir.set)
        try:
            await self._stir.wait()
        finally:
            timer.cancel()
            self._wake = 0.0

    def _hasten(self) -> None:
        if self._due() < self._wake:
            self._stir.set()
