"""Enters the namespaces of another process, for programs that visit many of them."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

KINDS: Final = {"net": 0x40000000, "mnt": 0x00020000, "uts": 0x04000000, "ipc": 0x08000000}
"""The namespaces of a `tests.lan.machine.Machine`, with their numbers in ``<sched.h>``."""
_libc: Final = ctypes.CDLL(None, use_errno=True)
_DEATH_SIGNAL: Final = 1


def enter(pid: int, *kinds: str) -> None:
    """Move the calling process, which has one thread, into namespaces of another; see setns(2).

    Raises:
        OSError: it may not.
    """
    for kind in kinds or KINDS:
        _set(f"/proc/{pid}/ns/{kind}", kind)


@contextmanager
def visiting(pid: int) -> Iterator[None]:
    """What sockets are made meanwhile belong to the network of the other process."""
    own = f"/proc/{os.getpid()}/ns/net"
    home = os.open(own, os.O_RDONLY)
    try:
        enter(pid, "net")
        yield
    finally:
        _call(_libc.setns(home, KINDS["net"]))
        os.close(home)


def die_with_parent(signal: int) -> None:
    """Have the kernel send this signal when the parent ends; see PR_SET_PDEATHSIG."""
    _call(_libc.prctl(_DEATH_SIGNAL, signal, 0, 0, 0))


def _set(path: str, kind: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _call(_libc.setns(descriptor, KINDS[kind]))
    finally:
        os.close(descriptor)


def _call(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
