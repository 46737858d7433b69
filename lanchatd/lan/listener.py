"""The TLS port that other daemons dial. It has one road, ``/link``, and nothing is read from strangers for long."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from lanchatd.errors import UserError

from .addresses import parse
from .link import CLOSING, GREETING, HEARTBEAT, LARGEST_MESSAGE

DEFAULT_PORT: Final = 5263
_PORTS_TRIED: Final = 32
_REQUEST: Final = 4.0


class ListenError(UserError):
    """The port can't be had; the text is one sentence for the person."""


class Listener:
    """Accepts links.

    Args:
        context: mutual TLS, as from `certificate.server_context`.
        admits: whether a link from an IP address may begin now.
        accepted: owns the WebSocket until it returns.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        admits: Callable[[str], bool],
        accepted: Callable[[web.WebSocketResponse], Awaitable[None]],
    ) -> None:
        self._context = context
        self._admits = admits
        self._accepted = accepted
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self._silent: dict[asyncio.BaseProtocol, asyncio.TimerHandle] = {}

    async def start(self, port: int) -> int:
        """Listen on all addresses, IPv4 and IPv6, and return the port.

        Args:
            port: wanted; the next free one if it is taken; 0 for any free one.

        Raises:
            ListenError: no port.
        """
        sock = _bind(port)
        app = web.Application()
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=CLOSING)
        await self._runner.setup()
        self._server = await asyncio.get_running_loop().create_server(
            self._make_protocol,
            sock=sock,
            ssl=self._context,
            ssl_handshake_timeout=GREETING,
            ssl_shutdown_timeout=CLOSING,
            backlog=128,
        )
        return int(sock.getsockname()[1])

    async def stop(self) -> None:
        """Listen no more, and end what is still open."""
        if self._server is not None:
            self._server.close()
        if self._runner is not None:
            await self._runner.cleanup()
        for timer in self._silent.values():
            timer.cancel()

    def _make_protocol(self) -> asyncio.BaseProtocol:
        assert self._runner is not None and self._runner.server is not None
        protocol = self._runner.server()
        # aiohttp waits for a first request for ever; the timer ends a client that asks for nothing.
        self._silent[protocol] = asyncio.get_running_loop().call_later(_REQUEST, self._hang_up, protocol)
        return protocol

    def _hang_up(self, protocol: asyncio.BaseProtocol) -> None:
        self._silent.pop(protocol, None)
        transport = getattr(protocol, "transport", None)
        if isinstance(transport, asyncio.Transport):
            transport.abort()

    async def _link(self, request: web.Request) -> web.StreamResponse:
        address = parse(request.remote or "")
        if address is None or not self._admits(str(address)):
            raise web.HTTPForbidden
        timer = self._silent.pop(request.protocol, None)
        if timer is not None:
            timer.cancel()
        web_socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT, timeout=CLOSING, compress=False, max_msg_size=LARGEST_MESSAGE
        )
        try:
            await web_socket.prepare(request)
        except ConnectionError:
            # They are gone already. An answer that nobody gets spares the log a traceback for what is no fault of ours.
            raise web.HTTPBadRequest from None
        await self._accepted(web_socket)
        return web_socket


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
