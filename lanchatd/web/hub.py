"""The open tabs of the person: what each is still to be told, in order. Knows no sockets."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final

from msgspec import UNSET, UnsetType

from lanchatd.protocol import codec, ui
from lanchatd.protocol.model import TabId

OUTBOX_BYTES: Final = 4 * 1024 * 1024
"""How far a tab may lag behind before it is dropped, in bytes; its snapshot does not count."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HubEvents:
    """What the hub reports upwards.

    ``opened`` answers with the snapshot that begins every tab; what it tells by itself reaches only the other tabs.
    ``request`` may raise `codec.BadRequest`, which becomes the answer. ``closed`` comes once for each ``opened``.
    """

    opened: Callable[[TabId], ui.Snapshot]
    request: Callable[[TabId, ui.TabRequest], None]
    closed: Callable[[TabId], None]


class Tab:
    """One open page. Its socket has one reader, which calls `Hub.receive`, and one writer, which sends each `next`."""

    def __init__(self, tab_id: TabId, snapshot: bytes, limit: int, drop: Callable[[], None]) -> None:
        self.id: Final = tab_id
        self.drop: Final = drop
        self._snapshot: bytes | None = snapshot
        self._frames: Final[deque[bytes]] = deque()
        self.waiting = 0
        """How much is queued, in bytes, without the snapshot."""
        self._limit: Final = limit
        self._news: Final = asyncio.Event()
        self._ended = False

    def put(self, frame: bytes) -> bool:
        """Queue a frame; False if the tab lags too far behind for that."""
        if self.waiting + len(frame) > self._limit:
            return False
        self.waiting += len(frame)
        self._frames.append(frame)
        self._news.set()
        return True

    def end(self) -> None:
        """Let `next` say that there is no more, after what is queued."""
        self._ended = True
        self._news.set()

    async def next(self) -> bytes | None:
        """The next frame for the socket, as soon as there is one; None: close the socket."""
        if self._snapshot is not None:
            snapshot, self._snapshot = self._snapshot, None
            return snapshot
        while not self._frames:
            if self._ended:
                return None
            self._news.clear()
            await self._news.wait()
        return self._pop()

    def take(self, size: int) -> list[bytes]:
        """The frames that are queued, and no more of them than ``size`` bytes hold."""
        frames: list[bytes] = []
        while self._frames and (size := size - len(self._frames[0])) >= 0:
            frames.append(self._pop())
        return frames

    def _pop(self) -> bytes:
        frame = self._frames.popleft()
        self.waiting -= len(frame)
        return frame


class Hub:
    """All open tabs.

    Args:
        events: who is told what tabs do.
        limit: how far a tab may lag behind, in bytes.
    """

    def __init__(self, events: HubEvents, *, limit: int = OUTBOX_BYTES) -> None:
        self._events: Final = events
        self._limit: Final = limit
        self._ids: Final = count(1)
        self._tabs: Final[dict[TabId, Tab]] = {}

    def tell(self, tab: TabId, event: ui.Event) -> None:
        """Send to one tab. A tab that has gone is no error: it comes back to a snapshot."""
        if tab in self._tabs:
            self._put(self._tabs[tab], codec.encode(event).encode())

    def tell_all(self, event: ui.Event) -> None:
        """Send to every tab."""
        if self._tabs:
            frame = codec.encode(event).encode()
            for tab in tuple(self._tabs.values()):
                self._put(tab, frame)

    def join(self, drop: Callable[[], None]) -> Tab:
        """A page has opened its socket. The snapshot is the first frame of the tab.

        Args:
            drop: called at most once, if the tab does not read: ends its socket at once. `leave` follows as always.
        """
        tab_id = TabId(next(self._ids))
        snapshot = codec.encode(self._events.opened(tab_id)).encode()
        tab = self._tabs[tab_id] = Tab(tab_id, snapshot, self._limit, drop)
        return tab

    def leave(self, tab: Tab) -> None:
        """The socket of the tab has ended, for whatever reason. To be called exactly once."""
        self._tabs.pop(tab.id, None)
        self._events.closed(tab.id)

    def receive(self, tab: Tab, frame: str | bytes) -> None:
        """A frame has come from the tab. What is wrong with it is answered; only a fault of ours is raised."""
        if tab.id not in self._tabs:
            return
        ref: str | UnsetType = UNSET
        try:
            if isinstance(frame, bytes):
                raise codec.BadRequest("bad_message", "Only text frames are understood.")
            request = codec.decode_tab(frame)
            ref = request.ref
            self._events.request(tab.id, request)
        except codec.BadRequest as problem:
            ref = ref if problem.ref is UNSET else problem.ref
            self.tell(tab.id, ui.Error(code=problem.code, message=str(problem), ref=ref))

    def close(self) -> None:
        """The daemon stops: every tab ends after what is queued for it."""
        for tab in self._tabs.values():
            tab.end()

    def _put(self, tab: Tab, frame: bytes) -> None:
        if tab.put(frame):
            return
        # Its `closed` waits until the socket has ended: we may be in the middle of a request or an effect here.
        del self._tabs[tab.id]
        _log.warning("tab %d does not read what it is sent and was dropped", tab.id)
        tab.drop()
