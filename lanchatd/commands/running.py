"""Which daemon a command speaks to: the one that holds the state folder, where ``daemon.json`` says that it is."""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from lanchatd.commands.arguments import Options, settings
from lanchatd.commands.errors import CommandError, NotOurs, NotRunning, Unannounced
from lanchatd.config import Config
from lanchatd.store.folder import LOCK_NAME
from lanchatd.store.runtime import FILE_NAME, Running

HOW_TO_START: Final = "lanchatd is not running; start it with: lanchatd open"


def find(options: Options) -> Running:
    """The daemon that is meant.

    Raises:
        NotRunning: there is none.
        CommandError: it can't be told which is meant, or what is known of it can't be read.
        ConfigError: a setting can't be used.
    """
    config = settings(options)
    holder = _holder(config.state_dir)
    found = [running for folder in _folders(config) if (running := read(folder)) and _lives(running.pid)]
    for running in found:
        if running.pid == holder:
            return running
    here = read(config.runtime_dir)
    other = here if here in found else None
    if holder and other:
        raise CommandError(
            f"Two LanChats of yours are running, and only process {other.pid} can be reached, not process {holder} "
            f"with the state folder {config.state_dir}; give each an XDG_RUNTIME_DIR of its own."
        )
    if holder:
        raise Unannounced(
            f"LanChat (process {holder}) is starting, or {config.runtime_dir / FILE_NAME} was removed, or it has "
            "another XDG_RUNTIME_DIR; try again, and restart it if that does not help."
        )
    if other is None or "state_dir" in options:
        raise NotRunning(f"{HOW_TO_START}.")
    return other


def read(folder: Path) -> Running | None:
    """What the file in this folder says; None if there is none, or it is not ours and true.

    Raises:
        NotOurs: it is that of another account.
        CommandError: it can't be read.
    """
    path = folder / FILE_NAME
    try:
        if path.stat().st_uid != os.getuid():
            raise NotOurs(f"{path} belongs to another account; every person starts a LanChat of their own.")
        return msgspec.json.decode(path.read_bytes(), type=Running)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from None


def _folders(config: Config) -> Iterator[Path]:
    """Where the daemon may have put the file: it can have another environment than a command."""
    yield config.runtime_dir
    yield Path(f"/run/user/{os.getuid()}/lanchat")  # that of a session, told to a command without one
    yield config.state_dir / "run"
    with contextlib.suppress(KeyError):
        yield Path(f"/run/lanchat-{pwd.getpwuid(os.getuid()).pw_name}")  # that of the unit lanchatd@.service


def _holder(state_dir: Path) -> int | None:
    """The process that holds the state folder."""
    try:
        note = (state_dir / LOCK_NAME).read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return int(note) if note.isdigit() and _lives(int(note)) else None


def _lives(pid: int) -> bool:
    """Whether there is a process of ours with this number."""
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return pid > 0
