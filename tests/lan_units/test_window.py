"""How much is begun at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from lanchatd.lan.window import Window


@contextlib.asynccontextmanager
async def crowd(window: Window, number: int) -> AsyncIterator[None]:
    """So many ask for a place and keep it."""
    done = asyncio.Event()

    async def stay() -> None:
        async with window.place():
            await done.wait()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(number):
            tasks.create_task(stay())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            done.set()


async def test_no_more_at_once_than_there_are_places() -> None:
    window = Window(2, 8)
    async with crowd(window, 3):
        assert window.taken == 2
        assert window.full
    async with crowd(window, 1):
        assert not window.full


async def test_it_grows_with_what_goes_well_to_its_limit() -> None:
    window = Window(2, 5)
    for _ in range(10):
        window.widen()
    async with crowd(window, 10):
        assert window.taken == 5


async def test_it_is_halved_when_something_takes_long_down_to_one() -> None:
    window = Window(2, 8)
    for _ in range(6):
        window.widen()
    async with crowd(window, 9):
        window.narrow()
        assert window.taken == 8, "what is at work goes on"
    async with crowd(window, 9):
        assert window.taken == 4
        for _ in range(5):
            window.narrow()
    async with crowd(window, 9):
        assert window.taken == 1
    window.widen()
    async with crowd(window, 9):
        assert window.taken == 2
