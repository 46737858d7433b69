"""A desktop with nothing but dunst, a notification server that distributions ship, on a screen that nobody sees."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from .screen import NAME, PATIENCE

CONFIGURATION: Final = """
[global]
    markup = full
    dmenu = {folder}/pick
[write-down]
    summary = "*"
    script = {folder}/write-down
"""
WRITE_DOWN: Final = """#!/bin/sh
printf '%s\\0%s\\0%s\\0%s\\0' "$DUNST_ID" "$DUNST_SUMMARY" "$DUNST_BODY" "$DUNST_URGENCY" >> {folder}/shown
"""
PICK: Final = """#!/bin/sh
grep -m 1 "^#$(cat {folder}/wanted) (" || true
"""
"""Of the menu of all buttons the one that is wanted, as a person would."""


class Seen(NamedTuple):
    """A notification as dunst has shown it."""

    id: int
    summary: str
    body: str
    urgency: str


class Dunst:
    """The running server."""

    def __init__(self, folder: Path, bus: str, environment: dict[str, str], process: Process) -> None:
        self.bus, self.process = bus, process
        self._folder: Final = folder
        self._environment: Final = environment

    def seen(self) -> list[Seen]:
        """All that was ever shown."""
        log = self._folder / "shown"
        fields = log.read_text().split("\0")[:-1] if log.exists() else []
        return [Seen(int(n), *rest) for n, *rest in zip(*[iter(fields)] * 4, strict=True)]

    async def shows(self, summary: str, body: str | None = None) -> Seen:
        """The newest notification, as soon as it looks like this."""

        def fits() -> bool:
            last = self.seen()[-1:]
            return bool(last) and last[0].summary == summary and body in (None, last[0].body)

        await poll(fits)
        return self.seen()[-1]

    async def displays(self, count: int) -> None:
        """Wait until so many are on the screen."""
        async with asyncio.timeout(PATIENCE):
            while int(await self.control("count", "displayed")) != count:
                await asyncio.sleep(0.02)

    async def press(self, label: str) -> None:
        """Press the button of a notification on the screen that has this label."""
        (self._folder / "wanted").write_text(label)
        await self.control("context")

    async def control(self, *words: str) -> str:
        process = await asyncio.create_subprocess_exec("dunstctl", *words, env=self._environment, stdout=PIPE)
        out, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 0
        return out.decode()


async def poll(what: Callable[[], bool]) -> None:
    """For what only a file tells."""
    async with asyncio.timeout(PATIENCE):
        while not what():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def started(*command: str, **options: object) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(*command, stderr=DEVNULL, **options)  # type: ignore[arg-type]
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def display() -> AsyncIterator[str]:
    """An X server without a picture."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as number:
        screen = ("-screen", "0", "800x600x24", "-nolisten", "tcp")
        async with started("Xvfb", "-displayfd", str(write), *screen, pass_fds=(write,), stdout=DEVNULL):
            os.close(write)
            line = await asyncio.wait_for(asyncio.to_thread(number.readline), PATIENCE)
            yield f":{line.decode().strip()}"


@asynccontextmanager
async def dunst(folder: Path, bus: str, screen: str) -> AsyncIterator[Dunst]:
    """A server that is ready to show."""
    (folder / "dunstrc").write_text(CONFIGURATION.format(folder=folder))
    for name, script in (("write-down", WRITE_DOWN), ("pick", PICK)):
        (folder / name).write_text(script.format(folder=folder))
        (folder / name).chmod(0o755)
    environment = {**os.environ, "DISPLAY": screen, "DBUS_SESSION_BUS_ADDRESS": bus}
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(
            started("dunst", "-conf", str(folder / "dunstrc"), env=environment, stdout=DEVNULL)
        )
        connection = await MessageBus(bus).connect()
        stack.callback(connection.disconnect)
        async with asyncio.timeout(PATIENCE):
            while not await _owned(connection):
                await asyncio.sleep(0.02)
        yield Dunst(folder, bus, environment, process)


async def _owned(connection: MessageBus) -> bool:
    dbus = "org.freedesktop.DBus"
    question = Message(dbus, "/org/freedesktop/DBus", dbus, "NameHasOwner", signature="s", body=[NAME])
    answer = await connection.call(question)
    return answer.message_type is MessageType.METHOD_RETURN and bool(answer.body[0])
