"""The WebSocket of a tab: frames in, frames out. Knows nothing of what they say."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from lanchatd.protocol import ui
from lanchatd.web.hub import Hub, Tab

HEARTBEAT: Final = 10.0
"""Seconds of silence until a tab is asked whether it is still there; half of that later it is taken for gone."""
CLOSING: Final = 1.0
"""Seconds that a tab has to answer a close."""
FRAME_CEILING: Final = 4 * ui.FRAME_BYTES
"""A longer frame is not even read, and ends the socket (1009); below it a tab is answered ``too_large``."""


class TabSocket:
    """The handler of ``GET /ws``: one tab of the hub for as long as the socket lasts."""

    def __init__(self, hub: Hub) -> None:
        self._hub: Final = hub

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one tab until either side ends it. Raises only faults of ours."""
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, timeout=CLOSING, max_msg_size=FRAME_CEILING, compress=False)
        try:
            await socket.prepare(request)
        except ConnectionError:  # the tab has gone already; nobody will read this answer
            raise web.HTTPBadRequest from None
        transport = request.transport
        if transport is None:
            return socket
        tab = self._hub.join(drop=transport.abort)
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(_write(socket, tab))
                await self._read(socket, tab)
                writer.cancel()
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        finally:
            self._hub.leave(tab)
        return socket

    async def _read(self, socket: web.WebSocketResponse, tab: Tab) -> None:
        while (frame := await _receive(socket)) is not None:
            self._hub.receive(tab, frame)
            # Frames that have arrived already are returned without a pause: let the writer have its turn.
            await asyncio.sleep(0)


async def _receive(socket: web.WebSocketResponse) -> str | bytes | None:
    try:
        message = await socket.receive()
    except ConnectionError:
        return None
    return message.data if message.type in (WSMsgType.TEXT, WSMsgType.BINARY) else None


async def _write(socket: web.WebSocketResponse, tab: Tab) -> None:
    try:
        while (frame := await tab.next()) is not None:
            await socket.send_frame(frame, WSMsgType.TEXT)
        await socket.close(code=WSCloseCode.GOING_AWAY)
    except ConnectionError:
        return
