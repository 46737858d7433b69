"""Names that change, names that two keys have, and keys on two machines: shown for what they are."""

from __future__ import annotations

from typing import Final, Literal

import pytest

from lanchatd.core import arrivals
from lanchatd.protocol import peer, ui
from lanchatd.protocol.model import PeerId

from .pair import ALICE, BOB, EVE, Pair, Side

CYRILLIC_A = "\u0430"
NAMES: Final = [("person b", "same_name"), ("pers\u043en b", "looks_like")]
"""What may be taken for the name of Bob."""


def meet(side: Side, person: PeerId, name: str) -> ui.Person:
    """Somebody else links with one side."""
    hello = peer.Hello(id=person, protocol=1, name=name)
    side.perform(arrivals.linked(side.core, person, hello, side.clock.now))
    return side.core.roster.get(person).view()


def hear(side: Side, person: PeerId, message: peer.PeerMessage) -> None:
    side.perform(arrivals.take_in(side.core, person, message, "10.0.0.6", side.clock.now))


def verified() -> Pair:
    pair = Pair()
    pair.alice.core.roster.get(BOB).verified = True
    return pair


def kinds(person: ui.Person) -> list[tuple[str, str]]:
    return [(notice.kind, notice.name) for notice in person.notices]


def view(side: Side, person: PeerId) -> ui.Person:
    return side.core.roster.get(person).view()


def settled_as(name: str) -> Pair:
    """Alice goes on with Eve, who has this name, although Bob is verified under it or one that looks like it."""
    pair = verified()
    meet(pair.alice, EVE, name)
    pair.alice.do(ui.KeepName(person=EVE))
    pair.alice.told.clear()
    return pair


def told_of(side: Side, person: PeerId) -> list[ui.Person]:
    return [event.person for event in side.told if isinstance(event, ui.PersonChanged) and event.person.id == person]


def test_a_contact_who_changes_the_name_is_shown_with_the_old_one_until_our_person_agrees() -> None:
    pair = Pair()
    hear(pair.alice, BOB, peer.Profile(name="Robert", status="available", in_call=False))
    assert (pair.alice.person.name, kinds(pair.alice.person)) == ("Robert", [("renamed", "person b")])
    pair.alice.do(ui.KeepName(person=BOB))
    assert kinds(pair.alice.person) == []


def test_a_stranger_may_change_the_name_as_nobody_knows_the_old_one() -> None:
    pair = Pair(contacts=False)
    hear(pair.alice, BOB, peer.Profile(name="Robert", status="available", in_call=False))
    assert kinds(pair.alice.person) == []


def test_a_stranger_with_the_name_of_a_contact_is_shown_as_another_key() -> None:
    pair = Pair()
    eve = meet(pair.alice, EVE, "person b")
    assert [(each.kind, each.person) for each in eve.notices] == [("same_name", BOB)]
    assert kinds(pair.alice.person) == []


def test_a_look_alike_of_a_contact_is_shown_with_whose_name_it_is() -> None:
    pair = Pair()
    eve = meet(pair.alice, EVE, "\u202epers\u043en\u200b b")
    assert [(each.kind, each.name, each.person) for each in eve.notices] == [("looks_like", "person b", BOB)]


def test_a_stranger_with_our_own_name_is_shown_so() -> None:
    pair = Pair()
    pair.alice.perform(pair.alice.core.roster.call_me("Alice"))
    eve = meet(pair.alice, EVE, "AIice")
    assert [(each.kind, each.person) for each in eve.notices] == [("looks_like", ALICE)]


def test_two_strangers_of_one_name_are_no_matter() -> None:
    pair = Pair(contacts=False)
    assert kinds(meet(pair.alice, EVE, "person b")) == []


def test_who_has_the_name_of_a_verified_person_is_held_until_our_person_decides() -> None:
    pair = verified()
    assert meet(pair.alice, EVE, f"person b{CYRILLIC_A}"[:-1]).held
    hear(pair.alice, EVE, peer.Stance(stance="asking"))
    assert not pair.alice.heard(ui.IncomingChatRequest)
    for request in (ui.SendChatRequest(person=EVE), ui.AcceptChatRequest(person=EVE)):
        assert pair.alice.try_to(request) == "held"
    pair.alice.do(ui.KeepName(person=EVE))
    assert not view(pair.alice, EVE).held
    pair.alice.do(ui.AcceptChatRequest(person=EVE))
    assert view(pair.alice, EVE).relation == "contact"
    assert not view(pair.alice, EVE).verified


def test_a_decision_holds_for_the_name_it_was_made_about() -> None:
    pair = verified()
    meet(pair.alice, EVE, "Eve")
    pair.alice.do(ui.KeepName(person=EVE))
    hear(pair.alice, EVE, peer.Profile(name="Person B", status="available", in_call=False))
    assert view(pair.alice, EVE).held


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_a_name_to_which_our_person_has_agreed_is_still_told_to_be_that_of_a_verified_person(
    name: str, kind: Literal["same_name", "looks_like"]
) -> None:
    eve = view(settled_as(name).alice, EVE)
    assert (eve.held, eve.notices) == (False, [ui.Notice(kind, "person b", BOB, settled=True)])


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_it_is_told_as_long_as_the_other_is_verified_under_that_name(name: str, kind: str) -> None:
    pair = settled_as(name)
    alice = pair.alice
    hear(alice, EVE, peer.Stance(stance="asking"))
    alice.do(ui.AcceptChatRequest(person=EVE))
    alice.perform(alice.core.roster.unlinked(BOB, alice.clock.now))
    assert kinds(view(alice, EVE)) == [(kind, "person b")]
    hear(alice, BOB, peer.Profile(name="Robert", status="available", in_call=False))
    assert told_of(alice, EVE)[-1].notices == []
    hear(alice, BOB, peer.Profile(name="person b", status="available", in_call=False))
    assert [(notice.kind, notice.settled) for notice in told_of(alice, EVE)[-1].notices] == [(kind, True)]


@pytest.mark.parametrize("request_", [ui.Distrust(person=BOB), ui.BlockUser(person=BOB), ui.ForgetUser(person=BOB)])
def test_it_is_told_no_more_when_the_other_is_not_verified_any_more(request_: ui.TabRequest) -> None:
    alice = settled_as("person b").alice
    alice.do(request_)
    assert told_of(alice, EVE)[-1].notices == []


def test_who_is_verified_too_may_have_the_name() -> None:
    alice = settled_as("person b").alice
    alice.perform(alice.core.roster.change(EVE, lambda known: setattr(known, "verified", True)))
    assert view(alice, EVE).notices == []


def test_a_contact_who_takes_the_name_of_another_one_is_shown_so() -> None:
    pair = verified()
    meet(pair.alice, EVE, "Eve")
    hear(pair.alice, EVE, peer.Stance(stance="asking"))
    pair.alice.do(ui.AcceptChatRequest(person=EVE))
    hear(pair.alice, EVE, peer.Profile(name="person b", status="available", in_call=False))
    assert kinds(view(pair.alice, EVE)) == [("renamed", "Eve"), ("same_name", "person b")]


def test_who_waited_under_another_name_gets_no_trust_by_taking_a_verified_one() -> None:
    pair = verified()
    meet(pair.alice, EVE, "Eve")
    pair.alice.do(ui.SendChatRequest(person=EVE))
    hear(pair.alice, EVE, peer.Profile(name="person b", status="available", in_call=False))
    for stance in ("accepted", "asking"):
        hear(pair.alice, EVE, peer.Stance(stance=stance))
        assert view(pair.alice, EVE).relation != "contact"
        assert view(pair.alice, EVE).held


def test_the_hold_ends_when_the_verified_person_is_forgotten() -> None:
    pair = verified()
    meet(pair.alice, EVE, "person b")
    pair.alice.told.clear()
    pair.alice.do(ui.ForgetUser(person=BOB))
    assert not view(pair.alice, EVE).held
    assert EVE in [event.person.id for event in pair.alice.told if isinstance(event, ui.PersonChanged)]


def test_a_name_that_a_contact_has_left_is_free() -> None:
    pair = verified()
    hear(pair.alice, BOB, peer.Profile(name="Robert", status="available", in_call=False))
    assert kinds(meet(pair.alice, EVE, "person b")) == []
    assert not view(pair.alice, EVE).held


def test_a_thousand_keys_of_one_name_are_no_more_work_than_a_few() -> None:
    pair = verified()
    for number in range(1000):
        assert meet(
            pair.alice, PeerId(f"{number:a>52}".translate(str.maketrans("0123456789", "cdefghijkl"))), "person b"
        ).held
    assert meet(pair.alice, EVE, "person b").held


def test_a_key_on_two_machines_is_shown_until_our_person_has_read_it() -> None:
    pair = Pair()
    pair.alice.perform(pair.alice.core.roster.cloned(BOB, "192.0.2.8"))
    assert kinds(pair.alice.person) == [("clone", "192.0.2.8")]
    pair.alice.do(ui.KeepName(person=BOB))
    assert kinds(pair.alice.person) == []


def test_a_name_of_nothing_visible_is_shown_as_the_key() -> None:
    pair = Pair()
    assert meet(pair.alice, EVE, "\u200b\u202e").name == "eeee eeee"


def test_block_and_forget_take_the_trust_away() -> None:
    for request in (ui.BlockUser(person=BOB), ui.ForgetUser(person=BOB)):
        pair = verified()
        assert pair.alice.person.verified
        pair.alice.do(request)
        assert not pair.alice.core.roster.get(BOB).verified


def test_a_blocked_person_has_nothing_unread_any_more() -> None:
    pair = Pair()
    pair.bob.do(ui.SendPrivateMessage(person=ALICE, id="12345678", text="hello"))
    pair.settle()
    pair.alice.do(ui.BlockUser(person=BOB))
    assert [(event.person, event.unread) for event in pair.alice.told if isinstance(event, ui.ConversationSeen)] == [
        (BOB, 0)
    ]
    assert [view.unread for view in pair.alice.core.conversations.views()] == [0]


def test_whoever_was_blocked_and_stored_gets_no_trust_by_that() -> None:
    pair = verified()
    meet(pair.alice, EVE, "person b")
    pair.alice.do(ui.BlockUser(person=EVE))
    pair.alice.do(ui.UnblockUser(person=EVE))
    assert view(pair.alice, EVE).held


@pytest.mark.parametrize("ending", ["cancel", "forget", "decline"])
def test_a_name_is_agreed_to_only_while_there_is_something_between_the_two(ending: str) -> None:
    pair = Pair()
    meet(pair.alice, EVE, "person b")
    if ending == "forget":
        hear(pair.alice, EVE, peer.Stance(stance="asking"))
        pair.alice.do(ui.AcceptChatRequest(person=EVE))
        pair.alice.do(ui.ForgetUser(person=EVE))
    else:
        pair.alice.do(ui.SendChatRequest(person=EVE))
        if ending == "cancel":
            pair.alice.do(ui.CancelChatRequest(person=EVE))
        else:
            hear(pair.alice, EVE, peer.Stance(stance="declined"))
    pair.alice.core.roster.change(BOB, lambda known: setattr(known, "verified", True))
    assert view(pair.alice, EVE).held


def test_every_namesake_is_held_however_many_there_are() -> None:
    pair = Pair()
    keys = [PeerId(f"{number:a>52}".translate(str.maketrans("0123456789", "cdefghijkl"))) for number in range(100)]
    for key in keys:
        meet(pair.alice, key, "person b")
    pair.alice.core.roster.change(BOB, lambda known: setattr(known, "verified", True))
    assert all(view(pair.alice, key).held for key in keys)


def test_the_mark_outlives_the_contact_that_the_other_side_has_ended() -> None:
    pair = verified()
    hear(pair.alice, BOB, peer.Stance(stance="none"))
    assert pair.alice.person.relation != "contact"
    assert pair.alice.person.verified
    assert meet(pair.alice, EVE, "person b").held
