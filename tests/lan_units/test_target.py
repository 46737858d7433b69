"""When somebody is dialled, and where; and who is told of whom."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import itertools

import pytest

from lanchatd.lan import introducer
from lanchatd.lan.interfaces import Interface, Network
from lanchatd.lan.introducer import Introducer
from lanchatd.lan.introductions import Introductions, introduce
from lanchatd.lan.sighting import Sighting, Source
from lanchatd.lan.target import LONGEST_PAUSE, STEADY, Target
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Introduction

from .test_interfaces import network

ANN, BOB, CAT, DAN = (PeerId(letter * 52) for letter in "abcd")


def target(source: Source = "mdns", *addresses: str) -> Target:
    known = Target(BOB)
    known.hints[source] = Sighting(BOB, addresses or ("10.0.0.7",), 5263, source)
    return known


def test_pauses_grow_to_a_limit_with_jitter() -> None:
    known, pauses = target(), []
    for _ in range(12):
        known.failed(100.0)
        pauses.append(known._not_before - 100.0)
    for pause, middle in zip(pauses, (0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60), strict=True):
        assert middle * 0.75 <= pause <= middle * 1.25
    assert len({pause / 60 for pause in pauses[7:]}) > 1


@pytest.mark.parametrize(
    ("lasted", "clean", "earliest", "latest"),
    [(STEADY + 1, False, 0.0, 0.1), (0.5, False, 0.0, 0.1), (STEADY + 1, True, LONGEST_PAUSE, LONGEST_PAUSE)],
)
def test_a_lost_link_is_dialled_at_once_but_not_after_a_goodbye(
    lasted: float, clean: bool, earliest: float, latest: float
) -> None:
    known = target()
    known.linked_since = 100.0
    known.unlinked(100.0 + lasted, clean=clean)
    assert earliest <= known._not_before - (100.0 + lasted) <= latest


def test_links_that_never_last_are_dialled_less_and_less() -> None:
    """Two machines with the same key would otherwise take the link from each other for ever."""
    known, now = target(), 100.0
    for _ in range(8):
        known.linked_since = now
        known.unlinked(now + 0.1, clean=False)
        pause = known._not_before - now
    assert pause > 20


async def test_news_end_the_pause() -> None:
    known = target()
    for _ in range(10):
        known.failed(asyncio.get_running_loop().time())
    waiting = asyncio.ensure_future(known.due())
    await asyncio.sleep(0)
    assert not waiting.done()
    known.hurry()
    async with asyncio.timeout(1):
        await waiting


async def test_the_linked_and_the_unknown_are_not_due() -> None:
    linked, unknown = target(), Target(BOB)
    linked.linked_since = 1.0
    for known in (linked, unknown):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await known.due()


def test_near_addresses_of_each_source_come_first_and_what_worked_before_them() -> None:
    known = target("mdns", "172.17.0.1", "fe80::5", "10.0.0.7", "8.8.8.8")
    known.hints["remembered"] = Sighting(BOB, ("10.0.0.9", "10.0.0.7"), 5263, "remembered")
    here = network("10.0.0.1/24")
    assert known.endpoints(here) == [
        ("10.0.0.7", 5263),
        ("10.0.0.9", 5263),
        ("172.17.0.1", 5263),
        ("fe80::5%eth0", 5263),
    ]
    known.good = ("10.0.0.9", 5264)
    assert known.endpoints(here)[0] == ("10.0.0.9", 5264)


def test_however_much_one_source_says_the_others_are_heard() -> None:
    """Anybody can say by mDNS where somebody is, and more places than are dialled."""
    known = target("mdns", *(f"10.0.0.{number}" for number in range(100, 130)))
    known.hints["remembered"] = Sighting(BOB, ("10.0.0.7",), 5263, "remembered")
    assert known.endpoints(network("10.0.0.1/24"))[1] == ("10.0.0.7", 5263)
    known.hints["mdns"] = Sighting(BOB, ("fe80::5",), 5263, "mdns")
    here = (ipaddress.ip_interface("10.0.0.1/24"),)
    many = Network(tuple(Interface(f"eth0.{number}", number, here) for number in range(1, 20)))
    assert known.endpoints(many)[:2] == [("fe80::5%eth0.1", 5263), ("10.0.0.7", 5263)]


def test_who_is_neither_announced_nor_known_becomes_hopeless() -> None:
    introduced, met = target("introduced"), Target(BOB)
    introduced.good = met.good = ("10.0.0.7", 5263)
    stay = [target("remembered"), target("manual"), target("mdns")]
    for known in (introduced, met, *stay):
        for _ in range(8):
            known.failed(0.0)
    assert introduced.hopeless
    assert met.hopeless
    assert not any(known.hopeless for known in stay)


def where(_listener: PeerId, subject: PeerId) -> Introduction:
    return Introduction(id=subject, addresses=["10.0.0.7"], port=5263)


def told(introductions: Introductions) -> dict[PeerId, list[str]]:
    return {peer: [each.id for each in message.peers] for peer, message in introductions.due(where)}


def test_everybody_is_told_of_the_others_once() -> None:
    introductions = Introductions(DAN)
    for peer in (ANN, BOB, CAT):
        introductions.linked(peer)
    assert told(introductions) == {ANN: [BOB, CAT], BOB: [ANN, CAT], CAT: [ANN, BOB]}
    assert told(introductions) == {}


def test_who_has_told_of_somebody_knows_them() -> None:
    introductions = Introductions(DAN)
    introductions.linked(ANN)
    introductions.told_by(ANN, [BOB])
    introductions.linked(BOB)
    assert told(introductions) == {}


def test_who_comes_back_is_told_of_again() -> None:
    introductions = Introductions(DAN)
    introductions.linked(ANN)
    introductions.linked(BOB)
    told(introductions)
    introductions.unlinked(BOB)
    introductions.linked(BOB)
    assert told(introductions) == {ANN: [BOB], BOB: [ANN]}


def test_in_a_crowd_each_is_introduced_by_the_few_whose_keys_follow_theirs() -> None:
    crowd = [PeerId(f"{number:0>52}") for number in range(40)]
    introductions = Introductions(crowd[2])
    for peer in crowd[:2] + crowd[3:]:
        introductions.linked(peer)
    ours, farther = {crowd[1], crowd[0]}, {crowd[34], crowd[10]}
    newcomers = told(introductions)
    for peer, others in newcomers.items():
        assert set(others) >= (ours | farther) - {peer}
        assert len(others) <= len(ours | farther) + 3
    assert len({other for others in newcomers.values() for other in others}) > 20, "and of some by chance"
    introductions.unlinked(crowd[1])
    introductions.linked(newcomer := PeerId("1" * 52))
    everybody = told(introductions)
    assert set(everybody.pop(newcomer)) >= {crowd[0], *farther}
    assert all(others == [newcomer] for peer, others in everybody.items() if peer != crowd[0])


def test_who_seems_to_know_nobody_else_is_told_of_everybody_after_a_while() -> None:
    """They are on a network of ours where the others are not, or the keys who should tell them were made for that."""
    crowd = [PeerId(f"{number:0>52}") for number in range(100)]
    introductions = Introductions(crowd[2])
    for peer in crowd[3:]:
        introductions.linked(peer)
    before = told(introductions)[crowd[4]]
    for peer in crowd[5:]:
        introductions.told_by(peer, [crowd[3]])
    introductions.remind()
    assert told(introductions) == {}
    introductions.remind()
    messages = list(introductions.due(where))
    assert {peer for peer, _ in messages} == {crowd[4]}
    assert all(len(message.peers) <= 64 for _, message in messages), "more are malformed, and end the link"
    ids = [PeerId(each.id) for _, message in messages for each in message.peers]
    assert sorted([*before, *ids]) == [crowd[3], *crowd[5:]], "everybody, and each once"
    introductions.remind()
    assert told(introductions) == {}


def test_nothing_of_an_older_link_counts_for_a_new_one() -> None:
    crowd = [PeerId(f"{number:0>52}") for number in range(100)]
    introductions = Introductions(crowd[2])
    for peer in crowd[3:]:
        introductions.linked(peer)
    for peer in crowd[3:]:
        introductions.told_by(peer, [crowd[3]])
    told(introductions)
    introductions.unlinked(crowd[50])
    introductions.linked(crowd[50])
    told(introductions)
    introductions.remind()
    introductions.remind()
    assert set(told(introductions)) == {crowd[50]}


def test_what_a_peer_has_used_up_stays_used_up_when_it_links_anew() -> None:
    introductions, heard = Introductions(DAN), 0
    for _ in range(200):
        introductions.linked(ANN)
        heard += introductions.hears(ANN, 100.0)
        introductions.unlinked(ANN)
    assert heard == 64
    assert not introductions.hears(BOB, 100.0), "who is not linked"


async def test_the_lonely_are_thought_of_though_nobody_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introducer, "_REMINDER", 0.05)
    monkeypatch.setattr(introducer, "_AFTER", 0.0)
    reminders: list[float] = []
    clock = asyncio.get_running_loop().time
    monkeypatch.setattr(Introductions, "remind", lambda _: reminders.append(clock()))
    running = asyncio.ensure_future(
        Introducer(DAN, lambda _: [], lambda _: None, lambda *_: None, lambda _: None).run()
    )
    async with asyncio.timeout(5):
        while len(reminders) < 4:
            await asyncio.sleep(0.01)
    running.cancel()
    assert all(after - before > 0.04 for before, after in itertools.pairwise(reminders))


@pytest.mark.parametrize("links", ["a star", "a chain", "two crowds and one who knows both"])
def test_in_the_end_everybody_has_been_told_of_everybody(links: str) -> None:
    """By others or by a link of their own, as long as each dials whom it hears of."""
    crowd = [PeerId(hashlib.sha256(bytes([number])).hexdigest()[:52]) for number in range(60)]
    nodes = {peer: Introductions(peer) for peer in crowd}
    linked: set[tuple[PeerId, PeerId]] = set()

    def link(one: PeerId, other: PeerId) -> None:
        if one != other and (one, other) not in linked:
            linked.update(((one, other), (other, one)))
            nodes[one].linked(other)
            nodes[other].linked(one)

    for number, peer in enumerate(crowd):
        if links == "a star":
            link(crowd[0], peer)
        elif links == "a chain":
            link(crowd[max(0, number - 1)], peer)
        else:
            for other in crowd[:30] if number < 30 else crowd[29:]:
                link(peer, other)
    news = True
    while news:
        news = False
        for peer in crowd:
            for listener, message in list(nodes[peer].due(where)):
                news = True
                nodes[listener].told_by(peer, [PeerId(each.id) for each in message.peers])
                for each in message.peers:
                    link(listener, PeerId(each.id))
    assert len(linked) == 60 * 59


def test_addresses_are_told_in_a_form_that_others_can_use() -> None:
    def told(*endpoints: tuple[str, int], listener_at: str = "10.0.0.9") -> list[str] | None:
        introduction = introduce(BOB, endpoints, listener_at, "10.0.0.1")
        return introduction.addresses if introduction else None

    assert told(("10.0.0.7", 5263), ("fd00::7", 5263), ("10.0.0.8", 9)) == ["10.0.0.7", "fd00::7"]
    assert told(("fe80::7%eth0", 5263)) is None, "it means nothing on another machine"
    assert told(("127.0.0.1", 5263)) == ["10.0.0.1"], "Bob is on our machine, so he is where we are"
    assert told(("127.0.0.1", 5263), listener_at="127.0.0.1") == ["127.0.0.1"]
    assert told() is None
