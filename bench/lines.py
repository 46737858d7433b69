"""A reference program that tells line by line what it has seen, and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from tests.lan.machine import Machine


class Lines:
    """The standard output of a program on a machine, with the moment at which each line has come."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    @asynccontextmanager
    async def of(cls, machine: Machine, *command: str) -> AsyncIterator[Self]:
        """Run it meanwhile. Its standard input stays open until then."""
        process = await asyncio.create_subprocess_exec(
            *machine.command(*command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=machine.environment,
            cwd="/",
        )
        try:
            yield cls(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def until(self, words: str, seconds: float = 30) -> str:
        """The first of the next lines with these words in it.

        Raises:
            TimeoutError: there is none in time.
            EOFError: the program has ended.
        """
        assert self.process.stdout
        async with asyncio.timeout(seconds):
            while line := (await self.process.stdout.readline()).decode(errors="replace"):
                if words in line:
                    return line
        raise EOFError(f"the program ended without {words!r}")

    async def finish(self) -> None:
        """Close its standard input, and wait until it has ended."""
        assert self.process.stdin
        self.process.stdin.close()
        await self.process.wait()
