"""Writes the state soon after it has changed, off the event loop, and once more at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from .errors import StoreError
from .state import State, Store

GATHER: Final = 0.1
"""Seconds after a write in which further changes wait and join the next one."""

_log = logging.getLogger(__name__)


class Saver:
    """The one writer of the state.

    Args:
        store: where to.
        state: what is to be kept, as of now.
        failed: told the sentence when it could not be written; the next change tries again.
    """

    def __init__(self, store: Store, state: Callable[[], State], failed: Callable[[str], None]) -> None:
        self._store: Final = store
        self._state: Final = state
        self._failed: Final = failed
        self._changed = asyncio.Event()
        self._written: State | None = None

    def changed(self) -> None:
        """The state is perhaps no longer what was written."""
        self._changed.set()

    async def run(self) -> None:
        """Write until cancelled; then write what is left."""
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                await self._write()
                await asyncio.sleep(GATHER)
        finally:
            self._save(self._state())

    async def _write(self) -> None:
        # Shielded: a second write must not begin while a cancelled first one still runs in its thread.
        writing = asyncio.ensure_future(asyncio.to_thread(self._save, self._state()))
        try:
            problem = await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise
        if problem:
            self._failed(problem)

    def _save(self, state: State) -> str | None:
        if state == self._written:
            return None
        try:
            self._store.save(state)
        except StoreError as error:
            _log.error("%s", error)
            return str(error)
        self._written = state
        return None
