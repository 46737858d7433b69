"""LanChat on a machine that boots: installed for everybody, in a folder and with a Python of its own."""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from .machine import Machine

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = "/opt/lanchat/bin/python"
"""That of the installation."""
PATIENCE: Final = 10.0
"""Seconds until what should come at once is given up."""
WATCHDOG: Final = 3
"""Seconds, instead of half a minute."""
Value = TypeVar("Value")

_QUICK: Final = f"""[Service]
WatchdogSec={WATCHDOG}
RestartSec=100ms
"""
_COMMAND: Final = f"""#!{PYTHON}
import sys
from lanchatd.cli import main
sys.exit(main())
"""


def install(machine: Machine) -> None:
    """Put LanChat there as an administrator would: a virtual environment, a command, the unit. Before it is booted.

    The Python of the tests may be in a home, which the unit does not see; so it is shown elsewhere.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    python = Path("/usr")
    if sys.base_prefix != "/usr":
        python = Path("/opt/python")
        machine.bind(Path(sys.base_prefix), str(python))
        # It may look for its library where it was built.
        (machine.root / "etc/ld.so.conf.d/00-python.conf").write_text(f"{python}/lib\n")
        machine.prepare("ldconfig")
    machine.bind(Path(sysconfig.get_path("purelib")), "/opt/dependencies")
    folder = machine.root / "opt/lanchat"
    packages = folder / "lib" / version / "site-packages"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").symlink_to(python / "bin" / version)
    (folder / "pyvenv.cfg").write_text(f"home = {python}/bin\n")
    shutil.copytree(ROOT / "lanchatd", packages / "lanchatd")
    for data in ("webui", "systemd"):
        shutil.copytree(ROOT / data, packages / "lanchatd" / data)
    (packages / "dependencies.pth").write_text("/opt/dependencies\n")
    command = folder / "bin/lanchatd"
    command.write_text(_COMMAND)
    command.chmod(0o755)
    (machine.root / "usr/local/bin/lanchatd").symlink_to("/opt/lanchat/bin/lanchatd")
    machine.prepare(PYTHON, "-m", "compileall", "-q", "/opt/lanchat/lib")
    shutil.copy(ROOT / "systemd/lanchatd@.service", machine.root / "etc/systemd/system")
    for unit in ("system/lanchatd@.service", "user/lanchatd.service"):
        quick = machine.root / "etc/systemd" / f"{unit}.d/quick.conf"
        quick.parent.mkdir(parents=True)
        quick.write_text(_QUICK)


class Unit:
    """One service on a booted machine.

    Args:
        machine: the machine.
        name: of the unit.
        user: whose service manager runs it.
    """

    def __init__(self, machine: Machine, name: str, user: str = "root") -> None:
        self._machine = machine
        self._user = user
        self._restarts = "0"
        self._manager = ["--user"] if user != "root" else []
        self.name = name

    def control(self, *arguments: str, check: bool = True) -> str:
        """``systemctl`` with these arguments and the name of the unit."""
        command = ["systemctl", *self._manager, *arguments, self.name]
        return self._machine.run(command, user=self._user, check=check).stdout

    def __getitem__(self, key: str) -> str:
        """A property, as ``systemctl show`` calls it."""
        return self.control("show", "--value", f"--property={key}").strip()

    @property
    def pid(self) -> int:
        """Of the main process, as the machine counts; 0 if there is none."""
        return int(self["MainPID"])

    def kill(self, number: str) -> None:
        """Send a signal to the main process only."""
        self._machine.run(["kill", "-s", number, str(self.pid)])

    def journal(self) -> str:
        """What it has said, and what systemd has said about it, since the machine was made."""
        field = "USER_UNIT" if self._manager else "UNIT"
        self._machine.run(["journalctl", "--sync"])
        unit = [f"_SYSTEMD_{field}={self.name}", "+", f"{field}={self.name}"]
        return self._machine.run(["journalctl", "--output=cat", "--no-pager", *unit]).stdout

    def start(self) -> None:
        """Start it unless it runs, and wait until it is ready.

        Raises:
            AssertionError: it was not; with what it has said.
        """
        self.control("start", check=False)
        assert self["ActiveState"] == "active", self.journal()
        self._restarts = self["NRestarts"]

    def restarted(self) -> int:
        """Wait until it runs again after a restart by systemd itself, and return its pid."""
        eventually(lambda: self["NRestarts"] != self._restarts and self["ActiveState"] == "active")
        self._restarts = self["NRestarts"]
        return self.pid

    def set(self, **values: str) -> None:
        """Have these settings in its section [Service], and none that were set before."""
        folder = "etc/systemd/user" if self._manager else "etc/systemd/system"
        place = self._machine.root / folder / f"{self.name}.d/test.conf"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("[Service]\n" + "".join(f"{key}={value}\n" for key, value in values.items()))
        self._machine.run(["systemctl", *self._manager, "daemon-reload"], user=self._user)


def eventually(condition: Callable[[], Value], seconds: float = PATIENCE) -> Value:
    """Ask systemd, which can not be awaited from outside, until it says what is true."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > until:
            raise TimeoutError("it has not come to that")
        time.sleep(0.1)
    return value


def told(machine: Machine, folder: str) -> dict[str, Any]:
    """What ``daemon.json`` in this runtime folder says."""
    return dict(json.loads(machine.run(["cat", f"{folder}/daemon.json"]).stdout))


_ASK: Final = """
import sys, urllib.error, urllib.request
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())
except urllib.error.HTTPError as error:
    print(error.code)
"""


def ask(machine: Machine, url: str, user: str) -> Any:
    """What the page's server answers to a program of this user: JSON, or the number of the refusal."""
    return json.loads(machine.run([PYTHON, "-c", _ASK, url], user=user).stdout)
