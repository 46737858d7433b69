"""People who leave a lot unread: the rest waits with the sender, and comes in order as soon as there is room."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from lanchatd.core import conversation
from lanchatd.protocol import ui

from .lossy import WHO, LossyPair
from .pair import ALICE, BOB, Pair


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


class Unread(LossyPair):
    """Nothing lost, nothing twice, order kept, and no new link needed for any of it."""

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.said: dict[str, list[str]] = {"alice": [], "bob": []}

    @rule(who=WHO)
    def say(self, who: str) -> None:
        side, text = getattr(self.pair, who), f"{who} {len(self.said[who])}"
        side.do(ui.SendPrivateMessage(person=side.other, id=f"{who}-{len(self.said[who]):08}", text=text))
        self.said[who].append(text)

    @rule(who=WHO)
    def read(self, who: str) -> None:
        side = getattr(self.pair, who)
        theirs = [entry for entry in side._entries() if not entry.mine]
        if theirs:
            side.do(ui.MarkSeen(person=side.other, id=theirs[-1].id))

    @invariant()
    def what_arrived_is_the_beginning_of_what_was_said(self) -> None:
        if hasattr(self, "said"):
            for who, other in (("alice", self.pair.bob), ("bob", self.pair.alice)):
                arrived = other.arrivals()
                assert arrived == self.said[who][: len(arrived)]

    def teardown(self) -> None:
        if hasattr(self, "said"):
            if not self.up:
                self.pair.link_up()
            self.pair.settle()
            for _ in range(max(map(len, self.said.values()))):
                self.read("alice")
                self.read("bob")
                self.pair.settle()
            assert self.pair.bob.arrivals() == self.said["alice"]
            assert self.pair.alice.arrivals() == self.said["bob"]


def test_nothing_is_lost_doubled_or_reordered_however_little_is_read() -> None:
    run_state_machine_as_test(Unread, settings=settings(max_examples=150, stateful_step_count=50, deadline=None))
