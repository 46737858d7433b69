"""A road on loopback that breaks after as many bytes as the test wants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Literal, Self

Way = Literal["there", "back"]


class Breaker:
    """Hands TCP connections on. ``there`` is from who has dialled to who has answered."""

    def __init__(self, target: Callable[[], int]) -> None:
        self._target = target
        self._left: dict[Way, int | None] = {"there": None, "back": None}
        self._open: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self.port = 0
        self.broken = asyncio.Event()

    @classmethod
    @contextlib.asynccontextmanager
    async def before(cls, target: Callable[[], int]) -> AsyncIterator[Self]:
        """A port that leads to another; that one is asked for at every connection."""
        breaker = cls(target)
        server = await asyncio.start_server(breaker._connected, "127.0.0.1", 0)
        breaker.port = server.sockets[0].getsockname()[1]
        async with server:
            yield breaker
            breaker.drop()

    def arm(self, way: Way, count: int) -> None:
        """Break after so many more bytes that way; exactly so many arrive."""
        self.broken.clear()
        self._left[way] = count

    def drop(self) -> None:
        """End whatever is open."""
        for pair in self._open:
            for writer in pair:
                writer.transport.abort()
        self._open.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target())
        except OSError:
            writer.transport.abort()
            return
        self._open.append((writer, far_writer))
        try:
            await asyncio.gather(
                self._carry("there", reader, writer, far_writer), self._carry("back", far_reader, far_writer, writer)
            )
        except OSError:  # who is turned away at the one end is not left waiting at the other
            writer.transport.abort()
            far_writer.transport.abort()

    async def _carry(
        self, way: Way, reader: asyncio.StreamReader, source: asyncio.StreamWriter, sink: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(65536):
            left = self._left[way]
            if left is not None:
                data, self._left[way] = data[:left], max(0, left - len(data))
            sink.write(data)
            if self._left[way] == 0:
                self._left[way] = None
                sink.close()  # after what was written
                source.transport.abort()
                self.broken.set()
                return
        sink.close()
