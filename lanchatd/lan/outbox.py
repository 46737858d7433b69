"""What waits to be sent over a link: bounded, in order, and as many messages in a frame as wait together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Final

from lanchatd.protocol import codec

_MESSAGES: Final = 1024
_SIZE: Final = 4 * 1024 * 1024
_FULL: Final = 16 * 1024
"""Characters of a frame to which nothing is added."""


class Outbox:
    """Of one link, with one writer, who sends each `next`. Sizes are in characters."""

    def __init__(self) -> None:
        self._messages: Final[deque[str]] = deque()
        self._size = 0
        self._stir: Final = asyncio.Event()
        self._ended = False
        self.joins = False
        """Whether the other side understands several messages in a frame."""

    def put(self, message: str) -> bool:
        """Add a message; False if too much waits already."""
        if len(self._messages) >= _MESSAGES or self._size + len(message) > _SIZE:
            return False
        self._messages.append(message)
        self._size += len(message)
        self._stir.set()
        return True

    def end(self) -> None:
        """Let `next` say that there is no more, after what waits."""
        self._ended = True
        self._stir.set()

    def clear(self) -> None:
        """Forget what waits."""
        self._messages.clear()
        self._size = 0

    async def next(self) -> str | None:
        """The next frame, as soon as there is one; None: there is no more."""
        while not self._messages:
            if self._ended:
                return None
            self._stir.clear()
            await self._stir.wait()
        return codec.pack(self._together())

    def _together(self) -> Iterator[str]:
        size = 0
        while self._messages and (not size or (self.joins and size + len(self._messages[0]) < _FULL)):
            message = self._messages.popleft()
            size += len(message)
            self._size -= len(message)
            yield message
