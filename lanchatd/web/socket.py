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
_IN_A_ROW: Final = 16
_AT_ONCE: Final = 64 * 1024
_TEXT: Final = 0x80 | WSMsgType.TEXT
_TWO_BYTES, _EIGHT_BYTES = 126, 1 << 16
"""Shorter frames have their length in one byte, in two."""


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
                writer = tasks.create_task(_write(socket, transport, tab))
                await self._read(socket, tab)
                writer.cancel()
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        finally:
            self._hub.leave(tab)
        return socket

    async def _read(self, socket: web.WebSocketResponse, tab: Tab) -> None:
        in_a_row = 0
        while (frame := await _receive(socket)) is not None:
            self._hub.receive(tab, frame)
            in_a_row += 1
            if in_a_row >= _IN_A_ROW or tab.waiting > _AT_ONCE:
                # Frames that have arrived already are returned without a pause: let the others have their turn.
                in_a_row = 0
                await asyncio.sleep(0)


async def _receive(socket: web.WebSocketResponse) -> str | bytes | None:
    try:
        message = await socket.receive()
    except ConnectionError:
        return None
    return message.data if message.type in (WSMsgType.TEXT, WSMsgType.BINARY) else None


async def _write(socket: web.WebSocketResponse, transport: asyncio.WriteTransport, tab: Tab) -> None:
    try:
        while (frame := await tab.next()) is not None:
            # A write takes longer than making a frame, so what waits goes in one, if the tab can take it at once.
            if tab.waiting and not transport.get_write_buffer_size() and not socket.closed:
                transport.write(b"".join(map(text_frame, [frame, *tab.take(_AT_ONCE)])))
            else:
                await socket.send_frame(frame, WSMsgType.TEXT)
        await socket.close(code=WSCloseCode.GOING_AWAY)
    except ConnectionError:
        return


def text_frame(text: bytes) -> bytes:
    """A message of a server in one frame (RFC 6455 section 5.2)."""
    size = len(text)
    if size < _TWO_BYTES:
        return bytes((_TEXT, size)) + text
    if size < _EIGHT_BYTES:
        return bytes((_TEXT, _TWO_BYTES)) + size.to_bytes(2, "big") + text
    return bytes((_TEXT, _TWO_BYTES + 1)) + size.to_bytes(8, "big") + text
