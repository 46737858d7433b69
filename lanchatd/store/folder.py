"""The state folder: private to the account, and used by one daemon at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Final

from lanchatd.store.errors import StoreError

LOCK_NAME: Final = "lock"
_CHOOSE: Final = "choose another folder with --state-dir"


class StateFolder:
    """A folder that no other daemon uses while this object is held. A context manager; the kernel lets go of the lock
    when the process ends, however it ends."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path: Final = path
        self._lock: int | None = lock

    def release(self) -> None:
        """Let other daemons have the folder. May be called again."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> StateFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


def open_folder(path: Path) -> StateFolder:
    """Make the folder if it is missing, close it to other accounts (0700), and lock it.

    Raises:
        StoreError: it can't be made or used, belongs to another account, or another daemon uses it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.stat()
        if status.st_uid != os.geteuid():
            raise StoreError(f"The state folder {path} belongs to another account; {_CHOOSE}.")
        if stat.S_IMODE(status.st_mode) != 0o700:
            path.chmod(0o700)
        return StateFolder(path, _lock(path))
    except FileExistsError:
        raise StoreError(f"The state folder {path} is not a folder; {_CHOOSE}.") from None
    except OSError as error:
        raise StoreError(f"The state folder {path} can't be used: {error.strerror}; {_CHOOSE}.") from None


def _lock(path: Path) -> int:
    # Held for reading only: a file open for writing keeps an administrator from making the disk read-only.
    lock = os.open(path / LOCK_NAME, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _name_holder(path / LOCK_NAME)
        return lock
    except BlockingIOError:
        holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
        os.close(lock)
        who = f"another LanChat (process {holder})" if holder.isdigit() else "another LanChat"
        raise StoreError(f"The state folder {path} is in use by {who}; stop it, or {_CHOOSE}.") from None
    except BaseException:
        os.close(lock)
        raise


def _name_holder(lock: Path) -> None:
    note = os.open(lock, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.write(note, f"{os.getpid()}\n".encode())
    except OSError as error:
        # Who has a key can talk on a full disk as well, and the number is a convenience.
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
    finally:
        os.close(note)
