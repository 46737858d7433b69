"""A `lanchatd` on a machine, started and ended the way a person, systemd or a crash does it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from .machine import Machine

PEER_PORT = 5263


class Daemon:
    """One run of the daemon. The state stays in the machine's home, so that another run finds it."""

    def __init__(
        self, machine: Machine, folder: Path, process: asyncio.subprocess.Process, log: Path, facts: dict[str, Any]
    ) -> None:
        self._process = process
        self.machine = machine
        self.folder = folder
        """Of the account; everything that the daemon writes is in it."""
        self.log = log
        self.pid = process.pid
        self.facts = facts
        """What daemon.json says."""
        self.url = str(facts["url"])
        self.peer_id = str(facts["peer_id"])
        self.peer_port = int(facts["peer_port"])
        self.ready_at = time.monotonic()
        self.ready_at_wall = time.time()

    @classmethod
    async def start(cls, machine: Machine, *options: str, account: str = "", seconds: float = 20) -> Daemon:
        """Start it and wait until it says that it is ready.

        Args:
            options: command line options.
            account: another person at the same machine, with own state and runtime folders.

        Raises:
            RuntimeError: it ended instead, with its log.
        """
        folder = machine.folder / account
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = {"XDG_RUNTIME_DIR": str(runtime), "XDG_STATE_HOME": str(folder / "home/.local/state")}
        log = machine.folder / f"{account or 'daemon'}.log"
        with log.open("ab") as stderr:
            command = (sys.executable, "-m", "lanchatd", "--log-level", "debug", *options)
            process = await machine.spawn(*command, stderr=stderr, environment=own)
        assert process.stdout
        try:
            line = (await asyncio.wait_for(process.stdout.readline(), seconds)).decode()
        except TimeoutError:
            line = "nothing in time"
        if not line.startswith("LanChat is ready: "):
            if process.returncode is None and line == "nothing in time":
                process.kill()
            code = await process.wait()
            raise RuntimeError(f"lanchatd said {line!r}, exit {code}:\n{log.read_text()[-4000:]}")
        facts = json.loads((runtime / "lanchat" / "daemon.json").read_text())
        return cls(machine, folder, process, log, facts)

    @property
    def port(self) -> int:
        """The port of the page."""
        return int(self.url.rstrip("/").rsplit(":", 1)[1])

    async def http(self) -> aiohttp.ClientSession:
        """A client session on its machine, to the port of the page."""
        return await self.machine.http(self.port)

    async def get(self, path: str) -> Any:
        """What the HTTP API answers, as JSON."""
        session = await self.http()
        async with session.get(f"{self.url.rstrip('/')}{path}") as answer:
            answer.raise_for_status()
            return await answer.json()

    async def has_saved_contact(self, peer_id: str, seconds: float = 5) -> None:
        """Wait until this contact is on the disk: it takes a moment, and only then outlives a crash."""
        path = self.folder / "home/.local/state/lanchat/state.json"
        async with asyncio.timeout(seconds):
            while not path.exists() or peer_id not in _contacts(json.loads(path.read_text())):
                await asyncio.sleep(0.02)

    def memory(self) -> int:
        """Resident memory in KiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])

    async def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 10) -> tuple[int, float]:
        """Ask it to end. Returns the exit code and how long it took, in seconds."""
        started = time.monotonic()
        if self._process.returncode is None:
            self._process.send_signal(how)
        code = await asyncio.wait_for(self._process.wait(), seconds)
        return code, time.monotonic() - started

    async def kill(self) -> float:
        """``kill -9``. Returns the moment, by the monotonic clock."""
        moment = time.monotonic()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        return moment


def _contacts(state: dict[str, Any]) -> list[str]:
    return [person["id"] for person in state["people"] if person["contact"]]
