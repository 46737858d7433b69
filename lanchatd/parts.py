"""The parts of the daemon while they run: the first fault of ours is named in the log, and all of them end.

What another machine or a browser does is no fault of ours, whatever comes of it: it costs them their connection.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator
from enum import StrEnum
from typing import Any, Final

from lanchatd.core.limits import Bucket
from lanchatd.errors import UserError

FAILED: Final = 1
"""Exit status after a fault of ours: start it again (systemd does)."""
LAST_SECONDS: Final = 3
"""How long the end after a failure may take: what hangs then is ended by the kernel."""
SILENCE: Final = 60.0
"""Seconds in which the same shortage is not told again."""

_SHORTAGES: Final = {
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "No file descriptors are left"),
    **dict.fromkeys((errno.ENOBUFS, errno.ENOMEM), "No memory is left for one more connection"),
}
_TOLD: Final = (1 / 10, 8.0)
"""A second, and at once: how many connections are told that went wrong. Whoever wants can have thousands go wrong."""
_log = logging.getLogger(__name__)


class Part(StrEnum):
    """What each part does, as the end of "The part that …"."""

    NETWORK = "watches the network of this machine"
    EAR = "listens to what is said to all"
    LINKS = "keeps the links to other machines"
    DISCOVERY = "finds other machines"
    STORE = "saves contacts and settings"
    PAGE = "serves the page"
    CORE = "knows who is there and what is said"
    MANAGER = "tells systemd how it is"
    DESKTOP = "shows notifications on the desktop"


# Where the code of a part is; of two that fit the first.
_CODE: Final = {
    "zeroconf": Part.DISCOVERY,
    "lanchatd.lan.discovery": Part.DISCOVERY,
    "lanchatd.lan.browser": Part.DISCOVERY,
    "lanchatd.lan.instance": Part.DISCOVERY,
    "lanchatd.lan.interfaces": Part.NETWORK,
    "lanchatd.lan.ear": Part.EAR,
    "lanchatd.lan.hearing": Part.EAR,
    "lanchatd.doctor": Part.EAR,
    "lanchatd.lan.rtnetlink": Part.NETWORK,
    "lanchatd.lan": Part.LINKS,
    "lanchatd.store": Part.STORE,
    "lanchatd.web": Part.PAGE,
    "lanchatd.desktop.systemd": Part.MANAGER,
    "lanchatd.health": Part.MANAGER,
    "lanchatd.desktop": Part.DESKTOP,
    "lanchatd": Part.CORE,
}


class PartFailed(Exception):
    """A part has failed before the daemon was ready. It has been told already."""


class Parts:
    """Keeps watch over the parts. ``ending`` is set when the daemon is to end, for whatever reason.

    ``ready`` is to be set once there is somebody to say goodbye to: then a failure begins an orderly end.

    Args:
        stumbled: told what a timer of zeroconf has raised. All that these work on has come from anybody.
    """

    def __init__(self, stumbled: Callable[[BaseException], None] = lambda _: None) -> None:
        self._stumbled: Final = stumbled
        self.ending: Final = asyncio.Event()
        self.ready = False
        self.failed = False
        self._told_shortage: float | None = None
        self._told = Bucket(*_TOLD)

    async def run(self, part: Part, life: Callable[[], Awaitable[None]]) -> None:
        """Run one part until it is cancelled, or ends by itself after ``ending``.

        Raises:
            UserError: what the person can put right.
            PartFailed: a failure before ``ready``.
        """
        task = asyncio.current_task()
        try:
            await life()
            if self.ending.is_set():
                return
            problem: Exception = RuntimeError("it ended by itself")
        except UserError:
            raise
        except asyncio.CancelledError as cancelled:
            if task is None or task.cancelling():
                raise
            # A cancellation that nobody asked for would end the part without a word: a task group passes over it.
            problem = RuntimeError("it was cancelled from within")
            problem.__cause__ = cancelled
        except Exception as error:
            problem = error
        self.fail(part, problem)
        if not self.ready:
            raise PartFailed from problem

    def fail(self, part: Part, error: BaseException) -> None:
        """Name the part that has failed, and begin the end. Only the first failure is told: others follow from it."""
        if not self.failed:
            self.failed = True
            about = {"part": part.name.lower()}
            _log.critical("The part that %s has failed: %s", part, _summary(error), exc_info=error, extra=about)
            signal.alarm(LAST_SECONDS)
        self.ending.set()

    def judge(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The exception handler of the event loop: what a callback, or a task that nobody awaits, has raised."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _SHORTAGES and "socket" in context:
            self._tell_shortage(loop.time(), _SHORTAGES[error.errno])
        elif error is not None and (part := _part_at_fault(error, context)) is not None:
            if _guilty(error).startswith("zeroconf."):
                self._stumbled(error)
            else:
                self.fail(part, error)
        else:
            level = logging.INFO if self._told.take(loop.time()) else logging.DEBUG
            _log.log(level, "A connection went wrong: %s", context.get("message"), exc_info=error)

    def _tell_shortage(self, now: float, shortage: str) -> None:
        if self._told_shortage is None or now - self._told_shortage > SILENCE:
            self._told_shortage = now
            _log.warning("%s: nobody else can connect until some are free; who is connected stays", shortage)


def _part_at_fault(error: BaseException, context: dict[str, Any]) -> Part | None:
    """The part whose code has failed, or whose timers: those of zeroconf, without which nobody is found.

    None for what the code of others makes of a packet that has come in: that is the doing of who sent it.
    """
    guilty = _guilty(error)
    if not guilty.startswith("lanchatd."):
        callback = getattr(context.get("handle"), "_callback", None)
        owner = getattr(callback, "__self__", None)
        if callback is None or isinstance(owner, asyncio.BaseTransport | asyncio.BaseProtocol):
            return None
    return next((part for code, part in _CODE.items() if guilty.startswith(f"{code}.")), None)


def _guilty(error: BaseException) -> str:
    """The innermost module that is of a part, with a dot at its end; empty without one."""
    known = [module for module in _modules(error) if module.partition(".")[0] in ("lanchatd", "zeroconf", "aiohttp")]
    return f"{known[-1]}." if known else ""


def _modules(error: BaseException) -> Iterator[str]:
    """The modules that an exception has passed, the outermost first."""
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame.f_globals.get("__name__", "")
        traceback = traceback.tb_next


def _summary(error: BaseException) -> str:
    """The exception within all groups, in one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(f"{type(error).__name__}: {error}".removesuffix(": ").split())
