"""The real avahi-daemon on a machine, with a system bus of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from .machine import Machine

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


@asynccontextmanager
async def system_bus(machine: Machine) -> AsyncIterator[None]:
    """A system bus on which everybody may do everything, meanwhile."""
    settings = machine.folder / "bus.conf"
    settings.write_text(_BUS)
    own = ("--nofork", "--nopidfile", "--print-address", f"--config-file={settings}")
    bus = await machine.spawn("dbus-daemon", *own, stderr=asyncio.subprocess.DEVNULL)
    assert bus.stdout
    try:
        await bus.stdout.readline()
        yield
    finally:
        await _end(bus)


@dataclass(frozen=True, slots=True)
class Service:
    """What avahi-browse resolved."""

    interface: str
    name: str
    host: str
    address: str
    port: int
    text: str


class Avahi:
    """avahi-daemon, avahi-browse and avahi-publish of one machine."""

    def __init__(self, machine: Machine, pid: int) -> None:
        self.machine = machine
        self.pid = pid

    @classmethod
    @asynccontextmanager
    async def running(cls, machine: Machine, *more: str) -> AsyncIterator[Self]:
        """Start the daemon, with more settings, wait until it has claimed its host name; end it afterwards."""
        settings = machine.folder / "avahi.conf"
        settings.write_text("\n".join(("[server]", "use-ipv4=yes", "use-ipv6=yes", *more, "")))
        own = ("--no-drop-root", "--no-chroot", "--no-rlimits", f"--file={settings}")
        async with system_bus(machine):
            daemon = await machine.spawn("avahi-daemon", *own, stderr=asyncio.subprocess.STDOUT)
            try:
                await _until(daemon, "Server startup complete")
                yield cls(machine, daemon.pid)
            finally:
                await _end(daemon)

    async def browse(self, kind: str) -> list[Service]:
        """What is known of services of this kind right now."""
        output = await self.machine.run("avahi-browse", "-rtpk", kind)
        rows = [line.split(";", 9) for line in output.splitlines() if line.startswith("=")]
        return [Service(row[1], row[3], row[6], row[7], int(row[8]), row[9]) for row in rows]

    @asynccontextmanager
    async def publishing(self, name: str, kind: str, port: int, *text: str) -> AsyncIterator[None]:
        """Announce a foreign service meanwhile."""
        command = ("stdbuf", "-oL", "-eL", "avahi-publish", "-s", name, kind, str(port), *text)
        process = await self.machine.spawn(*command, stderr=asyncio.subprocess.STDOUT)
        try:
            await _until(process, "Established")
            yield
        finally:
            process.terminate()
            await process.communicate()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.communicate()


async def _until(process: asyncio.subprocess.Process, words: str, seconds: float = 15) -> None:
    assert process.stdout
    said = []
    try:
        async with asyncio.timeout(seconds):
            while line := (await process.stdout.readline()).decode(errors="replace"):
                said.append(line)
                if words in line:
                    return
    except TimeoutError:
        pass
    raise RuntimeError(f"no {words!r}: {''.join(said)}")
