"""A crowd of daemons on one link: each on a machine of its own, all of them forked from one process."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.lan.machine import ROOT, Machine
from tests.lan.namespaces import SEARCH_PATH, run
from tests.lan.network import Network

from .nursery import Birth, Ended, Ready
from .roll import Answer, Expect, Leave, Look

TOGETHER: Final = 8
"""Machines that are switched on at a time."""
_COUNTED: Final = {"multicast": "udp dport 5353", "all": ""}


class Crowd:
    """Daemons by the names of their machines."""

    def __init__(self, network: Network, nursery: asyncio.subprocess.Process, roll: asyncio.subprocess.Process) -> None:
        self._network = network
        self._nursery = nursery
        self._roll = roll
        self._waiting: dict[str, asyncio.Future[Ready]] = {}
        self._ending: dict[str, asyncio.Future[None]] = {}
        self._fallen: dict[str, str] = {}
        self.machines: dict[str, Machine] = {}
        self.pids: dict[str, int] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[Crowd]:
        """Everything ends with the ``async with``."""
        async with Network.open(folder) as network:
            nursery = await _program(network, "bench.nursery")
            roll = await _program(network, "bench.roll")
            crowd = cls(network, nursery, roll)
            reader = asyncio.create_task(crowd._read())
            try:
                await crowd._count()
                yield crowd
            finally:
                for process in (roll, nursery):
                    assert process.stdin
                    process.stdin.close()
                    await process.wait()
                await reader

    async def machines_on(self, count: int) -> None:
        """Switch so many machines on in all."""
        names = [f"m{number:03}" for number in range(len(self.machines), count)]
        gate = asyncio.Semaphore(TOGETHER)

        async def boot(name: str) -> Machine:
            async with gate:
                return await self._network.machine(name)

        for name, machine in zip(names, await asyncio.gather(*map(boot, names)), strict=True):
            self.machines[name] = machine
        await self._acquaint()

    async def machine(self, name: str) -> Machine:
        """One more machine on the same link, for whatever else."""
        return await self._network.machine(name)

    async def start(self, name: str) -> Ready:
        """Fork a daemon on this machine and wait until it is ready; then a page of it is open."""
        ready: asyncio.Future[Ready] = asyncio.Future()
        self._waiting[name] = ready
        machine = self.machines[name]
        birth = Birth(name, machine.pid, machine.environment, str(machine.folder / "log"), ["--log-level", "info"])
        await _tell(self._nursery, birth)
        told = await ready
        self.pids[name] = told.pid
        facts = msgspec.json.decode((machine.folder / "runtime/lanchat/daemon.json").read_bytes())
        await _tell(self._roll, Look(name, machine.pid, facts["url"]))
        return told

    async def end(self, name: str, signal: int) -> None:
        """Send a signal that ends it, and wait until it has ended.

        Raises:
            RuntimeError: it has ended before, by itself.
        """
        if log := self._fallen.pop(name, ""):
            raise RuntimeError(log)
        ended = self._ending[name] = asyncio.get_running_loop().create_future()
        await _tell(self._roll, Leave(name))
        os.kill(self.pids.pop(name), signal)
        await ended

    async def settled(self, seconds: float) -> Answer:
        """Wait until every page shows everybody who is there, and nobody else; see `roll.Expect`."""
        await _tell(self._roll, Expect(seconds))
        assert self._roll.stdout
        return msgspec.json.decode(await self._roll.stdout.readline(), type=Answer)

    def processor_time(self) -> float:
        """Seconds that the daemons have used until now, all together."""
        fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.pids.values())
        return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")

    async def traffic(self) -> dict[str, tuple[int, int]]:
        """Packets and bytes that have come to the bridge, by kind."""
        said = await run([*self._network.switch, "nft", "-j", "list", "table", "bridge", "count"])
        rules = [each["rule"] for each in msgspec.json.decode(said)["nftables"] if "rule" in each]
        return {rule["comment"]: _counter(rule) for rule in rules}

    async def _acquaint(self) -> None:
        """Tell every machine the hardware addresses of all: a kernel learns 1,024 for all its namespaces together."""
        known = "".join(
            f"neighbor replace {address} lladdr {machine.mac} dev eth0 nud permanent\n"
            for machine in self.machines.values()
            for address in (f"10.77.0.{machine.number}", f"fd77::{machine.number:x}", _link_local(machine.mac))
        )
        for machine in self.machines.values():
            await machine.run("ip", "-batch", "-", input=known)

    async def _count(self) -> None:
        rules = "\n".join(f'{rule} counter comment "{name}"' for name, rule in _COUNTED.items())
        table = f"table bridge count {{ chain in {{\ntype filter hook prerouting priority 0\n{rules}\n}}\n}}\n"
        await run([*self._network.switch, "nft", "-f", "-"], input=table)

    async def _read(self) -> None:
        assert self._nursery.stdout
        async for line in self._nursery.stdout:
            match msgspec.json.decode(line, type=Ready | Ended):
                case Ready(name) as ready:
                    _answer(self._waiting.pop(name), ready)
                case Ended(name):
                    self._ended(name)

    def _ended(self, name: str) -> None:
        if ended := self._ending.pop(name, None):
            _answer(ended, None)
            return
        log = (self.machines[name].folder / "log").read_text()
        sentence = f"{name} ended by itself; the last of its log:\n{log[-2000:]}"
        if (ready := self._waiting.pop(name, None)) and not ready.done():  # as in `_answer`
            ready.set_exception(RuntimeError(sentence))
        else:
            self._fallen[name] = sentence


def _answer(future: asyncio.Future[Any], answer: object) -> None:
    if not future.done():  # whoever waited may have been cancelled
        future.set_result(answer)


def _link_local(mac: str) -> str:
    """The address that an interface gives itself; see RFC 4291 appendix A."""
    first, *rest = bytes.fromhex(mac.replace(":", ""))
    octets = [first ^ 2, *rest[:2], 0xFF, 0xFE, *rest[2:]]
    return "fe80::" + ":".join(f"{high:02x}{low:02x}" for high, low in zip(octets[::2], octets[1::2], strict=True))


def _counter(rule: dict[str, Any]) -> tuple[int, int]:
    counter = next(each["counter"] for each in rule["expr"] if "counter" in each)
    return counter["packets"], counter["bytes"]


async def _program(network: Network, module: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(*network.switch, sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PATH": SEARCH_PATH, "PYTHONPATH": str(ROOT)},
        limit=1 << 24,
    )


async def _tell(process: asyncio.subprocess.Process, what: msgspec.Struct) -> None:
    assert process.stdin
    process.stdin.write(msgspec.json.encode(what) + b"\n")
    await process.stdin.drain()
