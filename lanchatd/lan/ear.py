"""Listens to the multicast of mDNS (RFC 6762) beside whoever speaks it, and may ask one question.

The sockets are bound to the group's own address, so that no unicast answer that is meant for another program of this
machine ever comes here.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .addresses import IPAddress, parse, unscoped
from .interfaces import Interface, Network

PORT: Final = 5353
GROUPS: Final = {4: "224.0.0.251", 6: "ff02::fb"}
_LARGEST: Final = 9000  # RFC 6762 section 17
_IN_A_ROW: Final = 32
_IP_MULTICAST_ALL: Final = 49
_IPV6_MULTICAST_ALL: Final = 29
_GONE: Final = frozenset({errno.ENODEV, errno.ENXIO, errno.EADDRNOTAVAIL, errno.ENOBUFS})


@dataclass(frozen=True, slots=True)
class Packet:
    """Something that was said to the group: on which interface, and by whom."""

    interface: int
    source: IPAddress
    port: int
    data: bytes


class Ear:
    """On all interfaces of a network, until `close`.

    Args:
        heard: called with each packet, our own included.
    """

    def __init__(self, heard: Callable[[Packet], None]) -> None:
        self._heard = heard
        self._sockets: dict[tuple[int, int], socket.socket] = {}

    def listen(self, network: Network) -> None:
        """Listen on these interfaces from now on; may be called again.

        Raises:
            OSError: port 5353 can't be shared with who has it (EADDRINUSE), or the system refuses for another reason.
        """
        wanted = {(version, each.index) for each in network.interfaces for version in _versions(each)}
        for gone in self._sockets.keys() - wanted:
            self._close(gone)
        for key in wanted - self._sockets.keys():
            try:
                self._sockets[key] = self._open(*key)
            except OSError as error:
                if error.errno not in _GONE:
                    raise

    def close(self) -> None:
        """Listen no more."""
        for key in list(self._sockets):
            self._close(key)

    def ask(self, interface: Interface, question: bytes) -> dict[int, OSError]:
        """Send a question to the groups on one interface.

        Returns:
            what kept it from leaving, by IP version; nothing if it has left.
        """
        problems: dict[int, OSError] = {}
        for version in _versions(interface):
            try:
                sock = self._sockets.get((version, interface.index))
                if sock is None:
                    raise OSError(errno.ENETDOWN, os.strerror(errno.ENETDOWN))
                sock.sendto(question, _group(version, interface.index))
            except OSError as error:
                problems[version] = error
        return problems

    def _close(self, key: tuple[int, int]) -> None:
        sock = self._sockets.pop(key)
        asyncio.get_running_loop().remove_reader(sock)
        sock.close()

    def _open(self, version: int, index: int) -> socket.socket:
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        with contextlib.ExitStack() as undo:
            sock = undo.enter_context(socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            for level, option, value in _options(version, index):
                sock.setsockopt(level, option, value)
            sock.bind(_group(version, index))
            asyncio.get_running_loop().add_reader(sock, self._read, sock, index)
            undo.pop_all()
        return sock

    def _read(self, sock: socket.socket, index: int) -> None:
        for _ in range(_IN_A_ROW):
            try:
                data, source = sock.recvfrom(_LARGEST)
            except OSError:
                return
            address = parse(source[0])
            if address is not None:
                self._heard(Packet(index, unscoped(address), source[1], data))


def _versions(interface: Interface) -> set[int]:
    """Loopback has no route for IPv6 multicast."""
    return {each.version for each in interface.addresses if each.version == 4 or not each.ip.is_loopback}


def _group(version: int, index: int) -> tuple[str, int] | tuple[str, int, int, int]:
    """The group's address. That of IPv6 is link-local, so it is bound with its interface."""
    return (GROUPS[version], PORT) if version == 4 else (GROUPS[version], PORT, 0, index)


def _options(version: int, index: int) -> list[tuple[int, int, int | bytes]]:
    """Join the group on this interface, hear this membership's packets only, and send by it (ip(7), ipv6(7))."""
    group = socket.inet_pton(socket.AF_INET if version == 4 else socket.AF_INET6, GROUPS[version])
    if version == 4:
        membership = struct.pack("=4s4xi", group, index)
        return [
            (socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0),
            (socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership),
            (socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("=4s4xi", bytes(4), index)),
            (socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255),
        ]
    return [
        (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1),
        (socket.IPPROTO_IPV6, _IPV6_MULTICAST_ALL, 0),
        (socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, struct.pack("=16si", group, index)),
        (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index),
        (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255),
    ]
