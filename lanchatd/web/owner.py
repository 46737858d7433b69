"""Whose program is at the other end of a connection on loopback: every user of the machine can connect, one may.

The kernel knows the user who made a socket, and tells it of the client's end of a connection (sock_diag(7), an exact
look-up by both addresses and ports; microseconds). It tells it to everybody in the same network namespace.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from asyncio import BaseTransport
from asyncio.trsock import TransportSocket
from collections.abc import Callable
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from aiohttp import web

_SOCK_DIAG: Final = 4  # NETLINK_SOCK_DIAG
_SOCK_DIAG_BY_FAMILY: Final = 20
_NLM_F_REQUEST: Final = 1
_ESTABLISHED: Final = 1  # TCP_ESTABLISHED

_HEADER: Final = struct.Struct("=IHHII")
_QUESTION: Final = struct.Struct("=BBxxI")  # the beginning of inet_diag_req_v2; inet_diag_sockid follows
_PORTS: Final = struct.Struct("!HH")
_ANY_INTERFACE_AND_COOKIE: Final = bytes(4) + b"\xff" * 8
_ANSWER: Final = struct.Struct("=xB2x48x12xII")  # of inet_diag_msg: state, uid, inode

_REFUSAL: Final = "This LanChat serves only the user who started it; start your own with lanchatd."

Ask = Callable[[socket.socket | TransportSocket], int | None]
"""Tells the user id of the client, from our end of its connection; None in any doubt."""


class SameUser:
    """Lets in the programs of one user. The kernel is asked at the first request of a connection, and only then.

    Root is another user like any other, unless the daemon is root's: who is root can read along anyway, but not here.
    Programs of the same user are not told apart.

    Args:
        ask: who the client is.
        user: the user id that gets in; by default the one of this process.
    """

    entrance: Final = ""
    key: Final = ""
    """Who gets in needs to say nothing for it."""

    def __init__(self, ask: Ask | None = None, user: int | None = None) -> None:
        self._ask: Final = ask or client_uid
        self._user: Final = os.getuid() if user is None else user
        self._known: Final[WeakKeyDictionary[BaseTransport, bool]] = WeakKeyDictionary()

    def refusal(self, request: web.Request) -> str | None:
        """Why this request is not answered, as one sentence for people, or None if it is."""
        transport = request.transport
        if transport is None:  # the client has gone
            return _REFUSAL
        known = self._known.get(transport)
        if known is None:
            known = self._known[transport] = self._ask(transport.get_extra_info("socket")) == self._user
        return None if known else _REFUSAL

    def welcome(self, _request: web.Request) -> web.Response | None:
        """Nothing comes before the first page."""
        return None


def kernel_tells() -> bool:
    """Whether `client_uid` can be relied on here: tried on a connection of our own.

    It can not outside Linux, where netlink is filtered, without the kernel's tcp_diag, and for a user id that stands
    for all those that a user namespace does not know (user_namespaces(7)).
    """
    if sys.platform != "linux":
        return False
    try:
        unknown = int(Path("/proc/sys/kernel/overflowuid").read_text(encoding="ascii"))
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
            client.connect(listener.getsockname())
            with listener.accept()[0] as end:
                return client_uid(end) == os.getuid() != unknown
    except (OSError, ValueError):
        return False


def client_uid(end: socket.socket | TransportSocket) -> int | None:
    """The user who made the client's socket of a TCP connection within this machine.

    None if there is any doubt. Of a client that has closed already the kernel says user 0, so the connection must be
    established and the socket must belong to a file. It must be so at our end too, and still after the question:
    otherwise the client may have gone, and the answer be about another one that got its port.

    Args:
        end: our end of the connection.
    """
    try:
        answer = _look_up(end.family, end.getpeername(), end.getsockname())
        ours: int = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    except OSError:
        return None
    if answer is None:
        return None
    state, uid, inode = answer
    return uid if state == ours == _ESTABLISHED and inode else None


def _look_up(family: int, client: tuple[str, int], server: tuple[str, int]) -> tuple[int, int, int] | None:
    """State, user and inode of the socket that is the client's end; None if there is none."""
    addresses = (socket.inet_pton(family, place[0]).ljust(16, b"\0") for place in (client, server))
    question = (
        _QUESTION.pack(family, socket.IPPROTO_TCP, 0xFFFFFFFF)
        + _PORTS.pack(client[1], server[1])
        + b"".join(addresses)
        + _ANY_INTERFACE_AND_COOKIE
    )
    header = _HEADER.pack(_HEADER.size + len(question), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0)
    # The kernel answers within send; a socket per question can not mix up the answers.
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, _SOCK_DIAG) as kernel:
        kernel.send(header + question)
        data = kernel.recv(4096)
    kind = _HEADER.unpack_from(data)[1]
    if kind != _SOCK_DIAG_BY_FAMILY or len(data) < _HEADER.size + _ANSWER.size:
        return None
    state, uid, inode = _ANSWER.unpack_from(data, _HEADER.size)
    return state, uid, inode
