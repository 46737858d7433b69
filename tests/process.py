"""A real daemon as a process of its own, on loopback, and a tab of it."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp


def unique(name: str) -> str:
    """A name that nobody else on this machine has, should another daemon use loopback as well."""
    return f"{name} {secrets.token_hex(3)}"


ADA, BOB = unique("Ada"), unique("Bob")

PATIENCE = 10.0
"""Seconds until an event that should come at once is given up."""


class Daemon:
    """One running daemon."""

    def __init__(self, home: Path, process: asyncio.subprocess.Process) -> None:
        self.home, self.process = home, process
        self.url = ""
        self.ready = ""

    @property
    def file(self) -> Path:
        return self.home / "runtime" / "lanchat" / "daemon.json"

    @property
    def told(self) -> dict[str, Any]:
        """What daemon.json says."""
        return dict(json.loads(self.file.read_text()))

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    async def errors(self) -> str:
        """Everything on standard error; the daemon must have ended."""
        assert self.process.stderr
        return (await self.process.stderr.read()).decode()


async def spawn(
    home: Path, *options: str, under: tuple[str, ...] = (), program: tuple[str, ...] = ("-m", "lanchatd")
) -> Daemon:
    """Start a daemon whose state and runtime folders are in ``home``, on any free ports, with loopback as its LAN.

    ``under`` is a command that becomes the one that is given to it; ``program`` is what the interpreter runs.
    """
    home.mkdir(exist_ok=True)
    ours = ("LANCHAT_", "XDG_", "DBUS_SESSION_BUS_ADDRESS")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    environment |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "runtime"), "PYTHONUNBUFFERED": "1"}
    ports = ("--ui-port", "0", "--peer-port", "0", "--interface", "lo", "--state-dir", str(home / "state"))
    process = await asyncio.create_subprocess_exec(
        *(*under, sys.executable, *program, *ports, *options),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return Daemon(home, process)


@asynccontextmanager
async def running(
    home: Path, *options: str, under: tuple[str, ...] = (), program: tuple[str, ...] = ("-m", "lanchatd")
) -> AsyncIterator[Daemon]:
    """A daemon that is ready."""
    daemon = await spawn(home, *options, under=under, program=program)
    try:
        assert daemon.process.stdout
        line = await asyncio.wait_for(daemon.process.stdout.readline(), PATIENCE)
        daemon.ready = line.decode().strip()
        assert daemon.ready, await daemon.errors()
        daemon.url = daemon.ready.rpartition(" ")[2]
        yield daemon
    finally:
        if daemon.process.returncode is None:
            daemon.process.kill()
            await daemon.process.wait()


class Tab:
    """A page without a browser: sends requests, waits for events."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, snapshot: dict[str, Any]) -> None:
        self._socket = socket
        self.snapshot = snapshot

    async def send(self, event: str, **fields: Any) -> None:
        await self._socket.send_json({"event": event, **fields})

    async def expect(self, event: str, **fields: Any) -> dict[str, Any]:
        """The next event of this name whose fields are these; others are passed over."""
        async with asyncio.timeout(PATIENCE):
            while True:
                message = dict(await self._socket.receive_json())
                if message["event"] == event and all(message.get(key) == value for key, value in fields.items()):
                    return message

    async def next(self) -> dict[str, Any]:
        """The next event, whatever it is."""
        async with asyncio.timeout(PATIENCE):
            return dict(await self._socket.receive_json())

    async def person(self, name: str, **fields: Any) -> dict[str, Any]:
        """Somebody as soon as they look like this."""
        for person in self.snapshot["people"]:
            if person["name"] == name and all(person[key] == value for key, value in fields.items()):
                return dict(person)
        async with asyncio.timeout(PATIENCE):
            while True:
                person = (await self.expect("person_changed"))["person"]
                if person["name"] == name and all(person[key] == value for key, value in fields.items()):
                    return dict(person)


@asynccontextmanager
async def tab_of(daemon: Daemon) -> AsyncIterator[Tab]:
    """A tab that has its snapshot."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{daemon.url}/ws", headers={"Origin": daemon.url}, max_msg_size=0) as socket,
    ):
        yield Tab(socket, await socket.receive_json())
