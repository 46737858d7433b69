"""Ctrl-C: the bench ends what it has started, in its order, and the programs that it has started do not hear of it."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """Somebody has pressed Ctrl-C."""


def run_until_stopped(measuring: Coroutine[Any, Any, T]) -> T:
    """Run it to its end.

    Raises:
        Stopped: SIGINT came before. What was running was cancelled, and has ended.
    """
    done = threading.Event()
    stopped = False

    async def measure() -> T:
        task = asyncio.current_task()
        assert task is not None

        def stop() -> None:
            nonlocal stopped
            stopped = task.cancel()
            # What was about to be closed is of no interest any more.
            logging.getLogger("asyncio").setLevel(logging.CRITICAL)
            sys.unraisablehook = lambda _: None

        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop)
        return await measuring

    # A terminal sends it to all programs that were started from there, and whatever a thread blocks is blocked in those
    # that it starts. So one thread that starts none hears it for all.
    hearing = threading.Thread(target=done.wait)
    hearing.start()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return asyncio.run(measure())
    except BaseException:
        if stopped:  # whatever else went wrong because of that
            raise Stopped from None
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        done.set()
        hearing.join()
