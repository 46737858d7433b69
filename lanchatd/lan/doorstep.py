"""Stands between a connection and the HTTP server until the visitor has said who they are: little is read until then.

aiohttp has one limit for a frame, for the whole life of a WebSocket, and none for a request of many headers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from lanchatd.protocol.peer import HELLO_BYTES

REQUEST_BYTES: Final = 4 * 1024
"""The longest request."""
_FRAME_HEAD: Final = 14  # RFC 6455 section 5.2
_HELD: Final = 64 * 1024


class Doorstep(asyncio.Protocol):
    """Passes a request and a first frame on, holds back what comes behind it, and steps aside after the greeting.

    A neighbour may send more behind its hello, before that was looked at, so this is no offence: it waits.

    Args:
        server: the HTTP side of this connection.
        gone: called once if the connection ends before `step_aside`.
    """

    def __init__(self, server: web.RequestHandler, gone: Callable[[], None]) -> None:
        self._server: Final = server
        self._gone: Callable[[], None] | None = gone
        self._transport: asyncio.Transport | None = None
        self._room = REQUEST_BYTES
        self._asked = False
        self._held = b""

    def asked(self) -> None:
        """The request was a proper one, and is answered with a WebSocket; now room is made for a hello."""
        self._asked, self._room = True, HELLO_BYTES + _FRAME_HEAD

    def step_aside(self) -> None:
        """The visitor is known: from now on all goes to the server directly."""
        self._gone = None
        held, self._held = self._held, b""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.set_protocol(self._server)
        if held:
            self._server.data_received(held)

    def hang_up(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        fits, beyond = data[: self._room], data[self._room :]
        self._room -= len(fits)
        if fits:
            self._server.data_received(fits)
        if not beyond:
            return
        self._held += beyond
        if self._asked and len(self._held) <= _HELD:
            self._server.pause_reading()  # the server reads on as soon as somebody has taken the hello
        else:
            self.hang_up()

    def eof_received(self) -> bool | None:
        return self._server.eof_received()  # type: ignore[func-returns-value]

    def connection_lost(self, error: Exception | None) -> None:
        self._server.connection_lost(error)
        if self._gone is not None:
            self._gone()

    def pause_writing(self) -> None:
        self._server.pause_writing()

    def resume_writing(self) -> None:
        self._server.resume_writing()
