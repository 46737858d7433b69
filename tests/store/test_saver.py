"""The saver: many changes become one write, and the last one is never lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lanchatd.store.saver import Saver
from lanchatd.store.state import State, Store


class Counting(Store):
    """A real store that counts its writes."""

    writes = attempts = 0

    def save(self, state: State) -> None:
        self.attempts += 1
        super().save(state)
        self.writes += 1


async def test_changes_are_gathered_and_the_last_one_is_written_at_the_end(tmp_path: Path) -> None:
    store = Counting(tmp_path)
    state = State(name="first")
    saver = Saver(store, lambda: state, pytest.fail)
    running = asyncio.create_task(saver.run())
    for number in range(50):
        state = State(name=f"number {number}")
        saver.changed()
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    assert store.load() == State(name="number 49")
    assert store.writes <= 2


async def test_a_failing_disk_is_told_once_and_written_without_being_asked_when_it_works(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    told: asyncio.Queue[str] = asyncio.Queue()
    state = State(name="first")
    store = Counting(folder)
    saver = Saver(store, lambda: state, told.put_nowait)
    running = asyncio.create_task(saver.run())
    for number in range(3):
        state = State(name=f"number {number}")
        saver.changed()
        async with asyncio.timeout(5):
            while store.attempts <= number or told.empty():
                await asyncio.sleep(0.01)
    folder.mkdir()
    async with asyncio.timeout(5):
        while saver.problem:
            await asyncio.sleep(0.01)
    assert Store(folder).load() == State(name="number 2")
    assert told.qsize() == 1
    running.cancel()
    await asyncio.wait([running])


async def test_a_failed_write_is_told_and_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    told: asyncio.Queue[str] = asyncio.Queue()
    saver = Saver(Store(folder), lambda: State(name="kept"), told.put_nowait)
    running = asyncio.create_task(saver.run())
    saver.changed()
    assert str(folder) in await asyncio.wait_for(told.get(), 5)
    folder.mkdir()
    running.cancel()
    await asyncio.wait([running])
    assert Store(folder).load() == State(name="kept")
