"""A real server and real tabs, with a desk that answers in place of the switchboard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, ClientWebSocketResponse

from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import PeerId, TabId
from lanchatd.web.app import WebEvents, application
from lanchatd.web.guard import Door, Guard
from lanchatd.web.hub import Hub, HubEvents
from lanchatd.web.listen import listen
from lanchatd.web.server import serve

PEER = PeerId("a" * 52)
ME = ui.Me(id=PEER, name="Ada", machine="desk", status="available")
PERSON = ui.Person(id=PeerId("b" * 52), name="Bo", machine="lap", presence="online", relation="contact")
TAB_LIMIT = 1024 * 1024


@dataclass
class Desk:
    """Answers like a switchboard of few words, and remembers what it was told."""

    limit: int = TAB_LIMIT
    hub: Hub = field(init=False)
    opened: list[TabId] = field(default_factory=list)
    closed: asyncio.Queue[TabId] = field(default_factory=asyncio.Queue)
    faults: asyncio.Queue[BaseException] = field(default_factory=asyncio.Queue)
    addresses: list[str] = field(default_factory=lambda: ["192.0.2.7", "fd00::7"])

    def __post_init__(self) -> None:
        self.hub = Hub(HubEvents(self.open, self.request, self.closed.put_nowait), limit=self.limit)

    def snapshot(self, tab: TabId = TabId(0)) -> ui.Snapshot:  # noqa: B008 - an int
        return ui.Snapshot(tab=tab, version="1", me=ME, people=[PERSON], conversations=[])

    def open(self, tab: TabId) -> ui.Snapshot:
        self.opened.append(tab)
        return self.snapshot(tab)

    def request(self, tab: TabId, request: ui.TabRequest) -> None:
        match request:
            case ui.SetProfile():
                me = ui.Me(id=PEER, name=request.name or "Ada", machine="desk", status="available")
                self.hub.tell_all(ui.ProfileChanged(me=me))
                self.hub.tell(tab, ui.Ok(ref=request.ref))
            case ui.BlockUser():
                raise BadRequest("unknown_person", "Nobody has this key.")
            case ui.UnblockUser():
                self.hub.tell(tab, ui.Error(code="queue_full", message="x" * self.limit))
            case ui.ForgetUser():
                raise ZeroDivisionError("a fault of ours")
            case _:
                self.hub.tell(tab, ui.OnlineUsersList(people=[PERSON], ref=request.ref))


@dataclass
class Site:
    """A running server."""

    port: int
    desk: Desk
    client: ClientSession
    entrance: str = ""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def hub(self) -> Hub:
        return self.desk.hub

    def handshake(self) -> bytes:
        """The opening handshake of a tab, for those who write it by hand (RFC 6455 section 4.1)."""
        lines = (
            "GET /ws HTTP/1.1",
            f"Host: localhost:{self.port}",
            f"Origin: {self.url}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        )
        return "\r\n".join([*lines, "", ""]).encode()

    async def tab(self, path: str = "/ws", **headers: str) -> ClientWebSocketResponse:
        """Open a tab as the page does."""
        given = {"Origin": self.url} | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.ws_connect(self.url + path, headers=given, max_msg_size=0)

    async def shown_tab(self) -> ClientWebSocketResponse:
        """Open a tab and take its snapshot."""
        tab = await self.tab()
        assert (await tab.receive_json())["event"] == "snapshot"
        return tab


@asynccontextmanager
async def running_site(door: Door | None = None, *, patience: float = 10.0) -> AsyncIterator[Site]:
    """Serve on a free port until the end of the block."""
    desk = Desk()
    port, sockets = listen(0)
    guard = Guard(port, door)
    events = WebEvents(
        snapshot=desk.snapshot,
        addresses=lambda: desk.addresses,
        status=lambda: {"version": "1", "links": 1 // len(desk.addresses)},
        failed=desk.faults.put_nowait,
    )
    app = application(desk.hub, events, guard)
    async with serve(app, sockets, patience=patience), ClientSession() as client:
        yield Site(port, desk, client, guard.entrance)
