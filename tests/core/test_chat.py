"""Conversations: nothing lost, nothing twice, order kept, and everybody knows how far a message has come."""

from __future__ import annotations

import uuid

from hypothesis import settings
from hypothesis.stateful import initialize, invariant, rule

from lanchatd.core.conversation import (
    BYTES_KEPT,
    LINES_KEPT,
    OUTBOX_LINES,
    UNREAD_BYTES,
    WINDOW_BYTES,
    WINDOW_LINES,
)
from lanchatd.protocol import ui
from lanchatd.protocol.model import TEXT_BYTES

from .lossy import WHO, LossyPair
from .pair import ALICE, BOB, Pair, Side


def say(side: Side, text: str, message: str | None = None) -> str:
    message = message or str(uuid.uuid4())
    side.do(ui.SendPrivateMessage(person=side.other, id=message, text=text))
    return message


def read(side: Side, message: str) -> None:
    side.do(ui.MarkSeen(person=side.other, id=message))


def test_a_message_is_sent_delivered_and_seen() -> None:
    pair = Pair()
    message = say(pair.alice, "good morning")
    assert pair.alice.statuses() == ["sent"]
    pair.settle()
    assert pair.bob.texts(mine=False) == ["good morning"]
    assert pair.alice.statuses() == ["delivered"]
    pair.bob.do(ui.MarkSeen(person=ALICE, id=message))
    pair.settle()
    assert pair.alice.statuses() == ["seen"]


def test_a_message_to_somebody_offline_waits_and_says_so() -> None:
    pair = Pair()
    pair.link_down()
    say(pair.alice, "one")
    say(pair.alice, "two")
    assert pair.alice.statuses() == ["waiting", "waiting"]
    pair.clock.pass_by(90)
    pair.link_up()
    pair.settle()
    assert pair.bob.texts(mine=False) == ["one", "two"]
    assert pair.alice.statuses() == ["delivered", "delivered"]


def test_the_time_of_a_message_that_waited_needs_no_common_clock() -> None:
    pair = Pair()
    pair.link_down()
    say(pair.alice, "written a minute ago")
    written = pair.clock.now.wall
    pair.clock.pass_by(60)
    pair.link_up()
    pair.settle()
    arrived = pair.bob.heard(ui.ReceivePrivateMessage)[-1]
    assert isinstance(arrived, ui.ReceivePrivateMessage)
    assert arrived.entry.at == written


def test_an_acknowledgement_that_got_lost_makes_no_second_message() -> None:
    pair = Pair()
    say(pair.alice, "once")
    pair.deliver(pair.alice)
    pair.link_down()
    assert pair.alice.statuses() == ["waiting"]
    pair.link_up()
    pair.settle()
    assert pair.bob.texts(mine=False) == pair.bob.arrivals() == ["once"]
    assert pair.bob.core.conversations.views()[0].unread == 1
    assert pair.alice.statuses() == ["delivered"]


def test_a_tab_may_submit_again_what_it_is_not_sure_of() -> None:
    pair = Pair()
    message = say(pair.alice, "hello?")
    say(pair.alice, "hello?", message)
    pair.settle()
    assert pair.bob.texts(mine=False) == ["hello?"]
    other = ui.SendPrivateMessage(person=BOB, id=message, text="something else")
    assert pair.alice.try_to(other) == "id_taken"


def test_the_sending_daemon_restarts_and_the_page_submits_again() -> None:
    pair = Pair()
    message = say(pair.alice, "kept by the page")
    pair.deliver(pair.alice)
    pair.restart(pair.alice)
    pair.link_up()
    say(pair.alice, "kept by the page", message)
    pair.settle()
    assert pair.bob.texts(mine=False) == pair.bob.arrivals() == ["kept by the page"]
    assert pair.alice.statuses() == ["delivered"]


def test_the_receiving_daemon_is_killed_before_it_acknowledged() -> None:
    pair = Pair()
    say(pair.alice, "to the machine that crashed")
    pair.restart(pair.bob)
    pair.link_up()
    pair.settle()
    assert pair.bob.texts(mine=False) == ["to the machine that crashed"]


def test_seen_that_got_lost_is_said_again() -> None:
    pair = Pair()
    message = say(pair.alice, "did you read this?")
    pair.settle()
    pair.link_down()
    pair.bob.do(ui.MarkSeen(person=ALICE, id=message))
    pair.link_up()
    pair.settle()
    assert pair.alice.statuses() == ["seen"]


def test_reading_in_one_tab_clears_the_count_in_all() -> None:
    pair = Pair()
    first = say(pair.alice, "1")
    say(pair.alice, "2")
    pair.settle()
    assert pair.bob.core.conversations.views()[0].unread == 2
    pair.bob.do(ui.MarkSeen(person=ALICE, id=first))
    assert pair.bob.heard(ui.ConversationSeen)[-1] == ui.ConversationSeen(person=ALICE, unread=1)


def test_strangers_and_blocked_people_can_not_write() -> None:
    pair = Pair(contacts=False)
    message = ui.SendPrivateMessage(person=BOB, id="12345678", text="psst")
    assert pair.alice.try_to(message) == "not_contact"
    pair.bob.receive('{"type":"message","id":"12345678","text":"psst"}')
    assert not pair.bob.heard(ui.ReceivePrivateMessage)
    assert pair.alice.try_to(ui.SendPrivateMessage(person="x" * 52, id="12345678", text="psst")) == "unknown_person"  # type: ignore[arg-type]


def test_a_blocked_person_is_not_told_what_was_read_after_a_lost_link() -> None:
    pair = Pair()
    message = say(pair.alice, "read, and then blocked")
    pair.settle()
    pair.bob.do(ui.MarkSeen(person=ALICE, id=message))
    pair.bob.do(ui.BlockUser(person=ALICE))
    pair.link_down()
    pair.link_up()
    assert not pair.bob.outgoing


def test_what_was_written_before_a_contact_was_lost_arrives_when_it_is_found_again() -> None:
    pair = Pair()
    pair.bob.do(ui.ForgetUser(person=ALICE))
    say(pair.alice, "still there?")
    pair.settle()
    assert pair.bob.texts(mine=False) == []
    pair.bob.do(ui.SendChatRequest(person=ALICE))
    pair.settle()
    assert pair.bob.texts(mine=False) == ["still there?"]
    assert pair.alice.statuses() == ["delivered"]


def test_the_longest_text_arrives_and_a_longer_one_is_refused_with_a_reason() -> None:
    pair = Pair()
    longest = "é" * (TEXT_BYTES // 2)
    say(pair.alice, longest)
    pair.settle()
    assert pair.bob.texts(mine=False) == [longest]
    too_long = ui.SendPrivateMessage(person=BOB, id="12345678", text=longest + "e")
    assert pair.alice.try_to(too_long) == "text_too_long"
    assert pair.alice.texts(mine=True) == [longest]


def test_memory_is_bounded_but_what_waits_is_kept() -> None:
    pair = Pair()
    for number in range(LINES_KEPT + 50):
        last = say(pair.alice, f"old {number}")
        pair.settle()
    assert len(pair.alice.texts(mine=True)) == len(pair.bob.texts(mine=False)) == LINES_KEPT + 50, "nobody has read it"
    read(pair.bob, last)
    pair.settle()
    assert len(pair.alice.texts(mine=True)) == len(pair.bob.texts(mine=False)) == LINES_KEPT
    pair.link_down()
    for number in range(OUTBOX_LINES):
        say(pair.alice, f"new {number}")
    assert pair.alice.try_to(ui.SendPrivateMessage(person=BOB, id="one-too-many", text="x")) == "queue_full"
    pair.link_up()
    pair.settle()
    assert pair.bob.texts(mine=False)[-OUTBOX_LINES:] == [f"new {number}" for number in range(OUTBOX_LINES)]


def test_what_arrives_while_much_waits_is_kept() -> None:
    pair = Pair()
    pair.link_down()
    for _ in range(2 * BYTES_KEPT // TEXT_BYTES):
        say(pair.alice, "x" * TEXT_BYTES)
    say(pair.bob, "are you there?")
    pair.link_up()
    pair.settle()
    assert pair.alice.texts(mine=False) == ["are you there?"]
    assert pair.alice.core.conversations.views()[0].unread == 1


def test_block_and_unblock_keep_the_order() -> None:
    pair = Pair()
    pair.bob.do(ui.BlockUser(person=ALICE))
    say(pair.alice, "one")
    pair.settle()
    pair.bob.do(ui.UnblockUser(person=ALICE))
    pair.settle()
    pair.bob.do(ui.SendChatRequest(person=ALICE))
    pair.settle()
    say(pair.alice, "two")
    pair.settle()
    assert pair.bob.texts(mine=False) == ["one", "two"]


def test_a_blocked_person_is_not_told_what_is_read() -> None:
    pair = Pair()
    message = say(pair.alice, "last words")
    pair.settle()
    pair.bob.do(ui.BlockUser(person=ALICE))
    pair.bob.do(ui.MarkSeen(person=ALICE, id=message))
    assert not pair.bob.outgoing


def test_a_refused_message_leaves_no_trace() -> None:
    pair = Pair()
    too_long = ui.SendPrivateMessage(person=BOB, id="12345678", text="x" * (TEXT_BYTES + 1))
    assert pair.alice.try_to(too_long) == "text_too_long"
    assert pair.alice.core.conversations.views() == []


def test_a_forgotten_person_leaves_no_conversation_not_even_of_a_call() -> None:
    pair = Pair()
    say(pair.alice, "hello")
    pair.alice.do(ui.StartCall(person=BOB))
    pair.settle()
    pair.alice.do(ui.ForgetUser(person=BOB))
    assert pair.alice.core.conversations.views() == []
    assert [event.person for event in pair.alice.told if isinstance(event, ui.PersonRemoved)] == [BOB]


def test_bytes_in_memory_are_bounded_too() -> None:
    pair = Pair()
    big = "x" * TEXT_BYTES
    for _ in range(BYTES_KEPT // TEXT_BYTES + 10):
        last = say(pair.alice, big)
        pair.settle()
    read(pair.bob, last)
    pair.settle()
    assert len(pair.alice.texts(mine=True)) == len(pair.bob.texts(mine=False)) == BYTES_KEPT // TEXT_BYTES


def test_what_nobody_reads_waits_with_the_sender_once_it_is_too_much() -> None:
    pair = Pair()
    most, big = UNREAD_BYTES // TEXT_BYTES, "x" * (TEXT_BYTES - 4)
    said = [f"{number:04}{big}" for number in range(most + 20)]
    for text in said:
        say(pair.alice, text)
        pair.settle()
    assert pair.bob.texts(mine=False) == said[:most]
    assert set(pair.alice.statuses()[:-20]) == {"delivered"}
    assert set(pair.alice.statuses()[-20:]) == {"sent", "waiting"}
    pair.bob.do(ui.MarkSeen(person=ALICE, id=pair.bob._entries()[-1].id))
    say(pair.alice, "after that")
    pair.settle()
    assert pair.bob.arrivals() == [*said, "after that"]
    assert set(pair.alice.statuses()) <= {"delivered", "seen"}


def test_a_thousand_calls_are_no_reason_to_grow() -> None:
    pair = Pair()
    for number in range(LINES_KEPT + 20):
        entry = ui.CallEntry(f"call-{number:05}", mine=True, video=False, outcome="no_answer", at=number)
        pair.alice.perform(pair.alice.core.conversations.note_call(BOB, entry))
    assert len(pair.alice.core.conversations.views()[0].entries) == LINES_KEPT


def test_a_long_outbox_never_floods_the_link() -> None:
    pair = Pair()
    pair.link_down()
    for _ in range(200):
        say(pair.alice, "x" * TEXT_BYTES)
    for _ in range(300):
        say(pair.alice, "short")
    pair.link_up()
    most = 0
    while pair.alice.outgoing or pair.bob.outgoing:
        most = max(most, sum(map(len, pair.alice.outgoing)))
        pair.deliver(pair.alice)
        pair.deliver(pair.bob)
    assert len(pair.bob.texts(mine=False)) > 300
    assert set(pair.alice.statuses()) == {"delivered"}
    assert most < WINDOW_BYTES + WINDOW_LINES * 200


class Delivery(LossyPair):
    """Nothing lost, nothing twice, order kept: whatever happens to the link, and in whichever order frames arrive."""

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.said: dict[str, list[str]] = {"alice": [], "bob": []}

    @rule(who=WHO)
    def say(self, who: str) -> None:
        text = f"{who} {len(self.said[who])}"
        say(getattr(self.pair, who), text)
        self.said[who].append(text)

    @rule(who=WHO)
    def read(self, who: str) -> None:
        side: Side = getattr(self.pair, who)
        theirs = [e for e in side._entries() if not e.mine]
        if theirs:
            side.do(ui.MarkSeen(person=side.other, id=theirs[-1].id))

    @invariant()
    def what_has_arrived_is_the_beginning_of_what_was_said(self) -> None:
        if hasattr(self, "pair"):
            for who, reader in (("alice", self.pair.bob), ("bob", self.pair.alice)):
                arrived = reader.texts(mine=False)
                assert arrived == self.said[who][: len(arrived)]

    @invariant()
    def delivered_is_only_said_of_what_is_there(self) -> None:
        if hasattr(self, "pair"):
            for side, reader in (self.pair.sides, self.pair.sides[::-1]):
                there = set(reader.texts(mine=False))
                claimed = {e.text for e in side._entries() if e.mine and e.status in ("delivered", "seen")}
                assert claimed <= there

    def teardown(self) -> None:
        if hasattr(self, "pair"):
            self.regain_link()
            self.pair.settle()
            for who, side, reader in (("alice", *self.pair.sides), ("bob", *self.pair.sides[::-1])):
                assert reader.texts(mine=False) == reader.arrivals() == self.said[who]
                assert set(side.statuses()) <= {"delivered", "seen"}


Delivery.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestDelivery = Delivery.TestCase
