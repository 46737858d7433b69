"""The file ``state.json``: read at the start, written whole at every change."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from lanchatd.protocol.model import Address, Machine, Milliseconds, Name, PeerId, Port
from lanchatd.protocol.ui import Preferences
from lanchatd.store.errors import StoreError

FILE_NAME: Final = "state.json"


class StoredPerson(Struct, frozen=True, kw_only=True):
    """Somebody who is remembered.

    ``addresses`` (hosts without port) and ``port`` worked when we last met. ``agreed_name`` is the name under which our
    person began with them, or went on after a notice; ``verified``: the two have compared codes; ``doubted``: and
    they were not the same.
    """

    id: Annotated[PeerId, Meta(pattern=r"^[a-z2-7]{52}$")]
    name: Name
    machine: Machine = ""
    contact: bool = False
    blocked: bool = False
    verified: bool = False
    doubted: bool = False
    agreed_name: Name | None = None
    addresses: list[Address] = []
    port: Port | None = None
    last_seen: Milliseconds | None = None


class State(Struct, frozen=True, kw_only=True):
    """Everything that is kept. ``name`` and ``preferences`` are what the person chose on the page."""

    name: Name | None = None
    preferences: Preferences = Preferences()
    people: list[StoredPerson] = []


class Store:
    """Reads and writes the state.

    Args:
        folder: the state folder, which must exist and be locked (`folder.open_folder`).
    """

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self._path: Final = folder / FILE_NAME
        self._side: Final = folder / f"{FILE_NAME}.new"

    def load(self) -> State:
        """What was saved last; an empty state if nothing ever was.

        Raises:
            StoreError: the file is there but can't be read or understood. It is left as it is.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=State)
        except FileNotFoundError:
            return State()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise StoreError(
                f"The file {self._path} is damaged ({error}); put it right or restore it from a backup, "
                "or move it away to begin without contacts."
            ) from None
        except OSError as error:
            raise StoreError(f"The file {self._path} can't be read: {error.strerror}; give it back to you.") from None

    def save(self, state: State) -> None:
        """Replace what was saved. After a crash at any moment the old or the new state is there, whole.

        Blocks until the disk has it. Not to be called from two threads at once.

        Raises:
            StoreError: the disk is full, say. What was saved before is still there.
            msgspec.ValidationError: a fault of ours, found before `load` would call the file damaged.
        """
        content = msgspec.json.format(msgspec.json.encode(state)) + b"\n"
        msgspec.json.decode(content, type=State)
        try:
            try:
                self._write_side(content)
                self._side.replace(self._path)
            except OSError:
                with contextlib.suppress(OSError):
                    self._side.unlink()
                raise
            self._sync_folder()
        except OSError as error:
            raise StoreError(
                f"Contacts and settings can't be saved: {_reason(error)} ({self._path}). What has changed holds until "
                "LanChat ends, and is saved as soon as that is possible."
            ) from None

    def _write_side(self, content: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self._side, flags, 0o600)
        with os.fdopen(descriptor, "wb", closefd=True) as file:
            os.fchmod(descriptor, 0o600)
            file.write(content)
            file.flush()
            os.fsync(descriptor)

    def _sync_folder(self) -> None:
        # The new name itself lives in the folder: without this a power cut may bring the old one back.
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    if error.errno == errno.EROFS:
        return "the disk can only be read"
    return error.strerror or str(error)
