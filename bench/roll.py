"""Has a page open at every daemon of a crowd, and tells when all of them show everybody who is there, and nobody else.

A program of its own, inside the user namespace of the test network. Reads one JSON object a line from standard input,
`Look`, `Leave` or `Expect`, and answers each `Expect` with one line, `Answer`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time
from typing import Any, Final

import aiohttp
import msgspec

from .namespace import visiting

_AGAIN: Final = 1.0


class Look(msgspec.Struct, tag=True):
    """Open a page of this daemon, on the machine of process ``machine``, and keep it open."""

    name: str
    machine: int
    url: str


class Leave(msgspec.Struct, tag=True):
    """This daemon is no longer there."""

    name: str


class Expect(msgspec.Struct, tag=True):
    """Wait until every page shows every other page's person online, and nobody else, for ``seconds`` at most."""

    seconds: float


class Answer(msgspec.Struct):
    """``at``: when the last row became right (monotonic clock, seconds); ``wrong``: the rows that are not right.

    ``last``: by the name of each daemon, when its own rows became right.
    """

    at: float
    wrong: int
    last: dict[str, float]
    examples: list[str] = []


class Page:
    """One page: who is online there, and since when nothing has changed."""

    def __init__(self, look: Look) -> None:
        self.look: Final = look
        self.own = ""
        self.online: set[str] = set()
        self.changed = time.monotonic()

    async def read(self, news: asyncio.Event) -> None:
        """Until cancelled. Where the daemon has closed it, it is opened anew, as a page in a browser is."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await self._read(news)
            await asyncio.sleep(_AGAIN)

    async def _read(self, news: asyncio.Event) -> None:
        connector = aiohttp.TCPConnector(socket_factory=self._socket, force_close=True)
        url = self.look.url.rstrip("/")
        async with aiohttp.ClientSession(connector=connector) as session:
            async with session.ws_connect(f"{url}/ws", origin=url, max_msg_size=0) as web_socket:
                async for frame in web_socket:
                    if self._take(msgspec.json.decode(frame.data)):
                        self.changed = time.monotonic()
                        news.set()

    def _socket(self, address: Any) -> socket.socket:
        family, kind, protocol, *_ = address
        with visiting(self.look.machine):
            return socket.socket(family, kind, protocol)

    def _take(self, event: dict[str, Any]) -> bool:
        before = len(self.online)
        match event:
            case {"event": "person_changed", "person": person}:
                self._note(person)
            case {"event": "person_removed", "person": str(ident)}:
                self.online.discard(ident)
            case {"event": "online_users_list", "people": people}:
                self.online.clear()
                for person in people:
                    self._note(person)
            case {"event": "snapshot", "me": me, "people": people}:
                self.own = me["id"]
                self.online.clear()
                for person in people:
                    self._note(person)
                return True
        return len(self.online) != before

    def _note(self, person: dict[str, Any]) -> None:
        (self.online.add if person["presence"] == "online" else self.online.discard)(person["id"])


class Roll:
    """All pages."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._pages: dict[str, Page] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()

    def look(self, look: Look) -> None:
        page = self._pages[look.name] = Page(look)
        self._readers[look.name] = self._tasks.create_task(page.read(self._news))

    def leave(self, name: str) -> None:
        self._pages.pop(name, None)
        if reader := self._readers.pop(name, None):
            reader.cancel()
        self._news.set()

    async def expect(self, seconds: float) -> Answer:
        """See `Expect`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._unfinished() or self._wrong():
                    self._news.clear()
                    await self._news.wait()
        wrong = self._wrong()
        last = {name: page.changed for name, page in self._pages.items()}
        return Answer(max(last.values()), len(wrong), last, wrong[:20])

    def stop(self) -> None:
        for reader in self._readers.values():
            reader.cancel()

    def _unfinished(self) -> bool:
        """Whether some page surely is not right: the quick look."""
        others = len(self._pages) - 1
        return any(len(page.online) != others for page in self._pages.values())

    def _wrong(self) -> list[str]:
        names = {page.own: name for name, page in self._pages.items()}
        wrong = []
        for name, page in self._pages.items():
            right = names.keys() - {page.own}
            wrong += [f"{name} misses {names[each]}" for each in right - page.online]
            wrong += [f"{name} shows {each[:8]}" for each in page.online - right]
        return wrong


async def main() -> None:
    """Until standard input is closed."""
    commands = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    async with asyncio.TaskGroup() as tasks:
        roll = Roll(tasks)
        async for line in commands:
            match msgspec.json.decode(line, type=Look | Leave | Expect):
                case Look() as look:
                    roll.look(look)
                case Leave(name):
                    roll.leave(name)
                case Expect(seconds):
                    answer = await roll.expect(seconds)
                    os.write(1, msgspec.json.encode(answer) + b"\n")
        roll.stop()


if __name__ == "__main__":
    asyncio.run(main())
