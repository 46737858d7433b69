"""A call that was accepted on the desktop, or is to be placed, on its way to the page that does it.

Camera and microphone are the page's, so a page has to accept. No address says so: any web site could lead to that one.
The daemon remembers what the person wants, and tells it to one page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from lanchatd.protocol import ui
from lanchatd.protocol.model import TabId

OPENING: Final = 3.0
"""Seconds that a page has to open; after that, one that is open already takes the call."""
KEPT: Final = 20.0
"""Seconds until nothing is taken any more: a browser that has to be started needs its time."""


class Handover:
    """Gives the call to the page that opens for it, which is the one that the person sees.

    Args:
        tell: tells one tab.
        pages: those that are open, the best one at the end.
        given_up: no page has come.
        opening: see `OPENING`.
        kept: see `KEPT`.
    """

    def __init__(
        self,
        tell: Callable[[TabId, ui.Event], None],
        pages: Callable[[], tuple[TabId, ...]],
        given_up: Callable[[], None],
        *,
        opening: float = OPENING,
        kept: float = KEPT,
    ) -> None:
        self._tell: Final = tell
        self._pages: Final = pages
        self._given_up: Final = given_up
        self._opening: Final = opening
        self._kept: Final = kept
        self._take: ui.TakeCall | ui.PlaceCall | None = None
        self._timers: tuple[asyncio.TimerHandle, ...] = ()

    def begin(self, take: ui.TakeCall | ui.PlaceCall) -> None:
        """The person wants this call, and a page is being opened."""
        self.drop()
        loop = asyncio.get_running_loop()
        self._take = take
        self._timers = (loop.call_later(self._opening, self.hurry), loop.call_later(self._kept, self._expire))

    def opened(self, page: TabId) -> None:
        """A page has opened."""
        take = self._take
        if take is not None:
            self.drop()
            self._tell(page, take)

    def hurry(self) -> None:
        """No page opens: one that is open already has to do."""
        if pages := self._pages():
            self.opened(pages[-1])

    def drop(self) -> None:
        """Nothing is to be taken any more."""
        self._take = None
        for timer in self._timers:
            timer.cancel()
        self._timers = ()

    def _expire(self) -> None:
        self.drop()
        self._given_up()
