"""The service instance of a daemon (RFC 6763): what we say of ourselves, and what others say of themselves."""

from __future__ import annotations

import re
from typing import Final

from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo

from lanchatd.protocol.model import NAME_LENGTH, PeerId
from lanchatd.protocol.peer import PROTOCOL

from .addresses import in_turn, parse
from .interfaces import Network
from .sighting import Sighting

SERVICE: Final = "_lanchat._tcp.local."
_NAME_BYTES: Final = 60
_ADDRESSES: Final = 16
_INSTANCE: Final = re.compile(r"([a-z2-7]{52})\." + re.escape(SERVICE), re.IGNORECASE | re.ASCII)


def instance_name(peer: PeerId) -> str:
    """The full name of a daemon's instance."""
    return f"{peer}.{SERVICE}"


def service_info(peer: PeerId, incarnation: str, name: str, port: int, network: Network) -> AsyncServiceInfo:
    """What we announce: ``port`` is our listener's, ``name`` the person's."""
    properties = {"txtvers": "1", "v": str(PROTOCOL), "i": incarnation, "n": shorten(name, _NAME_BYTES)}
    return AsyncServiceInfo(
        SERVICE,
        instance_name(peer),
        port=port,
        properties=properties,
        server=f"{peer}.local.",
        parsed_addresses=advertised_addresses(network),
    )


def peer_of_instance(name: str) -> PeerId | None:
    """The peer id in a service instance name; None if there is none."""
    match = _INSTANCE.fullmatch(name)
    return PeerId(match[1].lower()) if match else None


def read_sighting(peer: PeerId, info: AsyncServiceInfo) -> Sighting | None:
    """What a record says, as far as it makes sense; None if nobody can be dialled from it."""
    # zeroconf has all of IPv4 first, so that enough made-up ones would leave no place for the others.
    said = in_turn(map(info.parsed_scoped_addresses, (IPVersion.V4Only, IPVersion.V6Only)))
    addresses = tuple(address for address in said if parse(address) is not None)
    if not addresses or not info.port:
        return None
    text = info.decoded_properties
    incarnation, name = text.get("i"), text.get("n")
    if not incarnation or len(incarnation) > 32:
        incarnation = None
    name = "".join(letter for letter in name or "" if letter.isprintable()).strip()[:NAME_LENGTH]
    return Sighting(peer, addresses[:_ADDRESSES], info.port, "mdns", incarnation, name or None)


def advertised_addresses(network: Network) -> list[str]:
    """Where others can dial us. IPv6 link-local only if there is nothing else: the receiver has to guess its scope."""
    own = [address.ip for interface in network.interfaces for address in interface.addresses]
    best = [ip for ip in own if not (ip.version == 6 and ip.is_link_local)] or own
    return [str(ip) for ip in best][:_ADDRESSES]


def shorten(text: str, limit: int) -> str:
    """As much of a text as fits in ``limit`` bytes of UTF-8, no character cut in two."""
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
