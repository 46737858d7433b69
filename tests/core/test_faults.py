"""Two cores on a line that fails, with clocks that do not agree: nothing is lost, nothing comes twice or too early."""

from __future__ import annotations

import pytest

from lanchatd.core.conversation import WINDOW_LINES
from lanchatd.core.effects import Moment
from lanchatd.protocol import ui
from lanchatd.protocol.model import MessageId

from .pair import ALICE, Pair, Side

DAY = 24 * 3600.0


def say(side: Side, number: int) -> None:
    message = MessageId(f"{side.me[0]}-message-{number}")
    side.do(ui.SendPrivateMessage(person=side.other, id=message, text=f"#{number}"))


def jump(pair: Pair, seconds: float) -> None:
    """Somebody sets the time of the day; the clock that never goes back does not care."""
    now = pair.clock.now
    pair.clock.now = Moment(now.steady, now.wall + int(seconds * 1000))


@pytest.mark.parametrize("seconds", [DAY, -DAY, 50 * 365 * DAY, -60 * 365 * DAY])
def test_a_clock_that_jumps_changes_neither_order_nor_delivery(seconds: float) -> None:
    pair = Pair()
    say(pair.alice, 1)
    pair.settle()
    pair.link_down()
    say(pair.alice, 2)
    jump(pair, seconds)
    say(pair.alice, 3)
    pair.pass_by(2)
    jump(pair, -2 * seconds)
    pair.link_up()
    pair.settle()
    say(pair.alice, 4)
    pair.settle()
    assert pair.bob.arrivals() == ["#1", "#2", "#3", "#4"]
    assert set(pair.alice.statuses()) == {"delivered"}


def test_the_age_of_a_message_is_right_though_the_clock_was_set_meanwhile() -> None:
    pair = Pair()
    pair.link_down()
    say(pair.alice, 1)
    jump(pair, DAY)
    pair.pass_by(60)
    pair.link_up()
    pair.settle()
    (event,) = pair.bob.heard(ui.ReceivePrivateMessage)
    assert isinstance(event, ui.ReceivePrivateMessage)
    assert event.entry.at == pair.clock.now.wall - 60_000


def test_what_is_seen_makes_room_for_what_waits() -> None:
    """The acknowledgements get lost, and after the link is back the other side says first how far it has read."""
    pair = Pair()
    for number in range(1, 2 * WINDOW_LINES):
        say(pair.alice, number)
    while pair.deliver(pair.alice):
        pass
    pair.bob.do(ui.MarkSeen(person=ALICE, id=MessageId(f"a-message-{WINDOW_LINES}")))
    pair.link_down()
    pair.link_up()
    pair.settle()
    assert pair.bob.arrivals() == [f"#{number}" for number in range(1, 2 * WINDOW_LINES)]
    assert not {"waiting", "sent"} & set(pair.alice.statuses())
