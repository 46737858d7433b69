"""``daemon.json`` in the runtime folder: how other programs of the person find the running daemon."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from lanchatd.protocol.model import PeerId

from .errors import StoreError

FILE_NAME: Final = "daemon.json"


class Running(Struct, frozen=True, omit_defaults=True):
    """The process, the address of its page, the TCP port for other daemons, and whose daemon it is.

    ``key`` lets the person's own programs in, where the daemon can not tell by itself whose they are. ``proof`` is that
    of the snapshot: who does not know it is another program, which happens to have got the port.
    """

    pid: int
    url: str
    peer_port: int
    peer_id: PeerId
    key: str = ""
    proof: str = ""

    @property
    def page(self) -> str:
        """Where the page is served, without what lets a browser in."""
        return self.url.partition("/?")[0]


def make_private(folder: Path) -> None:
    """Make the runtime folder if it is missing, and close it to other accounts (0700).

    Raises:
        StoreError: it is of another account.
        OSError: it can't be made or closed.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_uid != os.geteuid():
        raise StoreError(
            f"The runtime folder {folder} belongs to another account; set XDG_RUNTIME_DIR to one of your own."
        )
    if stat.S_IMODE(status.st_mode) != 0o700:
        folder.chmod(0o700)


def create(path: Path) -> BinaryIO:
    """Open a new file for this account alone (0600), in place of whatever has the name; no link is followed."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")


@contextlib.contextmanager
def announced(folder: Path, running: Running) -> Iterator[Callable[[], None]]:
    """Keep the file there for as long as the daemon runs; a stale one of a killed daemon is replaced.

    Yields what puts it there again if it is missing, to be called now and then: another daemon of the same person, with
    another state folder, takes the place and leaves it empty.

    Raises:
        StoreError: the folder can't be written, or belongs to another account.
    """
    path = folder / FILE_NAME
    try:
        _put(path, running)
    except OSError as error:
        raise StoreError(
            f"The runtime folder {folder} can't be used: {error.strerror}; set XDG_RUNTIME_DIR to one that can."
        ) from None
    over = False

    def renew() -> None:
        if not over and not path.exists():
            with contextlib.suppress(OSError, StoreError):
                _put(path, running)

    try:
        yield renew
    finally:
        over = True
        with contextlib.suppress(OSError, msgspec.DecodeError):
            # Another daemon of the same person may have put its own there since.
            if msgspec.json.decode(path.read_bytes(), type=Running).pid == running.pid:
                path.unlink()


def _put(path: Path, running: Running) -> None:
    side = path.with_name(f"{path.name}.{running.pid}")
    try:
        make_private(path.parent)
        with create(side) as file:
            file.write(msgspec.json.encode(running) + b"\n")
        side.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            side.unlink()
        raise
