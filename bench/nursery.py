"""Forks daemons from one process that has imported all they need, so that two hundred can start within seconds.

A program of its own, inside the user namespace of the test network: single-threaded, so that its children may enter
namespaces. Reads one JSON object a line from standard input, `Birth`, and prints one a line, `Ready` or `Ended`.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import zeroconf.asyncio  # noqa: F401 - for the children

import lanchatd.daemon  # noqa: F401 - for the children
from lanchatd import cli

from .namespace import die_with_parent, enter


class Birth(msgspec.Struct):
    """Start a daemon in the namespaces of process ``machine``."""

    name: str
    machine: int
    environment: dict[str, str]
    log: str
    options: list[str]


class Ready(msgspec.Struct, tag=True):
    """It has said that it is ready, at this time of the monotonic clock, seconds."""

    name: str
    pid: int
    at: float
    born: float


class Ended(msgspec.Struct, tag=True):
    """Its standard output is closed."""

    name: str
    pid: int


def main() -> None:
    """Until standard input is closed; then the children are ended."""
    gc.freeze()
    children: dict[int, Birth] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        waiting = b""
        while True:
            for key, _ in selector.select():
                read = os.read(key.fd, 65536)
                if key.fd == 0:
                    if not read:
                        return _end(children)
                    *lines, waiting = (waiting + read).split(b"\n")
                    for line in lines:
                        _bear(msgspec.json.decode(line, type=Birth), selector, children)
                else:
                    _hear(key.fd, read, key.data, selector, children)


def _bear(birth: Birth, selector: selectors.BaseSelector, children: dict[int, Birth]) -> None:
    born = time.monotonic()
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        _live(birth, write)
    os.close(write)
    children[pid] = birth
    selector.register(read, selectors.EVENT_READ, (pid, born))


def _live(birth: Birth, write: int) -> None:
    status = 1
    try:
        die_with_parent(signal.SIGKILL)
        log = os.open(birth.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (write, 1), (log, 2)):
            os.dup2(source, target)
        os.closerange(3, 4096)
        enter(birth.machine)
        os.chdir("/")
        os.environ.clear()
        os.environ.update(birth.environment)
        sys.argv = ["lanchatd", *birth.options]
        status = cli.main() or 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(status)


def _hear(
    fd: int, read: bytes, about: tuple[int, float], selector: selectors.BaseSelector, children: dict[int, Birth]
) -> None:
    pid, born = about
    if read:
        if read.startswith(b"LanChat is ready"):
            _say(Ready(children[pid].name, pid, time.monotonic(), born))
        return
    selector.unregister(fd)
    os.close(fd)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)
    _say(Ended(children.pop(pid).name, pid))


def _end(children: dict[int, Birth]) -> None:
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _say(what: Ready | Ended) -> None:
    os.write(1, msgspec.json.encode(what) + b"\n")


if __name__ == "__main__":
    assert Path("/proc/self/task").is_dir()
    main()
