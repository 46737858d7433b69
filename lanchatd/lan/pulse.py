"""Whether the other side of a link is alive. It is asked after a silence, and has to answer soon."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

HEARTBEAT: Final = 2.0
"""Seconds of silence before a ping."""
PONG: Final = 1.0
"""Seconds after a ping in which there has to be a sign of life."""
_LATE: Final = 0.5


class Pulse:
    """Of one link.

    aiohttp has a heartbeat, but it goes by what has reached this machine, and a link that is read slowly takes in
    nothing new for a while. This one goes by what was read.

    Args:
        ping: asks for a sign of life; may raise anything.
    """

    def __init__(self, ping: Callable[[], Awaitable[None]]) -> None:
        self._ping = ping
        self.round_trip: float | None = None
        """Seconds from a ping to its answer, the last time; None as long as there was none."""
        self._asked: float | None = None
        self._felt = 0.0
        self._doubt = asyncio.Event()

    def felt(self) -> None:
        """A sign of life."""
        self._felt = asyncio.get_running_loop().time()

    def answered(self) -> None:
        """The answer to a ping."""
        if self._asked is not None:
            self.round_trip, self._asked = asyncio.get_running_loop().time() - self._asked, None

    def doubt(self) -> None:
        """Ask now, not only after a silence."""
        self._doubt.set()

    async def stops(self) -> None:
        """Wait until there is no sign of life although there should be."""
        loop = asyncio.get_running_loop()
        while True:
            last = self._felt
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(last + HEARTBEAT):
                    await self._doubt.wait()
            if self._felt != last and not self._doubt.is_set():
                continue
            self._doubt.clear()
            self._asked = loop.time()
            last, until = self._felt, self._asked + PONG
            with contextlib.suppress(Exception):  # who can not be asked does not answer
                async with asyncio.timeout_at(until):
                    await self._ping()
            await asyncio.sleep(until - loop.time())
            # Whoever was stopped in the meantime, or had too much to do, has not listened and is in no place to judge.
            if self._felt == last and loop.time() < until + _LATE:
                return
