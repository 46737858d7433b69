"""One person writes to another: how long each message takes, and how many go through in a second."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from .process import usage

TEXT: Final = "Lunch at half past twelve, by the stairs?"
_PATIENCE: Final = 60.0


class Talk:
    """The two ends of a conversation, both in this process, so that one clock measures.

    Whoever reads the two sockets tells `arrived` and `delivered`.

    Args:
        send: sends a message with this id from the one end.
        servers: the processes between the two ends.
    """

    def __init__(self, send: Callable[[str], Awaitable[None]], servers: Sequence[int]) -> None:
        self._send: Final = send
        self._servers: Final = servers
        self._arrived: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self.arrivals: Final[list[float]] = []
        """Milliseconds of each `once` until the message was in the other tab."""
        self.deliveries: Final[list[float]] = []
        """The same until its sender knew that it is delivered."""
        self.rates: Final[list[float]] = []
        """Messages per second of each `burst`."""
        self.cpu: Final[list[float]] = []
        """Milliseconds of processor time that the servers took for a message of each `burst`."""

    def arrived(self, message: str) -> None:
        """The other end has the message."""
        self._arrived[message] = time.perf_counter()

    def delivered(self, message: str) -> None:
        """Who has sent it knows that it is delivered. Saying so twice does no harm."""
        waiting = self._waiting.pop(message, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(time.perf_counter())

    async def once(self, *, counts: bool = True) -> None:
        """One message, and nothing else meanwhile; one that does not count is for getting warm."""
        message, done = self._next()
        began = time.perf_counter()
        await self._send(message)
        delivered = await asyncio.wait_for(done, _PATIENCE)
        while message not in self._arrived:  # no order is promised between the two sockets
            await asyncio.sleep(0)
        arrived = self._arrived.pop(message)
        if counts:
            self.arrivals.append(1000 * (arrived - began))
            self.deliveries.append(1000 * (delivered - began))

    async def burst(self, count: int, window: int, *, counts: bool = True) -> float:
        """So many messages as fast as they go, of which at most ``window`` are on their way; returns messages/s."""
        room = asyncio.Semaphore(window)
        taken, began = self._cpu(), time.perf_counter()
        for _ in range(count):
            await room.acquire()
            message, done = self._next()
            done.add_done_callback(lambda _: room.release())
            await self._send(message)
        async with asyncio.timeout(_PATIENCE):
            await asyncio.gather(*self._waiting.values())
        rate = count / (time.perf_counter() - began)
        if counts:
            self.rates.append(rate)
            self.cpu.append((self._cpu() - taken) / count)
        self._arrived.clear()
        return rate

    def _next(self) -> tuple[str, asyncio.Future[float]]:
        message = str(uuid.uuid4())
        done = self._waiting[message] = asyncio.get_running_loop().create_future()
        return message, done

    def _cpu(self) -> float:
        return 1000 * sum(usage(server).cpu for server in self._servers)
