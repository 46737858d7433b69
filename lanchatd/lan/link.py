"""One authenticated WebSocket to another daemon. It carries messages and knows none but `Hello` and `Bye`."""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import contextlib
import logging
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import aiohttp
from aiohttp import web

from lanchatd.identity.trust import proven_peer_id
from lanchatd.protocol import codec
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import FRAME_BYTES, HELLO_BYTES, SEVERAL_IN_A_FRAME, Bye, Hello, Message, PeerMessage

from . import tcp
from .addresses import bare, parse
from .outbox import Outbox
from .pace import Pace
from .pulse import Late, Pulse

_log: Final = logging.getLogger(__name__)

# Every TLS connection of asyncio holds a zeroed read buffer of this size, 256 KiB by default: four fifths of the memory
# of a link. What people say is short, and what is long is read in several pieces.
asyncio.sslproto.SSLProtocol.max_size = 4 * 1024

GREETING: Final = 10.0
"""Seconds in which the other side has to say `Hello`; where two hundred start together they take many."""
LARGEST_MESSAGE: Final = FRAME_BYTES + 1  # aiohttp refuses what is as long as its limit
CLOSING: Final = 1.0
"""Seconds for what is queued, and for the closing frames of both sides."""
_USER_TIMEOUT: Final = 4000

WebSocket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


class LinkError(Exception):
    """A link can't begin; the text is a sentence."""


class Link:
    """One WebSocket to ``peer``, whose key TLS has proven.

    The owner calls `greet` once, then `run`. Messages go out in the order of `send`, by one writer. ``parted`` says at
    the end that nothing was lost: both sides have said `Bye`, and the other side has closed after it had read ours.

    Args:
        web_socket: connected, and leaving pings to us.
        outgoing: whether this side has dialled.
        recognised: called when the other side has said hello.

    Raises:
        LinkError: the other side has gone already.
        TrustError: the other side has proven no key.
    """

    def __init__(self, web_socket: WebSocket, *, outgoing: bool, recognised: Callable[[], None] = lambda: None) -> None:
        self._socket = web_socket
        self._tcp: Any = web_socket.get_extra_info("socket")
        if self._tcp is None:
            raise LinkError("it has gone before a word was said")
        self.peer: Final[PeerId] = proven_peer_id(web_socket.get_extra_info("ssl_object"))
        self.outgoing: Final = outgoing
        self._recognised = recognised
        self.address: Final = _ip(web_socket.get_extra_info("peername"))
        self.local_address: Final = _ip(web_socket.get_extra_info("sockname"))
        self.hello: Hello
        self.farewell_sent = False
        self.farewell_received = False
        self.parted = False
        self._outbox = Outbox()
        self._finishing = False
        self._ended_because = ""
        self._deadline: float | None = None
        self._patience: asyncio.Timeout | None = None
        self._unknown: set[str] = set()
        self._pace = Pace()
        self.pulse: Final = Pulse(web_socket.ping, partial(tcp.acknowledged, self._tcp))
        tcp.limit_silence(self._tcp, _USER_TIMEOUT)

    def __repr__(self) -> str:
        return f"<Link {'to' if self.outgoing else 'from'} {self.peer[:8]} at {self.address}>"

    @property
    def round_trip(self) -> float | None:
        """Seconds that the last ping took there and back; None before the first."""
        return self.pulse.round_trip

    async def greet(self, own: Hello) -> Hello:
        """Say hello, and hear it from the other side, who must be whom TLS has proven.

        Raises:
            LinkError: no proper `Hello` in time.
        """
        try:
            async with asyncio.timeout(GREETING):
                await self._socket.send_str(codec.encode(own))
                frame = await self._next()
        except Exception:  # as in `_receive`
            raise LinkError("it did not say hello in time") from None
        if frame.type is not aiohttp.WSMsgType.TEXT:
            raise LinkError(f"no hello: {self._why(frame)}")
        try:
            hello = codec.decode_peer(frame.data, limit=HELLO_BYTES)
        except codec.WireError as error:
            raise LinkError(f"its first frame is {error.reason}: {error}") from None
        if not isinstance(hello, Hello):
            raise LinkError("its first frame is not hello")
        if hello.id != self.peer:
            raise LinkError("it claims to be somebody whose key it does not have")
        self.hello = hello
        self._outbox.joins = hello.protocol >= SEVERAL_IN_A_FRAME
        self._recognised()
        return hello

    def send(self, message: Message) -> bool:
        """Queue a message; False when the link is ending, or ends now because the peer does not read."""
        if self._ended_because or self._finishing or self.farewell_sent:
            return False
        if not self._outbox.put(codec.encode(message)):
            self.drop("the other side does not read")
            return False
        self.pulse.sent(message)
        return True

    def say_bye(self, bye: Bye, patience: float) -> None:
        """Queue the last frame; then the other side has ``patience`` seconds to say its own."""
        if self.send(bye):
            self.farewell_sent = True
            self.expire_in(patience)

    def expire_in(self, seconds: float) -> None:
        """End the link after that time, whatever comes."""
        when = asyncio.get_running_loop().time() + seconds
        self._deadline = min(self._deadline or when, when)
        if self._patience is not None and not self._patience.expired():
            self._patience.reschedule(self._deadline)

    def close(self) -> None:
        """Read no more; send what is queued, then close properly. For when the other side has said its last."""
        self._finishing = True
        self._outbox.end()
        self.expire_in(CLOSING)

    def drop(self, reason: str) -> None:
        """End at once; what is queued is lost. `run` returns soon after."""
        self._ended_because = self._ended_because or reason
        self._finishing = False
        self._outbox.clear()
        # The one public way to end a connection of aiohttp without a TLS farewell that a dead peer never answers.
        with contextlib.suppress(OSError):
            self._tcp.shutdown(socket.SHUT_RDWR)

    async def discard(self, reason: str) -> None:
        """`drop`, and give back what the connection holds. The last thing to do with a link."""
        self.drop(reason)
        await self._close()

    async def run(self, received: Callable[[PeerMessage], None], late: Late = lambda *_: None) -> str:
        """Read and write until the link ends.

        Args:
            received: gets every message after `Hello`.
            late: see `Pulse.stops`.

        Returns:
            why it ended, in a few words for the log.
        """
        reason = "stopped"
        try:
            async with asyncio.timeout_at(self._deadline) as self._patience, asyncio.TaskGroup() as tasks:
                writer, pulse = tasks.create_task(self._write()), tasks.create_task(self._watch(late))
                reason = await self._read(received)
                pulse.cancel()
                if self._finishing:
                    await writer
                    await self._close()
                    self._note_parting(self._socket.close_code)
                writer.cancel()
        except TimeoutError:
            reason = "the other side did not finish in time"
        finally:
            self._patience = None
            self.drop(reason)
        return self._ended_because

    async def _read(self, received: Callable[[PeerMessage], None]) -> str:
        while not self._ends():
            frame = await self._next()
            if frame.type is aiohttp.WSMsgType.CLOSE:
                self._note_parting(frame.data)
            if frame.type is not aiohttp.WSMsgType.TEXT:
                return self._why(frame)
            for text in codec.unpack(frame.data) if self._outbox.joins else (frame.data,):
                await self._pace.keep(len(text))
                self.pulse.felt()  # a frame of many messages takes longer to read than a silence may last
                if self._ends():
                    break
                try:
                    received(codec.decode_peer(text))
                except codec.UnknownType as error:
                    self._log_unknown(str(error))
                except codec.WireError as error:
                    return f"{error.reason}: {error}"
        return "closed"

    def _ends(self) -> bool:
        return self._finishing or bool(self._ended_because)

    async def _next(self) -> Any:
        """The next frame that says something."""
        while True:
            frame = await self._receive()
            self.pulse.felt()
            if frame.type is aiohttp.WSMsgType.PING:
                await self._pace.keep(0)
                await self._answer(frame.data)
            elif frame.type is aiohttp.WSMsgType.PONG:
                await self._pace.keep(0)
                self.pulse.answered()
            else:
                return frame

    async def _watch(self, late: Late) -> None:
        await self.pulse.stops(late)
        self.drop("no sign of life")

    async def _answer(self, ping: bytes) -> None:
        with contextlib.suppress(Exception):  # as in `_receive`
            await self._socket.pong(ping)

    async def _receive(self) -> Any:
        try:
            return await self._socket.receive()
        except Exception as error:  # a pong to one who has gone, a time-out of TCP…: it is the remote's doing
            return aiohttp.WSMessage(aiohttp.WSMsgType.ERROR, error, None)

    async def _close(self) -> None:
        with contextlib.suppress(Exception):  # as in `_receive`
            await self._socket.close()

    def _note_parting(self, close_code: int | None) -> None:
        self.parted = close_code == aiohttp.WSCloseCode.OK and self.farewell_sent and self.farewell_received

    def _why(self, frame: Any) -> str:
        problem = frame.data if frame.type is aiohttp.WSMsgType.ERROR else self._socket.exception()
        if isinstance(problem, aiohttp.WebSocketError):
            too_big = problem.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
            return f"{'oversize' if too_big else 'malformed'}: {problem}"
        if frame.type is aiohttp.WSMsgType.BINARY:
            return "malformed: a binary frame"
        return "the connection was closed"

    def _log_unknown(self, sentence: str) -> None:
        if sentence not in self._unknown and len(self._unknown) < 64:
            self._unknown.add(sentence)
            _log.info("%r: ignored: %s", self, sentence, extra={"peer": self.peer, "address": self.address})

    async def _write(self) -> None:
        with contextlib.suppress(Exception):  # the reader notices as well, and says why
            while (frame := await self._outbox.next()) is not None:
                await self._socket.send_str(frame)


def _ip(name: tuple[Any, ...] | None) -> str:
    """The address in a socket name, with the scope where it means something: on a link-local one."""
    parsed = parse(name[0]) if name else None
    if name is None or parsed is None:
        return ""
    address = bare(parsed)
    if parsed.version == 6 and parsed.is_link_local and name[3]:
        with contextlib.suppress(OSError):
            return f"{address}%{socket.if_indextoname(name[3])}"
    return address
