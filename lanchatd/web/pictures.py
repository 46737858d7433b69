"""``POST /api/read-code``: reads the QR code in a picture of the camera, which no browser here can do by itself.

The body is grey levels, a byte each, rows from the top, ``?width=`` pixels long; the answer is ``{"text": …}``, null
if there is no code. The picture goes no further.
"""

from __future__ import annotations

import asyncio
import re

import msgspec
from aiohttp import web

from lanchatd.identity import qr


async def read_code(request: web.Request) -> web.Response:
    """Answer 400 to what is no picture, 413 to one that is too large."""
    width = request.query.get("width", "")
    try:
        pixels = await request.read()
        # In a thread: some pictures take half a second, and everybody else would wait.
        text = await asyncio.to_thread(qr.read, pixels, int(width) if re.fullmatch(r"[0-9]{1,4}", width) else 0)
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from None
    except (ConnectionError, web.RequestPayloadError):  # they have gone; nobody reads this answer
        raise web.HTTPBadRequest from None
    return web.Response(body=msgspec.json.encode({"text": text}), content_type="application/json")
