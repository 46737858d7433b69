"""Whether multicast leaves this machine and returns: asks the mDNS group who speaks LanChat, and listens for a second.

The question is the one that every LanChat asks at its start (RFC 6762 section 5.2, a shared PTR record, answers by
multicast); other programs pass over it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import struct
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from lanchatd.lan.ear import Ear, Packet
from lanchatd.lan.instance import SERVICE
from lanchatd.lan.interfaces import Interface, Network

from .facts import Echo, InterfaceFact

SECONDS: Final = 0.8
"""Answers come within 120 ms (RFC 6762 section 6), or half a second if they are long; and Wi-Fi may be slow."""
_NEIGHBOURS: Final = 32
_PTR, _IN = 12, 1


def question() -> bytes:
    """One question for PTR records of our service, class IN, as RFC 1035 section 4.1 has it."""
    labels = SERVICE.rstrip(".").split(".")
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
    return struct.pack("!6H", 0, 0, 1, 0, 0, 0) + name + struct.pack("!2H", _PTR, _IN)


async def gather(interfaces: Sequence[InterfaceFact]) -> tuple[list[InterfaceFact], str | None]:
    """The used interfaces with what was heard on them, and why port 5353 can't be had, if so."""
    used = [_as_interface(each) for each in interfaces if each.use == "used"]
    heard: list[Packet] = []
    ear = Ear(lambda packet: heard.append(packet) if len(heard) < 4096 else None)
    try:
        try:
            ear.listen(Network(tuple(used)))
        except OSError as error:
            return list(interfaces), error.strerror or str(error)
        asked = question()
        problems = {each.index: ear.ask(each, asked) for each in used}
        await asyncio.sleep(SECONDS if used else 0)
    finally:
        ear.close()
    # Those that are not used, too: what is said on lo may come from the address of another interface.
    own = {str(ipaddress.ip_interface(text).ip) for each in interfaces for text in each.addresses}
    return [_told(each, used, problems, heard, own, asked) for each in interfaces], None


def _told(
    fact: InterfaceFact,
    used: Sequence[Interface],
    problems: dict[int, dict[int, OSError]],
    heard: Sequence[Packet],
    own: set[str],
    asked: bytes,
) -> InterfaceFact:
    interface = next((each for each in used if each.index == fact.index), None)
    if interface is None:
        return fact
    here = [packet for packet in heard if packet.interface == fact.index]
    echoes = []
    for version in sorted(
        {each.version for each in interface.addresses if not (each.version == 6 and each.ip.is_loopback)}
    ):
        problem = problems[fact.index].get(version)
        returned = any(
            packet.data == asked and str(packet.source) in own and packet.source.version == version for packet in here
        )
        echoes.append(Echo(version, problem.strerror or str(problem) if problem else None, returned))
    neighbours = sorted({str(packet.source) for packet in here} - own)
    return replace(fact, echoes=echoes, neighbours=neighbours[:_NEIGHBOURS])


def _as_interface(fact: InterfaceFact) -> Interface:
    return Interface(fact.name, fact.index, tuple(ipaddress.ip_interface(text) for text in fact.addresses))
