"""The loopback ports of the page: one number on 127.0.0.1 and on ::1."""

from __future__ import annotations

import errno
import socket
from collections.abc import Container
from contextlib import ExitStack
from typing import Final

from lanchatd.errors import UserError

ATTEMPTS: Final = 100
"""How many ports are tried, the wanted one first."""
_BACKLOG: Final = 128
_NO_FAMILY: Final = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})


class PortError(UserError):
    """No port for the page could be had."""


def listen(port: int, *, avoid: Container[int] = ()) -> tuple[int, list[socket.socket]]:
    """Listen on the loopback addresses; if the port is taken, on the next free one.

    Both families or the next port: ``localhost`` must not be ours under 127.0.0.1 and somebody else's under ::1. A
    machine without ::1 is served on 127.0.0.1 alone.

    Args:
        port: the wanted port; 0 for any free one.
        avoid: ports that are left alone unless one is wanted itself.

    Returns:
        The port, which the caller compares with the wanted one, and the listening sockets.

    Raises:
        PortError: none is free, or the port is not for ordinary users.
    """
    last = min(port + ATTEMPTS, 65536)
    tries = [0] * ATTEMPTS if port == 0 else [port, *(other for other in range(port + 1, last) if other not in avoid)]
    for candidate in tries:
        try:
            return _both(candidate)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                raise PortError(f"Port {candidate} is not for ordinary users; choose another with --ui-port.") from None
            if error.errno != errno.EADDRINUSE:
                raise PortError(f"The page can't be served on port {candidate}: {error.strerror}.") from None
    if port == 0:
        raise PortError("There is no free port for the page.")
    taken = f"Ports {port} to {last - 1} are all" if last - port > 1 else f"Port {port} is"
    raise PortError(f"{taken} in use; choose another with --ui-port.")


def _both(port: int) -> tuple[int, list[socket.socket]]:
    with ExitStack() as undo:
        first = undo.enter_context(_one(socket.AF_INET, "127.0.0.1", port))
        port = first.getsockname()[1]
        sockets = [first]
        try:
            sockets.append(undo.enter_context(_one(socket.AF_INET6, "::1", port)))
        except OSError as error:
            if error.errno not in _NO_FAMILY:
                raise
        undo.pop_all()
        return port, sockets


def _one(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind((host, port))
        # With SO_REUSEADDR two can bind the same port; only one can listen.
        sock.listen(_BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock
