"""What is written to the terminal of the person: nothing that others have written can steer it."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from lanchatd.commands.errors import CommandError

Colour = Literal["plain", "bold", "dim", "red", "green", "yellow", "blue", "cyan"]

_CODES: Final[dict[Colour, str]] = {
    "plain": "",
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
_STEERING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They would let a text change the order of what stands around it."""
_ROOM: Final = 2
"""Columns between two cells."""

Cell = tuple[str, Colour]


def printable(text: str, indent: str = "") -> str:
    """A text of others, fit for a terminal: control characters are seen and not obeyed, lines begin with ``indent``."""
    lines = text.replace("\r\n", "\n").expandtabs(4).split("\n")
    return f"\n{indent}".join("".join("\ufffd" if _steers(each) else each for each in line) for line in lines)


def as_json(value: object) -> str:
    """One line of JSON. No character in it steers a terminal: JSON leaves some as they are (RFC 8259 section 7)."""
    text = msgspec.json.encode(value).decode()
    return "".join(f"\\u{ord(each):04x}" if _steers(each) else each for each in text)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes (Unicode Standard Annex 11)."""
    return sum(_width(each) for each in text)


class Terminal:
    """Standard output: colours only where there are some, and no wider than the window.

    ``live``: somebody looks at it, so that it can be drawn anew.
    """

    def __init__(self) -> None:
        self.live: Final = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._coloured: Final = self.live and not os.environ.get("NO_COLOR")
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines of the window."""
        columns, lines = shutil.get_terminal_size()
        return columns, lines

    def say(self, text: str = "") -> None:
        """Write a line."""
        self.put(f"{text}\n")

    def put(self, text: str) -> None:
        """Write as it is.

        Raises:
            BrokenPipeError: nobody reads it any more.
            CommandError: it can't be written.
        """
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise CommandError(f"The output can't be written: {error.strerror}.") from None

    def paint(self, text: str, colour: Colour) -> str:
        """The text in a colour."""
        code = _CODES[colour]
        return f"\033[{code}m{text}\033[0m" if self._coloured and code and text else text

    def table(self, rows: Iterable[Sequence[Cell]]) -> list[str]:
        """Lines of aligned cells. In a window the last cell that does not fit is cut."""
        filled = [list(row) for row in rows]
        widths = [max(columns(text) for text, _ in column) for column in zip(*filled, strict=True)]
        kept = [place for place, width in enumerate(widths) if width]
        return [self._line([(row[place], widths[place]) for place in kept]) for row in filled]

    def _line(self, cells: list[tuple[Cell, int]]) -> str:
        line, left = "", self.size[0] if self.live else sys.maxsize
        for (text, colour), width in cells:
            shown = cut(text, left)
            line += self.paint(shown, colour) + " " * (width - columns(shown) + _ROOM)
            left = max(0, left - width - _ROOM)
        return line.rstrip()


def hint(text: str) -> None:
    """Tell a person at the keyboard what is waited for."""
    print(text, file=sys.stderr, flush=True)


def cut(text: str, room: int) -> str:
    """The text in at most so many columns."""
    if columns(text) <= room:
        return text
    while text and columns(text) >= room:
        text = text[:-1]
    return f"{text}…" if room > 0 else ""


def _steers(each: str) -> bool:
    return unicodedata.category(each) in _STEERING or each in _TURNING


def _width(each: str) -> int:
    if unicodedata.category(each) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(each) in "WF" else 1
