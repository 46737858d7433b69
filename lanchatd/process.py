"""This process as its surroundings see it: how many files it may open, and where its words go."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import sys
from collections.abc import Iterator


def allow_files(wanted: int) -> None:
    """Raise the soft limit of open files to ``wanted``, as far as the hard limit lets us.

    The soft limit is often 1024 for the sake of select(2) alone, which nothing here uses.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


@contextlib.contextmanager
def lasting_imports() -> Iterator[None]:
    """Import what stays to the end inside: the garbage collector never walks through it, now or later.

    Nor does aiohttp read the certificate authorities of the system meanwhile, as it does when it is imported: no link
    trusts them, and they take as long as a fifth of the start and two megabytes.
    """
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = os.devnull
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        if before is None:
            del os.environ["SSL_CERT_FILE"]
        else:
            os.environ["SSL_CERT_FILE"] = before


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
