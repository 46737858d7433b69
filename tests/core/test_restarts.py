"""Daemons that are killed and come back with nothing but their contacts: what they lost is sent to them again."""

from __future__ import annotations

from hypothesis import settings
from hypothesis.stateful import initialize, invariant, rule

from lanchatd.core.effects import Moment
from lanchatd.protocol import ui

from .lossy import WHO, LossyPair
from .pair import ALICE, BOB, Pair, Side


class Page:
    """What an open page does: it keeps what it shows, and after a restart submits again what was not delivered."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.lines: dict[tuple[bool, str], ui.TextEntry] = {}
        self.twice: list[str] = []
        self._read = 0

    def look(self) -> None:
        """Take in what the daemon has told since the last look."""
        for event in self.side.told[self._read :]:
            if isinstance(event, ui.ReceivePrivateMessage) and isinstance(event.entry, ui.TextEntry):
                self.lines[event.entry.mine, event.entry.id] = event.entry
            elif isinstance(event, ui.MessageStatus):
                for message in event.ids:
                    line = self.lines[True, message]
                    self.lines[True, message] = ui.TextEntry(line.id, True, line.text, line.at, event.status)
        self._read = len(self.side.told)

    def daemon_is_back(self) -> None:
        """The daemon knows nothing any more."""
        self._read = 0
        for line in [line for line in self.lines.values() if line.mine and line.status in ("waiting", "sent")]:
            self.side.do(ui.SendPrivateMessage(person=self.side.other, id=line.id, text=line.text))
        self.look()

    def say(self, number: int) -> str:
        text = f"{self.side.me[0]} {number}"
        self.side.do(ui.SendPrivateMessage(person=self.side.other, id=f"{self.side.me[0]}-{number:08}", text=text))
        self.look()
        return text

    def texts(self, *, mine: bool) -> list[str]:
        self.look()
        return [line.text for line in self.lines.values() if line.mine is mine]


def say(side: Side, message: str) -> None:
    side.do(ui.SendPrivateMessage(person=side.other, id=message, text=message))


def kill(pair: Pair, side: Side) -> None:
    pair.restart(side)
    pair.link_up()
    pair.settle()


def test_what_was_delivered_and_not_seen_is_delivered_again_after_a_restart_there() -> None:
    pair = Pair()
    for text in ("first-one", "second-one", "third-one"):
        say(pair.alice, text)
    pair.settle()
    pair.bob.do(ui.MarkSeen(person=ALICE, id="first-one"))
    pair.settle()
    kill(pair, pair.bob)
    assert pair.bob.texts(mine=False) == ["second-one", "third-one"]
    assert pair.alice.statuses() == ["seen", "delivered", "delivered"]


def test_what_is_said_while_they_are_away_comes_after_what_they_had() -> None:
    pair = Pair()
    say(pair.alice, "first-one")
    pair.settle()
    pair.restart(pair.bob)
    say(pair.alice, "second-one")
    pair.link_up()
    pair.settle()
    assert pair.bob.texts(mine=False) == ["first-one", "second-one"]


def test_the_same_daemon_after_a_lost_link_is_told_nothing_twice() -> None:
    pair = Pair()
    say(pair.alice, "first-one")
    pair.settle()
    pair.link_down()
    pair.link_up()
    assert not [frame for frame in pair.alice.outgoing if '"message"' in frame]


def test_what_is_seen_after_our_own_restart_is_told_to_the_page_that_still_shows_it() -> None:
    pair = Pair()
    say(pair.alice, "first-one")
    pair.settle()
    kill(pair, pair.alice)
    pair.bob.do(ui.MarkSeen(person=ALICE, id="first-one"))
    pair.settle()
    told = [event for event in pair.alice.told if isinstance(event, ui.MessageStatus)]
    assert [(event.ids, event.status) for event in told] == [(["first-one"], "seen")]


def test_a_clock_that_jumps_changes_no_order_and_no_waiting() -> None:
    pair = Pair()
    pair.link_down()
    say(pair.alice, "first-one")
    pair.clock.now = Moment(pair.clock.now.steady + 60, pair.clock.now.wall - 86_400_000)
    say(pair.alice, "second-one")
    pair.link_up()
    pair.settle()
    assert pair.bob.texts(mine=False) == ["first-one", "second-one"]
    first, second = pair.bob._entries()
    assert second.at - first.at == 60_000


def test_who_is_no_contact_any_more_gets_nothing_again() -> None:
    pair = Pair()
    say(pair.alice, "first-one")
    pair.settle()
    pair.alice.do(ui.BlockUser(person=BOB))
    kill(pair, pair.bob)
    assert pair.bob.texts(mine=False) == []


class Restarts(LossyPair):
    """Nothing lost, nothing twice, order kept, as the pages show it: through lost links and killed daemons."""

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.pages = {"alice": Page(self.pair.alice), "bob": Page(self.pair.bob)}
        self.said: dict[str, list[str]] = {"alice": [], "bob": []}

    @rule(who=WHO)
    def say(self, who: str) -> None:
        self.said[who].append(self.pages[who].say(len(self.said[who])))

    @rule(who=WHO)
    def read(self, who: str) -> None:
        page = self.pages[who]
        page.look()
        theirs = [line for line in page.lines.values() if not line.mine]
        if theirs:
            page.side.do(ui.MarkSeen(person=page.side.other, id=theirs[-1].id))

    @rule(who=WHO)
    def kill(self, who: str) -> None:
        page = self.pages[who]
        page.look()
        self.pair.restart(page.side)
        self.up = False
        page.daemon_is_back()

    @invariant()
    def what_is_shown_is_the_beginning_of_what_was_said(self) -> None:
        if hasattr(self, "pages"):
            for who, other in (("alice", "bob"), ("bob", "alice")):
                shown = self.pages[other].texts(mine=False)
                assert shown == self.said[who][: len(shown)]

    def teardown(self) -> None:
        if hasattr(self, "pages"):
            self.regain_link()
            self.pair.settle()
            for who, other in (("alice", "bob"), ("bob", "alice")):
                assert self.pages[other].texts(mine=False) == self.said[who]
                page = self.pages[who]
                page.look()
                assert {line.status for line in page.lines.values() if line.mine} <= {"delivered", "seen"}


Restarts.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestRestarts = Restarts.TestCase
