"""Two processes that only pass frames on: what Python, aiohttp and TLS take when nothing is done with a message.

``python -m bench.references.relay STATE [PORT]``: a WebSocket for a tab on one side, TLS to the other process on the
other, which is dialled at that port. Writes its own two ports when it is ready. A frame ``m…`` goes to the other tab,
and an ``a…`` comes back for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from aiohttp import web

from lanchatd.identity.certificate import client_context, server_context
from lanchatd.identity.keys import load_or_create


class Relay:
    """One of the two processes."""

    def __init__(self) -> None:
        self._tab: web.WebSocketResponse | None = None
        self._link: asyncio.StreamWriter | None = None

    async def serve_tab(self, request: web.Request) -> web.WebSocketResponse:
        """Pass on what the tab says."""
        self._tab = tab = web.WebSocketResponse(compress=False)
        await tab.prepare(request)
        async for frame in tab:
            if self._link is not None:
                self._link.write(frame.data.encode() + b"\n")
        return tab

    async def serve_link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what the other process says."""
        self._link = writer
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                if line.startswith(b"m"):
                    writer.write(b"a" + line[1:])
                if self._tab is not None:
                    await self._tab.send_str(line[:-1].decode())


async def main(state: Path, port: int | None) -> None:
    """Run until killed."""
    identity, relay = load_or_create(state), Relay()
    app = web.Application()
    app.router.add_get("/", relay.serve_tab)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server = await asyncio.start_server(relay.serve_link, "127.0.0.1", 0, ssl=server_context(identity))
    if port is not None:
        link = await asyncio.open_connection("127.0.0.1", port, ssl=client_context(identity), server_hostname="")
        await asyncio.gather(_ready(runner, server), relay.serve_link(*link))
    await _ready(runner, server)
    await server.serve_forever()


async def _ready(runner: web.AppRunner, server: asyncio.Server) -> None:
    print(runner.addresses[0][1], server.sockets[0].getsockname()[1], flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None))
