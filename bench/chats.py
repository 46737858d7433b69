"""The same conversation in three ways: over two daemons, over one Flask-SocketIO server, over a bare relay."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
import socketio

from tests.faults.rig import befriend
from tests.process import Daemon, running, tab_of, unique

from .talk import TEXT, Talk
from .world import QUIETLY

_READY: Final = 20.0


class LanChat(Talk):
    """Between two daemons that are contacts; each end is a tab."""

    def __init__(
        self, sockets: tuple[aiohttp.ClientWebSocketResponse, ...], daemons: tuple[Daemon, ...], people: tuple[str, ...]
    ) -> None:
        super().__init__(self._write, [daemon.process.pid for daemon in daemons])
        self._here, self._there = sockets
        self._to_there, self._to_here = people
        self._last = ""
        self._read = asyncio.Event()

    async def _write(self, message: str) -> None:
        self._last = message
        request = {"event": "send_private_message", "ref": message[:8], "person": self._to_there, "id": message}
        await self._here.send_str(msgspec.json.encode({**request, "text": TEXT}).decode())

    async def all_read(self) -> None:
        """The other person reads all that came, and both sides know it."""
        self._read.clear()
        seen = {"event": "mark_seen", "person": self._to_here, "id": self._last}
        await self._there.send_str(msgspec.json.encode(seen).decode())
        await asyncio.wait_for(self._read.wait(), _READY)

    async def listen_here(self) -> None:
        """Read the sender's tab."""
        async for frame in self._here:
            event = msgspec.json.decode(frame.data)
            if event["event"] != "message_status":
                continue
            if event["status"] == "delivered":
                for message in event["ids"]:
                    self.delivered(message)
            elif event["status"] == "seen" and self._last in event["ids"]:
                self._read.set()

    async def listen_there(self) -> None:
        """Read the other tab."""
        async for frame in self._there:
            event = msgspec.json.decode(frame.data)
            if event["event"] == "receive_private_message":
                self.arrived(event["entry"]["id"])


@asynccontextmanager
async def over_daemons(folder: Path) -> AsyncIterator[LanChat]:
    """Two daemons of two people who are contacts, linked over loopback."""
    ada, bob = unique("Ada"), unique("Bob")
    async with (
        running(folder / "ada", "--name", ada, *QUIETLY) as one,
        running(folder / "bob", "--name", bob, *QUIETLY) as other,
        aiohttp.ClientSession() as session,
    ):
        async with tab_of(one) as here, tab_of(other) as there:
            people = await befriend(here, there, bob)
        sockets = [await session.ws_connect(f"{each.url}/ws", origin=each.url, max_msg_size=0) for each in (one, other)]
        for socket in sockets:
            await socket.receive()  # the snapshot
        talk = LanChat(tuple(sockets), (one, other), people)
        async with _listening(talk.listen_here, talk.listen_there):
            yield talk


@asynccontextmanager
async def over_a_server() -> AsyncIterator[Talk]:
    """Two python-socketio clients of one Flask-SocketIO server, by WebSocket from the beginning."""
    async with _program("gevent.monkey", "--module", "bench.references.chat_server") as (pid, port):
        here, there = socketio.AsyncClient(), socketio.AsyncClient()

        async def write(message: str) -> None:
            await here.emit("message", {"person": "there", "id": message, "text": TEXT})

        talk = Talk(write, [pid])

        async def arrived(words: dict[str, Any]) -> bool:
            talk.arrived(words["id"])
            return True

        here.on("delivered", talk.delivered)
        there.on("message", arrived)
        for client, name in ((here, "here"), (there, "there")):
            await client.connect(f"http://127.0.0.1:{port}", transports=["websocket"])
            await client.call("join", name)
        try:
            yield talk
        finally:
            await here.disconnect()
            await there.disconnect()


@asynccontextmanager
async def over_a_relay(folder: Path) -> AsyncIterator[Talk]:
    """Two processes that pass frames on, by the same roads as daemons, and do nothing else."""
    relay = "bench.references.relay"
    async with (
        _program(relay, str(folder / "one")) as (first, page, port),
        _program(relay, str(folder / "other"), str(port)) as (second, other_page, _),
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{page}/") as here,
        session.ws_connect(f"http://127.0.0.1:{other_page}/") as there,
    ):
        talk = Talk(lambda message: here.send_str(f"m{message}{TEXT}"), [first, second])

        async def listen_here() -> None:
            async for frame in here:
                talk.delivered(frame.data[1:37])

        async def listen_there() -> None:
            async for frame in there:
                talk.arrived(frame.data[1:37])

        async with _listening(listen_here, listen_there):
            yield talk


@asynccontextmanager
async def _program(module: str, *arguments: str) -> AsyncIterator[list[int]]:
    """A program of ours that writes its ports when it is ready; yields its process id and them."""
    command = (sys.executable, "-m", module, *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        ports = (await asyncio.wait_for(process.stdout.readline(), _READY)).split()
        yield [process.pid, *map(int, ports)]
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _listening(*readers: Callable[[], Any]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        listening = [tasks.create_task(reader()) for reader in readers]
        yield
        for task in listening:
            task.cancel()
