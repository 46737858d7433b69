"""The web application of the page: routes, and the server that answers them while the daemon runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import socket
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lanchatd.protocol import ui
from lanchatd.web import pages
from lanchatd.web.guard import Guard
from lanchatd.web.hub import Hub
from lanchatd.web.pictures import read_code
from lanchatd.web.socket import TabSocket

IDLE: Final = 60.0
"""Seconds that a connection may be idle between two requests."""
STOPPING: Final = 0.4
"""Seconds that open requests and tabs have when the daemon stops; who does not read then gets as much again."""


@dataclass(frozen=True, slots=True)
class WebEvents:
    """What the routes ask the daemon, and how they tell it of a fault of ours.

    ``snapshot``: what the page shows before any script has run (``tab`` 0). ``addresses``: of this machine on its
    networks. ``status``: anything that JSON can hold. ``failed``: an exception that nobody expected has ended a request
    or a tab; the daemon must end too.
    """

    snapshot: Callable[[], ui.Snapshot]
    addresses: Callable[[], Sequence[str]]
    status: Callable[[], Mapping[str, object]]
    failed: Callable[[BaseException], None]


def application(hub: Hub, events: WebEvents, guard: Guard) -> web.Application:
    """All routes of the page, behind the rules of the port where it is served."""
    app = web.Application()
    guard.install(app)
    app.middlewares.append(_report(events.failed))
    app.router.add_get("/ws", TabSocket(hub).handle)
    app.router.add_get("/api/my-ip", _json(lambda: {"addresses": list(events.addresses())}))
    app.router.add_get("/api/status", _json(events.status))
    app.router.add_post("/api/read-code", read_code)
    pages.setup(app, events.snapshot)

    async def close_tabs(_app: web.Application) -> None:
        hub.close()

    app.on_shutdown.append(close_tabs)
    return app


@asynccontextmanager
async def serve(app: web.Application, sockets: Sequence[socket]) -> AsyncIterator[None]:
    """Answer on these listening sockets (`listen.listen`) until the end of the ``with`` block."""
    runner = web.AppRunner(
        app, handle_signals=False, access_log=None, keepalive_timeout=IDLE, shutdown_timeout=STOPPING
    )
    await runner.setup()
    try:
        for sock in sockets:
            await web.SockSite(runner, sock).start()
        yield
    finally:
        await runner.cleanup()


def _json(answer: Callable[[], object]) -> Handler:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(answer()), content_type="application/json")

    return handle


def _report(failed: Callable[[BaseException], None]) -> Middleware:
    @web.middleware
    async def report(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            failed(error)
            raise

    return report
