"""Verifying: both see one code, somebody in the middle gets one guess, and every end is told to both."""

from __future__ import annotations

import pytest

from lanchatd.core import arrivals
from lanchatd.core.comparison import ANSWERED_WITHIN, COMPARED_WITHIN, SHOWN_FOR, code_of
from lanchatd.core.signs import CODE_LENGTH, SIGNS, code
from lanchatd.protocol import codec, peer, ui
from lanchatd.protocol.model import PeerId

from .pair import ALICE, BOB, EVE, Clock, Pair, Side


def current(side: Side) -> ui.Comparison:
    comparison = side.core.comparisons.current
    assert comparison is not None
    return comparison


def outcomes(side: Side) -> list[tuple[str, bool]]:
    return [(event.outcome, event.mine) for event in side.told if isinstance(event, ui.ComparisonEnded)]


def started() -> Pair:
    pair = Pair()
    pair.alice.do(ui.StartComparison(person=BOB))
    pair.settle()
    return pair


def comparing() -> Pair:
    pair = started()
    pair.bob.do(ui.AcceptComparison(comparison=current(pair.bob).id))
    pair.settle()
    return pair


def answer(side: Side, match: bool = True) -> None:
    side.do(ui.AnswerComparison(comparison=current(side).id, match=match))


def test_both_see_the_same_seven_signs_and_are_verified_when_both_say_so() -> None:
    pair = started()
    assert [current(side).state for side in pair.sides] == ["asked", "asking"]
    pair.bob.do(ui.AcceptComparison(comparison=current(pair.bob).id))
    pair.settle()
    assert current(pair.alice).signs == current(pair.bob).signs
    assert len(current(pair.alice).signs) == CODE_LENGTH
    answer(pair.alice)
    pair.settle()
    assert pair.alice.person.verified
    assert not pair.bob.person.verified
    assert current(pair.bob).theirs
    answer(pair.bob)
    pair.settle()
    assert pair.bob.person.verified
    assert [outcomes(side) for side in pair.sides] == [[("matched", False)], [("matched", True)]]


def test_no_code_is_made_before_the_other_person_agrees() -> None:
    pair = started()
    assert not pair.bob.outgoing
    assert pair.bob.try_to(ui.AnswerComparison(comparison=current(pair.bob).id, match=True)) == "wrong_state"


@pytest.mark.parametrize("starter", ["alice", "bob"])
def test_both_ask_at_once_and_it_is_one_comparison(starter: str) -> None:
    pair = Pair()
    pair.alice.do(ui.StartComparison(person=BOB))
    pair.bob.do(ui.StartComparison(person=ALICE))
    pair.deliver(getattr(pair, starter))
    pair.settle()
    assert current(pair.alice).id == current(pair.bob).id
    assert current(pair.alice).signs == current(pair.bob).signs != []


def test_another_code_is_a_warning_on_both_sides_and_takes_trust_away() -> None:
    pair = comparing()
    answer(pair.alice)
    pair.settle()
    answer(pair.bob, match=False)
    pair.settle()
    assert not pair.alice.person.verified
    assert [outcomes(side) for side in pair.sides] == [[("mismatch", False)], [("mismatch", True)]]


def test_a_doubt_counts_even_when_our_side_has_closed_the_comparison() -> None:
    pair = comparing()
    answer(pair.alice)
    pair.alice.do(ui.CancelComparison(comparison=current(pair.alice).id))
    pair.settle()
    answer(pair.bob, match=False)
    pair.settle()
    assert not pair.alice.person.verified
    assert outcomes(pair.alice)[-1] == ("mismatch", False)


def test_who_promised_another_nonce_is_found_out() -> None:
    pair = started()
    pair.bob.do(ui.AcceptComparison(comparison=current(pair.bob).id))
    pair.deliver(pair.bob)
    reveal = codec.decode_peer(pair.alice.outgoing.popleft())
    assert isinstance(reveal, peer.CompareReveal)
    pair.bob.receive(codec.encode(peer.CompareReveal(id=reveal.id, nonce="another-nonce-that-suits-me-better")))
    assert outcomes(pair.bob) == [("broken", False)]
    pair.settle()
    assert outcomes(pair.alice) == [("broken", False)]


def contact(me: PeerId, other: PeerId, clock: Clock) -> Side:
    side = Side(me, other, clock)
    side.link_up()
    known = side.core.roster.get(other)
    known.mine = known.theirs = "accepted"
    side.outgoing.clear()
    return side


def test_somebody_in_the_middle_who_relays_everything_is_found_out() -> None:
    """Alice and Bob are each linked with Eve, whom each takes for the other."""
    clock = Clock()
    alice, bob = contact(ALICE, EVE, clock), contact(BOB, EVE, clock)
    alice.do(ui.StartComparison(person=EVE))
    bob.receive(alice.outgoing.popleft())
    bob.do(ui.AcceptComparison(comparison=current(bob).id))
    alice.receive(bob.outgoing.popleft())
    bob.receive(alice.outgoing.popleft())
    assert outcomes(bob) == [("broken", False)]


def test_somebody_in_the_middle_who_speaks_for_themself_shows_another_code_to_each() -> None:
    clock = Clock()
    alice, eve_to_alice = contact(ALICE, EVE, clock), contact(EVE, ALICE, clock)
    bob, eve_to_bob = contact(BOB, EVE, clock), contact(EVE, BOB, clock)
    for first, second in ((alice, eve_to_alice), (eve_to_bob, bob)):
        first.do(ui.StartComparison(person=second.me))
        second.receive(first.outgoing.popleft())
        second.do(ui.AcceptComparison(comparison=current(second).id))
        first.receive(second.outgoing.popleft())
        second.receive(first.outgoing.popleft())
        assert current(first).signs == current(second).signs
    assert current(alice).signs != current(bob).signs


def test_the_code_is_made_of_both_keys_and_both_nonces_in_their_places() -> None:
    parts = [("comparison", (ALICE, "nonce 1"), (BOB, "nonce 2"))]
    parts += [("comparison", (EVE, "nonce 1"), (BOB, "nonce 2")), ("comparison", (ALICE, "nonce 1"), (EVE, "nonce 2"))]
    parts += [
        ("comparison", (ALICE, "nonce 3"), (BOB, "nonce 2")),
        ("comparison", (ALICE, "nonce 1"), (BOB, "nonce 3")),
    ]
    parts += [
        ("comparison", (BOB, "nonce 2"), (ALICE, "nonce 1")),
        ("another one", (ALICE, "nonce 1"), (BOB, "nonce 2")),
    ]
    assert len({tuple(sign.word for sign in code_of(*each)) for each in parts}) == len(parts)


def test_the_code_depends_on_each_of_its_first_42_bits_and_on_no_other() -> None:
    base = bytes(32)
    for bit in range(64):
        digest = bytearray(base)
        digest[bit // 8] ^= 0x80 >> bit % 8
        assert (code(bytes(digest)) != code(base)) is (bit < 42)
    assert len({sign.word for sign in SIGNS} | {sign.picture for sign in SIGNS}) == 128


@pytest.mark.parametrize(
    ("who", "state", "outcome"),
    [("alice", "asked", "cancelled"), ("bob", "asked", "declined"), ("alice", "comparing", "cancelled")],
)
def test_each_side_may_end_it(who: str, state: str, outcome: str) -> None:
    pair = started() if state == "asked" else comparing()
    side = getattr(pair, who)
    side.do(ui.CancelComparison(comparison=current(side).id))
    pair.settle()
    other = pair.bob if side is pair.alice else pair.alice
    assert (outcomes(side), outcomes(other)) == ([(outcome, True)], [(outcome, False)])
    assert pair.alice.core.comparisons.current is pair.bob.core.comparisons.current is None


@pytest.mark.parametrize(("begun", "lasts"), [(started, ANSWERED_WITHIN), (comparing, COMPARED_WITHIN)])
def test_it_does_not_wait_for_ever(begun: object, lasts: float) -> None:
    assert callable(begun)
    pair: Pair = begun()
    pair.pass_by(lasts - 1)
    assert current(pair.alice)
    pair.pass_by(1)
    pair.settle()
    assert {outcome for side in pair.sides for outcome, _ in outcomes(side)} == {"timeout"}


def test_a_lost_link_ends_it_on_both_sides() -> None:
    pair = comparing()
    pair.link_down()
    assert [outcomes(side) for side in pair.sides] == [[("peer_gone", False)]] * 2


def test_one_comparison_at_a_time() -> None:
    pair = started()
    assert pair.alice.try_to(ui.StartComparison(person=BOB)) == "busy"


def test_who_asks_too_often_hears_that_it_is_busy_and_disturbs_nobody() -> None:
    pair = Pair()
    for _ in range(20):
        pair.alice.do(ui.StartComparison(person=BOB))
        pair.settle()
        if pair.alice.core.comparisons.current:
            pair.alice.do(ui.CancelComparison(comparison=current(pair.alice).id))
            pair.settle()
    assert len(pair.bob.heard(ui.ComparisonChanged)) <= 3
    assert outcomes(pair.alice)[-1] == ("busy", False)


def test_who_merely_asks_is_no_hindrance_to_our_own_comparison() -> None:
    pair = Pair()
    clock = pair.clock
    pair.alice.perform(arrivals.linked(pair.alice.core, EVE, peer.Hello(id=EVE, protocol=1, name="Eve"), clock.now))
    known = pair.alice.core.roster.get(EVE)
    known.mine = known.theirs = "accepted"
    ask = peer.CompareStart(id="a" * 24, commitment="0" * 64)
    pair.alice.perform(arrivals.take_in(pair.alice.core, EVE, ask, "10.0.0.6", clock.now))
    assert current(pair.alice).person == EVE
    pair.alice.do(ui.StartComparison(person=BOB))
    assert current(pair.alice).person == BOB
    assert outcomes(pair.alice) == [("busy", True)]


def test_a_scan_that_is_told_twice_is_one() -> None:
    pair = Pair()
    pair.bob.do(ui.ScanCode(person=ALICE, code=shown_by_alice(pair)))
    pair.settle()
    pair.alice.receive(codec.encode(peer.Scanned(secret=current(pair.alice).id)))
    pair.settle()
    assert pair.bob.person.verified
    assert current(pair.alice).person == BOB


def test_another_code_is_remembered_until_the_right_one_is_seen() -> None:
    pair = comparing()
    answer(pair.bob, match=False)
    pair.settle()
    for side in pair.sides:
        assert [notice.kind for notice in side.person.notices] == ["mismatch"]
    pair.alice.do(ui.StartComparison(person=BOB))
    pair.settle()
    pair.bob.do(ui.AcceptComparison(comparison=current(pair.bob).id))
    pair.settle()
    answer(pair.alice)
    assert pair.alice.person.notices == []


def test_a_stranger_can_not_ask_to_compare() -> None:
    pair = Pair(contacts=False)
    assert pair.alice.try_to(ui.StartComparison(person=BOB)) == "not_contact"
    pair.bob.receive(codec.encode(peer.CompareStart(id="a" * 24, commitment="0" * 64)))
    assert pair.bob.core.comparisons.current is None


# ------------------------------------------------------------------------------------------------------- scanned codes


def shown_by_alice(pair: Pair) -> str:
    return pair.alice.core.comparisons.show(BOB, "secret-of-the-screen-0001", pair.clock.now)


def test_a_scanned_code_verifies_here_at_once_and_there_when_the_person_agrees() -> None:
    pair = Pair()
    pair.bob.do(ui.ScanCode(person=ALICE, code=shown_by_alice(pair)))
    assert pair.bob.person.verified
    pair.settle()
    assert (current(pair.alice).state, current(pair.alice).signs) == ("comparing", [])
    assert not pair.alice.person.verified
    answer(pair.alice)
    pair.settle()
    assert pair.alice.person.verified


def test_a_scan_that_nobody_made_is_denied_and_takes_trust_away_there() -> None:
    pair = Pair()
    pair.bob.do(ui.ScanCode(person=ALICE, code=shown_by_alice(pair)))
    pair.settle()
    answer(pair.alice, match=False)
    pair.settle()
    assert not pair.alice.person.verified
    assert not pair.bob.person.verified


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "https://example.org/",
        "lanchat:2:{a}:{b}:secret-of-the-screen-0001",
        "lanchat:1:{e}:{b}:secret-of-the-screen-0001",
        "lanchat:1:{a}:{e}:secret-of-the-screen-0001",
        "lanchat:1:{a}:{b}",
    ],
)
def test_a_wrong_code_is_refused_and_nobody_is_verified(wrong: str) -> None:
    pair = Pair()
    code = wrong.format(a=ALICE, b=BOB, e=EVE)
    assert pair.bob.try_to(ui.ScanCode(person=ALICE, code=code)) == "wrong_code"
    assert not pair.bob.person.verified
    assert not pair.bob.outgoing


def test_two_tabs_show_the_same_code_and_a_later_one_shows_a_new_one() -> None:
    pair = Pair()
    shown = pair.alice.core.comparisons.show
    first = shown(BOB, "secret-of-the-screen-0001", pair.clock.now)
    assert shown(BOB, "secret-of-the-screen-0002", pair.clock.now) == first
    pair.pass_by(SHOWN_FOR / 2)
    assert shown(BOB, "secret-of-the-screen-0003", pair.clock.now) != first


def test_a_secret_counts_once_for_one_person_and_for_a_while() -> None:
    pair = Pair()
    shown_by_alice(pair)
    pair.alice.receive(codec.encode(peer.Scanned(secret="a-secret-that-was-never-shown")))
    assert pair.alice.core.comparisons.current is None
    pair.pass_by(SHOWN_FOR)
    pair.alice.receive(codec.encode(peer.Scanned(secret="secret-of-the-screen-0001")))
    assert pair.alice.core.comparisons.current is None


def test_a_scan_of_a_code_that_is_shown_no_longer_is_told_and_takes_trust_back() -> None:
    pair = Pair()
    code = shown_by_alice(pair)
    pair.pass_by(SHOWN_FOR)
    pair.bob.do(ui.ScanCode(person=ALICE, code=code))
    pair.settle()
    assert not pair.bob.person.verified
    assert outcomes(pair.bob) == [("broken", False)]


def test_trust_can_be_taken_back() -> None:
    pair = comparing()
    answer(pair.alice)
    pair.alice.do(ui.Distrust(person=BOB))
    assert not pair.alice.person.verified
