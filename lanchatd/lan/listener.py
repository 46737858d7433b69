"""The TLS port that other daemons dial. It has one road, ``/link``, and nothing is read from strangers for long."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from aiohttp import web

from lanchatd.errors import UserError
from lanchatd.http_log import server_log

from .addresses import bare, parse
from .doorkeeper import Doorkeeper, Visit
from .doorstep import Doorstep
from .link import CLOSING, GREETING, LARGEST_MESSAGE

_log: Final = logging.getLogger(__name__)

DEFAULT_PORT: Final = 5263
_PORTS_TRIED: Final = 32
_VISIT: Final = 2 * GREETING  # from the first packet to the end of the greeting, whatever is done in that time
_IN_A_ROW: Final = 16
_NO_RESOURCES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_RETRY: Final = 1.0
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time; see socket(7)


class ListenError(UserError):
    """The port can't be had; the text is one sentence for the person."""


class Listener:
    """Accepts links: `start`, then `run`, then `stop`.

    Args:
        context: mutual TLS, as from `certificate.server_context`.
        admits: whether a connection from an IP address may begin now; asked before anything is read.
        accepted: owns the WebSocket until it returns. Calls its second argument when the visitor has greeted.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        admits: Callable[[str], bool],
        accepted: Callable[[web.WebSocketResponse, Callable[[], None]], Awaitable[None]],
    ) -> None:
        self._context = context
        self._admits = admits
        self._accepted = accepted
        self._doorkeeper = Doorkeeper()
        self._runner: web.AppRunner | None = None
        self._socket: socket.socket | None = None
        self._visitors: dict[asyncio.BaseProtocol, tuple[Doorstep, Visit]] = {}
        self._timers: dict[Visit, asyncio.TimerHandle] = {}

    async def start(self, port: int) -> int:
        """Take the port, for IPv4 and IPv6, and return it. Who dials waits for `run`.

        Args:
            port: wanted; the next free one if it is taken; 0 for any free one.

        Raises:
            ListenError: no port.
        """
        self._socket = _bind(port)
        had = int(self._socket.getsockname()[1])
        if port not in (0, had):
            _log.warning("Port %d is taken; other machines reach LanChat at port %d this time", port, had)
        app = web.Application()
        app.router.add_get("/link", self._link)
        app.on_response_prepare.append(_tell_little)
        self._runner = web.AppRunner(
            app, handle_signals=False, access_log=None, shutdown_timeout=CLOSING, logger=server_log(f"{__name__}.http")
        )
        await self._runner.setup()
        return int(self._socket.getsockname()[1])

    async def run(self) -> None:
        """Let visitors in until cancelled."""
        assert self._socket is not None
        async with asyncio.TaskGroup() as tasks:
            while True:
                # Accepting does not yield while there is somebody to accept: a crowd at the door is not to stop all.
                for _ in range(_IN_A_ROW):
                    connection, name = await self._accept(self._socket)
                    visit = self._enter(connection, name)
                    if visit is not None:
                        tasks.create_task(self._welcome(connection, visit))
                await asyncio.sleep(0)

    async def stop(self) -> None:
        """Listen no more, and end what is still open."""
        if self._socket is not None:
            self._socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
        for timer in self._timers.values():
            timer.cancel()

    async def _accept(self, listening: socket.socket) -> tuple[socket.socket, tuple[Any, ...]]:
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await loop.sock_accept(listening)
            except OSError as error:
                if error.errno in _NO_RESOURCES:
                    _log.warning("Nobody can link with us at the moment: %s", error.strerror)
                    await asyncio.sleep(_RETRY)
                elif listening.fileno() < 0:
                    raise  # otherwise it is the end of a connection that was to be accepted, see accept(2)

    def _enter(self, connection: socket.socket, name: tuple[Any, ...]) -> Visit | None:
        loop = asyncio.get_running_loop()
        address = parse(name[0])
        visit = None
        if address is not None and self._admits(str(address)):
            visit = self._doorkeeper.enter(bare(address), loop.time(), partial(_shut_down, connection))
        if visit is None:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            connection.close()
        else:
            self._timers[visit] = loop.call_later(_VISIT, self._hang_up, visit)
        return visit

    async def _welcome(self, connection: socket.socket, visit: Visit) -> None:
        """TLS. What comes later is between the protocols."""
        assert self._runner is not None and self._runner.server is not None
        server = self._runner.server()
        doorstep = Doorstep(server, partial(self._gone, server, visit))
        self._visitors[server] = doorstep, visit
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: doorstep,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=GREETING,
                ssl_shutdown_timeout=CLOSING,
            )
        except OSError as error:  # TLS errors and time-outs are such, too
            _log.debug("%s got no further than TLS: %s", visit.address, error, extra={"address": visit.address})
            self._gone(server, visit)
        except MemoryError:
            _log.warning("No memory is left for one more link; %s was turned away", visit.address)
            connection.close()
            self._gone(server, visit)
        else:
            visit.hang_up = doorstep.hang_up

    async def _link(self, request: web.Request) -> web.StreamResponse:
        doorstep, visit = self._visitors.get(request.protocol, (None, None))
        if doorstep is None or visit is None:
            raise web.HTTPBadRequest
        doorstep.asked()
        web_socket = web.WebSocketResponse(
            autoping=False, timeout=CLOSING, compress=False, max_msg_size=LARGEST_MESSAGE
        )
        try:
            await web_socket.prepare(request)
        except ConnectionError:
            # They are gone already. An answer that nobody gets spares the log a traceback for what is no fault of ours.
            raise web.HTTPBadRequest from None
        await self._accepted(web_socket, partial(self._recognised, request.protocol))
        return web_socket

    def _recognised(self, server: asyncio.BaseProtocol) -> None:
        doorstep, visit = self._visitors.pop(server, (None, None))
        if doorstep is not None and visit is not None:
            self._timers.pop(visit).cancel()
            self._doorkeeper.recognise(visit, asyncio.get_running_loop().time())
            doorstep.step_aside()

    def _gone(self, server: asyncio.BaseProtocol, visit: Visit) -> None:
        self._visitors.pop(server, None)
        timer = self._timers.pop(visit, None)
        if timer is not None:
            timer.cancel()
        self._doorkeeper.leave(visit, asyncio.get_running_loop().time())

    def _hang_up(self, visit: Visit) -> None:
        visit.hang_up()


async def _tell_little(_request: web.Request, response: web.StreamResponse) -> None:
    """One request for each connection, and no word about what answers here."""
    response.headers.popall("Server", None)
    if response.status != 101:
        response.force_close()
        response.headers["Connection"] = "close"


def _shut_down(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _bind(port: int) -> socket.socket:
    last = min(port + _PORTS_TRIED, 65536) if port else 1
    for candidate in range(port, last):
        try:
            return _bind_one(candidate)
        except PermissionError:
            raise ListenError(f"Port {candidate} is for root only; choose one above 1023 with --peer-port.") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ListenError(f"Port {candidate} can't be opened for other machines: {error.strerror}.") from None
    raise ListenError(f"The ports {port} to {last - 1} are all taken; choose another one with --peer-port.")


def _bind_one(port: int) -> socket.socket:
    with contextlib.ExitStack() as undo:
        try:
            sock = undo.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            host = "::"
        except OSError:  # a kernel without IPv6
            sock = undo.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            host = "0.0.0.0"
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind((host, port))
        # Two sockets may be bound to one port as long as none listens: only listening makes the port ours.
        sock.listen(128)
        undo.pop_all()
        return sock
