"""A network of its own for a test: one bridge, and machines on cables, all inside a user namespace.

No right is needed for it, and the host's network is neither seen nor touched. The bridge has the router's address, so
that whatever a machine sends to the world outside comes by there, where a capture sees it; it leads nowhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import IPv4Network, IPv6Network
from itertools import count
from pathlib import Path
from typing import Final, Self

from .cable import Cable
from .machine import Machine
from .namespaces import Holder, inside, run

IPV4: Final = IPv4Network("10.77.0.0/24")
IPV6: Final = IPv6Network("fd77::/64")
ROUTER: Final = "10.77.0.254"

_BRIDGE = f"""
ip link set lo up
ip link add br0 type bridge mcast_snooping 0 forward_delay 0 stp_state 0
echo 1 > /proc/sys/net/ipv6/conf/br0/disable_ipv6
ip link set br0 up
ip address add {ROUTER}/{IPV4.prefixlen} dev br0
"""

NO_MDNS: Final = ("udp dport 5353 drop",)
"""What access points that filter multicast do to discovery."""
NO_MULTICAST: Final = ("ether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00 ether daddr != ff:ff:ff:ff:ff:ff drop",)
"""What access points do that pass no multicast at all: not that of IPv6 either, which then can find nobody."""


class Network:
    """The bridge, its cables and what is wrong with them."""

    def __init__(self, switch: Holder, folder: Path) -> None:
        self._switch = switch
        self._folder = folder
        self._faults: list[tuple[str, ...]] = []
        self._stack = AsyncExitStack()
        self._numbers = count(1)
        self._jacks: dict[str, str] = {}
        self.machines: list[Machine] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[Self]:
        """Make the network; at the end every machine is switched off.

        Args:
            folder: where the machines keep their files.
        """
        namespaces = ("--user", "--map-root-user", "--net", "--mount", "--uts", "--ipc")
        switch = await Holder.start("unshare", *namespaces, "--", script=_BRIDGE)
        network = cls(switch, folder)
        try:
            async with network._stack:
                yield network
        finally:
            switch.kill_inhabitants()
            await switch.close()

    @property
    def switch(self) -> list[str]:
        """The prefix of a command that shall run where the bridge is."""
        return inside(self._switch.pid)

    async def machine(self, name: str, *, plugged: bool = True, route: bool = True) -> Machine:
        """Switch a new machine on.

        Args:
            name: its host name.
            plugged: whether it has its network cable from the start.
            route: whether the network has an IPv4 default route, as one with a router has.
        """
        number = next(self._numbers)
        machine = await Machine.boot(self.switch, name, number, self._folder / name, router=ROUTER if route else None)
        self._stack.push_async_callback(machine.power_off)
        self.machines.append(machine)
        if plugged:
            await self.plug(machine)
        return machine

    async def plug(self, machine: Machine) -> None:
        """Give the machine a network interface with addresses, at a port of the bridge."""
        await self._ip(
            f"link add {machine.port} type veth peer name eth0 address {machine.mac} netns {machine.pid}",
            f"link set {machine.port} master br0 up",
        )
        await machine.connect(number=machine.number)

    async def replace_cable(self, machine: Machine, *, seed: int = 1) -> Cable:
        """Put a cable that can be made bad in the place of the good one; see `Cable`."""
        jack, plug = f"jack{machine.number}", f"plug{machine.number}"
        # Frames of one segment each, as a real wire has them.
        await self._ip(
            f"link delete {machine.port}",
            f"link add {jack} type veth peer name eth0 address {machine.mac} gso_max_segs 1 netns {machine.pid}",
            f"link add {plug} type veth peer name {machine.port}",
            f"link set {machine.port} master br0 up",
            *(f"link set {end} addrgenmode none gso_max_segs 1 up" for end in (jack, plug)),
        )
        cable = await Cable.lay(self.switch, jack, plug, seed)
        self._stack.push_async_callback(cable.close)
        self._jacks[machine.port] = jack
        await machine.connect(number=machine.number)
        return cable

    async def unplug(self, machine: Machine) -> None:
        """Take the interface away altogether, as pulling a USB adapter does."""
        await self._ip(f"link delete {machine.port}")

    @asynccontextmanager
    async def pulled(self, machine: Machine) -> AsyncIterator[None]:
        """The cable is out: no carrier, the addresses stay."""
        ends = (machine.port, *filter(None, [self._jacks.get(machine.port)]))
        await self._ip(*(f"link set {end} down" for end in ends))
        try:
            yield
        finally:
            await self._ip(*(f"link set {end} up" for end in ends))

    @asynccontextmanager
    async def fault(self, *rules: str) -> AsyncIterator[None]:
        """Frames that match one of these nftables rules get lost on the bridge."""
        self._faults.append(rules)
        await self._filter()
        try:
            yield
        finally:
            self._faults.remove(rules)
            await self._filter()

    async def _filter(self) -> None:
        rules = "\n".join(rule for fault in self._faults for rule in fault)
        table = f"table bridge faults {{ chain forward {{\ntype filter hook forward priority 0\n{rules}\n}}\n}}\n"
        await run([*self.switch, "nft", "-f", "-"], input=f"table bridge faults\ndelete table bridge faults\n{table}")

    async def _ip(self, *commands: str) -> None:
        await run([*self.switch, "ip", "-batch", "-"], input="\n".join(commands) + "\n")


def between(one: Machine, other: Machine) -> tuple[str, ...]:
    """The rules for `Network.fault` that part two machines without either seeing its cable go."""
    return (
        f'iifname "{one.port}" oifname "{other.port}" drop',
        f'iifname "{other.port}" oifname "{one.port}" drop',
    )


def tcp_port(port: int) -> tuple[str, ...]:
    """The rules for `Network.fault` that lose all traffic of a TCP port, and nothing else."""
    return (f"tcp dport {port} drop", f"tcp sport {port} drop")
