"""Waiting for what a reader brings: a task that takes in what somebody says, and tells a condition of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def becomes_true(
    condition: Callable[[], bool], changed: asyncio.Condition, reader: asyncio.Task[None], seconds: float
) -> bool:
    """Wait so long for a condition that what is read can make true, or until there is nothing more to read.

    Returns:
        Whether it is true.
    """
    try:
        async with asyncio.timeout(seconds), changed:
            await changed.wait_for(lambda: condition() or reader.done())
    except TimeoutError:
        pass
    return condition()
