"""Whom a word on the command line means."""

from __future__ import annotations

import pytest

from lanchatd.commands import who
from lanchatd.commands.contacts import STEPS
from lanchatd.commands.errors import CommandError, Exit
from lanchatd.commands.status import requests
from lanchatd.protocol import ui
from lanchatd.protocol.model import PeerId


def person(key: str, name: str, machine: str = "", relation: ui.Relation = "none", *odd: ui.Notice) -> ui.Person:
    return ui.Person(PeerId(key.ljust(52, "a")), name, machine, "online", relation, notices=list(odd))


BOB = person("bcde2345", "Bob", "lab", "contact")
GRACE = person("ghij2345", "Grace Hopper", "navy", "contact")
STRANGER = person("strg2345", "Bob", "attic")
PEOPLE = [BOB, GRACE, STRANGER]


def anybody(_person: ui.Person) -> bool:
    return True


@pytest.mark.parametrize(
    ("called", "meant"),
    [
        ("grace hopper", GRACE),
        ("Grace Hopper@navy", GRACE),
        ("ghij2345", GRACE),
        ("GHIJ 2345", GRACE),
        (GRACE.id, GRACE),
        ("Bob@lab", BOB),
        ("BOB@ATTIC", STRANGER),
        ("  grace   hopper ", GRACE),
    ],
)
def test_a_name_a_machine_or_a_key_is_enough(called: str, meant: ui.Person) -> None:
    assert who.find(PEOPLE, called, anybody) == meant


def test_several_are_listed_with_their_keys() -> None:
    with pytest.raises(CommandError) as caught:
        who.find(PEOPLE, "bob", anybody)
    assert caught.value.status is Exit.WHO
    assert "bcde2345 Bob@lab (contact); strg2345 Bob@attic (stranger)" in str(caught.value)


def test_what_is_for_contacts_is_not_confused_by_a_stranger_of_that_name() -> None:
    assert who.find_contact(PEOPLE, "Bob") == BOB
    with pytest.raises(CommandError, match="may be any of these"):
        who.find_contact([*PEOPLE, person("copy", "bob", "den", "contact")], "Bob")


def test_a_name_that_is_the_begin_of_another_key_means_neither_for_sure() -> None:
    named = person("xyz", "bcde2345", "", "contact")
    with pytest.raises(CommandError, match=f"which by key: xyzaaaaa bcde2345 .*; {BOB.id} Bob@lab") as caught:
        who.find_contact([BOB, named], "bcde2345")
    assert caught.value.status is Exit.WHO
    assert who.find_contact([BOB, named], BOB.id) == BOB
    assert who.find_contact([BOB, named], "bcde2345a") == BOB
    assert who.find_contact([BOB, person("xyz", "bcde2345")], "bcde2345") == BOB


def test_a_key_that_begins_like_a_name_is_not_taken_for_it() -> None:
    margaret, mallory = person("mmmm", "Margaret", "lab", "contact"), person("margaret", "Mallory")
    assert who.find([margaret, mallory], "Margaret", anybody) == margaret
    assert who.find_contact([margaret, mallory], "Margaret") == margaret
    with pytest.raises(CommandError, match="did you mean Margaret"):
        who.find([margaret, mallory], "marga", anybody)


def test_somebody_who_is_called_like_a_whole_key_is_not_meant_by_it() -> None:
    assert who.find([person("xyz", BOB.id), BOB], BOB.id, anybody) == BOB


@pytest.mark.parametrize(
    "notice",
    [
        ui.Notice("renamed", "Eve"),
        ui.Notice("mismatch"),
        ui.Notice("clone", "10.0.0.9"),
        ui.Notice("same_name", "Bob", BOB.id),
        ui.Notice("looks_like", "B0b", BOB.id, settled=True),
    ],
)
def test_who_is_in_doubt_has_to_be_named_by_key_for_what_is_private(notice: ui.Notice) -> None:
    odd = person("eeee2345", "Bob", "lab", "contact", notice)
    with pytest.raises(CommandError, match="if you mean them all the same, say eeee2345"):
        who.find_contact([odd], "Bob")
    assert who.find_contact([odd], "EEEE 2345") == odd
    assert who.find([odd], "Bob", anybody) == odd


@pytest.mark.parametrize(("name", "relation"), [("accept", "incoming"), ("request", "none")])
def test_a_stranger_with_the_name_of_a_contact_is_let_in_by_key_only(name: str, relation: ui.Relation) -> None:
    step = next(each for each in STEPS if each.name == name)
    copy = person("copy2345", "Bob", "lab", relation, ui.Notice("same_name", "Bob", BOB.id))
    with pytest.raises(CommandError, match=r"Bob has the same name as somebody else; .* say copy2345"):
        who.find([BOB, copy], "Bob", step.suits, trusted=step.trusted)
    assert who.find([BOB, copy], "copy2345", step.suits, trusted=step.trusted) == copy


def test_status_advises_the_key_where_the_name_is_not_enough() -> None:
    copy = person("copy2345", "Bob", "den", "incoming", ui.Notice("same_name", "Bob", BOB.id))
    eve, zoe = person("eeee2345", "Eve", "", "incoming"), person("zzzz2345", "copy2345", "", "incoming")
    assert requests([BOB, eve]) == "Eve (lanchatd accept NAME)"
    assert requests([BOB, copy, eve]) == "Eve (lanchatd accept NAME); Bob (lanchatd accept copy2345)"
    assert requests([copy, zoe]) == f"Bob (lanchatd accept {copy.id}); copy2345 (lanchatd accept zzzz2345)"


@pytest.mark.parametrize(
    ("called", "advice"),
    [
        ("Grac Hoper", "did you mean Grace Hopper?"),
        ("grace", "did you mean Grace Hopper?"),
        ("zzz", "lanchatd people shows everybody."),
        ("gh", "lanchatd people shows everybody."),
    ],
)
def test_nobody_is_answered_with_the_nearest_name(called: str, advice: str) -> None:
    with pytest.raises(CommandError) as caught:
        who.find(PEOPLE, called, anybody)
    assert caught.value.status is Exit.WHO
    assert str(caught.value) == f"Nobody here is called {called!r}; {advice}"


def test_the_word_itself_can_not_steer_the_terminal() -> None:
    with pytest.raises(CommandError) as caught:
        who.find(PEOPLE, "\033[31m", anybody)
    assert "\033" not in str(caught.value)
