"""Faults for real daemons: a disk of their own, a fault that a signal brings about, and what is seen of it."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.process import PATIENCE, Daemon, Tab


class Disk:
    """A small disk that holds the state folder, seen by one daemon alone: mounted in a namespace of its own."""

    def __init__(self, home: Path) -> None:
        self._place = home / "state"
        self._place.mkdir(parents=True)
        self._daemon: Daemon | None = None

    def under(self, *prepare: str) -> tuple[str, ...]:
        """The command under which a daemon has this disk; ``prepare`` are shell commands that use it as ``$0``."""
        steps = ["mount -t tmpfs -o size=64k,mode=700 none $0", *prepare, 'exec "$@"']
        return ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", " && ".join(steps), str(self._place))

    def of(self, daemon: Daemon) -> None:
        """Look at the disk as this daemon sees it."""
        self._daemon = daemon

    @property
    def path(self) -> Path:
        assert self._daemon
        return Path(f"/proc/{self._daemon.process.pid}/root") / self._place.relative_to("/")

    def fill(self) -> None:
        """Leave not a byte."""
        with (self.path / "filler").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1024))
            except OSError:
                return

    def free(self) -> None:
        """Make room again."""
        (self.path / "filler").unlink()

    def remount(self, how: str) -> None:
        """Make it ``ro`` or ``rw`` again."""
        assert self._daemon
        command = ["nsenter", "--target", str(self._daemon.process.pid), "--user", "--mount", "--preserve-credentials"]
        subprocess.run([*command, "mount", "-o", f"remount,{how}", self._place], check=True, capture_output=True)


BREAKABLE = """
import asyncio, signal, sys
import lanchatd.daemon

def breakable(daemon, *arguments):
    original(daemon, *arguments)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, fault, daemon, asyncio.get_running_loop())

original, lanchatd.daemon.Daemon.__init__ = lanchatd.daemon.Daemon.__init__, breakable

def bug(*arguments, **named):
    raise ZeroDivisionError("made for the test")

async def cancelled(*arguments):
    raise asyncio.CancelledError

def fault(daemon, loop):
    {fault}
    print("broken", flush=True)

from lanchatd.cli import main
sys.exit(main())
"""


def breakable(fault: str) -> tuple[str, ...]:
    """A program that is the daemon, until SIGUSR1 brings the fault about: statements that know ``daemon``, ``loop``,
    and ``bug`` and ``cancelled``, which raise whatever they are called with."""
    return ("-c", BREAKABLE.replace("{fault}", fault))


async def line(daemon: Daemon, words: str) -> str:
    """The next line of the log with these words."""
    assert daemon.process.stderr
    async with asyncio.timeout(PATIENCE):
        while text := (await daemon.process.stderr.readline()).decode():
            if words in text:
                return text
    raise AssertionError(f"The daemon has ended without a word of {words!r}")


async def said(daemon: Daemon, words: str) -> None:
    """Wait until the daemon has written this on standard output."""
    assert daemon.process.stdout
    async with asyncio.timeout(PATIENCE):
        assert words in (await daemon.process.stdout.readline()).decode()


async def until(true: Callable[[], bool]) -> None:
    """Wait for what only the file system tells."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.02)


async def befriend(here: Tab, there: Tab, name_there: str) -> tuple[str, str]:
    """Make contacts of two people; the id of who is there, and of who is here."""
    to_there = await online(here, name_there)
    await here.send("send_chat_request", person=to_there)
    to_here = (await there.expect("incoming_chat_request"))["person"]["id"]
    await there.send("accept_chat_request", person=to_here)
    await here.expect("chat_request_accepted")
    return to_there, to_here


async def online(page: Tab, name: str) -> str:
    """The id of somebody as soon as they are there."""
    while True:
        await page.send("get_online_users")
        for person in (await page.expect("online_users_list"))["people"]:
            if person["name"] == name and person["presence"] == "online":
                return str(person["id"])
        await page.expect("person_changed")


async def talk(here: Tab, there: Tab, to_there: str, text: str) -> None:
    """A message goes over and is acknowledged."""
    message = secrets.token_hex(8)
    await here.send("send_private_message", person=to_there, id=message, text=text)
    while (await there.expect("receive_private_message"))["entry"].get("text") != text:
        pass
    await here.expect("message_status", ids=[message], status="delivered")


@asynccontextmanager
async def strangers(port: int, number: int) -> AsyncIterator[list[Any]]:
    """So many connections to a port that never say a word."""
    async with asyncio.timeout(PATIENCE):
        pairs = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(number)))
    try:
        yield pairs
    finally:
        for _reader, writer in pairs:
            writer.transport.abort()
