"""People who leave a lot unread: the rest waits with the sender, and comes in order as soon as there is room."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from lanchatd.core import conversation
from lanchatd.protocol import ui

from .pair import ALICE, BOB, Pair
from .test_chat import Delivery


@pytest.fixture(autouse=True)
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the few messages of an example are too many."""
    monkeypatch.setattr(conversation, "UNREAD_LINES", 4)
    monkeypatch.setattr(conversation, "WINDOW_LINES", 3)


def test_what_is_on_its_way_does_not_overtake_what_was_left_out() -> None:
    pair = Pair()
    for number in range(4):
        pair.alice.do(ui.SendPrivateMessage(person=BOB, id=f"line-{number:04}", text=str(number)))
    pair.settle()
    for number in range(4, 7):
        pair.alice.do(ui.SendPrivateMessage(person=BOB, id=f"line-{number:04}", text=str(number)))
    assert pair.deliver(pair.alice)
    pair.bob.do(ui.MarkSeen(person=ALICE, id="line-0003"))
    assert pair.deliver(pair.alice)
    assert pair.bob.arrivals() == ["0", "1", "2", "3"]
    pair.settle()
    assert pair.bob.arrivals() == ["0", "1", "2", "3", "4", "5", "6"]


class Unread(Delivery):
    """The same as ever holds, and no new link is needed for any of it."""

    def teardown(self) -> None:
        if hasattr(self, "pair"):
            if not self.up:
                self.regain_link()
            self.pair.settle()
            for _ in range(max(map(len, self.said.values()))):
                for side in self.pair.sides:
                    if unread := [entry for entry in side._entries() if not entry.mine]:
                        side.do(ui.MarkSeen(person=side.other, id=unread[-1].id))
                self.pair.settle()
            assert self.pair.bob.arrivals() == self.said["alice"]
            assert self.pair.alice.arrivals() == self.said["bob"]


def test_nothing_is_lost_doubled_or_reordered_however_little_is_read() -> None:
    run_state_machine_as_test(Unread, settings=settings(max_examples=150, stateful_step_count=50, deadline=None))
