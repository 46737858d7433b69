"""Doing nothing: memory, processor, wake-ups and packets by the number of peers, beside others that do nothing."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tests.browsers.host import end
from tests.lan.avahi import Avahi
from tests.lan.daemon import Daemon
from tests.lan.machine import Machine
from tests.lan.network import Network

from .crowd_world import Crowd
from .process import Usage, usage
from .reference import absent
from .result import Figure, Plot, Result
from .scale import Scale
from .world import QUIETLY

AVAHI: Final = "avahi-daemon"
SYNCTHING: Final = "syncthing"
_QUIET: Final = 6.0
"""Seconds until nothing that was begun at the start still goes on."""


@dataclass(frozen=True, slots=True)
class Idle:
    """``memory`` in MiB; ``cpu``: percent of a core; ``wakeups``: a second; ``packets``: in and out, a minute."""

    memory: float
    cpu: float
    wakeups: float
    packets: float


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which a process is looked at, from now on."""

    pid: int
    machine: Machine
    before: Usage
    packets: int
    began: float

    @classmethod
    async def open(cls, pid: int, machine: Machine) -> Self:
        """Begin."""
        return cls(pid, machine, usage(pid), await _packets(machine), time.monotonic())

    async def read(self) -> Idle:
        """What it has used until now."""
        after, passed = usage(self.pid), time.monotonic() - self.began
        return Idle(
            after.memory,
            100 * (after.cpu - self.before.cpu) / passed,
            (after.wakeups - self.before.wakeups) / passed,
            60 * (await _packets(self.machine) - self.packets) / passed,
        )


async def measure(scale: Scale) -> Result:
    """One daemon in companies of growing size; meanwhile, in a network of their own, the others."""
    seconds = scale.of(20.0, 1.0)
    quiet = scale.of(_QUIET, 1.0)
    counts = scale.of((0, 1, 10, 50), (0, 1, 3))
    missing = {name: how for name in (AVAHI, SYNCTHING) if (how := absent(name))}
    ours: dict[int, Idle] = {}
    others: dict[str, Idle] = {}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        async with Crowd.open(Path(one)) as crowd, _references(Path(other), missing) as theirs:
            machine = await crowd.machine("measured")
            daemon = await Daemon.start(machine, *QUIETLY)
            beside: dict[str, Window] = {}
            for count in counts:
                await crowd.machines_on(count)
                for name in sorted(crowd.machines.keys() - crowd.pids.keys()):
                    await crowd.start(name)  # as people come; what happens when all come at once is for `crowd`
                await _linked(daemon, count)
                await asyncio.sleep(quiet)
                # All of the time, because they do so little; nobody comes to the network that they are in.
                beside = beside or {name: await Window.open(*each) for name, each in theirs.items()}
                window = await Window.open(daemon.pid, machine)
                await asyncio.sleep(seconds)
                ours[count] = await window.read()
            others = {name: await window.read() for name, window in beside.items()}
            await daemon.stop()
    return Result("footprint", _figures(ours, others), _plots(ours, others), missing, short=scale.short)


def _figures(ours: dict[int, Idle], others: dict[str, Idle]) -> list[Figure]:
    alone, few, most = ours[0], sorted(ours)[1], max(ours)
    each = 1024 * (ours[most].memory - ours[few].memory) / (most - few)
    figures = [
        Figure("resident memory, nobody else there", "MiB", alone.memory, limit=60),
        Figure("more for each peer", "KiB", each, limit=100),
        *(Figure(f"processor, {_peers(n)}", "% of a core", idle.cpu, limit=0.2) for n, idle in ours.items()),
        *(Figure(f"wake-ups a second, {_peers(n)}", "", idle.wakeups) for n, idle in ours.items()),
        *(Figure(f"packets a minute, {_peers(n)}", "", idle.packets) for n, idle in ours.items()),
    ]
    for name in (AVAHI, SYNCTHING):
        idle = others.get(name)
        figures += [
            Figure("resident memory", "MiB", alone.memory, name, idle.memory if idle else None),
            Figure("processor", "% of a core", alone.cpu, name, idle.cpu if idle else None),
            Figure("wake-ups a second", "", alone.wakeups, name, idle.wakeups if idle else None),
        ]
    return figures


def _peers(count: int) -> str:
    return f"{count} peer{'s' if count != 1 else ''}"


def _plots(ours: dict[int, Idle], others: dict[str, Idle]) -> list[Plot]:
    mine = [(count, idle.memory) for count, idle in ours.items()]
    flat = {name: [(0.0, idle.memory), (float(max(ours)), idle.memory)] for name, idle in others.items()}
    rates = {
        "LanChat: wake-ups a second": [(float(n), idle.wakeups) for n, idle in ours.items()],
        "LanChat: packets a second": [(float(n), idle.packets / 60) for n, idle in ours.items()],
    }
    return [
        Plot("footprint-memory", "Resident memory, idle", "lines", "peers", {"LanChat": mine, **flat}, "MiB"),
        Plot("footprint-rates", "What is done when there is nothing to do", "lines", "peers", rates, "a second"),
    ]


async def _linked(daemon: Daemon, count: int) -> None:
    async with asyncio.timeout(120):
        while sum(peer["link"] is not None for peer in (await daemon.get("/api/network"))["peers"]) < count:
            await asyncio.sleep(0.2)


async def _packets(machine: Machine) -> int:
    """All that went over its cable, in both directions."""
    said = await machine.run("cat", "/proc/net/dev")
    fields = next(line.split() for line in said.splitlines() if "eth0:" in line)
    return int(fields[2]) + int(fields[10])


@asynccontextmanager
async def _references(folder: Path, missing: dict[str, str]) -> AsyncIterator[dict[str, tuple[int, Machine]]]:
    """The daemons that are measured beside: process ids and machines."""
    running: dict[str, tuple[int, Machine]] = {}
    async with Network.open(folder) as network, AsyncExitStack() as stack:
        if AVAHI not in missing:
            machine = await network.machine("avahi")
            avahi = await stack.enter_async_context(Avahi.running(machine))
            running[AVAHI] = avahi.pid, machine
        if SYNCTHING not in missing:
            machine = await network.machine("syncthing")
            process = await machine.spawn(
                *("syncthing", "serve", "--no-browser", "--no-upgrade", f"--home={machine.folder}/home/syncthing"),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                environment={"STNORESTART": "1"},
            )
            running[SYNCTHING] = process.pid, machine
            stack.push_async_callback(end, process)
        yield running
