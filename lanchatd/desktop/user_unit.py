"""LanChat as a service of the person who is logged in: the file of the user unit, and ``systemctl --user`` about it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Final

from msgspec import Struct

from lanchatd.errors import UserError

NAME: Final = "lanchatd.service"
PATIENCE: Final = 60.0
"""Seconds until a service manager that does not come back is given up; starting waits for READY."""

_BOOTED: Final = Path("/run/systemd/system")  # sd_booted(3)
_COMMAND: Final = re.compile(r"^ExecStart=(.*)$", re.MULTILINE)


class ServiceError(UserError):
    """The service can't be had; the sentence says what to do."""


class State(Struct, frozen=True):
    """How the service is.

    ``unit``: the file, None if there is none. ``ours``: it starts the LanChat that asks. ``enabled``: it starts when
    the person logs in, and ``lingers``: when the machine boots. ``active``: as systemd has it (active, inactive,
    failed, activating, …). ``pid``: None if it does not run. ``says``: what LanChat has told systemd last.
    """

    unit: str | None
    ours: bool
    enabled: bool
    lingers: bool
    active: str
    pid: int | None
    says: str


class UserUnit:
    """The unit of the person whose process this is.

    Args:
        config_home: the folder of their settings (XDG).

    Raises:
        ServiceError: no systemd, or none that serves this person.
    """

    def __init__(self, config_home: Path) -> None:
        self._place: Final = config_home / "systemd" / "user" / NAME
        if shutil.which("systemctl") is None or not _BOOTED.is_dir():
            raise ServiceError("This machine does not run systemd; start LanChat yourself with: lanchatd run")
        runtime = f"/run/user/{os.getuid()}"  # su and sudo do not tell it
        self._environment: Final = {"XDG_RUNTIME_DIR": runtime, **os.environ, "LC_ALL": "C.UTF-8"}
        if self._systemctl("show-environment").returncode:
            raise ServiceError(
                "No service manager runs for your account; log in at the machine, or let one run from boot on with: "
                "loginctl enable-linger"
            )

    def install(self, *options: str) -> None:
        """Have the service started now, and whenever the person logs in, with the LanChat that runs this.

        Args:
            options: for ``lanchatd run``.

        Raises:
            ServiceError: the file can't be written, or LanChat does not start.
        """
        wanted = unit_text(sys.executable, *options)
        changed = wanted != _read(self._place) and (bool(options) or not self._is_packaged())
        if changed:
            try:
                self._place.parent.mkdir(parents=True, exist_ok=True)
                self._place.write_text(wanted, "utf-8")
            except OSError as error:
                raise ServiceError(f"The unit {self._place} can't be written: {error.strerror}.") from None
        self._do("daemon-reload")
        self._do("enable", NAME)
        if self._systemctl("restart" if changed else "start", NAME).returncode:
            reason = self._show("StatusText") or f"see: journalctl --user --unit={NAME}"
            raise ServiceError(f"The service is in place, but LanChat does not start in it: {reason}")

    def uninstall(self) -> bool:
        """Stop the service and take it away, with all folders that are empty then. False if there was none.

        Raises:
            ServiceError: something could not be taken away.
        """
        if self._show("LoadState") == "not-found" and not self._place.exists():
            return False
        self._do("disable", "--now", NAME)
        try:
            self._place.unlink(missing_ok=True)
        except OSError as error:
            raise ServiceError(f"The unit {self._place} can't be removed: {error.strerror}.") from None
        self._do("daemon-reload")
        self._systemctl("reset-failed", NAME)
        with contextlib.suppress(OSError):  # one that is not empty is kept, and so are those above it
            for folder in tuple(self._place.parents)[:3]:
                folder.rmdir()
        return True

    def state(self) -> State:
        """How the service is now."""
        unit = self._show("FragmentPath")
        pid = self._show("MainPID")
        return State(
            unit=unit or None,
            ours=bool(unit) and (self._is_packaged() or _command(sys.executable) in (_read(Path(unit)) or "")),
            enabled=self._show("UnitFileState") == "enabled",
            lingers=self._lingers(),
            active=self._show("ActiveState"),
            pid=int(pid) if pid not in ("", "0") else None,
            says=self._show("StatusText"),
        )

    def _is_packaged(self) -> bool:
        """Whether a unit for everybody starts this LanChat already; a copy of it would only grow old."""
        unit = self._show("FragmentPath")
        command = _COMMAND.search(_read(Path(unit)) or "") if unit else None
        if command is None or Path(unit) == self._place:
            return False
        return Path(command[1].split()[0]).resolve().is_relative_to(Path(sys.prefix).resolve())

    def _lingers(self) -> bool:
        told = self._call("loginctl", "show-user", "--value", "--property=Linger", str(os.getuid()))
        return told.stdout.strip() == "yes"

    def _show(self, key: str) -> str:
        return self._systemctl("show", "--value", f"--property={key}", NAME).stdout.strip()

    def _do(self, *arguments: str) -> None:
        done = self._systemctl(*arguments)
        if done.returncode:
            problem = " ".join(done.stderr.split()) or f"status {done.returncode}"
            raise ServiceError(f"systemctl --user {' '.join(arguments)} has failed: {problem}")

    def _systemctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._call("systemctl", "--user", *arguments)

    def _call(self, *command: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                check=False, timeout=PATIENCE,
            )  # fmt: skip
        except FileNotFoundError:
            raise ServiceError(f"There is no {command[0]} on this machine, which comes with systemd.") from None
        except subprocess.TimeoutExpired:
            raise ServiceError(f"The service manager does not come back from: {' '.join(command)}") from None


def unit_text(python: str, *options: str) -> str:
    """The unit, with this interpreter for the LanChat that is installed in its environment.

    Args:
        python: the path of the interpreter. It is not resolved: the one of a virtual environment is a link.
        options: for ``lanchatd run``.

    Raises:
        ServiceError: systemd could not start a program of this path, or with such an option.
    """
    if set(python) & set("\"'\\$"):
        raise ServiceError(f"systemd can't start a program in a folder of such a name, move LanChat: {python}")
    words = " ".join([_command(python), *map(_quoted, options)])
    return _COMMAND.sub(lambda _: words, _template(), count=1)


def _command(python: str) -> str:
    # -P keeps what lies in the working directory out of the modules.
    return f"ExecStart={_quoted(python)} -P -m lanchatd run"


def _quoted(word: str) -> str:
    """One word of a command line (systemd.service(5)), which is one line of the file."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in word):
        raise ServiceError(f"systemd can't start a command with a line break or control character in it: {word!r}")
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$") + '"'


def _template() -> str:
    """The unit as it is published: inside the package (wheel), or beside it (checkout, editable install)."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package, package.parent):
        text = _read(folder / "systemd" / "user" / NAME)
        if text is not None:
            return text
    raise ServiceError("The unit is missing from the installation. Please install LanChat again.")


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except OSError:
        return None
