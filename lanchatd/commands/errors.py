"""How a command ends: the exit statuses, and what a person reads."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from lanchatd.errors import UserError


class Exit(IntEnum):
    """The exit status of every command; `MEANINGS` says when."""

    DONE = 0
    FAULT = 1
    WRONG = 2
    NOT_RUNNING = 3
    WHO = 4
    REFUSED = 5
    WAITING = 6
    INTERRUPTED = 130
    READER_GONE = 141


MEANINGS: Final = {
    Exit.DONE: "It was done.",
    Exit.FAULT: "A fault of LanChat itself. For doctor: something keeps people from each other.",
    Exit.WRONG: "Something is for you to put right: an option, a setting, a folder.",
    Exit.NOT_RUNNING: "lanchatd is not running, or has stopped.",
    Exit.WHO: "Nobody is meant by PERSON, or more than one.",
    Exit.REFUSED: "It can not be done as things are; somebody is no contact, or is not there, say.",
    Exit.WAITING: "The message is not delivered yet. It waits in the daemon and needs not be sent again.",
    Exit.INTERRUPTED: "Ctrl+C.",
    Exit.READER_GONE: "Who read the output has gone, head(1) for example.",
}


class CommandError(UserError):
    """A command has ended with this status; the text is one sentence for the person."""

    def __init__(self, sentence: str, status: Exit = Exit.WRONG) -> None:
        super().__init__(sentence)
        self.status = status


class NotOurs(CommandError):
    """The daemon that would be asked is that of another account."""


class NotRunning(CommandError):
    """There is no daemon to be asked."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, Exit.NOT_RUNNING)


class Unannounced(NotRunning):
    """There is one, and it is not told where."""
