"""How fast a link is read: nobody who sends much keeps the others waiting, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from typing import Final

from lanchatd.core.limits import Bucket

_MESSAGES: Final = (1000.0, 5000.0)  # a second, and at once
_PAGE: Final = 4096
_IN_A_ROW: Final = 16


class Pace:
    """Of one link. Who sends faster is read slower, and feels it by TCP; a message of many pages counts as many."""

    def __init__(self) -> None:
        self._now = asyncio.get_running_loop().time
        self._bucket = Bucket(*_MESSAGES)
        self._in_a_row = 0

    async def keep(self, size: int) -> None:
        """Wait until the next message, or ping, may be looked at.

        Args:
            size: of this one, in characters.
        """
        cost = 1 + size // _PAGE
        while not self._bucket.take(self._now(), cost):
            self._in_a_row = 0
            await asyncio.sleep(self._bucket.wait(self._now(), cost))
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW:
            # What is there already is received without a pause, for as long as there are any.
            self._in_a_row = 0
            await asyncio.sleep(0)
