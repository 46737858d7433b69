"""How much is begun at once: more as long as it goes quickly, half as much when things get in each other's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final


class Window:
    """Places for what is at work, given in the order of asking.

    Who makes a hundred TLS handshakes at once, with machines that have as many to make, sees all of them take too long,
    and gives up all that work. So the size follows what is seen, as that of TCP's window does.

    Args:
        first: places at the beginning.
        most: places ever.
    """

    def __init__(self, first: int, most: int) -> None:
        self._size = first
        self._most: Final = most
        self._surplus = 0
        self._places = asyncio.Semaphore(first)
        self.taken = 0
        """What is at work now."""

    @property
    def full(self) -> bool:
        """Whether others wait, or the next one would have to."""
        return self._places.locked()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it inside."""
        await self._places.acquire()
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
            if self._surplus:
                self._surplus -= 1
            else:
                self._places.release()

    def widen(self) -> None:
        """What was done has kept nobody waiting."""
        if self._size < self._most:
            self._size += 1
            if self._surplus:
                self._surplus -= 1
            else:
                self._places.release()

    def narrow(self) -> None:
        """It took long, although somebody was there."""
        half = max(1, self._size // 2)
        self._surplus += self._size - half
        self._size = half
