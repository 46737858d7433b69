"""One machine of the soak: its cable, its daemon, its page, and all that can be done to them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from tests.lan.cable import BAD, Cable, Way
from tests.lan.daemon import Daemon
from tests.lan.machine import Machine
from tests.lan.network import Network
from tests.lan.page import Page

_QUIET = ("--log-level", "info")
_START = 90.0
"""Seconds for a daemon to start, on a machine that has much else to do."""


class Desk:
    """A person's place. The page stays open, whatever happens to the daemon."""

    def __init__(self, network: Network, machine: Machine, cable: Cable, daemon: Daemon) -> None:
        self._network = network
        self._daemon = daemon
        self.machine = machine
        self.cable = cable
        self.page: Page
        self.busy = asyncio.Lock()
        """Held during a fault: a machine has one at a time."""

    @classmethod
    async def furnish(cls, network: Network, name: str, seed: int) -> Desk:
        """Switch the machine on and start the daemon; the wire is good still."""
        machine = await network.machine(name)
        cable = await network.replace_cable(machine, seed=seed)
        return cls(network, machine, cable, await Daemon.start(machine, *_QUIET, seconds=_START))

    async def open_page(self, stack: AsyncExitStack, changed: asyncio.Condition) -> None:
        """Open the page, until the stack is closed; from now on the wire is bad."""
        self.page = await Page.open(self._daemon, changed)
        stack.push_async_callback(self.page.close)
        await self.cable.becomes(BAD)

    @property
    def daemon(self) -> Daemon:
        """The daemon that runs now."""
        return self._daemon

    async def leave(self) -> None:
        """Nobody comes back."""
        await self._daemon.kill()

    async def kill(self, seconds: float) -> None:
        """``kill -9`` the daemon, and start it again that much later."""
        await self._daemon.kill()
        await asyncio.sleep(seconds)
        self._daemon = await Daemon.start(self.machine, *_QUIET, seconds=_START)

    async def flap(self, seconds: float) -> None:
        """Take the interface down, and up again that much later."""
        await self.machine.run("ip", "link", "set", "eth0", "down")
        await asyncio.sleep(seconds)
        await self.machine.connect(self.machine.number)

    async def pull(self, seconds: float) -> None:
        """Pull the cable for so long."""
        async with self._network.pulled(self.machine):
            await asyncio.sleep(seconds)

    async def cut(self, seconds: float, *ways: Way) -> None:
        """For so long nothing passes these ways, or both, and nobody is told."""
        async with self.cable.cut(*ways):
            await asyncio.sleep(seconds)
