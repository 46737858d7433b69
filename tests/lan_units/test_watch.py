"""Who watches whom, how soon everybody notices a machine that falls silent, and what that costs at rest."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchatd.lan import pulse, tcp, watch
from lanchatd.lan.pulse import Pulse
from lanchatd.lan.watch import Ring, Watch
from lanchatd.protocol import codec
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Hello, Message, Profile, Suspect, Typing

from .crowd import Crowd, Member, quickly
from .people import Person, identities, new_identity, online, visitor
from .test_sleep import cable

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
IDS = st.text(ALPHABET, min_size=52, max_size=52).map(PeerId)
NOTICED = 4.0
"""Seconds after which everybody has to know."""


def some_ids(count: int) -> list[PeerId]:
    return [PeerId("".join(random.choices(ALPHABET, k=52))) for _ in range(count)]


@contextlib.asynccontextmanager
async def settled(count: int, *more: PeerId) -> AsyncIterator[Crowd]:
    """A crowd, two minutes after everybody was linked with everybody."""
    random.seed(count)
    crowd = Crowd([*some_ids(count - len(more)), *more])
    async with crowd.linked():
        await asyncio.sleep(120 + random.uniform(0, pulse.HEARTBEAT))
        yield crowd


def between(some: Iterable[PeerId], others: Iterable[PeerId]) -> set[tuple[PeerId, PeerId]]:
    """Who has lost whom, if all of these have lost all of those."""
    pairs = set(itertools.product(some, others))
    return pairs | {(other, one) for one, other in pairs}


# -- the ring ----------------------------------------------------------------------------------------------------------


@given(st.sets(IDS, min_size=1, max_size=30), st.integers(0, 5))
def test_everybody_is_watched_by_as_many_as_there_are_to_be(everybody: set[PeerId], watchers: int) -> None:
    watched: list[PeerId] = []
    for own in everybody:
        ring = Ring(own)
        for peer in everybody:
            ring.add(peer)
        assert set(ring) == everybody - {own}
        mine = ring.before(watchers)
        assert own not in mine
        watched += mine
    for peer in everybody:
        assert watched.count(peer) == min(watchers, len(everybody) - 1)


@given(IDS, st.lists(st.tuples(IDS, st.booleans()), max_size=40))
def test_a_ring_is_the_same_whatever_came_and_went(own: PeerId, changes: list[tuple[PeerId, bool]]) -> None:
    ring, present = Ring(own), {own}
    for peer, comes in changes:
        (ring.add if comes else ring.discard)(peer)
        (present.add if comes else present.discard)(peer)
        present.add(own)
        order = sorted(present)
        place = order.index(own)
        assert ring.before(3) == {*(order[place:] + order[:place])[1:][-3:]}
        assert all((each in ring) == (each in present) for each, _ in changes)


# -- a crowd, in quick time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 3, 4, 5, 9, 40])
def test_who_is_cut_off_is_noticed_by_all_and_notices_that_all_are_gone(count: int) -> None:
    async def story() -> None:
        async with settled(count) as crowd:
            alone, *others = crowd.members
            crowd.part({alone})
            await asyncio.sleep(NOTICED)
            assert crowd.losses == between([alone], others)
            assert crowd.members[alone].sent["message"] == 0, "who hears nobody doubts the own network"
            told = [member.sent["message"] for member in crowd.members.values() if member.sent["message"]]
            assert set(told) <= {count - 2}, "once to everybody else"
            assert len(told) <= watch.WATCHERS + 2, "and not by those who have only heard of it"

    quickly(story())


@pytest.mark.parametrize(("away", "count"), [(2, 40), (5, 40), (8, 60), (20, 60), (20, 40)])
def test_both_sides_notice_when_the_network_parts(away: int, count: int) -> None:
    async def story() -> None:
        async with settled(count) as crowd:
            there = {*itertools.islice(crowd.members, away)}
            crowd.part(there)
            await asyncio.sleep(NOTICED + 1)
            assert crowd.losses == between(there, crowd.members.keys() - there)
            assert crowd.sent("message") < 4 * count**2, "who has only heard of a silence does not tell of it"

    quickly(story())


def test_some_who_go_one_after_the_other_make_nobody_ask_everybody() -> None:
    async def story() -> None:
        async with settled(40) as crowd:
            gone: set[PeerId] = set()
            for alone in [*crowd.members][:10]:
                gone.add(alone)
                before = crowd.sent("ping")
                crowd.part(gone)
                await asyncio.sleep(NOTICED)
                by_watchers = 40 * watch.WATCHERS * NOTICED / pulse.HEARTBEAT
                assert crowd.sent("ping") - before < 1.2 * by_watchers + 3 * 40

    quickly(story())


def test_at_rest_every_further_neighbour_costs_a_few_frames_a_minute() -> None:
    async def story(count: int) -> float:
        async with settled(count) as crowd:
            before = crowd.sent("ping") + crowd.sent("pong")
            await asyncio.sleep(300)
            assert crowd.losses == set()
            assert crowd.sent("message") == 0
            return (crowd.sent("ping") + crowd.sent("pong") - before) / 5 / count

    few, many = quickly(story(10)), quickly(story(60))
    beat = 60 / pulse.HEARTBEAT
    assert few < 1.2 * 2 * watch.WATCHERS * beat, "pings to whom we watch, answers to who watches us"
    assert (many - few) / 50 < 2 * 60 / pulse.IDLE[0]


def test_a_daemon_wakes_up_once_for_all_whom_it_watches() -> None:
    """However long each answer has taken."""

    async def feel(pings: list[float], delay: float) -> None:
        loop = asyncio.get_running_loop()

        async def ping() -> None:
            pings.append(loop.time())
            loop.call_later(delay, felt.felt)

        felt = Pulse(ping)
        felt.felt()
        await felt.stops(lambda *_: None)

    async def story() -> None:
        pings: list[float] = []
        async with asyncio.TaskGroup() as tasks:
            feeling = [tasks.create_task(feel(pings, delay)) for delay in (0.001, 0.01, 0.02)]
            await asyncio.sleep(60)
            assert len(pings) >= 3 * 60 / (pulse.HEARTBEAT + 0.1) - 3
            assert len(set(pings)) == len(pings) / 3
            for task in feeling:
                task.cancel()

    quickly(story())


def test_a_few_who_are_slow_on_purpose_do_not_have_everybody_asked_without_end() -> None:
    """They answer before they are given up, and never with a pong."""

    class Slow(Member):
        def take(self, by: PeerId, kind: str, message: Message | None) -> None:
            self.pulses[by].felt()
            if kind == "ping":
                asyncio.get_running_loop().call_later(0.85, self._frame, by, "message", Typing(active=False))

        async def _ping(self, peer: PeerId) -> None:
            pass

        async def _feel(self, peer: PeerId, pulse: Pulse) -> None:
            await asyncio.Event().wait()

    async def story(slow: int) -> float:
        random.seed(1)
        honest, others = some_ids(60), some_ids(slow)
        crowd = Crowd([*honest, *others])
        crowd.members |= {peer: Slow(crowd, peer) for peer in others}
        async with crowd.linked():
            await asyncio.sleep(120)
            before = crowd.sent("ping")
            await asyncio.sleep(300)
            assert not [pair for pair in crowd.losses if set(pair) <= set(honest)]
            return (crowd.sent("ping") - before) / 5 / len(honest)

    assert quickly(story(8)) < 4 * quickly(story(0))


def test_who_has_taken_all_places_beside_a_machine_can_not_hide_that_it_is_gone() -> None:
    """Keys can be made until they lie there. But everybody asks everybody now and then, and says what they miss."""

    async def story() -> None:
        honest = some_ids(30)
        victim = honest[0] = PeerId(f"{honest[0][:-1]}a")
        beside = [PeerId(f"{victim[:-1]}{sign}") for sign in ALPHABET[1 : watch.WATCHERS + 1]]
        async with settled(30 + watch.WATCHERS, *honest, *beside) as crowd:
            for peer in beside:
                crowd.members[peer].mute = True
            crowd.part({victim})
            await asyncio.sleep(pulse.IDLE[0] / 2)
            assert between([victim], honest[1:]) <= crowd.losses

    random.seed(1)
    quickly(story())


def test_lies_end_no_link_and_soon_cost_nothing() -> None:
    async def story() -> None:
        async with settled(20) as crowd:
            before, lies = crowd.sent("ping"), 0
            liar = next(iter(crowd.members.values()))
            for _ in range(120):
                for other, about in itertools.permutations(crowd.members.keys() - {liar.id}, 2):
                    liar.send(other, Suspect(id=about))
                    lies += 1
                await asyncio.sleep(0.5)
            assert crowd.losses == set()
            at_rest = 20 * watch.WATCHERS * 60 / pulse.HEARTBEAT
            assert crowd.sent("ping") - before < 1.2 * at_rest + 19 * (16 + 6), "16 at once, then one in ten seconds"
            assert crowd.sent("message") == lies, "nobody passes on what was only heard"

    quickly(story())


@pytest.mark.parametrize(
    ("message", "found"), [(Typing(active=True), True), (Profile(name="A", status="away", in_call=False), False)]
)
def test_what_is_said_to_one_who_is_gone_is_soon_found_out(
    message: Message, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nobody watches. What everybody is told makes nobody ask: TCP finds that out."""
    monkeypatch.setattr(watch, "WATCHERS", 0)

    async def story() -> None:
        async with settled(2) as crowd:
            ann, bob = crowd.members.values()
            await asyncio.sleep(pulse.IDLE[0] / 2)
            crowd.passes = lambda sender, receiver: False
            ann.send(bob.id, message)
            await asyncio.sleep(pulse.HEARTBEAT + pulse.PONG + 0.1)
            assert (bob.id in ann.lost) == found

    quickly(story())


def test_what_is_answered_needs_no_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "WATCHERS", 0)

    async def story() -> None:
        async with settled(2) as crowd:
            ann, bob = crowd.members.values()
            for _ in range(20):
                before = crowd.sent("ping")
                ann.send(bob.id, Typing(active=True))
                await asyncio.sleep(1)
                bob.send(ann.id, Profile(name="B", status="away", in_call=False))
                await asyncio.sleep(1)
                assert crowd.sent("ping") == before

    quickly(story())


def test_a_doubt_waits_until_the_last_sign_of_life_is_old_and_ends_with_the_next() -> None:
    """A silence is told of within a second, and to others that machine may have spoken just before."""

    async def story() -> None:
        pings: list[float] = []
        loop = asyncio.get_running_loop()

        async def ping() -> None:
            pings.append(loop.time())
            felt.answered()
            felt.felt()

        felt = Pulse(ping)
        felt.felt()
        async with asyncio.TaskGroup() as tasks:
            feeling = tasks.create_task(felt.stops(lambda *_: None))
            await asyncio.sleep(pulse.HEARTBEAT + 0.5)
            felt.watch(False)
            felt.doubt(watch.FRESH)
            await asyncio.sleep(0.6)
            felt.doubt(watch.FRESH)
            felt.felt()
            await asyncio.sleep(5)
            felt.doubt(watch.FRESH)
            await asyncio.sleep(0)
            feeling.cancel()
        first = pulse.HEARTBEAT
        assert pings == pytest.approx([first, first + watch.FRESH, first + 6.1], abs=0.001)

    quickly(story())


# -- over real links ---------------------------------------------------------------------------------------------------


async def test_a_third_notices_a_machine_that_another_one_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "acknowledged", lambda _: False)  # the cable of the test is two TCP connections
    monkeypatch.setattr(watch, "WATCHERS", 1)
    monkeypatch.setattr(pulse, "HEARTBEAT", 0.2)
    ann, bob, cat = (Person(identity) for identity in identities(3))
    async with online(ann, bob, cat), cable(cat) as (port, mend):
        bob.sight(ann)
        for person in (ann, bob):
            person.sight(cat, port=port)
        for person in (ann, bob, cat):
            await person.linked_with(*({ann, bob, cat} - {person}))
        async with asyncio.timeout(5):
            while any(peer.link is None or peer.link.round_trip is None for peer in bob.mesh.peers()):
                await asyncio.sleep(0.02)
        mend(False)
        await ann.heard("unlinked", cat.id, False, "no sign of life")
        await bob.heard("unlinked", cat.id, False, "no sign of life")
        assert ("unlinked", bob.id) not in [entry[:2] for entry in ann.entries]


async def test_who_is_left_is_watched_in_place_of_who_went(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "acknowledged", lambda _: False)  # the cable of the test is two TCP connections
    monkeypatch.setattr(watch, "WATCHERS", 1)
    monkeypatch.setattr(pulse, "HEARTBEAT", 0.2)
    ann, bob, cat = (Person(identity) for identity in identities(3))
    async with online(ann, bob, cat), cable(bob) as (port, mend):
        ann.sight(bob, port=port)
        ann.sight(cat)
        await ann.linked_with(bob, cat)
        await cat.linked_with(ann)
        async with asyncio.timeout(5):
            while any(peer.link is None or peer.link.round_trip is None for peer in ann.mesh.peers()):
                await asyncio.sleep(0.02)
        await cat.mesh.stop()
        await ann.heard("unlinked", cat.id, True)
        mend(False)
        await ann.heard("unlinked", bob.id, False, "no sign of life")


class Asked:
    """A pulse that only counts."""

    def __init__(self) -> None:
        self.heard_at, self.asking, self.doubts = 0.0, False, 0

    def watch(self, watched: bool) -> None: ...

    def doubt(self, quiet_for: float = 0.0) -> None:
        self.doubts += 1


def watching(count: int) -> tuple[Watch, dict[PeerId, Asked], list[Message]]:
    """A watch that is linked with so many others, these, and what it has told."""
    own, *others = sorted(some_ids(count + 1))
    asked, told = {peer: Asked() for peer in others}, list[Message]()
    watch = Watch(own, asked.get, lambda _, message: told.append(message))
    for peer in others:
        watch.linked(peer)
    return watch, asked, told


def test_what_a_peer_has_used_up_of_its_suspicions_stays_used_up_when_it_links_anew() -> None:
    watch, asked, _ = watching(5)
    liar, other, *_ = asked
    for _ in range(200):
        watch.linked(liar)
        watch.suspected(liar, Suspect(id=other), 100.0)
        watch.unlinked(liar)
    assert asked[other].doubts == 16


def test_who_was_late_now_and_then_does_not_keep_a_parted_network_from_being_noticed() -> None:
    watch, asked, _ = watching(40)
    now = 100.0
    for late in asked:
        for other, pulse_ in asked.items():
            pulse_.heard_at = now - 1.0 if other == late else now
        watch.late(late, now - 0.5, now, False)
        now += 5.0
    for pulse_ in asked.values():
        pulse_.doubts = 0
    for late in list(asked)[:8]:
        watch.late(late, now, now, False)
    assert all(asked[each].doubts for each in list(asked)[8:])


async def test_a_suspicion_makes_us_ask_and_no_more() -> None:
    ann, bob, liar = Person(), Person(), new_identity()
    async with online(ann, bob), visitor(ann, liar) as web_socket:
        bob.sight(ann)
        await ann.linked_with(bob)
        await web_socket.send_str(codec.encode(Hello(id=liar.peer_id, protocol=1)))
        await ann.heard("linked", liar.peer_id)
        felt = ann.mesh._pulse(bob.id)
        assert felt is not None
        before = felt.heard_at
        for about in (bob.id, ann.id, liar.peer_id, new_identity().peer_id):
            await web_socket.send_json({"type": "suspect", "id": about})
        async with asyncio.timeout(pulse.HEARTBEAT - 0.3):
            while felt.heard_at == before:
                await asyncio.sleep(0.01)
        assert ann.kinds("unlinked", "received") == []


async def test_a_dead_link_that_nobody_watches_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual machine that was set back in time is no second machine with the same key: its old link is dead."""
    monkeypatch.setattr(tcp, "acknowledged", lambda _: False)
    monkeypatch.setattr(watch, "WATCHERS", 0)
    ann, bob = Person(), new_identity()
    before, after = (codec.encode(Hello(id=bob.peer_id, protocol=1, incarnation=which)) for which in ("one", "two"))
    async with online(ann), visitor(ann, bob) as first, visitor(ann, bob) as second, visitor(ann, bob) as third:
        await first.send_str(before)
        await ann.heard("linked", bob.peer_id)
        await second.send_str(after)
        await ann.times("linked", 2)
        felt = ann.mesh._pulse(bob.peer_id)
        assert felt is not None
        felt.round_trip = 0.001  # it has answered once
        await third.send_str(before)
        await ann.heard("unlinked", bob.peer_id, False, "no sign of life")
