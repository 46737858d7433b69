"""What is too much for any person: damped, without a word lost to somebody who behaves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lanchatd.core import arrivals
from lanchatd.core.known import STRANGER_KEPT
from lanchatd.core.limits import REQUESTS, RINGS, Bucket
from lanchatd.protocol import codec, peer, ui
from lanchatd.protocol.model import Media, PeerId

from .pair import ALICE, BOB, Pair, Side


@given(st.lists(st.floats(0, 5), max_size=60))
def test_a_bucket_never_gives_more_than_its_burst_and_its_rate(pauses: list[float]) -> None:
    bucket, now, taken = Bucket(2.0, 5.0), 100.0, 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now)
        assert taken <= 5.0 + 2.0 * (now - 100.0) + 1e-6


def test_a_bucket_says_how_long_to_wait() -> None:
    bucket = Bucket(4.0, 2.0)
    assert bucket.wait(0.0) == 0.0
    assert bucket.take(0.0)
    assert bucket.take(0.0)
    assert not bucket.take(0.0)
    assert bucket.wait(0.0) == 0.25
    assert bucket.take(0.25)
    assert bucket.wait(0.0) > 0, "a clock that is told twice gives nothing twice"


def hear(side: Side, message: peer.Message, sender: PeerId | None = None) -> None:
    known = codec.decode_peer(codec.encode(message))
    side.perform(arrivals.take_in(side.core, sender or side.other, known, "10.0.0.9", side.clock.now))


def ends(side: Side) -> list[str]:
    return [message.outcome for frame in side.outgoing if isinstance(message := codec.decode_peer(frame), peer.CallEnd)]


def test_who_rings_all_the_time_rings_a_few_times_and_is_told_busy() -> None:
    pair = Pair()
    for number in range(50):
        hear(pair.bob, peer.Ring(call=f"call-{number:06}", media=Media()))
        hear(pair.bob, peer.CallEnd(call=f"call-{number:06}", outcome="cancelled"))
        pair.pass_by(0.1)
    assert len(pair.bob.heard(ui.IncomingCall)) == RINGS[1]
    assert ends(pair.bob) == ["busy"] * (50 - int(RINGS[1]))
    assert len(pair.bob.heard(ui.ReceivePrivateMessage)) == RINGS[1], "calls that did not ring leave no line"


def test_who_rings_now_and_then_always_rings() -> None:
    pair = Pair()
    for _ in range(10):
        pair.alice.do(ui.StartCall(person=BOB))
        pair.settle()
        pair.alice.do(ui.EndCall(call=pair.alice.core.calls.current.id))  # type: ignore[union-attr]
        pair.settle()
        pair.pass_by(1 / RINGS[0])
    assert len(pair.bob.heard(ui.IncomingCall)) == 10


def test_who_is_answered_may_ring_again_however_often() -> None:
    pair = Pair()
    for number in range(40):
        hear(pair.bob, peer.Ring(call=f"call-{number:06}", media=Media()))
        if number % 5 == 0:
            pair.bob.do(ui.AcceptCall(call=f"call-{number:06}"))
        hear(pair.bob, peer.CallEnd(call=f"call-{number:06}", outcome="ended"))
    assert len(pair.bob.heard(ui.IncomingCall)) == 40


def test_who_asks_and_takes_it_back_all_the_time_is_announced_a_few_times() -> None:
    pair = Pair(contacts=False)
    for _ in range(50):
        hear(pair.bob, peer.Stance(stance="asking"))
        hear(pair.bob, peer.Stance(stance="none"))
        pair.pass_by(3.0)
    assert len(pair.bob.heard(ui.IncomingChatRequest)) == REQUESTS[1]


def test_requests_of_a_hundred_keys_stand_in_the_list_and_disturb_a_few_times() -> None:
    pair = Pair(contacts=False)
    for number in range(100):
        key = PeerId(f"{number:a>52}".translate(str.maketrans("0123456789", "cdefghijkl")))
        hello = peer.Hello(id=key, protocol=1, name=f"key {number}")
        pair.bob.perform(arrivals.linked(pair.bob.core, key, hello, pair.clock.now))
        hear(pair.bob, peer.Stance(stance="asking"), key)
    incoming = [view for view in pair.bob.core.roster.views() if view.relation == "incoming"]
    assert len(incoming) == 100
    assert len(pair.bob.heard(ui.IncomingChatRequest)) < 10


def test_typing_is_shown_a_few_times_a_second_at_most() -> None:
    pair = Pair()
    for number in range(1000):
        hear(pair.bob, peer.Typing(active=number % 2 == 0))
    assert len(pair.bob.heard(ui.Typing)) <= 10


def test_a_name_that_changes_all_the_time_is_shown_now_and_then_and_the_last_one_stays() -> None:
    pair = Pair()
    pair.bob.told.clear()
    for number in range(1000):
        hear(pair.bob, peer.Profile(name=f"name {number}", status="available", in_call=False))
    assert len(pair.bob.heard(ui.PersonChanged)) <= 20
    pair.pass_by(1.0)
    assert pair.bob.person.name == "name 999"


def test_a_new_link_is_no_new_allowance() -> None:
    pair = Pair()
    for number in range(20):
        hear(pair.bob, peer.Ring(call=f"call-{number:06}", media=Media()))
        hear(pair.bob, peer.CallEnd(call=f"call-{number:06}", outcome="cancelled"))
        pair.link_down()
        pair.link_up()
    assert len(pair.bob.heard(ui.IncomingCall)) == RINGS[1]


def test_who_is_no_longer_known_costs_nothing() -> None:
    pair = Pair(contacts=False)
    for _ in range(20):
        hear(pair.bob, peer.Typing(active=True))
    pair.link_down()
    pair.pass_by(STRANGER_KEPT)
    assert pair.bob.core.roster.find(ALICE) is None
    assert pair.bob.core.limits.people == 0


def test_messages_are_never_damped() -> None:
    pair = Pair()
    for number in range(900):
        pair.alice.do(ui.SendPrivateMessage(person=BOB, id=f"message-{number:04}", text=str(number)))
    pair.settle()
    assert pair.bob.texts(mine=False) == [str(number) for number in range(900)]
