"""The part that makes the desktop show what `Board` says, and does what the person presses there.

It only ever works towards what is to be seen now: however much happens meanwhile, nothing piles up before a server that
is slow, and after any loss of the bus or the server the same is shown anew.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import PeerId, TabId

from . import browser
from .board import Board
from .handover import KEPT, OPENING, Handover
from .notice import Deed, Notice, Slot
from .signals import BusError, Changed, Closed, Pressed, RefusedError, Replied, Signal, bus_address

if TYPE_CHECKING:
    from .bus import Server

SIGNALS: Final = 64
"""Of what happens on the desktop between two rounds so much counts, the last of it."""
LAST_SECONDS: Final = 1.0
"""For taking everything away at the end."""
NO_TAB: Final = TabId(0)
"""Who asks is no tab."""

_OfOne = Pressed | Replied | Closed
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DesktopEvents:
    """What the desktop asks of the daemon.

    ``request`` as from a tab; may raise `BadRequest`. ``tell``: tells one tab. ``available``: notifications can be
    shown from now on, or no longer. ``person``: whom tabs show under this key.
    """

    request: Callable[[TabId, ui.TabRequest], None]
    tell: Callable[[TabId, ui.Event], None]
    available: Callable[[bool], None]
    person: Callable[[PeerId], ui.Person | None]


@dataclass(frozen=True, slots=True)
class Times:
    """In seconds. ``pace``: between two rounds, so that a burst becomes one notification or a few. ``patience``: for an
    answer on the bus. ``retry``, ``retry_longest``: between two attempts to reach the bus, at first and at last.
    ``opening``, ``kept``: see `Handover`.
    """

    pace: float = 0.25
    patience: float = 5.0
    retry: float = 1.0
    retry_longest: float = 15.0
    opening: float = OPENING
    kept: float = KEPT


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a program with this connection to the bus shows under this id."""

    owner: str | None
    id: int
    notice: Notice


class Notifications:
    """Notifications on the desktop.

    Args:
        events: what is asked of the daemon.
        preferences: as set at the start.
        times: how long things may take.
    """

    def __init__(self, events: DesktopEvents, preferences: ui.Preferences, times: Times | None = None) -> None:
        self._events: Final = events
        self._times: Final = times or Times()
        self._board: Final = Board(events.person, preferences)
        self._handover: Final = Handover(
            events.tell,
            lambda: self._board.pages,
            self._not_taken,
            opening=self._times.opening,
            kept=self._times.kept,
        )
        self._wake: Final = asyncio.Event()
        self._signals: Final[deque[tuple[_OfOne, tuple[Slot, _Shown] | None]]] = deque(maxlen=SIGNALS)
        self._shown: Final[dict[Slot, _Shown]] = {}
        self._available = False
        self._problem: str | None = None
        self._delay = self._times.retry

    # ------------------------------------------------------------------------------------------------ from the daemon

    @property
    def pages(self) -> tuple[TabId, ...]:
        """The open pages, the one last looked at at the end. Programs of the person are tabs and no pages."""
        return self._board.pages

    def hear(self, event: ui.Event) -> None:
        """All tabs have been told this."""
        self._board.hear(event)
        if self._board.taken is None:
            self._handover.drop()
        self._wake.set()

    def look(self, tab: TabId, focus: ui.SetFocus) -> None:
        """A page has opened, or has got or lost the focus."""
        new = tab not in self._board.pages
        self._board.look(tab, focus)
        if new:
            self._handover.opened(tab)
        self._wake.set()

    def tab_closed(self, tab: TabId) -> None:
        """A tab is gone."""
        self._board.tab_closed(tab)
        self._wake.set()

    # --------------------------------------------------------------------------------------------------------- its life

    async def run(self, entrance: str) -> None:
        """Show notifications until cancelled, whenever there is a bus.

        Args:
            entrance: the address of the page.
        """
        while True:
            try:
                address = bus_address(os.environ)
                if address is None:
                    raise BusError("there is no session bus")
                from .bus import connected  # takes time and memory, for nothing where there is no bus

                async with connected(address, self._heard, patience=self._times.patience) as server:
                    await self._serve(server, entrance)
            except BusError as problem:
                self._tell(str(problem))
            self._shown.clear()
            self._set_available(False)
            await asyncio.sleep(self._delay)
            self._delay = min(2 * self._delay, self._times.retry_longest)

    async def _serve(self, server: Server, entrance: str) -> None:
        """Keep the desktop as it ought to be.

        Raises:
            BusError: the bus is gone, or somebody on it does not answer.
        """
        try:
            while True:
                self._wake.clear()
                server.check()
                while self._signals:
                    await self._take(*self._signals.popleft(), entrance)
                await self._show(server, self._board.notices())
                if not server.there:
                    self._tell("no program of this session shows them")
                self._set_available(server.there)
                await asyncio.sleep(self._times.pace)
                await self._wake.wait()
        except asyncio.CancelledError:
            with suppress(BusError, TimeoutError):
                async with asyncio.timeout(LAST_SECONDS):
                    await self._show(server, {})
            raise

    async def _show(self, server: Server, wanted: dict[Slot, Notice]) -> None:
        """Let the desktop show this, and nothing else of ours."""
        for slot, shown in list(self._shown.items()):
            if shown.owner != server.owner:
                del self._shown[slot]
            elif slot not in wanted:
                del self._shown[slot]
                await server.withdraw(shown.id)
        for slot, notice in wanted.items():
            before = self._shown.get(slot)
            if (before is None or before.notice != notice) and not await self._show_one(server, slot, notice):
                return

    async def _show_one(self, server: Server, slot: Slot, notice: Notice) -> bool:
        replaced, owner = self._shown.get(slot), server.owner
        showing = asyncio.ensure_future(server.show(notice, replaced.id if replaced else 0))
        try:
            number = await asyncio.shield(showing)
        except RefusedError as refusal:
            self._tell(str(refusal))
            return False
        except asyncio.CancelledError:
            # Perhaps it is to be seen already; without its number it could not be taken away.
            await asyncio.wait([showing], timeout=LAST_SECONDS)
            if not showing.cancel() and not showing.exception():
                self._shown[slot] = _Shown(owner, showing.result(), notice)
            raise
        self._tell_fine()
        if owner in (None, server.owner):
            self._shown[slot] = _Shown(server.owner, number, notice)
        return True

    # -------------------------------------------------------------------------------------------- what the person does

    def _heard(self, signal: Signal) -> None:
        if not isinstance(signal, Changed):
            self._signals.append((signal, self._find(signal.id)))
        self._wake.set()

    def _find(self, number: int) -> tuple[Slot, _Shown] | None:
        return next(((slot, shown) for slot, shown in self._shown.items() if shown.id == number), None)

    async def _take(self, signal: _OfOne, place: tuple[Slot, _Shown] | None, entrance: str) -> None:
        # None: it came so early that the number was not known yet; or it is about what others have shown.
        slot, shown = place or self._find(signal.id) or (None, None)
        if slot is None or shown is None:
            return
        if isinstance(signal, Pressed):
            await self._do(self._board.press(slot, signal.key), signal.token, entrance)
        elif isinstance(signal, Replied):
            await self._do(self._board.reply(slot, signal.text, secrets.token_urlsafe(16)), None, entrance)
        else:
            self._put_away(slot, shown)

    def _put_away(self, slot: Slot, gone: _Shown) -> None:
        if self._shown.get(slot) is gone:
            del self._shown[slot]
        # What has changed since is not what the person wants to be rid of.
        if self._board.notices().get(slot) == gone.notice:
            self._board.dismiss(slot)

    async def _do(self, deed: Deed | None, token: str | None, entrance: str) -> None:
        if deed is None:
            return
        for request in deed.requests:
            self._request(request)
        if deed.take:
            self._handover.begin(deed.take)
        if deed.page:
            try:
                await browser.open_page(browser.address(entrance, deed.person), token)
            except browser.NoBrowserError as problem:
                _log.warning("%s", problem)
                self._handover.hurry()

    def _request(self, request: ui.TabRequest) -> None:
        try:
            self._events.request(NO_TAB, request)
        except BadRequest as refusal:
            _log.info("What was pressed on the desktop can not be done: %s", refusal)
            if isinstance(request, ui.SendPrivateMessage):
                self._board.refused(request.person, str(refusal))

    def _not_taken(self) -> None:
        """No page has come for the call that was accepted: it is to be seen again, if it still rings."""
        self._board.taken = None
        self._wake.set()

    # ---------------------------------------------------------------------------------------------------- what is told

    def _set_available(self, available: bool) -> None:
        if available != self._available:
            self._available = available
            self._events.available(available)

    def _tell(self, problem: str) -> None:
        """Say it once, and again only after notifications have been shown in between."""
        if problem != self._problem:
            self._problem = problem
            _log.info("Notifications are not shown on the desktop for now: %s", problem)

    def _tell_fine(self) -> None:
        self._delay = self._times.retry
        if self._problem is not None:
            self._problem = None
            _log.info("Notifications are shown on the desktop again")
