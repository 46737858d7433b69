"""Entering Linux namespaces: command lines that start a program inside those of another process."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

SEARCH_PATH: Final = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
"""Where the network's tools are, also for those whose search path has no ``sbin``."""
_ENVIRONMENT: Final = {**os.environ, "PATH": SEARCH_PATH}
_MACHINE: Final = ("-n", "-m", "-u", "-i")


def inside(pid: int) -> list[str]:
    """The prefix of a command that shall run in the namespaces of a process.

    Every step execs the next one, so pid, signals, pipes and inherited descriptors are those of the command itself.
    There is no PID namespace, since ``nsenter`` would then fork; instead the command dies with whoever started it.
    """
    enter = ["nsenter", "--target", str(pid), "-U", *_MACHINE, "--preserve-credentials", "--"]
    return [*enter, "setpriv", "--pdeathsig", "KILL", "--"]


class Holder:
    """A process that keeps namespaces alive until its standard input is closed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(cls, *command: str, script: str, arguments: tuple[str, ...] = ()) -> Holder:
        """Start ``command`` (an ``unshare``) on a shell script that sets the namespaces up, then holds them.

        Raises:
            RuntimeError: with what the script said, when it failed.
        """
        shell = ("sh", "-euc", f"{script}\necho ready\nexec cat", "holder", *arguments)
        process = await asyncio.create_subprocess_exec(
            *command,
            *shell,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_ENVIRONMENT,
        )
        assert process.stdout
        said = []
        while (line := await process.stdout.readline()) and line != b"ready\n":
            said.append(line.decode(errors="replace"))
        if not line:
            await process.wait()
            raise RuntimeError(f"can't make namespaces: {''.join(said).strip()}")
        return cls(process)

    async def close(self) -> None:
        """Let go. The namespaces end with the last process inside."""
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()

    def inhabitants(self) -> list[int]:
        """All other processes in the same network namespace."""
        mine = os.readlink(f"/proc/{self.pid}/ns/net")
        return [pid for pid in _pids() if pid != self.pid and _network_of(pid) == mine]

    def kill_inhabitants(self) -> None:
        """What a power cut does: no process has the time to say anything."""
        while pids := self.inhabitants():
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _network_of(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


async def run(command: list[str], *, input: str = "", seconds: float = 15) -> str:
    """Run a command to its end and return its output.

    Raises:
        RuntimeError: it failed; the message has what it said.
        TimeoutError: it did not end in time, and was killed.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_ENVIRONMENT,
    )
    try:
        output, problem = await asyncio.wait_for(process.communicate(input.encode()), seconds)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[12:] or command)}: {problem.decode(errors='replace').strip()}")
    return output.decode(errors="replace")
