"""Which way packets take to the world and to the local network: a VPN may have taken them. Touches rtnetlink."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Final

from lanchatd.lan import rtnetlink
from lanchatd.lan.addresses import IPAddress, IPInterface

from .facts import InterfaceFact, RouteFact
from .links import is_tunnel

_WORLD: Final = ipaddress.ip_address("192.0.2.1")
"""Of nobody (RFC 5737). The kernel is asked for the way, nothing is sent."""


def gather(interfaces: Sequence[InterfaceFact]) -> list[RouteFact]:
    """The way to the world, and that to the IPv4 subnet of each used interface."""
    try:
        links = {link.index: link for link in rtnetlink.links()}
    except OSError:
        return []
    found = [_route(None, _WORLD, links)]
    for each in interfaces:
        subnets = [ipaddress.ip_interface(text) for text in each.addresses] if each.use == "used" else []
        neighbour = next((some for subnet in subnets if (some := a_neighbour(subnet)) is not None), None)
        if neighbour is not None:
            found.append(_route(each.name, neighbour, links))
    return found


def a_neighbour(own: IPInterface) -> IPAddress | None:
    """Some other address in an IPv4 subnet; None where there is none."""
    network = own.network
    if own.version != 4 or own.ip.is_loopback or network.num_addresses < 4:
        return None
    first, second = network.network_address + 1, network.network_address + 2
    return first if own.ip != first else second


def _route(interface: str | None, address: IPAddress, links: Mapping[int, rtnetlink.KernelLink]) -> RouteFact:
    try:
        way = links.get(rtnetlink.way_to(address) or 0)
    except OSError:
        way = None
    return RouteFact(interface, way.name if way else None, way is not None and is_tunnel(way))
