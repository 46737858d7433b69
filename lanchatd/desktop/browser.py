"""Brings the page of LanChat to the front in the browser of the person."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from typing import Final

from lanchatd.protocol.model import PeerId

PATIENCE: Final = 5.0
"""Seconds until an opener that does not come back is left alone."""


class NoBrowserError(Exception):
    """No browser can be opened; the sentence says why."""


def address(entrance: str, person: PeerId | None = None) -> str:
    """Where the page shows the conversation with this person.

    Args:
        entrance: the address of the page, perhaps with a token that lets in once.
        person: nobody for the page itself.
    """
    return f"{entrance}#/{person}" if person else entrance


def command(url: str, token: str | None, environment: Mapping[str, str]) -> list[str]:
    """The command that opens an address, and returns at once.

    A browser that is started by it must outlive us. As a service of systemd we let the manager of the person start it,
    in a service of its own: not within our limits, and not ended with us.

    Args:
        url: what to open.
        token: for the window to come to the front (XDG activation).
        environment: of this process.
    """
    if environment.get("SYSTEMD_EXEC_PID") == str(os.getpid()):
        settings = [f"--setenv=XDG_ACTIVATION_TOKEN={token}"] if token else []
        return [
            "systemd-run",
            "--user",
            "--quiet",
            "--collect",
            "--description=LanChat in the browser",
            "--property=KillMode=process",
            *settings,
            "xdg-open",
            url,
        ]
    return ["setsid", "--fork", "xdg-open", url]


async def open_page(url: str, token: str | None = None) -> None:
    """Open an address in the browser.

    Raises:
        NoBrowserError: there is nothing to open it with, or it failed.
    """
    # A service that was started with the machine is not told where the session of its user is.
    session = {"XDG_RUNTIME_DIR": f"/run/user/{os.getuid()}"}
    environment = {**session, **os.environ, **({"XDG_ACTIVATION_TOKEN": token} if token else {})}
    words = command(url, token, environment)
    for program in (words[0], "xdg-open"):
        if shutil.which(program) is None:
            raise NoBrowserError(f"No browser can be opened: there is no {program} on this machine.")
    nothing = asyncio.subprocess.DEVNULL
    opener = await asyncio.create_subprocess_exec(
        *words, env=environment, stdin=nothing, stdout=nothing, stderr=nothing, cwd="/"
    )
    try:
        async with asyncio.timeout(PATIENCE):
            status = await opener.wait()
    except TimeoutError:
        opener.kill()
        await opener.wait()
        raise NoBrowserError(f"No browser can be opened: {words[0]} does not come back.") from None
    if status:
        raise NoBrowserError(f"No browser can be opened: {words[0]} ended with status {status}.")
