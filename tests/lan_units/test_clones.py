"""One key on two machines: told once, and no link flaps. Whoever only starts again is not taken for a clone."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from lanchatd.lan import clones as module
from lanchatd.lan.clones import Clones, Verdict
from lanchatd.protocol import codec
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Bye, Chat, Hello

from .people import Person, new_identity, online, visitor

BOB = PeerId("b" * 52)
WELCOME, LATER, CLONE = Verdict.WELCOME, Verdict.LATER, Verdict.CLONE


def judge(*visits: tuple[float, str, str | None]) -> list[Verdict]:
    """What becomes of visits: when, which incarnation comes, and which one is linked."""
    clones = Clones()
    return [clones.judge(BOB, incarnation, standing, now) for now, incarnation, standing in visits]


def test_restarts_are_welcome_however_quick() -> None:
    assert judge((0, "a", None), (0.1, "b", "a"), (0.2, "c", "b"), (0.3, "d", None)) == [WELCOME] * 4


def test_a_link_that_crosses_or_comes_again_is_welcome() -> None:
    assert judge((0, "a", None), (0.1, "a", "a"), (60, "a", None), (90, "a", "a")) == [WELCOME] * 4


def test_who_comes_back_while_another_stands_waits_and_is_a_clone() -> None:
    visits = (0, "a", None), (10, "b", "a"), (10.1, "a", "b"), (11, "a", "b"), (14.2, "a", "b"), (400, "b", "b")
    assert judge(*visits) == [WELCOME, WELCOME, LATER, LATER, CLONE, WELCOME]


def test_a_hello_that_arrives_after_the_restart_is_no_clone() -> None:
    """Killed and started again, while its last words were still under way: they come once, and never again."""
    assert judge((0, "a", None), (1, "b", None), (1.2, "a", "b"), (500, "c", "b")) == [WELCOME, WELCOME, LATER, WELCOME]


def test_a_virtual_machine_that_goes_back_in_time_is_no_clone() -> None:
    """Started again as ``b``, then set back to a state of before: the link of ``b`` is dead, and soon that is seen."""
    visits = (0, "a", None), (9, "b", None), (20, "a", "b"), (20.5, "a", "b"), (23.5, "a", None), (500, "b", None)
    assert judge(*visits) == [WELCOME, WELCOME, LATER, LATER, WELCOME, WELCOME]


def test_a_suspicion_of_long_ago_does_not_count() -> None:
    assert judge((0, "a", None), (1, "b", "a"), (2, "a", "b"), (300, "a", "b"), (305, "a", "b"))[2:] == [
        LATER,
        LATER,
        CLONE,
    ]


def test_when_one_of_the_two_is_gone_the_other_may_come() -> None:
    visits = (0, "a", None), (1, "b", "a"), (2, "a", "b"), (7, "a", "b"), (8, "a", None), (9, "b", "a"), (14, "b", "a")
    assert judge(*visits) == [WELCOME, WELCOME, LATER, CLONE, WELCOME, LATER, CLONE]


def test_it_is_news_once_while_it_goes_on() -> None:
    clones = Clones()
    assert [clones.is_news(BOB, now) for now in (0, 60, 500, 1000, 1601)] == [True, False, False, False, True]


def test_what_is_remembered_is_bounded() -> None:
    clones = Clones()
    for number in range(5000):
        peer = PeerId(f"{number:0>52}")
        clones.judge(peer, "a", None, 0)
        clones.is_news(peer, 0)
        clones.judge(BOB, f"{number}", None, 0)
    assert len(clones._peers) == len(clones._told) == 1024
    assert len(clones._peers[BOB].incarnations) == 8


async def test_two_machines_with_one_key_are_told_apart_and_the_link_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PROOF", 0.4)
    ann, first = Person(), Person()
    second = Person(first.identity)
    async with online(ann, first, second):
        first.sight(ann)
        await ann.linked_with(first)
        second.sight(ann)  # as good as a restart of the first, until the first comes back
        assert await ann.heard("cloned") == ("cloned", first.id, "127.0.0.1")
        await first.heard("unlinked", ann.id, False, "bye: clone")
        for number in range(3):
            assert second.say(ann, f"{number}")
            first.sight(ann)  # comes again at once
            await first.times("unlinked", len(first.kinds("unlinked")) + 1)
        await ann.until(lambda: len(ann.texts) == 3)
        assert ann.kinds("cloned") == ["cloned"], "once"
        assert ann.kinds("linked", "unlinked") == ["linked", "unlinked", "linked"], "no link flaps"


async def test_the_other_machine_is_let_in_when_the_first_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PROOF", 0.0)
    ann, bob = Person(), new_identity()
    hellos = {name: codec.encode(Hello(id=bob.peer_id, protocol=1, incarnation=name)) for name in ("x", "y")}
    async with online(ann), contextlib.AsyncExitStack() as old:
        async with visitor(ann, bob) as x:
            await x.send_str(hellos["x"])
            await ann.times("linked", 1)
            y = await old.enter_async_context(visitor(ann, bob))
            await y.send_str(hellos["y"])
            await ann.times("linked", 2)
        async with visitor(ann, bob) as x:
            await x.send_str(hellos["x"])
            assert isinstance(codec.decode_peer((await x.receive()).data), Hello)
            assert codec.decode_peer((await x.receive()).data) == Bye(reason="clone")
        await y.send_str(codec.encode(Bye(reason="stopping")))
        await ann.times("unlinked", 2)
        async with visitor(ann, bob) as x:
            await x.send_str(hellos["x"])
            await x.send_str(codec.encode(Chat(id="message-1", text="here again")))
            await ann.until(lambda: ann.texts == ["here again"])
    assert ann.kinds("cloned") == ["cloned"]


async def test_the_own_key_on_another_machine_is_told_once_to_both(caplog: pytest.LogCaptureFixture) -> None:
    ann = Person()
    clone = Person(ann.identity)
    async with online(ann, clone):
        ann.sight(clone)
        assert await ann.heard("cloned") == ("cloned", ann.id, "127.0.0.1")
        await clone.heard("cloned", ann.id)
        hellos = ann.hellos
        ann.sight(clone)
        async with asyncio.timeout(3):
            while ann.hellos < hellos + 2:
                await asyncio.sleep(0.01)
        for person in (ann, clone):
            assert person.kinds("cloned", "linked", "sighted") == ["cloned"]
    assert sum("same identity" in record.getMessage() for record in caplog.records) == 2


async def test_a_daemon_that_crashes_and_starts_again_and_again_is_no_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PROOF", 0.0)
    ann, bob = Person(), Person()
    async with online(ann):
        for start in range(1, 5):
            async with online(bob):
                bob.sight(ann)
                await ann.times("linked", start)
            bob = Person(bob.identity)
        await ann.times("unlinked", 4)
    assert ann.kinds("cloned") == []
