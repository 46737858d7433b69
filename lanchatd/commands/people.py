"""``lanchatd people``: everybody who is known, once or live."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from msgspec import Struct

from lanchatd.commands.arguments import Options, Parsers, add_command
from lanchatd.commands.terminal import Cell, Terminal, as_json
from lanchatd.commands.words import HERE, cautions, presence, relation, short_key
from lanchatd.protocol import ui
from lanchatd.protocol.model import PeerId

REFRESH: Final = 10.0
"""Seconds after which a live list is drawn anew, for its relative times."""

_WORD: Final = re.compile(r"\w[\w.-]*")
_NOBODY: Final = "Nobody else is here yet. If that is wrong: lanchatd doctor"
_OTHER_SCREEN: Final = "\033[?1049h\033[?25l"
_SCREEN_BACK: Final = "\033[?25h\033[?1049l"
_HOME: Final = "\033[H"
_TO_THE_END: Final = "\033[K"
_BELOW: Final = "\033[J"


def add(commands: Parsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "people", _people,
        "List everybody who is known, and how they are present. The last column is the start of their key, by which "
        "they can be named as well. With --json every line is a person as docs/protocol.md has it; with --watch "
        "another line follows for every change, and a person who is gone is only {\"id\": …, \"gone\": true}.",
    )  # fmt: skip
    how = parser.add_mutually_exclusive_group()
    how.add_argument("-w", "--watch", action="store_true", help="stay, and show every change until Ctrl+C")
    how.add_argument(
        "--names", action="store_true", help="only a word for each by which they can be named, for completion"
    )


def _people(options: Options) -> int:
    return asyncio.run(_watch(options) if options.watch else _show(options))


async def _show(options: Options) -> int:
    from lanchatd.commands.connection import connected

    async with connected(options) as connection:
        known = Known(connection.snapshot)
    terminal = Terminal()
    table = known.names if options.names else known.lines if options.json else partial(known.table, terminal)
    for line in table():
        terminal.say(line)
    return 0


async def _watch(options: Options) -> int:
    from lanchatd.commands.connection import connected

    terminal = Terminal()
    async with connected(options) as connection:
        known = Known(connection.snapshot)
        if options.json or not terminal.live:
            for line in known.lines() if options.json else known.table(terminal):
                terminal.say(line)
            async for event in connection.events():
                for change in known.take(event):
                    terminal.say(as_json(change) if options.json else _change(change, terminal))
        async with _screen(terminal, known):
            async for event in connection.events():
                known.take(event)
                draw(terminal, known)
    return 0


class Gone(Struct, frozen=True):
    """Somebody is not known any more."""

    id: PeerId
    gone: bool = True


class Known:
    """Everybody who is known, kept true by what happens."""

    def __init__(self, snapshot: ui.Snapshot) -> None:
        self._people: Final = {person.id: person for person in snapshot.people}
        self._unread: Final = {each.person: each.unread for each in snapshot.conversations}

    def take(self, event: ui.TabEvent) -> list[ui.Person | Gone]:
        """Follow an event; tells who has changed by it."""
        match event:
            case ui.PersonChanged() if self._people.get(event.person.id) != event.person:
                self._people[event.person.id] = event.person
                return [event.person]
            case ui.PersonRemoved():
                self._people.pop(event.person, None)
                return [Gone(event.person)]
            case ui.ReceivePrivateMessage(entry=ui.TextEntry(mine=False)):
                self._unread[event.person] = self._unread.get(event.person, 0) + 1
            case ui.ConversationSeen():
                self._unread[event.person] = event.unread
        return []

    def lines(self) -> list[str]:
        """Everybody as JSON."""
        return [as_json(person) for person in self._sorted()]

    def names(self) -> list[str]:
        """A word for each: the name, if it is one that means nothing to any shell and nobody else has it."""
        names = Counter(person.name for person in self._people.values())
        return [
            each.name if _WORD.fullmatch(each.name) and names[each.name] == 1 else short_key(each.id)
            for each in self._sorted()
        ]

    def table(self, terminal: Terminal) -> list[str]:
        """Everybody as people read it."""
        rows = [self._row(person) for person in self._sorted()]
        return terminal.table(rows) if rows else [_NOBODY]

    def _sorted(self) -> list[ui.Person]:
        return sorted(self._people.values(), key=lambda each: (self._group(each), each.name.casefold(), each.id))

    def _group(self, person: ui.Person) -> int:
        if person.relation == "blocked":
            return 4
        if person.relation == "incoming" and not person.held:
            return 0
        if person.relation == "contact":
            return 1 if person.presence in HERE else 2
        return 3

    def _row(self, person: ui.Person) -> tuple[Cell, ...]:
        words, colour = presence(person, time.time())
        here = person.presence in HERE
        return (
            ("●" if here else "○", colour),
            (person.name, "bold" if here and person.relation != "blocked" else "plain"),
            (person.machine, "plain"),
            (words, colour),
            (relation(person), "cyan" if person.relation == "incoming" else "plain"),
            (self._news(person.id), "bold"),
            (short_key(person.id), "dim"),
            (cautions(person), "yellow"),
        )

    def _news(self, person: PeerId) -> str:
        unread = self._unread.get(person, 0)
        return f"{unread} unread" if unread else ""


def draw(terminal: Terminal, known: Known) -> None:
    """Draw the list over what stood there."""
    lines = known.table(terminal)
    height = terminal.size[1] - 1
    if len(lines) > height:
        lines = [*lines[: height - 1], f"… and {len(lines) - height + 1} more"]
    terminal.put(_HOME + "".join(f"{line}{_TO_THE_END}\n" for line in lines) + _BELOW)


@asynccontextmanager
async def _screen(terminal: Terminal, known: Known) -> AsyncIterator[None]:
    """A screen of its own for the list; what stood on the terminal is there again afterwards."""

    async def age() -> None:
        while True:
            draw(terminal, known)
            await asyncio.sleep(REFRESH)

    terminal.put(_OTHER_SCREEN)
    try:
        async with asyncio.TaskGroup() as tasks:
            ageing = tasks.create_task(age())
            yield
            ageing.cancel()
    finally:
        terminal.put(_SCREEN_BACK)


def _change(change: ui.Person | Gone, terminal: Terminal) -> str:
    now = time.time()
    at = terminal.paint(time.strftime("%H:%M:%S", time.localtime(now)), "dim")
    if isinstance(change, Gone):
        return f"{at}  {short_key(change.id)} is gone"
    words = [presence(change, now)[0], relation(change), cautions(change)]
    return f"{at}  {change.name}  {', '.join(filter(None, words))}"
