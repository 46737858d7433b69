"""What the links and those who dial tell of themselves: to the doctor, and to the page that draws the network."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable

import pytest

from lanchatd.lan import hearing as hearing_module
from lanchatd.lan import pulse, pursuit, report, target
from lanchatd.lan.ear import Ear, Packet
from lanchatd.lan.hearing import Hearing
from lanchatd.lan.interfaces import Network
from lanchatd.lan.report import PeerState

from .namespace import in_own_network, ip, plug_in
from .people import Person, no_one, online
from .test_interfaces import network

HERE, THERE = ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("10.0.0.2")


async def until(person: Person, condition: Callable[[list[PeerState]], object]) -> list[PeerState]:
    """Ask again and again, since nobody tells of a change."""
    async with asyncio.timeout(5):
        while not condition(peers := person.mesh.peers()):
            await asyncio.sleep(0.02)
    return peers


async def test_a_link_is_told_with_its_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "HEARTBEAT", 0.1)
    ann, bob = Person(), Person()
    async with online(ann, bob):
        ann.sight(bob)
        await ann.linked_with(bob)
        (peer,) = ann.mesh.peers()
        assert peer.link is not None and peer.link.round_trip is None, "nothing was measured yet"
        (peer,) = await until(ann, lambda peers: peers[0].link is not None and peers[0].link.round_trip is not None)
        assert peer.link is not None and peer.link.round_trip is not None
        assert 0 < peer.link.round_trip < 1000
        assert (peer.id, peer.name, peer.in_sight) == (bob.id, bob.hello.name, True)
        assert (peer.link.address, peer.link.outgoing) == ("127.0.0.1", True)
        assert [place.port for place in peer.places] == [bob.mesh.port]
        (other,) = bob.mesh.peers()
        assert other.link is not None and not other.link.outgoing
        assert bob.mesh.let_in is None, "nobody has come from another machine"


async def test_an_attempt_that_failed_is_told_with_its_reason() -> None:
    ann, bob = Person(), Person()
    async with online(ann):
        with no_one() as port:
            ann.sight(bob, port=port)
            (peer,) = await until(ann, lambda peers: peers and peers[0].attempts)
        assert peer.link is None and peer.in_sight and peer.told.keys() == {"mdns"}
        assert (peer.attempts[0].kind, peer.attempts[0].place.port) == ("refused", port)  # type: ignore[union-attr]
        assert "refuses" in peer.attempts[0].sentence


async def test_attempts_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "_FIRST_PAUSE", 0.0)
    ann, bob = Person(), Person()
    async with online(ann):
        with no_one() as port:
            ann.sight(bob, "remembered", port=port)
            await until(ann, lambda _: len(_target(ann, bob).attempts) == target._ATTEMPTS)
            await asyncio.sleep(0.1)
            assert len(_target(ann, bob).attempts) == target._ATTEMPTS
            (peer,) = ann.mesh.peers()
            assert [each.kind for each in peer.attempts] == ["refused"], "the last one says it all"


async def test_strangers_do_not_crowd_out_a_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST", 3)
    ann, others = Person(), [Person() for _ in range(6)]
    others.sort(key=lambda each: each.id)
    async with online(ann):
        with no_one() as port:
            for each in others:
                ann.sight(each, port=port)
            told = ann.mesh.peers({others[-1].id})
    assert [(peer.id, peer.standing) for peer in told] == [
        (others[-1].id, "contact"), (others[0].id, "heard"), (others[1].id, "heard"),
    ]  # fmt: skip


async def test_who_was_only_named_and_never_answered_is_remembered_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "_FIRST_PAUSE", 0.0)
    monkeypatch.setattr(pursuit, "_GIVEN_UP", 2)
    ann, others = Person(), [Person() for _ in range(3)]
    async with online(ann):
        with no_one() as port:
            for other in others:
                ann.sight(other, "introduced", port=port)
                await until(ann, lambda _: other.id not in ann.mesh._pursuit._targets)  # noqa: B023
        assert all(peer.given_up for peer in ann.mesh.peers())
        told = {peer.id for peer in ann.mesh.peers()}
        assert told == {other.id for other in others[1:]}, "the last ones, and no more than there is room for"
        async with online(others[1]):
            ann.sight(others[1], "introduced")
            await ann.linked_with(others[1])
            assert len(ann.mesh.peers()) == 2


def _target(person: Person, other: Person) -> target.Target:
    return next(each for each in person.mesh._pursuit.targets if each.peer == other.id)


def test_what_others_say_is_counted_and_what_we_say_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing_module, "_NEIGHBOURS", 2)
    hearing = Hearing()
    hearing.network_changed(network("10.0.0.1/24"))
    hearing.note(1, HERE, 1.0)
    assert hearing.by_interface == {}
    for number in range(2, 9):
        hearing.note(1, ipaddress.ip_address(f"10.0.0.{number}"), float(number))
    heard = hearing.by_interface[1]
    assert (heard.packets, heard.last, len(heard.neighbours)) == (7, 8.0, 2)
    hearing.network_changed(network("10.0.0.1/24"), ["10.9.9.9"])
    hearing.note(1, ipaddress.ip_address("10.9.9.9"), 9.0)
    assert hearing.by_interface == {}, "another interface of ours has said that"
    hearing.network_changed(Network())
    assert hearing.by_interface == {}


@in_own_network
async def test_a_question_leaves_on_its_interface_and_returns() -> None:
    for name, number in (("eth0", 1), ("eth1", 2)):
        plug_in(name)
        ip("address", "add", f"10.0.{number}.1/24", "dev", name)
        ip("link", "set", name, "up")
    from lanchatd.lan.interfaces import scan

    heard: list[Packet] = []
    stir = asyncio.Event()

    def note(packet: Packet) -> None:
        heard.append(packet)
        stir.set()

    ear, here = Ear(note), scan()
    first = here.interfaces[0]
    ear.listen(here)
    assert ear.ask(first, b"a question") == {}
    async with asyncio.timeout(3):
        while {packet.source.version for packet in heard} != {4, 6}:
            stir.clear()
            await stir.wait()
    assert {packet.interface for packet in heard} == {first.index}
    assert {packet.data for packet in heard} == {b"a question"}
    ear.listen(Network(here.interfaces[1:]))
    assert set(ear.ask(first, b"again")) == {4, 6}, "it is no longer used"
    ear.close()
