"""Real firewalls on a machine: their settings are those that they come with, in a folder that is the machine's own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.lan.avahi import system_bus
from tests.lan.machine import Machine

_UFW = """
mount -t tmpfs -o mode=755 tmpfs /etc/ufw
cp /usr/share/ufw/iptables/*.rules /usr/share/ufw/ufw.conf /etc/ufw/
mkdir /etc/ufw/applications.d
"""
_FIREWALLD = """
mount -t tmpfs -o mode=755 tmpfs /etc/firewalld
mount -t tmpfs -o mode=755 tmpfs /var/log
"""


async def ufw(machine: Machine) -> None:
    """Switch ufw on as it comes."""
    await machine.run("sh", "-euc", f"{_UFW}ufw --force enable")


@asynccontextmanager
async def firewalld(machine: Machine, service: Path | None = None) -> AsyncIterator[None]:
    """firewalld as it comes, meanwhile; it may know one more service."""
    await machine.run("sh", "-euc", _FIREWALLD)
    if service is not None:
        await machine.run("install", "-D", "-t", "/etc/firewalld/services", str(service))
    async with system_bus(machine):
        process = await machine.spawn("firewalld", "--nofork", "--nopid", stderr=asyncio.subprocess.DEVNULL)
        try:
            await _running(machine)
            yield
        finally:
            process.terminate()
            await process.wait()


async def _running(machine: Machine) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await machine.run("firewall-cmd", "--state")
                return
            except RuntimeError:
                await asyncio.sleep(0.2)


async def obey(machine: Machine, command: str) -> None:
    """Type what the doctor has told, by a person who is root already."""
    await machine.run("sh", "-euc", re.sub(r"\bsudo ", "", command))
