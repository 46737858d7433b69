"""A bare pair of RTCPeerConnections: its page, and what carries its signals. ``python -m bench.references.signals``.

Of two WebSockets, what comes from the one goes to the other as it is. Writes its port when it is ready.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from aiohttp import web

PAGE: Final = Path(__file__).with_name("signals.html")


class Signals:
    """The two ends."""

    def __init__(self) -> None:
        self._ends: list[web.WebSocketResponse] = []

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Pass on what one end says."""
        end = web.WebSocketResponse(compress=False)
        await end.prepare(request)
        self._ends.append(end)
        async for frame in end:
            for other in self._ends:
                if other is not end:
                    await other.send_str(frame.data)
        self._ends.remove(end)
        return end


async def _page(_: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE)


async def main() -> None:
    """Run until killed."""
    app = web.Application()
    app.router.add_get("/signals", Signals().serve)
    app.router.add_get("/", _page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
