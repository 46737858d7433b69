"""What the kernel knows and does of one TCP connection; see tcp(7). A connection that has ended is no error."""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import Final

_ESTABLISHED: Final = 1  # in <net/tcp_states.h>; the first byte of TCP_INFO is the state
_UNACKNOWLEDGED: Final = struct.Struct("=24xI")  # tcpi_unacked in <linux/tcp.h>


def acknowledged(connection: socket.socket) -> bool:
    """Whether the other machine has acknowledged all that went out: it is there, whatever its program does."""
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _UNACKNOWLEDGED.size)
    except OSError:
        return False
    return len(info) == _UNACKNOWLEDGED.size and _UNACKNOWLEDGED.unpack(info)[0] == 0


def has_answered(connection: socket.socket) -> bool:
    """Whether the other machine has taken the connection: somebody is there, however slow."""
    try:
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == bytes((_ESTABLISHED,))
    except OSError:
        return False


def limit_silence(connection: socket.socket, milliseconds: int) -> None:
    """Have the kernel end the connection if what was sent stays unacknowledged for so long."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
