"""Whom a person means: by a name, name@machine or the start of a key."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from lanchatd.commands.errors import CommandError, Exit
from lanchatd.commands.terminal import printable
from lanchatd.commands.words import full_name, relation, short_key
from lanchatd.protocol import ui

LEAST_OF_A_KEY: Final = 4
"""Characters of a key that name somebody."""
HELP: Final = "a name, name@machine or the start of a key"

_DOUBTS: Final = {
    "renamed": "was called {name} when you last agreed to it",
    "mismatch": "had another code when you last compared",
    "clone": "is on two machines at once",
}

Suits = Callable[[ui.Person], bool]


def find(people: Iterable[ui.Person], called: str, suits: Suits, *, trusted: bool = False) -> ui.Person:
    """The one person who is meant.

    Anybody can take any name, so one who does not suit is passed over as long as somebody else does.

    Args:
        people: everybody who is known.
        called: what stands on the command line.
        suits: who comes into question.
        trusted: what follows is for nobody else, so who is doubtful has to be named by key.

    Raises:
        CommandError: nobody is meant, or more than one, or a name does not say surely enough who.
    """
    everybody = list(people)
    named = [person for person in everybody if _is_called(person, called)]
    meant = [person for person in named if suits(person)] or named
    if not meant:
        raise CommandError(_nobody(everybody, called), Exit.WHO)
    if len(meant) > 1:
        choices = "; ".join(f"{short_key(each.id)} {full_name(each)} ({relation(each)})" for each in meant)
        raise CommandError(f"{printable(called)} may be any of these, say which by key: {choices}.", Exit.WHO)
    (person,) = meant
    if trusted and not _by_key(person, called):
        _check(person)
    return person


def find_contact(people: Iterable[ui.Person], called: str) -> ui.Person:
    """The one who is meant by what is said to a contact and to nobody else.

    Raises:
        CommandError: as `find`.
    """
    return find(people, called, lambda person: person.relation == "contact", trusted=True)


def _is_called(person: ui.Person, called: str) -> bool:
    plain = _plain(called)
    return plain in (_plain(person.name), _plain(f"{person.name}@{person.machine}")) or _by_key(person, called)


def _by_key(person: ui.Person, called: str) -> bool:
    key = "".join(called.split()).lower()
    return len(key) >= LEAST_OF_A_KEY and person.id.startswith(key)


def _check(person: ui.Person) -> None:
    for notice in person.notices:
        if doubt := _DOUBTS.get(notice.kind):
            about = doubt.format(name=notice.name)
            raise CommandError(
                f"{person.name} {about}; if you mean them all the same, say {short_key(person.id)}.", Exit.WHO
            )


def _nobody(people: list[ui.Person], called: str) -> str:
    names = {_plain(person.name): person.name for person in people}
    plain = _plain(called)
    near = [name for name in names if name.startswith(plain)] or difflib.get_close_matches(plain, names, n=1)
    advice = f"did you mean {names[near[0]]}?" if near else "lanchatd people shows everybody."
    return f"Nobody here is called {printable(called)!r}; {advice}"


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
