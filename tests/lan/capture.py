"""What crosses the bridge, and whether it stays in the test network."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Final

from .network import IPV4, IPV6, Network

_RECORDER: Final = Path(__file__).with_name("recorder.py")
_LOCAL: Final = (
    IPV4,
    IPV6,
    IPv4Network("169.254.0.0/16"),
    IPv6Network("fe80::/10"),
    IPv4Network("224.0.0.0/24"),
    IPv6Network("ff02::/16"),
)
_DNS: Final = 53


@dataclass(frozen=True, slots=True)
class Flow:
    """IP packets from one end to another; the ports are 0 when the protocol has none."""

    source: str
    source_port: int
    destination: str
    destination_port: int
    protocol: int
    asked: str = ""
    """The name that a name server was asked for."""

    @property
    def stays(self) -> bool:
        """Whether it is for a machine of the test network or one of its multicast groups, and asks no name server."""
        address = ip_address(self.destination)
        local = any(address in network for network in _LOCAL if network.version == address.version)
        return local and self.destination_port != _DNS

    def __str__(self) -> str:
        ends = f"{self.source} {self.source_port} -> {self.destination} {self.destination_port}"
        return f"{ends} (protocol {self.protocol}) {self.asked}".rstrip()


class Capture:
    """Complete at the end of the ``async with`` of `record`."""

    def __init__(self) -> None:
        self._more = asyncio.Condition()
        self.flows: list[Flow] = []
        self.dropped = 0
        """Frames that were not looked at: a capture with any proves nothing."""
        self.overheard = False
        """Whether the words that must not be readable were."""

    async def sees(self, destination: str, seconds: float = 10) -> None:
        """Wait for a packet to this address."""
        async with asyncio.timeout(seconds), self._more:
            await self._more.wait_for(lambda: any(flow.destination == destination for flow in self.flows))

    async def read(self, lines: asyncio.StreamReader) -> None:
        """Take what the recorder prints, to its end."""
        async for line in lines:
            match json.loads(line):
                case int(dropped):
                    self.dropped = dropped
                case "overheard":
                    self.overheard = True
                case ends:
                    self.flows.append(Flow(*ends))
            async with self._more:
                self._more.notify_all()

    def strays(self) -> list[str]:
        """The flows that wanted to leave the network."""
        return [str(flow) for flow in self.flows if not flow.stays]


@asynccontextmanager
async def record(network: Network, words: bytes = b"") -> AsyncIterator[Capture]:
    """Look at everything that crosses the bridge meanwhile, also whether it has these words in it."""
    command = (*network.switch, sys.executable, "-I", str(_RECORDER), "br0", words.hex())
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    if await process.stdout.readline() != b"ready\n":
        raise RuntimeError(f"no capture on the bridge, exit {await process.wait()}")
    capture = Capture()
    reader = asyncio.create_task(capture.read(process.stdout))
    try:
        yield capture
    finally:
        process.terminate()
        await reader
        await process.wait()
