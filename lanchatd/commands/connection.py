"""The connection to the running daemon: the same WebSocket that the page uses.

For the daemon it is a tab like any other. It is no page: a command never says that something was seen, and never takes
a call.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from itertools import count
from typing import Final, TypeVar

import aiohttp
import msgspec
from msgspec.structs import replace

from lanchatd.commands.arguments import Options
from lanchatd.commands.errors import CommandError, Exit, NotRunning
from lanchatd.commands.running import HOW_TO_START, find
from lanchatd.commands.terminal import printable
from lanchatd.protocol import codec, ui
from lanchatd.store.runtime import Running

PATIENCE: Final = 5.0
"""Seconds until a daemon that does not answer is given up."""

CLOSING: Final = 1.0
"""Seconds that it may take to say goodbye."""

FRAME_BYTES: Final = 64 * 1024 * 1024
"""The longest event that is read: every conversation has room in it, and another program can't fill the memory."""

REFUSAL_BYTES: Final = 4096
"""How much is read of why we are not let in."""

Kind = TypeVar("Kind", bound=ui.Event)

_STOPPED: Final = "lanchatd has stopped."
_decoder: Final = msgspec.json.Decoder(ui.TabEvent)


class Connection:
    """What one command says to the daemon and hears from it, after the ``snapshot``."""

    def __init__(
        self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, running: Running
    ) -> None:
        self._session: Final = session
        self._socket: Final = socket
        self._refs: Final = count(1)
        self._early: Final[deque[ui.TabEvent]] = deque()
        self.running: Final = running
        self.snapshot: ui.Snapshot

    async def begin(self) -> None:
        """Take the snapshot.

        Raises:
            NotRunning: it comes from another program.
        """
        async with asyncio.timeout(PATIENCE):
            first = await self._next()
        if not isinstance(first, ui.Snapshot) or first.proof != self.running.proof:
            raise _other(self.running)
        self.snapshot = first

    async def ask(self, request: ui.Request) -> ui.TabEvent:
        """Ask for something and wait for the answer.

        Raises:
            CommandError: it was refused; the sentence is the daemon's.
        """
        ref = str(next(self._refs))
        await self._socket.send_str(codec.encode(replace(request, ref=ref)))
        while True:
            async with asyncio.timeout(PATIENCE):
                event = await self._next()
            if event.ref != ref:
                self._early.append(event)  # as many as come within one answer
            elif isinstance(event, ui.Error):
                raise CommandError(event.message, Exit.REFUSED)
            else:
                return event

    async def next(self, kind: type[Kind]) -> Kind:
        """The next event of this kind; others are passed over.

        Raises:
            NotRunning: the daemon has stopped.
        """
        async for event in self.events():
            if isinstance(event, kind):
                return event
        raise AssertionError("there is always another event")

    async def events(self) -> AsyncIterator[ui.TabEvent]:
        """What happens from the snapshot on, until the daemon stops.

        Raises:
            NotRunning: it has.
        """
        while True:
            yield self._early.popleft() if self._early else await self._next()

    async def status(self) -> dict[str, object]:
        """What the daemon says of itself."""
        async with self._session.get("/api/status") as response:
            return dict(await response.json())

    async def network(self) -> bytes:
        """What the daemon knows of the network, as JSON."""
        async with asyncio.timeout(PATIENCE), self._session.get("/api/network") as response:
            response.raise_for_status()
            return await response.read()

    async def entrance(self) -> str:
        """The address by which a browser of the person enters."""
        async with self._session.get("/", allow_redirects=False) as response:
            new = response.headers.get("Location", "")
        return self.running.page + new if new.startswith("/?") else self.running.url

    async def _next(self) -> ui.TabEvent:
        while True:
            frame = await self._socket.receive()
            if frame.type is aiohttp.WSMsgType.BINARY or isinstance(frame.data, aiohttp.WebSocketError):
                raise _other(self.running)
            if frame.type is not aiohttp.WSMsgType.TEXT:
                raise NotRunning(_STOPPED)
            try:
                event: ui.TabEvent = _decoder.decode(frame.data)
                return event
            except msgspec.ValidationError:
                continue  # an event of a newer daemon
            except (msgspec.DecodeError, RecursionError):
                raise _other(self.running) from None


@contextlib.asynccontextmanager
async def connected(options: Options) -> AsyncIterator[Connection]:
    """Speak to the daemon that is meant.

    Raises:
        NotRunning: there is none.
        CommandError: it can't be told which is meant, or it does not let us in.
    """
    running = find(options)
    async with session_with(running) as session:
        socket = await _open(session, running)
        try:
            connection = Connection(session, socket, running)
            await connection.begin()
            yield connection
        except aiohttp.ClientError:
            raise NotRunning(_STOPPED) from None
        except TimeoutError:
            raise _silent(running) from None
        finally:
            await socket.close()


async def _open(session: aiohttp.ClientSession, running: Running) -> aiohttp.ClientWebSocketResponse:
    patience = aiohttp.ClientWSTimeout(ws_close=CLOSING)
    try:
        async with asyncio.timeout(PATIENCE):
            return await session.ws_connect("/ws", max_msg_size=FRAME_BYTES, heartbeat=PATIENCE, timeout=patience)
    except aiohttp.WSServerHandshakeError as refusal:
        raise CommandError(await _refusal(session, refusal.status), Exit.REFUSED) from None
    except aiohttp.ClientConnectionError:
        raise NotRunning(f"{HOW_TO_START}.") from None
    except aiohttp.ClientError:
        raise _other(running) from None
    except TimeoutError:
        raise _silent(running) from None


def _other(running: Running) -> NotRunning:
    return NotRunning(f"Another program answers at {running.page}; stop it, or start lanchatd again.")


def _silent(running: Running) -> NotRunning:
    return NotRunning(f"lanchatd (process {running.pid}) does not answer; stop it and start it again.")


def session_with(running: Running) -> aiohttp.ClientSession:
    """Requests to a daemon, and to nobody to whom another program would send us from its port."""
    headers = {"Authorization": f"Bearer {running.key}"} if running.key else {}
    staying = aiohttp.TraceConfig()
    staying.on_request_redirect.append(_stay)
    return aiohttp.ClientSession(running.page, headers=headers, trace_configs=[staying])


async def _stay(*_redirect: object) -> None:
    raise aiohttp.ClientError("lanchatd never sends a command elsewhere")


async def _refusal(session: aiohttp.ClientSession, status: int) -> str:
    """Why we are not let in: one line, fit for a terminal."""
    body = b""
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with asyncio.timeout(PATIENCE), session.get("/api/status") as response:
            if response.content_type == "text/plain":
                try:
                    body = await response.content.readexactly(REFUSAL_BYTES)
                except asyncio.IncompleteReadError as whole:
                    body = whole.partial
    sentence = printable(" ".join(body.decode(errors="replace").split()))
    return sentence or f"lanchatd refuses to speak to this command (HTTP status {status})."
