"""Who waits for a turn to be dialled beside whom: nobody behind machines that take connections and say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lanchatd.core.recent import Recent

from .sighting import Endpoint
from .window import Window

_AT_FIRST: Final = 4
_AT_ONCE: Final = 64
_KNOWN_AT_ONCE: Final = 32
_FRUITLESS_AT_ONCE: Final = 8
_REMEMBERED: Final = 4096
_QUICK: Final = 0.25


class Lanes:
    """Three windows: for who has been linked or was named by the person; for who was only heard of; and for those of
    the latter at whose addresses an attempt was begun, and came to nothing."""

    def __init__(self) -> None:
        self._known: Final = Window(_AT_FIRST, _KNOWN_AT_ONCE)
        self._heard_of: Final = Window(_AT_FIRST, _AT_ONCE)
        self._fruitless: Final = Window(1, _FRUITLESS_AT_ONCE)
        self._stuck_at: Final[Recent[str, None]] = Recent(_REMEMBERED)

    def lane(self, endpoints: Sequence[Endpoint], *, known: bool) -> Window:
        """Where these wait. It may be another one when their turn has come."""
        if known:
            return self._known
        stuck = bool(endpoints) and all(address in self._stuck_at for address, _ in endpoints)
        return self._fruitless if stuck else self._heard_of

    def linked(self, address: str, window: Window, seconds: float) -> None:
        """An attempt has led to a link."""
        self._stuck_at.pop(address, None)
        if seconds < _QUICK:
            window.widen()
        else:
            window.narrow()

    def failed(self, address: str, window: Window, *, begun: bool) -> None:
        """An attempt has led to nothing.

        Args:
            begun: somebody has answered, so this was work: one of both sides may have too much to do.
        """
        if begun:
            self._stuck_at[address] = None
            window.narrow()
        else:
            window.widen()
