"""This process as its surroundings see it: how many files it may open, and where its words go."""

from __future__ import annotations

import contextlib
import os
import resource
import sys


def allow_files(wanted: int) -> None:
    """Raise the soft limit of open files to ``wanted``, as far as the hard limit lets us.

    The soft limit is often 1024 for the sake of select(2) alone, which nothing here uses.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def has_terminal() -> bool:
    """Whether a terminal controls this process: when that is closed, SIGHUP tells so (credentials(7))."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def say(line: str) -> None:
    """Write a line to standard output. That nobody reads it any more is no reason to end."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


def give_up_unwritten() -> None:
    """At the end: let go of what could not be written, as the interpreter fails over it (status 120)."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
