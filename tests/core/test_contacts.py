"""Consent: nobody gets through before a person has said yes, and both sides agree on where they stand."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from lanchatd.core.known import REQUEST_KEPT, STRANGER_KEPT
from lanchatd.core.roster import STRANGERS
from lanchatd.protocol import peer, ui
from lanchatd.protocol.model import PeerId

from .lossy import WHO, LossyPair
from .pair import ALICE, BOB, Pair, Side


def asked() -> Pair:
    pair = Pair(contacts=False)
    pair.alice.do(ui.SendChatRequest(person=BOB))
    pair.settle()
    return pair


def relations(pair: Pair) -> tuple[str, str]:
    return pair.alice.person.relation, pair.bob.person.relation


def test_a_request_is_shown_on_both_sides() -> None:
    pair = asked()
    assert relations(pair) == ("outgoing", "incoming")
    card = pair.bob.heard(ui.IncomingChatRequest)
    assert [event.person.id for event in card if isinstance(event, ui.IncomingChatRequest)] == [ALICE]


@pytest.mark.parametrize(
    ("answer", "after", "told_alice", "told_bob"),
    [
        (ui.AcceptChatRequest, ("contact", "contact"), "accepted", "accepted"),
        (ui.RejectChatRequest, ("none", "none"), "declined", "declined"),
    ],
)
def test_each_answer_is_told_to_both(
    answer: type[ui.AcceptChatRequest], after: tuple[str, str], told_alice: str, told_bob: str
) -> None:
    pair = asked()
    pair.bob.do(answer(person=ALICE))
    pair.settle()
    assert relations(pair) == after
    for side, told in ((pair.alice, told_alice), (pair.bob, told_bob)):
        if told == "accepted":
            assert len(side.heard(ui.ChatRequestAccepted)) == 1
        else:
            over = side.heard(ui.ChatRequestRejected)[-1]
            assert isinstance(over, ui.ChatRequestRejected)
            assert (over.reason, over.mine) == (told, side is pair.alice)


def test_a_request_that_is_taken_back_disappears_there() -> None:
    pair = asked()
    pair.alice.do(ui.CancelChatRequest(person=BOB))
    pair.settle()
    assert relations(pair) == ("none", "none")
    over = pair.bob.heard(ui.ChatRequestRejected)[-1]
    assert isinstance(over, ui.ChatRequestRejected)
    assert (over.reason, over.mine) == ("cancelled", False)


def test_after_a_no_one_can_ask_again() -> None:
    pair = asked()
    pair.bob.do(ui.RejectChatRequest(person=ALICE))
    pair.settle()
    pair.alice.do(ui.SendChatRequest(person=BOB))
    pair.settle()
    assert relations(pair) == ("outgoing", "incoming")
    assert len(pair.bob.heard(ui.IncomingChatRequest)) == 2


def test_both_ask_at_once_and_are_contacts() -> None:
    pair = Pair(contacts=False)
    pair.alice.do(ui.SendChatRequest(person=BOB))
    pair.bob.do(ui.SendChatRequest(person=ALICE))
    pair.settle()
    assert relations(pair) == ("contact", "contact")


def test_a_request_to_somebody_offline_rings_when_they_are_back() -> None:
    pair = Pair(contacts=False)
    pair.link_down()
    pair.alice.do(ui.SendChatRequest(person=BOB))
    pair.link_up()
    pair.settle()
    assert relations(pair) == ("outgoing", "incoming")


def test_a_yes_that_got_lost_is_said_again() -> None:
    pair = asked()
    pair.bob.do(ui.AcceptChatRequest(person=ALICE))
    pair.link_down()
    pair.link_up()
    pair.settle()
    assert relations(pair) == ("contact", "contact")


def test_a_no_that_got_lost_is_said_again_and_does_not_ring_again() -> None:
    pair = asked()
    pair.bob.do(ui.RejectChatRequest(person=ALICE))
    pair.link_down()
    pair.link_up()
    pair.settle()
    assert relations(pair) == ("none", "none")
    assert len(pair.bob.heard(ui.IncomingChatRequest)) == 1


def test_nobody_answers_for_a_day() -> None:
    pair = asked()
    pair.pass_by(REQUEST_KEPT)
    pair.settle()
    over = pair.alice.heard(ui.ChatRequestRejected)[-1]
    assert isinstance(over, ui.ChatRequestRejected)
    assert over.reason == "expired"
    assert relations(pair) == ("none", "none")


def test_a_block_ends_everything_and_is_not_told() -> None:
    pair = Pair()
    pair.settle()
    pair.bob.do(ui.BlockUser(person=ALICE))
    assert not pair.bob.outgoing
    before = len(pair.bob.told)
    pair.alice.do(ui.SendPrivateMessage(person=BOB, id="12345678", text="why?"))
    pair.settle()
    assert pair.alice.statuses() == ["sent"]
    assert len(pair.bob.told) == before
    assert pair.bob.try_to(ui.SendPrivateMessage(person=ALICE, id="12345678", text="x")) == "blocked"
    pair.bob.do(ui.UnblockUser(person=ALICE))
    assert pair.bob.person.relation == "none"


@pytest.mark.parametrize("request_", [ui.AcceptChatRequest, ui.RejectChatRequest, ui.CancelChatRequest, ui.UnblockUser])
def test_what_makes_no_sense_is_refused_and_changes_nothing(request_: type[ui.AcceptChatRequest]) -> None:
    pair = Pair()
    assert pair.alice.try_to(request_(person=BOB)) == "wrong_state"
    assert relations(pair) == ("contact", "contact")


def test_strangers_who_left_fade_from_the_list_and_contacts_stay() -> None:
    pair = Pair(contacts=False)
    pair.link_down()
    assert pair.alice.person.presence == "offline"
    pair.pass_by(STRANGER_KEPT)
    assert pair.alice.heard(ui.PersonRemoved)
    friends = Pair()
    friends.link_down()
    friends.pass_by(STRANGER_KEPT)
    assert friends.alice.person.relation == "contact"


def test_somebody_announced_but_unreachable_is_shown_with_the_reason() -> None:
    pair = Pair(contacts=False)
    pair.link_down()
    now = pair.clock.now
    pair.alice.perform(pair.alice.core.roster.troubled(BOB, "Bob", ("unreachable", "No answer."), now))
    assert (pair.alice.person.presence, pair.alice.person.reason) == ("unreachable", "No answer.")
    pair.link_up()
    assert (pair.alice.person.presence, pair.alice.person.reason) == ("online", None)


def test_a_flood_of_announcements_does_not_flood_the_list() -> None:
    pair = Pair(contacts=False)
    roster = pair.alice.core.roster
    for number in range(STRANGERS * 2):
        forged = PeerId(f"{number:x}".translate(str.maketrans("0189", "ghij")).rjust(52, "a"))
        roster.troubled(forged, "x", ("unreachable", "No answer."), pair.clock.now)
    assert len(roster.views()) <= STRANGERS + 1


@pytest.mark.parametrize(
    ("status", "in_call", "presence"),
    [("available", False, "online"), ("away", False, "away"), ("dnd", False, "dnd"), ("dnd", True, "busy")],
)
def test_presence_is_what_the_person_says(status: str, in_call: bool, presence: str) -> None:
    pair = Pair()
    profile = peer.Profile(name="Bobby", status=status, in_call=in_call)  # type: ignore[arg-type]
    pair.alice.perform(pair.alice.core.roster.profiled(BOB, profile))
    assert (pair.alice.person.presence, pair.alice.person.name) == (presence, "Bobby")


class Consent(LossyPair):
    """Whatever both do, and whatever the link does, in the end they agree on whether they are contacts."""

    contacts = False

    who = st.sampled_from(["alice", "bob"])
    verbs = st.sampled_from(
        [ui.SendChatRequest, ui.AcceptChatRequest, ui.RejectChatRequest, ui.CancelChatRequest, ui.SendChatRequest]
    )

    @rule(who=WHO, verb=verbs)
    def act(self, who: str, verb: type[ui.SendChatRequest]) -> None:
        side: Side = getattr(self.pair, who)
        side.try_to(verb(person=side.other))

    @rule(who=WHO, verb=st.sampled_from([ui.BlockUser, ui.UnblockUser, ui.ForgetUser]))
    def turn_away(self, who: str, verb: type[ui.BlockUser]) -> None:
        side: Side = getattr(self.pair, who)
        side.try_to(verb(person=side.other))

    def teardown(self) -> None:
        if hasattr(self, "pair"):
            self.regain_link()
            self.pair.settle()
            if "blocked" in relations(self.pair):
                return
            agreed = {("none", "none"), ("outgoing", "incoming"), ("incoming", "outgoing"), ("contact", "contact")}
            assert relations(self.pair) in agreed


Consent.TestCase.settings = settings(max_examples=300, stateful_step_count=25, deadline=None)
TestConsent = Consent.TestCase
