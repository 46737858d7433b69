"""The log: where it goes, and what its lines look like. What people write to each other is in none, at any level."""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, TextIO

LEVELS: Final = ("debug", "info", "warning", "error")
FORMATS: Final = ("text", "json", "journal")
FIELDS: Final = ("peer", "address", "part")
"""What a line may be about besides its words: given as ``extra``, told as fields where the format has fields."""
JOURNAL: Final = "/run/systemd/journal/socket"

_OURS: Final = "lanchatd"
_PRIORITIES: Final = {"CRITICAL": 2, "ERROR": 3, "WARNING": 4, "INFO": 6, "DEBUG": 7}
"""Of syslog(3)."""
_ALONE: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_IN_JOURNAL: Final = "%(name)s: %(message)s"  # which knows the time and the level
_WHOLE: Final = logging.Formatter()


def set_up(level: str, form: str, environment: Mapping[str, str] = os.environ, journal: str = JOURNAL) -> None:
    """Begin to log to standard error, or to the journal behind it.

    Args:
        level: one of `LEVELS`.
        form: one of `FORMATS`; ``journal`` is ``text`` where standard error does not lead to the journal.
        environment: of this process.
        journal: the socket of the journal.
    """
    behind = _leads_to_journal(2, environment)
    handler = JournalHandler(journal) if behind and form == "journal" else logging.StreamHandler()
    lines = JsonLines() if form == "json" else logging.Formatter(_IN_JOURNAL if behind else _ALONE)
    handler.setFormatter(_Graded(lines) if behind else lines)
    # What others' code tells below a warning may hold all that comes in and goes out.
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    set_level(level)


def set_level(level: str) -> None:
    """Tell from now on what is at least as grave as this."""
    logging.getLogger(_OURS).setLevel(level.upper())


def _leads_to_journal(number: int, environment: Mapping[str, str]) -> bool:
    """Whether systemd has connected this file with the journal (systemd.exec(5), ``$JOURNAL_STREAM``)."""
    try:
        status = os.fstat(number)
    except OSError:
        return False
    return environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class JsonLines(logging.Formatter):
    """One JSON object on each line."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told)


class _Graded(logging.Formatter):
    """Lines that tell the journal how grave they are (sd-daemon(3))."""

    def __init__(self, lines: logging.Formatter) -> None:
        super().__init__()
        self._lines: Final = lines

    def format(self, record: logging.LogRecord) -> str:
        grade = f"<{_PRIORITIES[record.levelname]}>"
        return "\n".join(grade + line for line in self._lines.format(record).splitlines())


class JournalHandler(logging.StreamHandler[TextIO]):
    """Speaks the journal's own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL). What it does not take goes to stderr.

    Args:
        address: of its socket.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address: Final = address
        self._socket: Final = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def emit(self, record: logging.LogRecord) -> None:
        told = {
            "MESSAGE": _WHOLE.format(record),
            "PRIORITY": str(_PRIORITIES[record.levelname]),
            "SYSLOG_IDENTIFIER": _OURS,
            "LANCHAT_LOGGER": record.name,
            **{f"LANCHAT_{name.upper()}": value for name, value in _fields(record).items()},
        }
        try:
            self._socket.sendto(b"".join(_entry(name, value) for name, value in told.items()), self._address)
        except OSError:
            super().emit(record)


def _entry(name: str, value: str) -> bytes:
    """One field; with its length, as there may be several lines in it."""
    data = value.encode("utf-8", "backslashreplace")
    return name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n"


def _fields(record: logging.LogRecord) -> dict[str, str]:
    return {name: str(getattr(record, name)) for name in FIELDS if hasattr(record, name)}
