"""Crossing links: every order in which two daemons can see the same events is tried, not a sample of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest

from lanchatd.lan.pair import CROSSING, Pair, PairEvents
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Bye, Chat, Hello, Message, PeerMessage

LOW, HIGH = 0, 1
IDS = (PeerId("a" * 52), PeerId("b" * 52))
Frame = Hello | Chat | Bye


@dataclass(eq=False)
class End:
    """One end of a link in memory; what is sent waits in a queue of the other end until the test delivers it."""

    name: str
    outgoing: bool
    hello: Hello
    address: str = "192.0.2.1"
    farewell_sent: bool = False
    farewell_received: bool = False
    parted: bool = False
    inbox: deque[Message | None] = field(default_factory=deque)  # None: the closing frame
    other: End | None = None
    greeted: bool = False
    expires: bool = False
    finishing: bool = False  # closing frame sent, the other's awaited
    closed: bool = False  # nothing more is sent or read here
    gone: bool = False  # its owner has been told

    def send(self, message: Message) -> bool:
        if self.closed or self.finishing or self.farewell_sent:
            return False
        assert self.other is not None
        self.other.inbox.append(message)
        return True

    def say_bye(self, bye: Bye, patience: float) -> None:
        if self.send(bye):
            self.farewell_sent = True
            self.expires = True

    def expire_in(self, seconds: float) -> None:
        self.expires = True

    def close(self) -> None:
        assert self.other is not None
        self.finishing = self.expires = True
        if not self.closed:
            self.other.inbox.append(None)

    def drop(self, reason: str) -> None:
        self.closed = True


class Side:
    """A daemon: its pair, and a log of what the upper layer heard.

    With ``resends`` the upper layer says everything again, in order, whenever it hears ``linked`` (nothing is ever
    acknowledged to it), and logs only what is said to it for the first time.
    """

    def __init__(self, me: int, resends: bool) -> None:
        self.me = me
        self.resends = resends
        self.said: list[str] = []
        self.is_linked = False
        self.log: list[str] = []
        self.links: list[End] = []
        self.to_say = 2
        self.pair = Pair(me == LOW, PairEvents(self.linked, self.unlinked, self.received))

    def linked(self, hello: Hello, address: str) -> None:
        assert not self.is_linked
        self.is_linked = True
        if not self.resends:
            self.log.append("linked")
            return
        for text in self.said:
            self.pair.send(Chat(id="x" * 8, text=text))

    def unlinked(self, clean: bool, reason: str) -> None:
        assert self.is_linked
        self.is_linked = False
        if not self.resends:
            self.log.append("unlinked")

    def received(self, message: PeerMessage) -> None:
        assert isinstance(message, Chat)
        assert self.is_linked, "a message without a link"
        if not self.resends or message.text not in self.log:
            self.log.append(message.text)

    def knows(self, end: End) -> bool:
        pair = self.pair
        return end is pair.current or end in pair._opening or end in pair._retiring

    def chat(self) -> None:
        text = f"{'LH'[self.me]}{3 - self.to_say}"
        self.to_say -= 1
        self.said.append(text)
        sent = self.pair.send(Chat(id="x" * 8, text=text))
        if not self.resends:
            self.log.append(f"said {text}" if sent else f"could not say {text}")


def label(message: Message | None) -> str:
    return message.text if isinstance(message, Chat) else type(message).__name__


Action = Callable[["World"], None]


class World:
    """Two daemons and their links.

    Args:
        failures: how many links break.
        redials: how often somebody without a link dials again, ``pause`` seconds later.
    """

    def __init__(self, *, failures: int = 0, redials: int = 0, pause: float = 0.0) -> None:
        self.sides = (Side(LOW, redials > 0), Side(HIGH, redials > 0))
        self.failures = failures
        self.redials = redials
        self.pause = pause
        self.now = 0.0

    def dial(self, dialler: int) -> None:
        ends = []
        for me in (LOW, HIGH):
            other = Hello(id=IDS[1 - me], protocol=1, incarnation="1")
            again = "" if len(self.sides[me].links) < 2 else " again"
            ends.append(End(f"{'LH'[dialler]}-dialled{again}", me == dialler, other))
        ends[LOW].other, ends[HIGH].other = ends[HIGH], ends[LOW]
        for me, end in enumerate(ends):
            self.sides[me].links.append(end)
            self.sides[me].pair.opening(end)
            end.send(Hello(id=IDS[me], protocol=1, incarnation="1"))

    def actions(self) -> Iterator[tuple[str, Action]]:
        for me, side in enumerate(self.sides):
            if side.to_say and side.pair.current is not None:
                yield f"{me} chats", partial(World.chat, me=me)
            if self.redials and side.pair.current is None and not side.pair.dialled:
                yield f"{me} dials again", partial(World.redial, me=me)
            for index, end in enumerate(side.links):
                if end.gone:
                    continue
                at = f"{me}.{end.name}"
                if end.closed:
                    if not side.knows(end):
                        continue  # its end means nothing to the pair
                    yield f"{at} ends", partial(World.end, me=me, index=index)
                elif end.inbox:
                    yield f"{at} reads", partial(World.read, me=me, index=index)
                elif end.other is not None and end.other.closed:
                    yield f"{at} sees the end", partial(World.end, me=me, index=index)
                if end.closed or not self.failures or (self.redials and not any(each.said for each in self.sides)):
                    continue
                if not self.redials or me == LOW:
                    yield f"{at} breaks", partial(World.break_link, me=me, index=index)
                if self.redials:
                    yield f"{at} is cut off", partial(World.cut_off, me=me, index=index)

    def chat(self, me: int) -> None:
        self.sides[me].chat()

    def read(self, me: int, index: int) -> None:
        side, end = self.sides[me], self.sides[me].links[index]
        message = end.inbox.popleft()
        if message is None:
            end.parted = end.farewell_sent and end.farewell_received
            if not end.finishing and end.other is not None:
                end.other.inbox.append(None)
            end.closed = True
        elif isinstance(message, Hello):
            end.greeted = True
            side.pair.joined(end, now=self.now)
        else:
            side.pair.received(end, message)  # type: ignore[arg-type]

    def end(self, me: int, index: int) -> None:
        side, end = self.sides[me], self.sides[me].links[index]
        end.closed = end.gone = True
        side.pair.ended(end, "ended")

    def break_link(self, me: int, index: int) -> None:
        """The connection breaks, and what is under way on it is lost."""
        self.failures -= 1
        end = self.sides[me].links[index]
        assert end.other is not None
        end.inbox.clear()
        end.other.inbox.clear()
        end.closed = end.other.closed = True

    def cut_off(self, me: int, index: int) -> None:
        """One side loses the connection; the other one has yet to read what came before."""
        self.failures -= 1
        end = self.sides[me].links[index]
        end.inbox.clear()
        end.closed = True

    def redial(self, me: int) -> None:
        self.redials -= 1
        self.now += self.pause
        self.dial(me)

    def expiring(self) -> list[tuple[int, int]]:
        return [
            (me, index)
            for me, side in enumerate(self.sides)
            for index, end in enumerate(side.links)
            if not end.closed and (end.expires or not end.greeted)
        ]

    def fingerprint(self) -> object:
        sides = [
            (
                tuple(side.log),
                side.to_say,
                tuple(map(label, side.pair._waiting)),
                side.pair._heard,
                side.pair._since,
                tuple(
                    (
                        end.greeted,
                        end.closed,
                        end.finishing,
                        end.parted,
                        end.gone,
                        end.expires,
                        end.farewell_sent,
                        end.farewell_received,
                        end is side.pair.current,
                        end in side.pair._retiring,
                        tuple(map(label, end.inbox)),
                    )
                    for end in side.links
                ),
            )
            for side in self.sides
        ]
        return *sides, self.failures, self.redials, self.now


def crossing(world: World, low_says: int, high_says: int) -> World:
    world.sides[LOW].to_say, world.sides[HIGH].to_say = low_says, high_says
    world.dial(LOW)
    world.dial(HIGH)
    return world


def explore(begin: Callable[[], World]) -> Iterator[tuple[World, list[str]]]:
    """Every world in which nothing more can happen, with the way that leads there.

    A world can not be copied: where several things can happen next, it takes one way, and for the others it is made by
    its way again.
    """
    seen = set()
    stack: list[tuple[World, list[tuple[str, Action]]]] = [(begin(), [])]
    while stack:
        world, way = stack.pop()
        actions = list(world.actions())
        if not actions:
            # Only when all is quiet do patience and greetings run out: they are longer than any delivery here.
            expiring = world.expiring()
            if not expiring:
                yield world, [name for name, _ in way]
                continue
            actions = [(f"{me}.{index} expires", partial(World.end, me=me, index=index)) for me, index in expiring]
        *others, action = actions
        branches = [(replay(begin, [*way, other]), [*way, other]) for other in others]
        action[1](world)
        for branch in (*branches, (world, [*way, action])):
            after = branch[0].fingerprint()
            if after not in seen:
                seen.add(after)
                stack.append(branch)


def replay(begin: Callable[[], World], way: list[tuple[str, Action]]) -> World:
    world = begin()
    for _, act in way:
        act(world)
    return world


@pytest.mark.parametrize(("low_says", "high_says"), [(2, 1), (1, 2)])
def test_crossing_links_become_one_without_a_gap(low_says: int, high_says: int) -> None:
    """Both sides keep the link that the lower id dialled; nothing is lost, doubled, overtaken or flapped."""

    def begin() -> World:
        return crossing(World(), low_says, high_says)

    ends = 0
    for world, way in explore(begin):
        ends += 1
        for me, side in enumerate(world.sides):
            current = side.pair.current
            assert isinstance(current, End), way
            assert current.name == "L-dialled", way
            assert not side.pair._retiring, way
            assert [entry for entry in side.log if entry.endswith("linked")] == ["linked"], (way, side.log)
            theirs = world.sides[1 - me]
            said = [entry.removeprefix("said ") for entry in theirs.log if entry.startswith("said ")]
            assert [entry for entry in side.log if entry in said] == said, (way, side.log, theirs.log)
            assert len(said) == (high_says if me == LOW else low_says), way
    assert ends


def test_a_break_at_any_moment_is_told_or_harmless() -> None:
    """In the end both sides have the same link or none; what did not arrive was said before an ``unlinked``."""
    for world, way in explore(lambda: crossing(World(failures=1), 1, 1)):
        names = [getattr(side.pair.current, "name", None) for side in world.sides]
        assert names[LOW] == names[HIGH], way
        for me, side in enumerate(world.sides):
            assert not side.pair._retiring, way
            theirs = world.sides[1 - me].log
            for position, entry in enumerate(side.log):
                if entry.startswith("said ") and entry.removeprefix("said ") not in theirs:
                    assert "unlinked" in side.log[position:], (way, side.log, theirs)


@pytest.mark.parametrize("pause", [0.0, CROSSING + 1])
@pytest.mark.parametrize(("talker", "first"), [(LOW, HIGH), (HIGH, HIGH), (LOW, LOW), (HIGH, LOW)])
def test_what_is_sent_again_after_a_break_never_overtakes(talker: int, first: int, pause: float) -> None:
    """One message is said on the first link. Wherever a link breaks then, and whoever notices when, nothing is heard
    before what was said before it."""

    def begin() -> World:
        world = crossing(World(failures=1, redials=1, pause=pause), *((2, 0) if talker == LOW else (0, 2)))
        world.read(talker, first)
        world.chat(talker)
        return world

    all_heard = 0
    for world, way in explore(begin):
        said = world.sides[talker].said
        heard = world.sides[1 - talker].log
        assert heard == said[: len(heard)], (way, heard)
        names = [getattr(side.pair.current, "name", None) for side in world.sides]
        assert names[LOW] == names[HIGH], way
        if names[LOW]:
            assert heard == said, (way, heard)
        all_heard += heard == said
    assert all_heard


def joined(side: Side, end: End, now: float = 0.0) -> None:
    side.pair.opening(end)
    side.pair.joined(end, now)


def lone_end(outgoing: bool, incarnation: str = "1") -> End:
    end = End("lone", outgoing, Hello(id=IDS[HIGH], protocol=1, incarnation=incarnation))
    end.other = End("far", not outgoing, end.hello)
    return end


def test_a_restarted_peer_is_unlinked_before_it_is_linked() -> None:
    side = Side(LOW, resends=False)
    old, new = lone_end(True), lone_end(False, incarnation="2")
    joined(side, old)
    joined(side, new)
    assert side.log == ["linked", "unlinked", "linked"]
    assert side.pair.current is new
    assert old.closed


def test_a_higher_peer_that_dials_again_much_later_has_lost_the_link() -> None:
    """Its old link is silent, not ended: the new one is taken, and the loss is told when the old one ends."""
    side = Side(LOW, resends=False)
    old, new = lone_end(True), lone_end(False)
    joined(side, old)
    joined(side, new, now=CROSSING + 1)
    assert side.pair.current is new
    side.pair.ended(old, "the other side did not finish in time")
    assert side.log == ["linked", "unlinked", "linked"]


def test_goodbye_ends_the_pair_cleanly() -> None:
    heard: list[tuple[bool, str]] = []
    pair = Pair(True, PairEvents(lambda *_: None, lambda clean, reason: heard.append((clean, reason)), lambda _: None))
    end = lone_end(True)
    pair.opening(end)
    pair.joined(end, 0.0)
    pair.received(end, Bye(reason="stopping"))
    pair.ended(end, "closed")
    assert heard == [(True, "bye: stopping")]
    assert pair.empty


def test_what_waits_for_the_older_link_to_end_is_bounded() -> None:
    side = Side(HIGH, resends=False)
    old, new = lone_end(True), lone_end(False)
    joined(side, old)
    joined(side, new)
    sent = 0
    while side.pair.send(Chat(id="x" * 8, text="flood")):
        sent += 1
        assert sent < 10_000
    assert new.closed
