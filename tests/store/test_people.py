"""Who is kept on disk: contacts and the blocked, and where people were met."""

from __future__ import annotations

from lanchatd.core.known import Known
from lanchatd.core.roster import Roster
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.ui import Preferences
from lanchatd.store.people import ADDRESSES_KEPT, STRANGERS_KEPT, People
from lanchatd.store.state import State

BOB, EVE, DAN = PeerId("b" * 52), PeerId("e" * 52), PeerId("d" * 52)


def again(people: People, roster: Roster) -> People:
    return People(people.state(roster))


def test_contacts_and_the_blocked_are_known_again_after_a_restart() -> None:
    roster = Roster(PeerId("m" * 52))
    roster.restore(
        [
            Known(BOB, "Bob", "den", last_seen=5, mine="accepted", theirs="accepted"),
            Known(EVE, "Eve", blocked=True),
            Known(DAN, "Dan", mine="asking"),
        ]
    )
    known = {person.id: person for person in again(People(State()), roster).known()}
    assert set(known) == {BOB, EVE}
    assert (known[BOB].contact, known[BOB].machine, known[BOB].last_seen) == (True, "den", 5)
    assert known[EVE].relation == "blocked"


def test_what_was_chosen_for_notifications_holds_until_it_is_set_outside() -> None:
    people = People(State(preferences=Preferences(notifications=False, hide_text=True)))
    kept = again(people, Roster(PeerId("m" * 52)))
    assert kept.preferring(None, None) == Preferences(notifications=False, hide_text=True)
    assert kept.preferring(True, False) == Preferences(notifications=True, hide_text=False)


def test_where_somebody_was_met_is_kept_with_the_newest_address_first() -> None:
    people = People(State())
    for number in range(ADDRESSES_KEPT + 2):
        people.met(BOB, "Bob", f"10.0.0.{number}", 5263)
    people.met(BOB, "Bob", "10.0.0.3", 5300)
    [(person, addresses, port)] = again(people, Roster(PeerId("m" * 52))).places()
    assert (person, port) == (BOB, 5300)
    assert addresses[:2] == ("10.0.0.3", f"10.0.0.{ADDRESSES_KEPT + 1}")
    assert len(addresses) == ADDRESSES_KEPT


def test_only_the_strangers_met_last_are_kept() -> None:
    people = People(State())
    ids = [
        PeerId(f"{'abcdefgh'[i % 8]}{'abcdefgh'[i // 8 % 8]}{'abcdefgh'[i // 64]}".ljust(52, "x")) for i in range(100)
    ]
    for person in ids:
        people.met(person, "somebody", "10.0.0.1", 5263)
    assert [person for person, _, _ in again(people, Roster(PeerId("m" * 52))).places()] == ids[-STRANGERS_KEPT:]
