"""What systemd is told of this daemon: that it is ready, how it is, that it lives, that it ends (sd_notify(3)).

Without systemd, nothing happens here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Final

BEAT: Final = 2.0
"""Seconds between two looks at the state, at most."""
CHECKS: Final = 3
"""Self-checks in the time after which systemd would end us: one that fails is forgiven if the next does not."""

_VARIABLES: Final = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
_log: Final = logging.getLogger(__name__)

Check = Callable[[], Awaitable[bool]]
"""Whether a part is well. That it does not answer in time, or raises OSError, means that it is not."""


class ServiceManager:
    """The part that speaks to systemd.

    The variables of the protocol are taken out of the environment: children are not to speak for us.

    Args:
        status: a line for people about the state, for ``systemctl status``.
        checks: what has to be well for systemd to let us live, by what it does, as the end of "The part that …".
        ending: set when the daemon begins to end.
        environment: of this process.
    """

    def __init__(
        self,
        status: Callable[[], str],
        checks: Mapping[str, Check],
        ending: asyncio.Event,
        environment: MutableMapping[str, str] = os.environ,
    ) -> None:
        self._status: Final = status
        self._checks: Final = checks
        self._ending: Final = ending
        address, period, pid = (environment.pop(name, "") for name in _VARIABLES)
        self._address: Final = address
        # sd_watchdog_enabled(3): without WATCHDOG_PID it is meant for whoever reads it.
        ours = period.isascii() and period.isdigit() and pid in ("", str(os.getpid()))
        self._pause: Final = int(period) / 1e6 / CHECKS if ours else 0.0
        self._told = ""
        self._sick: frozenset[str] = frozenset()

    async def run(self) -> None:
        """To be started when the daemon is ready. Ends when it begins to end."""
        if not self._address:
            await self._ending.wait()
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
            try:
                manager.connect(_unix_address(self._address))
            except OSError as error:
                _log.warning("systemd can't be reached at %s: %s", self._address, error.strerror)
                await self._ending.wait()
                return
            await self._tell(manager)

    async def _tell(self, manager: socket.socket) -> None:
        self._told = self._status()
        _send(manager, "READY=1", f"STATUS={self._told}")
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(self._tell_status(manager))
            watching = tasks.create_task(self._feed_watchdog(manager)) if self._pause else None
            await self._ending.wait()
            telling.cancel()
            if watching is not None:
                watching.cancel()
        _send(manager, "STOPPING=1", "STATUS=Saying goodbye")

    async def _tell_status(self, manager: socket.socket) -> None:
        while True:
            await asyncio.sleep(BEAT)
            line = self._status() if not self._sick else _complaint(self._sick)
            if line != self._told:
                self._told = line
                _send(manager, f"STATUS={line}")

    async def _feed_watchdog(self, manager: socket.socket) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            begun = clock()
            sick = frozenset(await self._find_sick())
            if not sick:
                _send(manager, "WATCHDOG=1")
            elif sick != self._sick:
                _log.error("%s systemd is going to restart LanChat if it stays so.", _complaint(sick))
            self._sick = sick
            await asyncio.sleep(begun + self._pause - clock())  # at once, after one that has taken all its time

    async def _find_sick(self) -> list[str]:
        async def is_well(check: Check) -> bool:
            try:
                async with asyncio.timeout(self._pause):
                    return await check()
            except (TimeoutError, OSError):
                return False

        # Together, so that several sick parts take no longer than one.
        results = await asyncio.gather(*(is_well(check) for check in self._checks.values()))
        return [part for part, well in zip(self._checks, results, strict=True) if not well]


def complain(sentence: str) -> None:
    """Have ``systemctl status`` say why the daemon does not start. The journal is not for everybody to read."""
    address = os.environ.get(_VARIABLES[0])
    if address:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.connect(_unix_address(address))
            _send(manager, f"STATUS={' '.join(sentence.split())}")


def standing(online: int, *, in_call: bool) -> str:
    """The line about a daemon that is well.

    Args:
        online: how many people are linked with us.
        in_call: whether our person is.
    """
    who = {0: "Nobody else is online", 1: "1 person is online"}.get(online, f"{online} people are online")
    return f"{who}; in a call" if in_call else who


def _complaint(sick: frozenset[str]) -> str:
    return " ".join(f"The part that {part} does not answer." for part in sorted(sick))


def _unix_address(text: str) -> str:
    return "\0" + text[1:] if text.startswith("@") else text


def _send(manager: socket.socket, *lines: str) -> None:
    # A manager that does not read must not hold us up; what is lost is told again, but for READY, whose queue is empty.
    with contextlib.suppress(OSError):
        manager.send("\n".join(lines).encode("utf-8", "replace"))
