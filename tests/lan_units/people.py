"""Daemons without the upper layers: a mesh on loopback with real TLS, and what it has told."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lanchatd.identity.certificate import client_context
from lanchatd.identity.keys import Identity, identity_of
from lanchatd.lan.interfaces import Interface, Network
from lanchatd.lan.mesh import Mesh, MeshEvents, Sighting
from lanchatd.lan.sighting import Source
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import PROTOCOL, Chat, Hello, PeerMessage

LOOPBACK = Network((Interface("lo", 1, (ipaddress.ip_interface("127.0.0.1/8"), ipaddress.ip_interface("::1/128"))),))
PATIENCE = 6.0


def new_identity() -> Identity:
    return identity_of(Ed25519PrivateKey.generate())


def identities(count: int) -> list[Identity]:
    """New ones, the lowest peer id first."""
    return sorted((new_identity() for _ in range(count)), key=lambda identity: identity.peer_id)


class Log:
    """What was told, in order; a test waits for an entry rather than for time to pass."""

    def __init__(self) -> None:
        self.entries: list[tuple[Any, ...]] = []
        self._stir = asyncio.Event()

    def note(self, *entry: Any) -> None:
        self.entries.append(entry)
        self._stir.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._stir.clear()
                await self._stir.wait()

    async def heard(self, *beginning: Any) -> tuple[Any, ...]:
        """Wait for an entry that begins so."""
        with contextlib.suppress(TimeoutError):
            await self.until(lambda: any(entry[: len(beginning)] == beginning for entry in self.entries))
        found = [entry for entry in self.entries if entry[: len(beginning)] == beginning]
        assert found, f"never heard {beginning}, but {self.entries}"
        return found[-1]

    async def times(self, kind: str, number: int) -> None:
        """Wait until something was told that often."""
        await self.until(lambda: len(self.kinds(kind)) >= number)

    def kinds(self, *wanted: str) -> list[str]:
        return [entry[0] for entry in self.entries if entry[0] in wanted]

    def clear(self) -> None:
        self.entries.clear()


class Person(Log):
    """A mesh and its log."""

    def __init__(
        self,
        identity: Identity | None = None,
        *,
        protocol: int = PROTOCOL,
        oldest: int = 1,
        network: Network = LOOPBACK,
    ) -> None:
        super().__init__()
        self.identity = identity or new_identity()
        self.id = self.identity.peer_id
        self.incarnation = secrets.token_hex(4)
        self.hello = Hello(
            id=self.id, protocol=protocol, oldest=oldest, incarnation=self.incarnation, name=f"P {self.id[:4]}"
        )
        events = MeshEvents(
            linked=partial(self.note, "linked"),
            unlinked=partial(self.note, "unlinked"),
            received=self.take,
            sighted=partial(self.note, "sighted"),
            unreachable=partial(self.note, "unreachable"),
            lost=partial(self.note, "lost"),
            cloned=partial(self.note, "cloned"),
        )
        self.mesh = Mesh(self.identity, self.say_hello, events, port=0, network=network)
        self.hellos = 0
        self.texts: list[str] = []

    def say_hello(self) -> Hello:
        self.hellos += 1
        return self.hello

    def take(self, peer: PeerId, message: PeerMessage) -> None:
        if isinstance(message, Chat):
            self.texts.append(message.text)
        self.note("received", peer, message)

    def sight(self, other: Person, source: Source = "mdns", *addresses: str, port: int | None = None) -> None:
        self.mesh.sight(
            Sighting(
                None if source == "manual" else other.id,
                addresses or ("127.0.0.1",),
                port or other.mesh.port,
                source,
                incarnation=other.incarnation if source == "mdns" else None,
                name=other.hello.name if source == "mdns" else None,
            )
        )

    def say(self, other: Person, text: str) -> bool:
        return self.mesh.send(other.id, Chat(id="message-1", text=text))

    async def linked_with(self, *others: Person) -> None:
        for other in others:
            await self.heard("linked", other.id)


@contextlib.asynccontextmanager
async def online(*people: Person) -> AsyncIterator[None]:
    """The people's daemons run inside, and are killed at the end."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(person.mesh.run()) for person in people]
        for person in people:
            await person.mesh.listening()
        try:
            yield
        finally:
            for task in running:
                task.cancel()


@contextlib.asynccontextmanager
async def visitor(person: Person, identity: Identity) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A raw link to a person: another implementation, maybe an evil one. Nothing is said on it yet."""
    async with aiohttp.ClientSession() as session:
        url = f"wss://127.0.0.1:{person.mesh.port}/link"
        patience = aiohttp.ClientWSTimeout(ws_close=0.1)
        async with session.ws_connect(url, ssl=client_context(identity), timeout=patience) as web_socket:
            yield web_socket


@contextlib.contextmanager
def no_one(port: int = 0) -> Iterator[int]:
    """A TCP port where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", port))
        yield sock.getsockname()[1]


@contextlib.asynccontextmanager
async def long_road(person: Person, delay: float) -> AsyncIterator[int]:
    """A TCP port that leads to a person, ``delay`` seconds each way, so that links can cross on it."""
    loop = asyncio.get_running_loop()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            loop.call_later(delay, writer.write, data)
        loop.call_later(delay, writer.close)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", person.mesh.port)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
