"""IP addresses as the network room sees them: their text form, their order, and which are on a local network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Final, TypeVar

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPInterface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
Place = TypeVar("Place", str, tuple[str, int])

# RFC 1918, RFC 3927, RFC 4193, RFC 4291 section 2.5.6. Not ``is_private``: that holds documentation ranges and more.
_LOCAL: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)


@lru_cache(maxsize=1024)  # of a crowd that appears, everybody names everybody's few addresses over and over
def parse(text: str) -> IPAddress | None:
    """An address, the scope kept, an IPv4 one in IPv6 clothes (``::ffff:0:0/96``) undressed; None if it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def unscoped(address: IPAddress) -> IPAddress:
    """The address without ``%scope``, which means something on its own machine only."""
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        return ipaddress.IPv6Address(int(address))
    return address


@lru_cache(maxsize=1024)
def bare(address: IPAddress) -> str:
    """The text of an address without its scope."""
    return str(unscoped(address))


def is_local(address: IPAddress, own: Iterable[IPInterface], *, loopback: bool) -> bool:
    """Whether an address may be dialled, or dial us: private, link-local, or in the subnet of an own interface.

    Args:
        address: as from `parse`.
        own: addresses of this machine's used interfaces, with their prefix.
        loopback: whether 127.0.0.0/8 and ::1 count.
    """
    there = unscoped(address)
    if there.is_loopback:
        return loopback
    if there.is_multicast or there.is_unspecified or there.is_reserved:
        return False
    return any(there in network for network in _LOCAL) or any(there in interface.network for interface in own)


def in_turn(lists: Iterable[Sequence[Place]]) -> list[Place]:
    """The first of each list, then the second of each, and so on."""
    return [each for together in zip_longest(*lists) for each in together if each is not None]
