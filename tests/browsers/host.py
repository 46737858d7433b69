"""Where a browser runs: the machine of the tests, or one that is made of namespaces."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final, Protocol

import aiohttp

SCREEN: Final = "1600x1200x24"


class Host(Protocol):
    """What a browser needs of the machine that it runs on."""

    folder: Path

    async def spawn(
        self,
        *command: str,
        stdout: int | IO[bytes] | None = ...,
        stderr: int | IO[bytes] | None = ...,
        environment: Mapping[str, str] = ...,
    ) -> asyncio.subprocess.Process:
        """Start a program, with something added to its environment."""

    async def http(self, port: int) -> aiohttp.ClientSession:
        """A client session that reaches this loopback port of the machine."""

    def display(self) -> AbstractAsyncContextManager[str]:
        """An X display; yields its name."""


class Here:
    """The machine of the tests. ``folder`` becomes the home of the browsers, so nobody's profile is touched."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        self.folder = folder
        self._environment = {
            **os.environ,
            **environment,
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        self._stack = AsyncExitStack()

    async def spawn(
        self,
        *command: str,
        stdout: int | IO[bytes] | None = asyncio.subprocess.PIPE,
        stderr: int | IO[bytes] | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env={**self._environment, **environment},
        )

    async def http(self, port: int) -> aiohttp.ClientSession:
        return await self._stack.enter_async_context(aiohttp.ClientSession())

    @asynccontextmanager
    async def display(self) -> AsyncIterator[str]:
        command = ("Xvfb", "-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp")
        process = await self.spawn(*command, stderr=asyncio.subprocess.DEVNULL)
        assert process.stdout
        try:
            yield f":{(await process.stdout.readline()).decode().strip()}"
        finally:
            process.kill()
            await process.wait()

    async def close(self) -> None:
        await self._stack.aclose()


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
