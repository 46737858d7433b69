"""Where a browser runs: the machine of the tests, or one that is made of namespaces."""

from __future__ import annotations

import asyncio
import os
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final

import aiohttp

SCREEN: Final = "1600x1200x24"


class Host(ABC):
    """What a browser needs of the machine that it runs on."""

    folder: Path

    @property
    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """The environment of its programs."""

    @abstractmethod
    async def http(self, port: int) -> aiohttp.ClientSession:
        """A client session that reaches this loopback port of the machine."""

    def command(self, *command: str) -> list[str]:
        """The command line that starts a program on this machine."""
        return [*command]

    async def spawn(
        self,
        *command: str,
        stdout: int | IO[bytes] | None = asyncio.subprocess.PIPE,
        stderr: int | IO[bytes] | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> asyncio.subprocess.Process:
        """Start a program, with something added to its environment."""
        return await asyncio.create_subprocess_exec(
            *self.command(*command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env={**self.environment, **environment},
            cwd="/",
        )

    @asynccontextmanager
    async def display(self) -> AsyncIterator[str]:
        """An X display (Xvfb), for browsers that can't do without; yields its name."""
        command = ("Xvfb", "-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp")
        process = await self.spawn(*command, stderr=asyncio.subprocess.DEVNULL)
        assert process.stdout
        try:
            yield f":{(await process.stdout.readline()).decode().strip()}"
        finally:
            await end(process)


class Here(Host):
    """The machine of the tests. ``folder`` becomes the home of the browsers, so nobody's profile is touched."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        self.folder = folder
        self._environment = environment
        self._stack = AsyncExitStack()

    @property
    def environment(self) -> Mapping[str, str]:
        own = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config")}
        return {**os.environ, **self._environment, **own}

    async def http(self, port: int) -> aiohttp.ClientSession:
        return await self._stack.enter_async_context(aiohttp.ClientSession())

    async def close(self) -> None:
        await self._stack.aclose()


async def end(process: asyncio.subprocess.Process) -> None:
    """See that a program has ended."""
    if process.returncode is None:
        process.kill()
    await process.wait()


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
