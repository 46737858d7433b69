"""The kernel's view of links and addresses in this network namespace (rtnetlink(7), RFC 3549).

Asked directly, because /sys may show another namespace, and because only the kernel says that an IPv6 address is still
tentative (RFC 4862 section 5.4): nothing can be bound to it yet.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .addresses import IPAddress, IPInterface

IFF_UP: Final = 0x1
IFF_BROADCAST: Final = 0x2
IFF_LOOPBACK: Final = 0x8
IFF_POINTOPOINT: Final = 0x10
IFF_RUNNING: Final = 0x40
IFF_MULTICAST: Final = 0x1000

_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NEWLINK, _GETLINK, _NEWADDR, _GETADDR, _NEWROUTE, _GETROUTE = 16, 18, 20, 22, 24, 26
_NLM_F_DUMP_REQUEST: Final = 0x301
_GROUPS: Final = 0x1 | 0x10 | 0x100  # RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR
_RTA_DST, _RTA_OIF = 1, 4
_IFLA_IFNAME, _IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS = 3, 1, 2, 8
_IFA_F_UNUSABLE: Final = 0x40 | 0x08  # tentative, or a duplicate of another machine's


@dataclass(frozen=True, slots=True)
class KernelLink:
    """An interface, with its flags (IFF_*) and the addresses that can be used."""

    name: str
    index: int
    flags: int
    addresses: tuple[IPInterface, ...]


def subscribe() -> socket.socket:
    """A socket, not blocking, that becomes readable when a link or an address changes; drain it with `drain`."""
    listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0)
    listener.bind((0, _GROUPS))
    return listener


def drain(listener: socket.socket) -> None:
    """Throw away what a `subscribe` socket has to say: that it spoke is enough. Overruns (ENOBUFS) are no matter."""
    while True:
        try:
            listener.recv(65536)
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                return


def links() -> list[KernelLink]:
    """All interfaces of this network namespace, by index.

    Raises:
        OSError: the kernel refuses.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) as kernel:
        kernel.settimeout(2)
        kernel.bind((0, 0))
        found = {
            index: (name, flags) for index, name, flags in map(_read_link, _dump(kernel, _GETLINK, _NEWLINK)) if name
        }
        addresses: dict[int, list[IPInterface]] = {}
        for body in _dump(kernel, _GETADDR, _NEWADDR):
            index, address = _read_address(body)
            if address is not None:
                addresses.setdefault(index, []).append(address)
    return [
        KernelLink(name, index, flags, tuple(addresses.get(index, ())))
        for index, (name, flags) in sorted(found.items())
    ]


def way_to(address: IPAddress) -> int | None:
    """The index of the interface by which packets to an address leave, all routing rules considered; None if none.

    Raises:
        OSError: the kernel refuses.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    raw = address.packed
    body = struct.pack("=BBBBBBBBI", family, 8 * len(raw), 0, 0, 0, 0, 0, 0, 0)
    body += struct.pack("=HH", 4 + len(raw), _RTA_DST) + raw
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) as kernel:
        kernel.settimeout(2)
        kernel.send(struct.pack("=IHHII", 16 + len(body), _GETROUTE, 1, 1, 0) + body)
        data = kernel.recv(1 << 16)
    if len(data) < 28 or struct.unpack_from("=IH", data)[1] != _NEWROUTE:
        return None
    way = _attributes(data[16:], 12).get(_RTA_OIF)
    return struct.unpack("=I", way)[0] if way else None


def _dump(kernel: socket.socket, request: int, answer: int) -> Iterator[bytes]:
    kernel.send(struct.pack("=IHHIIB3x", 20, request, _NLM_F_DUMP_REQUEST, 1, 0, socket.AF_UNSPEC))
    while True:
        data = kernel.recv(1 << 17)
        offset = 0
        while offset + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, offset)
            if kind == _NLMSG_DONE or length < 16:
                return
            if kind == _NLMSG_ERROR:
                raise OSError(-struct.unpack_from("=i", data, offset + 16)[0], "rtnetlink refused")
            if kind == answer:
                yield data[offset + 16 : offset + length]
            offset += (length + 3) & ~3


def _attributes(body: bytes, offset: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while offset + 4 <= len(body):
        length, kind = struct.unpack_from("=HH", body, offset)
        if length < 4:
            break
        found[kind & 0x3FFF] = body[offset + 4 : offset + length]
        offset += (length + 3) & ~3
    return found


def _read_link(body: bytes) -> tuple[int, str, int]:
    _family, _kind, index, flags = struct.unpack_from("=BxHiI", body)
    return index, _attributes(body, 16).get(_IFLA_IFNAME, b"").rstrip(b"\0").decode(errors="replace"), flags


def _read_address(body: bytes) -> tuple[int, IPInterface | None]:
    family, prefix, flags, _scope, index = struct.unpack_from("=BBBBI", body)
    found = _attributes(body, 8)
    if _IFA_FLAGS in found:
        flags = struct.unpack("=I", found[_IFA_FLAGS])[0]
    # IFA_ADDRESS is the other end on a point-to-point interface; IFA_LOCAL, where there is one, is ours.
    raw = found.get(_IFA_LOCAL, found.get(_IFA_ADDRESS))
    if raw is None or flags & _IFA_F_UNUSABLE or family not in (socket.AF_INET, socket.AF_INET6):
        return index, None
    return index, ipaddress.ip_interface((raw, prefix))
