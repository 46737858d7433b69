"""The command line as a person uses it, beside a running daemon of theirs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.process import ADA, BOB, Daemon, Tab, running, tab_of

PATIENCE = 20.0
"""Seconds until a command that should come back is given up."""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What ``--json`` has said."""
        return [json.loads(line) for line in self.out.splitlines()]


def surroundings(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person whose home folder this is."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("LANCHAT_", "XDG_")) and key not in ("DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR")
    }
    own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "runtime"), "LANCHAT_STATE_DIR": str(home / "state")}
    return {**kept, **own, **more}


async def begin(home: Path, *words: str, under: tuple[str, ...] = (), **more: str) -> asyncio.subprocess.Process:
    """Start a command."""
    return await asyncio.create_subprocess_exec(
        *(*under, sys.executable, "-m", "lanchatd", *words),
        env=surroundings(home, **more),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def lanchatd(home: Path, *words: str, says: bytes = b"", under: tuple[str, ...] = (), **more: str) -> Done:
    """Run a command to its end.

    Args:
        home: whose.
        words: of the command line.
        says: what stands on its standard input.
        under: a command that becomes the one that is given to it.
        more: variables of its environment.
    """
    process = await begin(home, *words, under=under, **more)
    try:
        out, err = await asyncio.wait_for(process.communicate(says), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


async def line(process: asyncio.subprocess.Process) -> str:
    """The next line that a running command writes."""
    assert process.stdout
    return (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().rstrip("\n")


@dataclass(frozen=True)
class Pair:
    """Two people who are linked, each with an open tab."""

    ada: Daemon
    bob: Daemon
    here: Tab
    there: Tab
    to_bob: str
    to_ada: str


@asynccontextmanager
async def strangers(folder: Path) -> AsyncIterator[Pair]:
    """Two running daemons that are linked."""
    async with (
        running(folder / "ada", "--name", ADA) as ada,
        running(folder / "bob", "--name", BOB) as bob,
        tab_of(ada) as here,
        tab_of(bob) as there,
    ):
        to_bob = (await here.person(BOB, presence="online"))["id"]
        to_ada = (await there.person(ADA, presence="online"))["id"]
        yield Pair(ada, bob, here, there, to_bob, to_ada)


@asynccontextmanager
async def friends(folder: Path) -> AsyncIterator[Pair]:
    """Two running daemons whose people have agreed to chat."""
    async with strangers(folder) as pair:
        await pair.here.send("send_chat_request", person=pair.to_bob)
        await pair.there.expect("incoming_chat_request")
        await pair.there.send("accept_chat_request", person=pair.to_ada)
        await pair.here.expect("chat_request_accepted", person=pair.to_bob)
        yield pair
