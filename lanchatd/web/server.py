"""The HTTP server of the page. Who connects and asks for nothing is hung up on: nobody holds all connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from socket import socket
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lanchatd.http_log import server_log

FIRST_REQUEST: Final = 10.0
"""Seconds in which a connection has to ask for something."""
IDLE: Final = 60.0
"""Seconds that a connection may be idle between two requests."""
STOPPING: Final = 0.4
"""Seconds that open requests and tabs have when the daemon stops; who does not read then gets as much again."""


class Patience:
    """Ends the connections on which nothing is asked for in time.

    Args:
        seconds: how long that is.
    """

    def __init__(self, seconds: float = FIRST_REQUEST) -> None:
        self._seconds: Final = seconds
        self._silent: Final[dict[asyncio.BaseProtocol, asyncio.TimerHandle]] = {}

    def note(self) -> Middleware:
        """What sees every request."""

        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            timer = self._silent.pop(request.protocol, None)
            if timer is not None:
                timer.cancel()
            return await handler(request)

        return note

    def watch(self, protocol: asyncio.BaseProtocol) -> asyncio.BaseProtocol:
        """A connection begins."""
        loop = asyncio.get_running_loop()
        self._silent[protocol] = loop.call_later(self._seconds, self._hang_up, protocol)
        return protocol

    def stop(self) -> None:
        """The server ends, and all connections with it."""
        for timer in self._silent.values():
            timer.cancel()

    def _hang_up(self, protocol: asyncio.BaseProtocol) -> None:
        self._silent.pop(protocol, None)
        transport = getattr(protocol, "transport", None)
        if isinstance(transport, asyncio.Transport):
            transport.abort()


@asynccontextmanager
async def serve(
    app: web.Application, sockets: Sequence[socket], *, patience: float = FIRST_REQUEST
) -> AsyncIterator[None]:
    """Answer on these listening sockets (`listen.listen`) until the end of the ``with`` block.

    Args:
        app: not yet frozen.
        sockets: closed at the end.
        patience: seconds in which a connection has to ask for something.
    """
    watch = Patience(patience)
    app.middlewares.insert(0, watch.note())
    runner = web.AppRunner(
        app,
        handle_signals=False,
        access_log=None,
        keepalive_timeout=IDLE,
        shutdown_timeout=STOPPING,
        logger=server_log(f"{__name__}.http"),
    )
    await runner.setup()
    make = runner.server
    assert make is not None
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: watch.watch(make()), sock=sock, backlog=128) for sock in sockets]
    try:
        yield
    finally:
        for server in servers:
            server.close()
        await runner.cleanup()
        watch.stop()
