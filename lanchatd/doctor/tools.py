"""Runs the system's own tools, which know more than their files say. Nothing is asked of them but to tell."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from dataclasses import dataclass
from typing import Final

SECONDS: Final = 15.0
"""Until a tool is given up; those that are written in Python take their time on a busy machine."""
_PATH: Final = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
_LARGEST: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Said:
    """The exit status of a tool, and its standard output."""

    status: int
    text: str


async def ask(*command: str) -> Said | None:
    """Run a tool to its end; None if there is no such tool, or it does not finish in `SECONDS`."""
    program = shutil.which(command[0], path=_PATH)
    if program is None:
        return None
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *command[1:],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PATH": _PATH, "LC_ALL": "C"},
            limit=_LARGEST,
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return Said(process.returncode or 0, output.decode(errors="replace"))
