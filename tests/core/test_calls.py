"""Calls: what each side sees, and that both agree whatever order things happen in."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from lanchatd.core import arrivals
from lanchatd.core.call import ACTIVE_WITHOUT_LINK, RING_LASTS, WITHOUT_PAGE
from lanchatd.protocol import codec, peer, ui
from lanchatd.protocol.model import CallOutcome, IceCandidate, Media, MediaState, TabId

from .lossy import WHO, LossyPair
from .pair import ALICE, BOB, EVE, TAB, Pair, Side

OTHER_TAB = TabId(2)


def current(side: Side) -> tuple[str, str] | None:
    call = side.core.calls.current
    return (call.id, call.state) if call else None


def outcome(side: Side) -> tuple[type, CallOutcome]:
    """How the last call ended, as the tabs were told."""
    ends = [event for event in side.told if isinstance(event, ui.CallEnded | ui.CallRejected)]
    return type(ends[-1]), ends[-1].outcome


def ringing(video: bool = False) -> tuple[Pair, str]:
    pair = Pair()
    pair.alice.do(ui.StartCall(person=BOB, video=video))
    pair.settle()
    call = pair.bob.core.calls.current
    assert call is not None
    return pair, call.id


def talking(video: bool = False) -> tuple[Pair, str]:
    pair, call = ringing(video)
    pair.bob.do(ui.AcceptCall(call=call, video=video))
    pair.settle()
    return pair, call


def test_a_call_rings_there_and_says_so_here() -> None:
    pair, call = ringing(video=True)
    started = pair.alice.heard(ui.CallStarted)[-1]
    incoming = pair.bob.heard(ui.IncomingCall)[-1]
    assert isinstance(started, ui.CallStarted)
    assert isinstance(incoming, ui.IncomingCall)
    assert (started.call.id, started.call.direction, started.call.owner) == (call, "outgoing", TAB)
    assert (incoming.call.direction, incoming.call.offered) == ("incoming", Media(True, True))
    assert started.call.polite is not incoming.call.polite


def test_it_can_be_accepted_with_less_than_was_offered() -> None:
    pair, call = ringing(video=True)
    pair.bob.do(ui.AcceptCall(call=call, video=False), OTHER_TAB)
    pair.settle()
    for side, owner in ((pair.alice, TAB), (pair.bob, OTHER_TAB)):
        accepted = side.heard(ui.CallAccepted)[-1]
        assert isinstance(accepted, ui.CallAccepted)
        assert accepted.call.state == "active"
        assert accepted.call.accepted == Media(True, False)
        assert accepted.call.owner == owner


@pytest.mark.parametrize(
    ("act", "here", "there"),
    [
        ("decline", (ui.CallRejected, "declined"), (ui.CallRejected, "declined")),
        ("cancel", (ui.CallEnded, "cancelled"), (ui.CallEnded, "cancelled")),
        ("wait", (ui.CallEnded, "no_answer"), (ui.CallEnded, "no_answer")),
        ("close the page", (ui.CallEnded, "cancelled"), (ui.CallEnded, "cancelled")),
        ("block", (ui.CallRejected, "declined"), (ui.CallRejected, "declined")),
    ],
)
def test_each_end_of_ringing_is_shown_on_both_sides(act: str, here: tuple[type, str], there: tuple[type, str]) -> None:
    pair, call = ringing()
    match act:
        case "decline":
            pair.bob.do(ui.RejectCall(call=call), OTHER_TAB)
        case "cancel":
            pair.alice.do(ui.EndCall(call=call))
        case "wait":
            pair.pass_by(RING_LASTS)
        case "close the page":
            pair.alice.perform(pair.alice.core.calls.tab_closed(TAB, pair.clock.now))
        case "block":
            pair.bob.do(ui.BlockUser(person=ALICE))
    pair.settle()
    assert (outcome(pair.alice), outcome(pair.bob)) == (here, there)
    assert current(pair.alice) is current(pair.bob) is None


def test_a_second_call_is_told_busy_and_noted() -> None:
    pair, call = talking()
    before = current(pair.bob)
    hello = peer.Hello(id=EVE, protocol=1, name="Eve")
    pair.bob.perform(pair.bob.core.roster.linked(EVE, hello))
    pair.bob.core.roster.get(EVE).mine = pair.bob.core.roster.get(EVE).theirs = "accepted"
    effects = pair.bob.core.calls.rung(EVE, peer.Ring(call="eves-call", media=Media()), pair.clock.now)
    assert peer.CallEnd(call="eves-call", outcome="busy") in [getattr(effect, "message", None) for effect in effects]
    pair.bob.perform(effects)
    notes = [e for v in pair.bob.core.conversations.views() if v.person == EVE for e in v.entries]
    assert [note.outcome for note in notes if isinstance(note, ui.CallEntry)] == ["busy"]
    assert current(pair.bob) == before == (call, "active")
    assert pair.bob.try_to(ui.StartCall(person=EVE)) == "busy"


def test_a_stranger_does_not_ring() -> None:
    pair = Pair(contacts=False)
    pair.bob.receive('{"type":"ring","call":"12345678","media":{}}')
    assert not pair.bob.heard(ui.IncomingCall)
    assert "not_allowed" in pair.bob.outgoing[-1]
    assert pair.alice.try_to(ui.StartCall(person=BOB)) == "not_contact"


def test_a_blocked_person_does_not_ring_and_is_not_told() -> None:
    pair = Pair()
    pair.bob.do(ui.BlockUser(person=ALICE))
    pair.settle()
    pair.alice.do(ui.StartCall(person=BOB))
    pair.settle()
    assert not pair.bob.heard(ui.IncomingCall)
    assert current(pair.alice) is not None
    pair.pass_by(RING_LASTS)
    assert outcome(pair.alice) == (ui.CallEnded, "no_answer")


@pytest.mark.parametrize("first", ["alice", "bob", "nobody"])
def test_both_call_at_once_and_it_is_one_call(first: str) -> None:
    pair = Pair()
    pair.alice.do(ui.StartCall(person=BOB, video=True))
    pair.bob.do(ui.StartCall(person=ALICE))
    if first != "nobody":
        pair.deliver(getattr(pair, first))
    pair.settle()
    assert current(pair.alice) == current(pair.bob)
    assert current(pair.alice) == ("call-a-0002", "active")
    views = [side.core.calls.current.view() for side in pair.sides if side.core.calls.current]
    assert sorted(view.polite for view in views) == [False, True]
    assert all(view.owner == TAB for view in views)


def test_both_call_and_one_gives_up_in_the_same_moment() -> None:
    pair = Pair()
    pair.alice.do(ui.StartCall(person=BOB))
    pair.bob.do(ui.StartCall(person=ALICE))
    pair.bob.do(ui.EndCall(call="call-b-0002"))
    pair.settle()
    assert current(pair.alice) is current(pair.bob) is None


def test_calling_somebody_whose_call_rings_here_accepts_it() -> None:
    pair, call = ringing()
    pair.bob.do(ui.StartCall(person=ALICE))
    pair.settle()
    assert current(pair.alice) == current(pair.bob) == (call, "active")


def test_a_lost_link_does_not_end_a_call_that_comes_back() -> None:
    pair, call = talking()
    pair.link_down()
    changed = pair.alice.heard(ui.CallChanged)[-1]
    assert isinstance(changed, ui.CallChanged)
    assert not changed.call.linked
    pair.pass_by(ACTIVE_WITHOUT_LINK - 1)
    pair.link_up()
    pair.settle()
    pair.pass_by(ACTIVE_WITHOUT_LINK)
    assert current(pair.alice) == current(pair.bob) == (call, "active")


def test_a_link_that_stays_away_ends_the_call_on_both_sides() -> None:
    pair, _ = talking()
    pair.link_down()
    pair.pass_by(ACTIVE_WITHOUT_LINK)
    for side in pair.sides:
        assert outcome(side) == (ui.CallEnded, "peer_gone")


def test_a_daemon_that_says_goodbye_ends_the_call_at_once() -> None:
    pair, _ = talking()
    pair.bob.link_down(clean=True)
    assert outcome(pair.bob) == (ui.CallEnded, "peer_gone")


def test_a_restarted_daemon_knows_of_no_call() -> None:
    pair, _ = talking()
    pair.restart(pair.bob)
    pair.link_up()
    pair.settle()
    assert outcome(pair.alice) == (ui.CallEnded, "peer_gone")


def test_an_accept_that_got_lost_is_said_again() -> None:
    pair, call = ringing()
    pair.bob.do(ui.AcceptCall(call=call))
    pair.link_down()
    pair.link_up()
    pair.settle()
    assert current(pair.alice) == current(pair.bob) == (call, "active")


def test_an_end_that_got_lost_is_learnt_with_its_outcome() -> None:
    pair, call = ringing()
    pair.alice.do(ui.EndCall(call=call))
    pair.link_down()
    pair.link_up()
    pair.settle()
    assert outcome(pair.bob) == (ui.CallEnded, "cancelled")


def test_a_reloaded_page_rejoins_with_a_new_media_session() -> None:
    pair, call = talking()
    pair.bob.perform(pair.bob.core.calls.tab_closed(TAB, pair.clock.now))
    pair.settle()
    waiting = pair.alice.heard(ui.CallChanged)[-1]
    assert isinstance(waiting, ui.CallChanged)
    assert not waiting.call.peer_present
    assert pair.alice.try_to(ui.RejoinCall(call=call), OTHER_TAB) == "not_your_call"
    pair.bob.do(ui.RejoinCall(call=call), OTHER_TAB)
    pair.settle()
    for side in pair.sides:
        view = side.core.calls.current
        assert view is not None
        assert (view.generation, view.peer_present) == (2, True)


def test_a_page_that_does_not_come_back_ends_the_call() -> None:
    pair, _ = talking()
    pair.bob.perform(pair.bob.core.calls.tab_closed(TAB, pair.clock.now))
    pair.pass_by(WITHOUT_PAGE)
    pair.settle()
    assert outcome(pair.alice) == outcome(pair.bob) == (ui.CallEnded, "peer_gone")


def test_signals_travel_from_owner_to_owner_and_only_so() -> None:
    pair, call = talking()
    offer = ui.WebrtcOffer(call=call, generation=1, sdp="v=0")
    assert pair.alice.try_to(offer, OTHER_TAB) == "not_your_call"
    pair.alice.do(offer)
    pair.settle()
    assert pair.bob.told[-1] == offer
    pair.alice.do(ui.WebrtcOffer(call=call, generation=7, sdp="v=0"))
    assert not pair.alice.outgoing
    pair.link_down()
    assert pair.alice.try_to(offer) == "offline"


def test_a_hidden_candidate_comes_with_the_real_address_beside_it() -> None:
    pair, call = talking()
    hidden = "candidate:1 1 udp 2113937151 3f0c2a9e-1f6e-4a44-bd4c-0e4f4fcb7f31.local 54321 typ host generation 0"
    pair.alice.do(
        ui.WebrtcIceCandidate(call=call, generation=1, candidate=IceCandidate(hidden, "0", 0)),
    )
    pair.settle()
    seen = [event.candidate.candidate for event in pair.bob.told if isinstance(event, ui.WebrtcIceCandidate)]
    assert seen == [hidden, "candidate:1 1 udp 2113937151 10.0.0.9 54321 typ host generation 0"]


def test_what_is_sent_is_shown_and_told_again_after_a_lost_link() -> None:
    pair, call = talking()
    muted = MediaState(microphone=False, camera=True)
    pair.link_down()
    pair.alice.do(ui.SetCallMedia(call=call, media=muted))
    pair.link_up()
    pair.settle()
    changed = pair.bob.heard(ui.CallChanged)[-1]
    assert isinstance(changed, ui.CallChanged)
    assert changed.call.peer_media == muted


def test_a_call_that_is_over_stands_in_the_conversation() -> None:
    pair, call = talking(video=True)
    pair.pass_by(12)
    pair.alice.do(ui.EndCall(call=call))
    pair.settle()
    for side, mine in ((pair.alice, True), (pair.bob, False)):
        note = side.heard(ui.ReceivePrivateMessage)[-1]
        assert isinstance(note, ui.ReceivePrivateMessage)
        assert isinstance(note.entry, ui.CallEntry)
        assert (note.entry.mine, note.entry.video, note.entry.outcome) == (mine, True, "ended")
        assert note.entry.duration == 12_000


def test_a_block_without_a_link_is_no_call_without_an_end() -> None:
    pair, _ = talking()
    pair.link_down()
    pair.bob.do(ui.BlockUser(person=ALICE))
    pair.link_up()
    pair.settle()
    assert current(pair.alice) is current(pair.bob) is None


def test_both_called_and_one_gave_up_while_the_link_was_lost() -> None:
    pair = Pair()
    pair.alice.do(ui.StartCall(person=BOB))
    pair.bob.do(ui.StartCall(person=ALICE))
    pair.deliver(pair.bob)
    pair.bob.do(ui.EndCall(call="call-b-0002"))
    pair.deliver(pair.alice)
    assert (current(pair.alice), current(pair.bob)) == (("call-a-0002", "active"), ("call-a-0002", "ringing in"))
    pair.link_down()
    pair.link_up()
    pair.settle()
    assert current(pair.alice) is current(pair.bob) is None


def test_a_caller_whose_daemon_came_back_rings_anew() -> None:
    pair, _ = ringing()
    pair.restart(pair.alice)
    pair.link_up()
    pair.alice.do(ui.StartCall(person=BOB))
    pair.settle()
    assert pair.alice.core.calls.current
    assert current(pair.bob) == (pair.alice.core.calls.current.id, "ringing in")


def rung_by_eve(side: Side, call: str) -> None:
    """A second contact rings, with this id."""
    hello = peer.Hello(id=EVE, protocol=1, name="Eve")
    side.perform(arrivals.linked(side.core, EVE, hello, side.clock.now))
    known = side.core.roster.get(EVE)
    known.mine = known.theirs = "accepted"
    ring = peer.Ring(call=call, media=Media())
    side.perform(arrivals.take_in(side.core, EVE, ring, "10.0.0.6", side.clock.now))


def test_a_ring_with_the_id_of_our_call_takes_no_call_away() -> None:
    pair, call = talking()
    rung_by_eve(pair.bob, call)
    assert current(pair.bob) == (call, "active")


def test_nobody_learns_by_ringing_how_a_call_with_somebody_else_ended() -> None:
    pair, call = talking()
    pair.bob.do(ui.EndCall(call=call))
    pair.settle()
    rung_by_eve(pair.bob, call)
    assert current(pair.bob) == (call, "ringing in")


def test_a_generation_that_no_person_can_have_reached_is_ignored() -> None:
    pair, call = talking()
    pair.bob.receive(codec.encode(peer.CallRejoin(call=call, generation=1_000_000)))
    assert pair.bob.core.calls.current
    assert pair.bob.core.calls.current.generation == 1


def test_a_candidate_with_a_longer_foundation_than_there_is_stays_as_it_is() -> None:
    """RFC 8839 section 5.1: at most 32 characters. Without a bound, a long text would be searched for ages."""
    pair, call = talking()
    hidden = f"candidate:{'1' * 33} 1 udp 1 3f0c2a9e.local 54321 typ host"
    pair.bob.receive(codec.encode(peer.Offer(call=call, generation=1, sdp=f"v=0\r\na={hidden}\r\n")))
    assert pair.bob.told[-1] == ui.WebrtcOffer(call=call, generation=1, sdp=f"v=0\r\na={hidden}\r\n")


class Agreement(LossyPair):
    """Any order of events on both sides, with loss of the link, ends in agreement."""

    @rule(who=WHO)
    def start(self, who: str) -> None:
        side: Side = getattr(self.pair, who)
        side.try_to(ui.StartCall(person=side.other))

    @rule(who=WHO, verb=st.sampled_from([ui.AcceptCall, ui.RejectCall, ui.EndCall, ui.RejoinCall]))
    def answer(self, who: str, verb: type[ui.EndCall]) -> None:
        side: Side = getattr(self.pair, who)
        if call := side.core.calls.current:
            side.try_to(verb(call=call.id))

    @rule(who=WHO, verb=st.sampled_from([ui.BlockUser, ui.UnblockUser]))
    def turn_away(self, who: str, verb: type[ui.BlockUser]) -> None:
        side: Side = getattr(self.pair, who)
        side.try_to(verb(person=side.other))

    @rule(who=WHO)
    def befriend(self, who: str) -> None:
        side: Side = getattr(self.pair, who)
        side.try_to(ui.SendChatRequest(person=side.other))

    @rule(who=WHO)
    def reload(self, who: str) -> None:
        side: Side = getattr(self.pair, who)
        side.perform(side.core.calls.tab_closed(TAB, self.pair.clock.now))

    @rule(who=WHO)
    def restart(self, who: str) -> None:
        self.pair.restart(getattr(self.pair, who))
        self.up = False

    @rule(seconds=st.sampled_from([1, 11, 31, 46]))
    def wait(self, seconds: int) -> None:
        self.pair.pass_by(seconds)

    def teardown(self) -> None:
        if not hasattr(self, "pair"):
            return
        self.regain_link()
        self.pair.settle()
        if any(side.person.relation == "blocked" for side in self.pair.sides):
            # A ring to somebody who has blocked the caller is not answered: it ends by itself.
            self.pair.pass_by(RING_LASTS)
            self.pair.settle()
        alice, bob = current(self.pair.alice), current(self.pair.bob)
        if alice is None or bob is None:
            assert alice is bob is None
            return
        assert alice[0] == bob[0]
        assert {alice[1], bob[1]} in ({"active"}, {"ringing out", "ringing in"})
        generations = {side.core.calls.current.generation for side in self.pair.sides if side.core.calls.current}
        assert len(generations) == 1


Agreement.TestCase.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
TestAgreement = Agreement.TestCase
