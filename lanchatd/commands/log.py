"""``lanchatd log``: the words with one person."""

from __future__ import annotations

import asyncio
from typing import Final

from lanchatd.commands import who
from lanchatd.commands.arguments import Options, Parsers, add_command
from lanchatd.commands.terminal import Terminal, as_json, columns, cut, printable
from lanchatd.commands.words import call, clock, day
from lanchatd.protocol import ui

_ROOM_FOR_NAMES: Final = 16
_PENDING: Final = {"waiting": " (waiting)", "sent": " (not delivered yet)"}


def add(commands: Parsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "log", _log,
        "Print the conversation with somebody. The daemon has it for as long as it runs; none of it is ever written to "
        "the disk. Nothing counts as read by this. With --json every line is an entry as docs/protocol.md has it, of "
        "the kind text or call.",
    )  # fmt: skip
    parser.add_argument("person", metavar="PERSON", help=who.HELP)
    parser.add_argument("-f", "--follow", action="store_true", help="stay, and print what is said until Ctrl+C")
    parser.add_argument("-n", "--lines", metavar="COUNT", type=int, help="only the last so many messages and calls")


def _log(options: Options) -> int:
    return asyncio.run(_print(options))


async def _print(options: Options) -> int:
    from lanchatd.commands.connection import connected

    async with connected(options) as connection:
        snapshot = connection.snapshot
        talks = {each.person: each.entries for each in snapshot.conversations}
        person = who.find(snapshot.people, options.person, lambda each: each.id in talks)
        entries = talks.get(person.id, [])
        log = Log(Terminal(), person.name, as_lines=options.json)
        for entry in entries if options.lines is None else entries[max(0, len(entries) - max(0, options.lines)) :]:
            log.say(entry)
        if not options.follow:
            return 0
        async for event in connection.events():
            match event:
                case ui.ReceivePrivateMessage() if event.person == person.id:
                    log.say(event.entry)
                case _:
                    pass
    return 0


class Log:
    """Prints a conversation.

    Args:
        terminal: where.
        name: of the other person.
        as_lines: as JSON, for scripts.
    """

    def __init__(self, terminal: Terminal, name: str, *, as_lines: bool) -> None:
        self._terminal: Final = terminal
        self._names: Final = {True: "you", False: cut(name, _ROOM_FOR_NAMES)}
        self._width: Final = max(map(columns, self._names.values()))
        self._as_lines: Final = as_lines
        self._day = ""

    def say(self, entry: ui.Entry) -> None:
        """Print a message, or a call that is over."""
        if self._as_lines:
            self._terminal.say(as_json(entry))
            return
        paint = self._terminal.paint
        if day(entry.at) != self._day:
            self._day = day(entry.at)
            self._terminal.say(paint(self._day, "dim"))
        name = self._names[entry.mine]
        padded = paint(name, "dim" if entry.mine else "bold") + " " * (self._width - columns(name))
        self._terminal.say(f"{paint(clock(entry.at), 'dim')}  {padded}  {self._words(entry)}")

    def _words(self, entry: ui.Entry) -> str:
        paint = self._terminal.paint
        if isinstance(entry, ui.CallEntry):
            return paint(f"({call(entry)})", "dim")
        indent = " " * (len(clock(entry.at)) + self._width + 4)
        pending = _PENDING.get(entry.status, "") if entry.mine else ""
        return printable(entry.text, indent) + paint(pending, "yellow")
