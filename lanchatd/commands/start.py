"""Starts the daemon for a command that needs it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO, Final

from lanchatd.commands.arguments import Options, settings
from lanchatd.commands.errors import CommandError, Exit, NotRunning
from lanchatd.commands.running import find
from lanchatd.store.errors import StoreError
from lanchatd.store.runtime import create, make_private

PATIENCE: Final = 20.0
"""Seconds until a daemon that was started is expected to be ready."""
UNIT: Final = "lanchatd.service"

_PAUSE: Final = 0.05
_OWN: Final = ("config", "state_dir")


def start(options: Options) -> None:
    """Start the daemon, and come back when it is ready: by systemd if its user unit is installed, else detached.

    Raises:
        CommandError: it does not start; the sentence is its own if it has said one.
    """
    if not any(key in options for key in _OWN) and _has_unit():
        if subprocess.run(["systemctl", "--user", "start", UNIT], check=False).returncode:
            raise CommandError(f"systemd can't start lanchatd; see: journalctl --user -u {UNIT}", Exit.NOT_RUNNING)
        _wait(options, None, None)
        return
    log = settings(options).runtime_dir / "lanchatd.log"
    with _created(log) as errors:
        # A session of its own: Ctrl+C here, or the end of this terminal, is not for the daemon.
        process = subprocess.Popen(
            [sys.executable, "-m", "lanchatd", "run", "--log-level", "warning", *_same_options(options)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True, cwd="/",
        )  # fmt: skip
    _wait(options, process, log)


def _wait(options: Options, process: subprocess.Popen[bytes] | None, log: Path | None) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            find(options)
        except NotRunning:
            if process and log and process.poll() is not None:
                raise _failure(process.returncode, log) from None
            time.sleep(_PAUSE)
        else:
            return
    where = f"see {log}" if log else f"see: journalctl --user -u {UNIT}"
    raise CommandError(f"lanchatd was started and is not ready after {PATIENCE:g} seconds; {where}", Exit.NOT_RUNNING)


def _failure(status: int, log: Path) -> CommandError:
    lines = log.read_text("utf-8", "replace").splitlines()
    said = next((line.removeprefix("lanchatd: ") for line in reversed(lines) if line.startswith("lanchatd: ")), None)
    return CommandError(said or f"lanchatd ended at its start with status {status}; see {log}", Exit.NOT_RUNNING)


def _has_unit() -> bool:
    if shutil.which("systemctl") is None:
        return False
    told = subprocess.run(["systemctl", "--user", "cat", UNIT], capture_output=True, check=False)
    return told.returncode == 0


def _created(log: Path) -> BinaryIO:
    try:
        make_private(log.parent)
        return create(log)
    except StoreError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"The runtime folder {log.parent} can't be used: {error.strerror}.") from None


def _same_options(options: Options) -> list[str]:
    given = vars(options)
    return [f"--{key.replace('_', '-')}={Path.cwd() / given[key]}" for key in _OWN if key in given]
