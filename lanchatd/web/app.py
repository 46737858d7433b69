"""The web application of the page: its routes, and who hears of a fault of ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lanchatd.protocol import ui
from lanchatd.web import pages
from lanchatd.web.guard import Guard
from lanchatd.web.hub import Hub
from lanchatd.web.pictures import read_code
from lanchatd.web.socket import TabSocket

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebEvents:
    """What the routes ask the daemon, and how they tell it of a fault of ours.

    ``snapshot``: what the page shows before any script has run (``tab`` 0). ``addresses``: of this machine on its
    networks. ``status``: anything that JSON can hold. ``failed``: an exception that nobody expected has ended a request
    or a tab; the daemon must end too. ``network``: what is known of it now. ``examine``: what is wrong with it, which
    takes a few seconds.
    """

    snapshot: Callable[[], ui.Snapshot]
    addresses: Callable[[], Sequence[str]]
    status: Callable[[], Mapping[str, object]]
    failed: Callable[[BaseException], None]
    network: Callable[[], object] = dict
    examine: Callable[[], Awaitable[object]] | None = None


def application(hub: Hub, events: WebEvents, guard: Guard) -> web.Application:
    """All routes of the page, behind the rules of the port where it is served."""
    app = web.Application()
    guard.install(app)
    app.middlewares.append(_report(events.failed))
    app.router.add_get("/ws", TabSocket(hub).handle)
    app.router.add_get("/api/my-ip", _json(lambda: {"addresses": list(events.addresses())}))
    app.router.add_get("/api/status", _json(events.status))
    app.router.add_get("/api/network", _json(events.network))
    if events.examine is not None:
        app.router.add_get("/api/findings", _json_later(app, events.examine))
    app.router.add_post("/api/read-code", read_code)
    pages.setup(app, events.snapshot)

    async def close_tabs(_app: web.Application) -> None:
        hub.close()

    app.on_shutdown.append(close_tabs)
    return app


def _json(answer: Callable[[], object]) -> Handler:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(answer()), content_type="application/json")

    return handle


def _json_later(app: web.Application, answer: Callable[[], Awaitable[object]]) -> Handler:
    """For what takes a while: nobody waits for it when the page closes, and it may fail, for it is only a look."""
    asking: set[asyncio.Task[Any]] = set()

    async def handle(_request: web.Request) -> web.Response:
        task = asyncio.current_task()
        assert task is not None
        asking.add(task)
        try:
            return web.Response(body=msgspec.json.encode(await answer()), content_type="application/json")
        except Exception as error:
            _log.error("The examination has failed: %r", error)
            raise web.HTTPInternalServerError(text="The examination has failed; see the log of LanChat.\n") from None
        finally:
            asking.discard(task)

    async def give_up(_app: web.Application) -> None:
        for task in asking:
            task.cancel()

    app.on_shutdown.append(give_up)
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
