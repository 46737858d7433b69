"""Machines out of namespaces, and what the doctor says on them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lan.daemon import Daemon
from tests.lan.machine import Machine
from tests.lan.network import Network

SECONDS = 60
"""Until something that should take two is given up: the machines share the processors of one."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the command said: exit status, and what it printed, as JSON."""

    status: int
    told: dict[str, Any]

    @property
    def kinds(self) -> list[str]:
        return [each["kind"] for each in self.told["findings"]]

    def __getitem__(self, kind: str) -> dict[str, Any]:
        """The finding of this kind; the test fails if there is not just one."""
        (found,) = [each for each in self.told["findings"] if each["kind"] == kind]
        return dict(found)


class Clinic:
    """A network whose machines can be made ill."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.daemons: list[Daemon] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[Clinic]:
        async with Network.open(folder) as network:
            clinic = cls(network)
            try:
                yield clinic
            finally:
                for daemon in clinic.daemons:
                    await daemon.kill()

    async def machine(self, name: str, *, plugged: bool = True) -> Machine:
        return await self.network.machine(name.lower(), plugged=plugged)

    async def daemon(self, machine: Machine, *options: str, account: str = "") -> Daemon:
        daemon = await Daemon.start(machine, *options, account=account)
        self.daemons.append(daemon)
        return daemon

    async def people(self, *names: str) -> list[Daemon]:
        """Each with a machine and a daemon; all of them linked."""
        daemons = [await self.daemon(await self.machine(name)) for name in names]
        for daemon in daemons:
            await linked(daemon, len(daemons) - 1)
        return daemons


async def network_of(daemon: Daemon) -> dict[str, Any]:
    """What the daemon itself knows."""
    return dict(await daemon.get("/api/network"))


async def linked(daemon: Daemon, count: int) -> None:
    """Wait until it has so many links."""
    await eventually(daemon, lambda told: sum(peer["link"] is not None for peer in told["peers"]) == count)


async def eventually(daemon: Daemon, condition: Any, seconds: float = SECONDS) -> dict[str, Any]:
    """Wait until what the daemon knows is like this. It has no events for it, so it is asked again and again."""
    told: dict[str, Any] = {}
    try:
        async with asyncio.timeout(seconds):
            while not condition(told := await network_of(daemon)):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not so after {seconds} s: {json.dumps(told, indent=1)}") from None
    return told


async def examine(machine: Machine, *options: str, under: tuple[str, ...] = ()) -> Opinion:
    """``lanchatd doctor --json`` on a machine, by the same user as its daemon.

    ``under`` is a command that becomes the one that is given to it.
    """
    status, output = await command(machine, "--json", *options, under=under)
    return Opinion(status, json.loads(output))


async def command(machine: Machine, *options: str, under: tuple[str, ...] = ()) -> tuple[int, str]:
    """Run the command; its exit status and what it printed."""
    words = (*under, sys.executable, "-m", "lanchatd", "doctor", *options)
    process = await machine.spawn(*words, stderr=asyncio.subprocess.STDOUT)
    output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    return process.returncode or 0, output.decode()
