"""Writes the state soon after it has changed, off the event loop, and once more at the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from .errors import StoreError
from .state import State, Store

GATHER: Final = 0.1
"""Seconds after a write in which further changes wait and join the next one."""
RETRY: Final = 2.0
"""Seconds after a write that failed until the next attempt, if no change brings it forward."""

_log = logging.getLogger(__name__)


class Saver:
    """The one writer of the state.

    Args:
        store: where to.
        state: what is to be kept, as of now.
        failed: told the sentence when it could not be written, and again only when the reason is another one. It is
            tried again until it succeeds, without being asked.
    """

    def __init__(self, store: Store, state: Callable[[], State], failed: Callable[[str], None]) -> None:
        self._store: Final = store
        self._state: Final = state
        self._failed: Final = failed
        # Of its own, and imported now: the one of the event loop needs a file descriptor at its first use.
        self._thread: Final = ThreadPoolExecutor(1, "saver")
        self._changed = asyncio.Event()
        self._written: State | None = None
        self.problem: str | None = None
        """The sentence, for as long as what is in memory could not be written."""

    def changed(self) -> None:
        """The state is perhaps no longer what was written."""
        self._changed.set()

    async def run(self) -> None:
        """Write until cancelled; then write what is left."""
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(RETRY if self.problem else None):
                        await self._changed.wait()
                self._changed.clear()
                await self._write()
                await asyncio.sleep(GATHER)
        finally:
            self._thread.shutdown()
            self._note(self._save(self._state()))

    async def _write(self) -> None:
        # Shielded: a second write must not begin while a cancelled first one still runs in its thread.
        writing = asyncio.get_running_loop().run_in_executor(self._thread, self._save, self._state())
        try:
            problem = await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise
        self._note(problem)

    def _note(self, problem: str | None) -> None:
        before, self.problem = self.problem, problem
        if problem and problem != before:
            _log.error("%s", problem)
            self._failed(problem)
        elif before and not problem:
            _log.warning("Contacts and settings are saved again")

    def _save(self, state: State) -> str | None:
        if state == self._written:
            return None
        try:
            self._store.save(state)
        except StoreError as error:
            return str(error)
        self._written = state
        return None
