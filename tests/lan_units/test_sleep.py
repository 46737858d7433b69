"""The machine sleeps for an hour, or this daemon is stopped for a while; and what is thought of the others then."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable

import pytest

from lanchatd.lan import pulse, tcp
from lanchatd.lan.interfaces import InterfaceWatcher
from lanchatd.lan.pulse import Pulse

from .people import Person, online


@contextlib.asynccontextmanager
async def cable(person: Person) -> AsyncIterator[tuple[int, Callable[[bool], None]]]:
    """A port that leads to a person until it is cut: from then on everything is lost, and nobody is told.

    Yields the port, and what cuts it (False) and mends it for new connections (True).
    """
    good: list[set[int]] = [{0}]

    def mend(whole: bool) -> None:
        good[0] = {max(good[0], default=0) + 1} if whole else set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, era: int) -> None:
        while data := await reader.read(65536):
            if era in good[0]:
                writer.write(data)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        era = max(good[0], default=-1)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", person.mesh.port)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(carry(reader, far_writer, era), carry(far_reader, writer, era))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], mend


async def test_after_an_hour_of_sleep_a_dead_link_is_seen_at_once_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others have given up long ago and nothing says so: the network has forgotten the connection.

    While a machine sleeps, CLOCK_BOOTTIME goes on and CLOCK_MONOTONIC, which is the clock of all timers, does not.
    """
    ann, bob = Person(), Person()
    slept = [0.0]
    monkeypatch.setattr(tcp, "acknowledged", lambda _: False)  # the cable of the test is two TCP connections
    watcher = InterfaceWatcher(["lo"], lambda network: ann.mesh.network_changed(network), slept=lambda: slept[0])
    async with online(ann, bob), cable(bob) as (port, mend), asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watcher.run())
        ann.sight(bob, port=port)
        await ann.linked_with(bob)
        await bob.linked_with(ann)
        mend(False)
        slept[0] = 3600.0
        mend(True)
        begun = time.monotonic()
        await ann.heard("unlinked", bob.id, False, "no sign of life")
        assert time.monotonic() - begun < 2.5, "a second until the sleep is noticed, and one for an answer"
        await ann.times("linked", 2)
        await bob.times("linked", 2)
        assert ann.kinds("cloned") + bob.kinds("cloned") == []
        watching.cancel()


async def test_a_sleep_that_the_links_survive_ends_none_of_them() -> None:
    ann, bob = Person(), Person()
    async with online(ann, bob):
        ann.sight(bob)
        await ann.linked_with(bob)
        await bob.linked_with(ann)
        for _ in range(3):
            ann.mesh.network_changed(ann.mesh._network)
            bob.mesh.network_changed(bob.mesh._network)
        await asyncio.sleep(pulse.PONG + 0.3)
        assert ann.kinds("unlinked") + bob.kinds("unlinked") == []


async def test_who_was_stopped_does_not_take_the_others_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer may have come while nobody listened: it has to be looked for before anything is concluded."""
    monkeypatch.setattr(pulse, "HEARTBEAT", 0.1)
    monkeypatch.setattr(pulse, "PONG", 0.1)
    asked = asyncio.Event()

    async def ping() -> None:
        asked.set()

    beating = Pulse(ping)
    beating.felt()
    async with asyncio.TaskGroup() as tasks:
        stopping = tasks.create_task(beating.stops(lambda *_: None))
        await asked.wait()
        stop_this_process(pulse._LATE + 0.3)
        await asyncio.sleep(0.05)
        assert not stopping.done()
        async with asyncio.timeout(1):
            await stopping


async def test_who_was_heard_long_ago_has_time_to_answer_if_the_machine_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its program is busy: the kernel says so, and it is not to be taken for dead after a second."""
    monkeypatch.setattr(pulse, "PONG", 0.1)
    monkeypatch.setattr(pulse, "BUSY", 0.5)

    async def ping() -> None: ...

    async def silence(reached: bool) -> float:
        beating = Pulse(ping, lambda: reached)
        beating.felt()
        beating.heard_at = (begun := asyncio.get_running_loop().time()) - pulse.IDLE[1]
        await beating.stops(lambda *_: None)
        return asyncio.get_running_loop().time() - begun

    assert await silence(reached=True) >= 0.5
    assert await silence(reached=False) < 0.5


def stop_this_process(seconds: float) -> None:
    """SIGSTOP, and another process that sends SIGCONT."""
    waker = subprocess.Popen(["sh", "-c", f"sleep {seconds}; kill -CONT {os.getpid()}"])
    os.kill(os.getpid(), signal.SIGSTOP)
    waker.wait()
