"""Whom a person means: by a name, name@machine or the start of a key."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from lanchatd.commands.errors import CommandError, Exit
from lanchatd.commands.terminal import printable
from lanchatd.commands.words import SHORT_KEY, full_name, relation, short_key
from lanchatd.protocol import ui

LEAST_OF_A_KEY: Final = SHORT_KEY
"""Characters of a key that name somebody: as many as are shown. A key that reads like less is soon made."""
HELP: Final = f"a name, name@machine or the start of a key ({LEAST_OF_A_KEY} letters or more)"

_DOUBTS: Final = {
    "renamed": "was called {name} when you last agreed to it",
    "mismatch": "had another code when you last compared",
    "clone": "is on two machines at once",
    "same_name": "has the same name as somebody else",
    "looks_like": "has a name that looks like that of {name}, who is somebody else",
}

Suits = Callable[[ui.Person], bool]


def find(people: Iterable[ui.Person], called: str, suits: Suits, *, trusted: bool = False) -> ui.Person:
    """The one person who is meant.

    Anybody can take any name, so one who does not suit is passed over as long as somebody else does. A whole key can
    only be one's own; the start of one can be made to read like a name, so who is called so goes before.

    Args:
        people: everybody who is known.
        called: what stands on the command line.
        suits: who comes into question.
        trusted: what follows is for nobody else, so who is doubtful, or is called like the key of another, has to be
            named by key.

    Raises:
        CommandError: nobody is meant, or more than one, or a name does not say surely enough who.
    """
    everybody = list(people)
    named = [person for person in everybody if _is_called(person, called)]
    keyed = [person for person in everybody if _by_key(person, called)]
    if [person.id for person in keyed] == [_key(called)]:
        return keyed[0]
    by_name, by_key = list(filter(suits, named)), list(filter(suits, keyed))
    meant = by_name or by_key or named or keyed
    if trusted and by_name:
        meant = [*by_name, *(person for person in by_key if person not in by_name)]
    if not meant:
        raise CommandError(_nobody(everybody, called), Exit.WHO)
    if len(meant) > 1:
        choices = "; ".join(f"{key_for(each, everybody)} {full_name(each)} ({relation(each)})" for each in meant)
        raise CommandError(f"{printable(called)} may be any of these, say which by key: {choices}.", Exit.WHO)
    (person,) = meant
    if trusted and not _by_key(person, called):
        _check(person, everybody)
    return person


def is_sure(people: Iterable[ui.Person], person: ui.Person, suits: Suits) -> bool:
    """Whether their name alone says who is meant, also for what is for nobody else."""
    try:
        return find(people, person.name, suits, trusted=True) == person
    except CommandError:
        return False


def key_for(person: ui.Person, people: Iterable[ui.Person]) -> str:
    """As much of their key as means nobody else."""
    short = short_key(person.id)
    others = (each for each in people if each.id != person.id)
    return person.id if any(_is_called(each, short) or _by_key(each, short) for each in others) else short


def find_contact(people: Iterable[ui.Person], called: str) -> ui.Person:
    """The one who is meant by what is said to a contact and to nobody else.

    Raises:
        CommandError: as `find`.
    """
    return find(people, called, lambda person: person.relation == "contact", trusted=True)


def _is_called(person: ui.Person, called: str) -> bool:
    plain = _plain(called)
    return plain in (_plain(person.name), _plain(f"{person.name}@{person.machine}"))


def _by_key(person: ui.Person, called: str) -> bool:
    key = _key(called)
    return len(key) >= LEAST_OF_A_KEY and person.id.startswith(key)


def _key(called: str) -> str:
    return "".join(called.split()).lower()


def _check(person: ui.Person, people: list[ui.Person]) -> None:
    for notice in person.notices:
        if doubt := _DOUBTS.get(notice.kind):
            about = doubt.format(name=notice.name)
            raise CommandError(
                f"{person.name} {about}; if you mean them all the same, say {key_for(person, people)}.", Exit.WHO
            )


def _nobody(people: list[ui.Person], called: str) -> str:
    names = {_plain(person.name): person.name for person in people}
    plain = _plain(called)
    near = [name for name in names if name.startswith(plain)] or difflib.get_close_matches(plain, names, n=1)
    advice = f"did you mean {names[near[0]]}?" if near else "lanchatd people shows everybody."
    return f"Nobody here is called {printable(called)!r}; {advice}"


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
