"""Who answers on TCP. Connects and hangs up; on the local network only. Touches sockets and the ARP table."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

from lanchatd.lan.addresses import is_local, parse, unscoped
from lanchatd.lan.report import PeerState

from .facts import InterfaceFact, ReachFact

Outcome = Literal["answers", "refused", "silent", "no_way", "forbidden"]

PATIENCE: Final = 1.5
"""Seconds; a lost first packet is sent again after one."""
_MOST: Final = 64
_ARP: Final = Path("/proc/net/arp")
_COMPLETE: Final = 0x2  # ATF_COM
_OUTCOMES: Final[dict[int, Outcome]] = {
    errno.ECONNREFUSED: "refused",
    errno.ENETUNREACH: "no_way",
    errno.EHOSTUNREACH: "silent",
    errno.EADDRNOTAVAIL: "no_way",
    errno.EPERM: "forbidden",
    errno.EACCES: "forbidden",
}


async def gather(peers: Iterable[PeerState], interfaces: Sequence[InterfaceFact]) -> list[ReachFact]:
    """Try the places of these peers, all at once, at most two of each and 64 together; the first ones go first.

    Whom we have dialled and linked is reached, so there is nothing to try; nor where nobody says that they are there.
    """
    there = [peer for peer in peers if peer.in_sight or "manual" in peer.told]
    unsure = [peer for peer in there if peer.link is None or not peer.link.outgoing]
    places = [(peer.id, place.address, place.port) for peer in unsure for place in peer.places[:2]]
    own = [ipaddress.ip_interface(text) for each in interfaces for text in each.addresses]
    places = [each for each in places if (ip := parse(each[1])) and is_local(ip, own, loopback=True)][:_MOST]
    async with asyncio.TaskGroup() as tasks:
        tries = [tasks.create_task(_try_twice(*each)) for each in places]
    found = [each.result() for each in tries]
    if not any(each.outcome == "silent" for each in found):
        return found
    arp = _arp()
    return [_with_neighbour(each, arp, interfaces) for each in found]


async def _try_twice(peer: str | None, address: str, port: int) -> ReachFact:
    """Who was silent once may have been asleep, or the air was full."""
    first = await _try(peer, address, port)
    return first if first.outcome != "silent" else await _try(peer, address, port)


async def _try(peer: str | None, address: str, port: int) -> ReachFact:
    loop = asyncio.get_running_loop()
    began = loop.time()
    outcome: Outcome = "answers"
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(address, port)
    except TimeoutError:
        outcome = "silent"
    except OSError as error:
        outcome = _OUTCOMES.get(error.errno or 0, "silent")
    except ValueError:  # a scope that no interface could be called
        outcome = "no_way"
    else:
        took = loop.time() - began
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return ReachFact(peer, address, port, "answers", round(took * 1000, 2))
    return ReachFact(peer, address, port, outcome, None)


def _with_neighbour(reach: ReachFact, arp: dict[str, bool], interfaces: Sequence[InterfaceFact]) -> ReachFact:
    """Who does not answer may be away, or kept apart, or not want to; the link layer knows which, in our own subnet."""
    address = parse(reach.address)
    if reach.outcome != "silent" or address is None or address.version != 4:
        return reach
    subnets = [ipaddress.ip_interface(text).network for each in interfaces for text in each.addresses]
    if not any(unscoped(address) in subnet for subnet in subnets):
        return reach
    at_home = arp.get(reach.address, False)
    return ReachFact(reach.peer, reach.address, reach.port, reach.outcome, None, at_home)


def _arp() -> dict[str, bool]:
    """Whether each neighbour that was looked for has said where it is."""
    try:
        lines = _ARP.read_text(errors="replace").splitlines()[1:]
    except OSError:
        return {}
    rows = [line.split() for line in lines]
    return {row[0]: bool(int(row[2], 16) & _COMPLETE) for row in rows if len(row) > 3}
