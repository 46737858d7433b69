"""People of other machines, many in one process: ``python -m bench.peers``, steered by lines of JSON.

Each speaks the protocol of links over TLS of its own, and is no daemon otherwise, so that they cost the machine little.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from lanchatd.identity.certificate import client_context
from lanchatd.identity.keys import Identity, identity_of
from lanchatd.protocol import codec
from lanchatd.protocol.model import MessageId
from lanchatd.protocol.peer import PROTOCOL, Chat, Delivered, Hello, Stance

_PATIENCE: Final = 30.0
_LINE: Final = 64 * 1024 * 1024


class Link(Struct, tag=True):
    """Link people with these keys to the daemon at this port."""

    port: int
    keys: list[str]


class Talk(Struct, tag=True):
    """Everybody writes: ``rate`` messages a second, by chance; or as fast as answers come, of ``window`` at a time."""

    seconds: float
    rate: float = 0.0
    window: int = 0


class Flood(Struct, tag=True):
    """Everybody writes as fast as the other side reads, and waits for nothing."""

    seconds: float


Told = list[list[float]]
"""Milliseconds until each message was answered, for each person."""


class Peer:
    """One person."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket: Final = socket
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def listen(self) -> None:
        """Take messages in; the text of an answer is the id of what it answers."""
        async for frame in self._socket:
            for message in map(codec.decode_peer, codec.unpack(frame.data)):
                if isinstance(message, Chat):
                    await self._socket.send_str(codec.encode(Delivered(ids=[message.id])))
                    waiting = self._waiting.pop(message.text, None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(None)

    async def talk(self, task: Talk) -> list[float]:
        """Write, and measure how long the answers take."""
        until = time.perf_counter() + task.seconds
        if task.window:
            turns = await asyncio.gather(*[self._in_turn(until) for _ in range(task.window)])
            return [taken for turn in turns for taken in turn]
        async with asyncio.TaskGroup() as tasks:
            asked = []
            while (pause := random.expovariate(task.rate)) < until - time.perf_counter():
                await asyncio.sleep(pause)
                asked.append(tasks.create_task(self._ask()))
        return [await each for each in asked]

    async def flood(self, seconds: float) -> list[float]:
        """Write, and look at nothing."""
        until = time.perf_counter() + seconds
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while time.perf_counter() < until:
                    await self._say(str(uuid.uuid4()))
                    await asyncio.sleep(0)
        return []

    async def _in_turn(self, until: float) -> list[float]:
        taken = []
        while time.perf_counter() < until:
            taken.append(await self._ask())
        return taken

    async def _ask(self) -> float:
        message = str(uuid.uuid4())
        answered = self._waiting[message] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await self._say(message)
        await asyncio.wait_for(answered, _PATIENCE)
        return 1000 * (time.perf_counter() - began)

    async def _say(self, message: str) -> None:
        await self._socket.send_str(codec.encode(Chat(id=MessageId(message), text=message, first=True)))


async def main() -> None:
    """Do what each line says, and answer it with a line."""
    reader = asyncio.StreamReader(limit=_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    peers: list[Peer] = []
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        while line := await reader.readline():
            told: Told = []
            match msgspec.json.decode(line, type=Link | Talk | Flood):
                case Link(port, keys):
                    for key in keys:
                        identity = identity_of(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key)))
                        peers.append(await _linked(session, port, identity))
                        tasks.create_task(peers[-1].listen())
                case Talk() as task:
                    told = await asyncio.gather(*[peer.talk(task) for peer in peers])
                case Flood(seconds):
                    told = await asyncio.gather(*[peer.flood(seconds) for peer in peers])
            print(msgspec.json.encode(told).decode(), flush=True)
        raise SystemExit


async def _linked(session: aiohttp.ClientSession, port: int, identity: Identity) -> Peer:
    socket = await session.ws_connect(f"wss://127.0.0.1:{port}/link", ssl=client_context(identity))
    name = f"Peer {identity.peer_id[:4]}"
    hello = Hello(id=identity.peer_id, protocol=PROTOCOL, incarnation=identity.peer_id[:8], name=name)
    await socket.send_str(codec.encode(hello))
    await socket.receive()
    await socket.send_str(codec.encode(Stance(stance="accepted")))
    return Peer(socket)


class Peers:
    """A process of them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, task: Link | Talk | Flood) -> Told:
        """Let it do this, and return what it tells."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(msgspec.json.encode(task) + b"\n")
        return msgspec.json.decode(await self._process.stdout.readline(), type=Told)


@asynccontextmanager
async def processes(count: int) -> AsyncIterator[Sequence[Peers]]:
    """So many processes, in which nobody is linked yet."""
    pipes: Any = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE, "limit": _LINE}
    command = (sys.executable, "-m", "bench.peers")
    running = [await asyncio.create_subprocess_exec(*command, **pipes) for _ in range(count)]
    try:
        yield [Peers(process) for process in running]
    finally:
        for process in running:
            process.kill()
            await process.wait()


if __name__ == "__main__":
    asyncio.run(main())
