"""Real mDNS between two Discovery parts, in a network of its own; and what is made of records from anybody."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from zeroconf import DNSCache, DNSOutgoing, ServiceInfo, Zeroconf, current_time_millis
from zeroconf._dns import DNSAddress, DNSPointer, DNSService, DNSText
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from lanchatd.lan import browser, discovery
from lanchatd.lan.browser import ENOUGH, Browser
from lanchatd.lan.discovery import Discovery, multicast_interfaces
from lanchatd.lan.instance import SERVICE, advertised_addresses, peer_of_instance, read_sighting, shorten
from lanchatd.lan.interfaces import InterfaceWatcher, Network, scan
from lanchatd.lan.sighting import Sighting
from lanchatd.protocol.model import PeerId

from .namespace import in_own_network, ip, plug_in
from .people import Log, new_identity
from .test_interfaces import network

RESPONSE, IN, A, PTR, TXT, SRV = 0x8400, 1, 1, 12, 16, 33  # RFC 1035 sections 3.2 and 4.1.1, RFC 2782
ENDLESS = 2**31 - 1


class Seeker(Log):
    """A Discovery and what it has told."""

    def __init__(self, name: str = "Zoë", incarnation: str = "abc", linked: int = 0) -> None:
        super().__init__()
        self.id = new_identity().peer_id
        self.discovery = Discovery(
            self.id,
            incarnation,
            name,
            sighted=lambda sighting: self.note("sighted", sighting.peer, sighting),
            gone=lambda peer: self.note("gone", peer),
            linked=lambda: [PeerId(f"peer {number}") for number in range(linked)],
        )

    async def sees(self, other: Seeker) -> Sighting:
        sighting = (await self.heard("sighted", other.id))[2]
        assert isinstance(sighting, Sighting)
        return sighting


@contextlib.asynccontextmanager
async def seeking(seeker: Seeker, port: int, where: Network) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seeker.discovery.run(port, where))
        yield
        task.cancel()


def lan() -> Network:
    plug_in()
    ip("link", "set", "eth0", "up")
    ip("address", "add", "10.9.0.1/24", "dev", "eth0")
    ip("address", "add", "fd00:9::1/64", "dev", "eth0", "nodad")
    return scan()


@in_own_network
async def test_two_see_each_other_at_once_and_a_goodbye_is_heard() -> None:
    where = lan()
    ann, bob = Seeker("Ann"), Seeker("Zoë " + "♥" * 60, incarnation="b1")
    async with seeking(ann, 5263, where):
        await asyncio.sleep(0.3)  # Ann's own first question is over
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with seeking(bob, 5264, where):
            sighting = await ann.sees(bob)
            assert loop.time() - begun < 0.9, "probing was skipped"
            assert (sighting.port, sighting.source, sighting.incarnation) == (5264, "mdns", "b1")
            assert set(sighting.addresses) == {"10.9.0.1", "fd00:9::1"}
            assert sighting.name is not None
            assert sighting.name.startswith("Zoë ♥")
            assert "�" not in sighting.name
            assert (await bob.sees(ann)).port == 5263
        await ann.heard("gone", bob.id)
        assert all(entry[1] != ann.id for entry in ann.entries if entry[0] == "gone")


@contextlib.asynccontextmanager
async def overheard() -> AsyncIterator[tuple[list[bytes], list[bytes]]]:
    """All packets on eth0 meanwhile: what is asked, and what is said."""
    asked: list[bytes] = []
    said: list[bytes] = []

    class Listener(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, _: object) -> None:
            (said if data[2] & 0x80 else asked).append(data)  # RFC 1035 section 4.1.1

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        group = socket.inet_aton("224.0.0.251") + socket.inet_aton("10.9.0.1")
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        sock.bind(("224.0.0.251", 5353))
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Listener, sock=sock)
        yield asked, said
        transport.close()


@in_own_network
async def test_who_is_linked_with_enough_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_COME", (0.1, 0.5))
    where = lan()
    async with overheard() as (asked, _):
        async with seeking(Seeker(linked=ENOUGH), 5263, where):
            await asyncio.sleep(1)
            assert asked == []
        async with seeking(Seeker(linked=ENOUGH - 1), 5263, where):
            await asyncio.sleep(0.5)
            assert asked


@in_own_network
async def test_who_is_there_already_is_found_by_a_question() -> None:
    """As if the announcement of the newcomer had been lost: nobody comes by themselves."""
    where, ann, bob = lan(), Seeker("Ann"), Seeker("Bob")
    async with seeking(ann, 5263, where):
        await asyncio.sleep(1.5)
        async with seeking(bob, 5264, where):
            assert (await bob.sees(ann)).port == 5263


@in_own_network
async def test_a_new_name_and_a_restart_without_goodbye_are_news() -> None:
    where = lan()
    ann, bob = Seeker("Ann"), Seeker("Bob", incarnation="b1")
    async with seeking(ann, 5263, where):
        async with seeking(bob, 5264, where):
            await ann.sees(bob)
            ann.clear()
            bob.discovery.rename("Robert")
            assert (await ann.sees(bob)).name == "Robert"
            ann.clear()
            again = Seeker("Bob", incarnation="b2")
            again.discovery._peer_id = again.id = bob.id
            async with seeking(again, 5265, where):
                await ann.until(lambda: any(entry[2].incarnation == "b2" for entry in ann.entries))
                assert ("gone", bob.id) not in ann.entries


@in_own_network
async def test_a_start_without_a_network_waits_and_changes_are_followed() -> None:
    ann, bob = Seeker("Ann"), Seeker("Bob")

    def changed(network: Network) -> None:
        ann.discovery.network_changed(network)
        bob.discovery.network_changed(network)

    watcher = InterfaceWatcher((), changed)
    async with asyncio.TaskGroup() as tasks, seeking(ann, 5263, Network()), seeking(bob, 5264, Network()):
        watching = tasks.create_task(watcher.run())
        await asyncio.sleep(0.1)
        lan()
        assert "10.9.0.1" in (await ann.sees(bob)).addresses
        await bob.sees(ann)
        ann.clear()
        ip("address", "del", "10.9.0.1/24", "dev", "eth0")
        ip("address", "add", "10.9.0.7/24", "dev", "eth0")
        await ann.until(lambda: any("10.9.0.7" in entry[2].addresses for entry in ann.entries if entry[1] == bob.id))
        ip("link", "del", "eth0")
        ann.clear()
        plug_in("eth1")
        ip("link", "set", "eth1", "up")
        ip("address", "add", "10.8.0.1/24", "dev", "eth1")
        await ann.until(lambda: any("10.8.0.1" in entry[2].addresses for entry in ann.entries if entry[1] == bob.id))
        watching.cancel()


async def tells_anew_after(trouble: Callable[[Discovery, Network], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Trouble while the network is looked at because of a new name, for which alone nobody is told of anew."""
    monkeypatch.setattr(discovery, "_RETRY", 0.2)
    update, where = AsyncZeroconf.async_update_interfaces, lan()
    ann, bob = Seeker("Ann", linked=1), Seeker("Bob")

    async def troubled(self: AsyncZeroconf, *arguments: Any) -> None:
        monkeypatch.setattr(AsyncZeroconf, "async_update_interfaces", update)
        trouble(ann.discovery, where)
        await update(self, *arguments)

    async with seeking(ann, 5263, where), seeking(bob, 5264, where):
        await ann.sees(bob)
        await asyncio.sleep(1)  # all announcements are over
        ann.clear()
        monkeypatch.setattr(AsyncZeroconf, "async_update_interfaces", troubled)
        ann.discovery.rename("Anna")
        await ann.sees(bob)


@in_own_network
async def test_a_change_in_the_middle_of_another_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    await tells_anew_after(Discovery.network_changed, monkeypatch)


@in_own_network
async def test_after_an_error_it_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the network is changing")

    await tells_anew_after(fail, monkeypatch)


@in_own_network
async def test_a_machine_that_is_too_busy_at_the_start_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_RETRY", 0.2)
    in_time, asked = Zeroconf.async_wait_for_start, iter((False,))

    async def late(self: Zeroconf, timeout: float = 9) -> None:
        await in_time(self, timeout if next(asked, True) else 0)  # nothing is open yet

    monkeypatch.setattr(Zeroconf, "async_wait_for_start", late)
    where = lan()
    ann, bob = Seeker("Ann"), Seeker("Bob")
    async with seeking(ann, 5263, where):
        async with asyncio.timeout(5):
            while ann.discovery.problem is None:
                await asyncio.sleep(0)
        assert "too busy" in ann.discovery.problem
        async with seeking(bob, 5264, where):
            assert (await bob.sees(ann)).port == 5263
            await ann.sees(bob)
            assert ann.discovery.problem is None


@in_own_network
async def test_what_makes_zeroconf_stumble_has_it_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_RETRY", 0.2)
    where, ann, bob = lan(), Seeker("Ann"), Seeker("Bob")
    async with seeking(ann, 5263, where), seeking(bob, 5264, where):
        await ann.sees(bob)
        ann.clear()
        before = ann.discovery._zeroconf
        ann.discovery.start_anew(KeyError("what a stranger has written"))
        async with asyncio.timeout(5):
            while ann.discovery.problem is None:
                await asyncio.sleep(0)
        assert "could not be taken in (KeyError)" in ann.discovery.problem
        await ann.sees(bob)
        assert ann.discovery.problem is None
        assert ann.discovery._zeroconf is not before, "nothing that it has remembered is left"


class Air:
    """In place of zeroconf for a `Browser` alone: a real cache, and what was asked."""

    def __init__(self) -> None:
        self.cache = DNSCache()
        self.asked: list[bytes] = []

    def async_add_listener(self, *_: object) -> None: ...

    def async_remove_listener(self, _: object) -> None: ...

    def async_send(self, question: DNSOutgoing) -> None:
        self.asked += question.packets()


async def test_it_asks_four_times_as_long_as_there_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_FIRST", (0.02, 0.02))
    monkeypatch.setattr(browser, "_NEXT", (0.02, 0.02, 0.02))
    monkeypatch.setattr(browser, "_COME", ())
    air, linked = Air(), [PeerId(f"peer {number}") for number in range(ENOUGH)]
    asking = Browser(air, PeerId("own"), lambda *_: None, lambda: linked)  # type: ignore[arg-type]

    async def asks() -> int:
        air.asked.clear()
        await asyncio.sleep(0.3)
        return len(air.asked)

    asking.look()
    assert await asks() == 0
    gone = linked.pop()
    asking.look()
    asking.look()
    assert await asks() == 4
    asking.look()
    assert await asks() == 0
    await asking.begin()
    asking.look()
    assert await asks() == 4, "as at the start"
    linked.append(gone)
    asking.look()
    linked.pop()
    asking.look()
    assert await asks() == 4, "somebody has gone"
    await asking.begin()
    asking.look()
    linked.append(gone)
    asking.look()
    assert await asks() == 0, "there are enough again"
    linked.pop()
    asking.look()
    asking.stop()
    assert await asks() == 0


async def test_whom_it_is_linked_with_need_not_answer_as_long_as_their_record_is_fresh(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser, "_FIRST", (0.0, 0.0))
    monkeypatch.setattr(browser, "_NEXT", ())
    air, (fresh, stale) = Air(), [new_identity().peer_id for _ in range(2)]
    now = current_time_millis()
    for peer, age in ((fresh, 2000), (stale, 2500)):
        air.cache.async_add_records([DNSPointer(SERVICE, PTR, IN, 4500, f"{peer}.{SERVICE}", now - 1000 * age)])
    asking = Browser(air, PeerId("own"), lambda *_: None, lambda: [fresh, stale])  # type: ignore[arg-type]
    asking.look()
    await asyncio.sleep(0.05)
    (question,) = air.asked
    assert fresh.encode() in question
    assert stale.encode() not in question


@in_own_network
async def test_several_people_on_one_machine_find_each_other_on_loopback() -> None:
    ip("link", "set", "lo", "up")
    where = scan(["lo"])
    ann, bob = Seeker("Ann"), Seeker("Bob")
    async with seeking(ann, 5263, where), seeking(bob, 5264, where):
        assert "127.0.0.1" in (await ann.sees(bob)).addresses
        await bob.sees(ann)


@in_own_network
async def test_strange_records_do_no_harm() -> None:
    where = lan()
    ann, bob = Seeker("Ann"), Seeker("Bob")
    strange = new_identity().peer_id
    async with seeking(ann, 5263, where):
        zeroconf = AsyncZeroconf(interfaces=["10.9.0.1"])
        for info in (
            ServiceInfo(SERVICE, f"Not a peer.{SERVICE}", port=1, parsed_addresses=["10.9.0.1"]),
            ServiceInfo(SERVICE, f"{new_identity().peer_id}.{SERVICE}", port=1, server="nowhere.local."),
            ServiceInfo(SERVICE, f"{strange}.{SERVICE}", port=9, properties={"n": b"\xff\x00x\n", "i": "y" * 99},
                        parsed_addresses=["10.9.0.1"]),
        ):  # fmt: skip
            await zeroconf.async_register_service(info, cooperating_responders=True)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for junk in (b"", b"\0" * 12, b"\xff" * 500, b"\0\0\x84\0\0\0\0\xff\0\0\0\0\xc0\x0c\xc0\x0c"):
                sock.sendto(junk, ("10.9.0.1", 5353))
        *_, sighting = await ann.heard("sighted", strange)
        assert (sighting.name, sighting.incarnation, sighting.port) == ("�x", None, 9)
        async with seeking(bob, 5264, where):
            await ann.sees(bob)
        await zeroconf.async_close()


@in_own_network
async def test_made_up_names_neither_end_it_nor_keep_it_from_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_COME", (0.5, 0.1))
    where, ann = lan(), Seeker("Ann")
    junk = DNSOutgoing(RESPONSE)
    for name in (f"{new_identity().peer_id}.{SERVICE.upper()}", f"no peer.{SERVICE}", f"{'a' * 51}ſ.{SERVICE}"):
        junk.add_answer_at_time(DNSPointer(SERVICE, PTR, IN, 4500, name), 0)
    for number in range(50):
        junk.add_answer_at_time(DNSText(f"x{number}.{SERVICE}", TXT, IN, 4500, b"\0"), 0)
    service = b"".join(bytes([len(each)]) + each.encode() for each in SERVICE.split("."))
    # zeroconf reads a label that is no UTF-8, and can not write it then.
    unwritable = struct.pack("!6H", 0, RESPONSE, 0, 1, 0, 0) + service
    unwritable += struct.pack("!HHIH", PTR, IN, 4500, 64 + len(service)) + b"\x3f" + b"\xff" * 63 + service
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    async with overheard() as (asked, _), seeking(ann, 5263, where):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.9.0.1"))
            for packet in (*junk.packets(), unwritable):
                sock.sendto(packet, ("224.0.0.251", 5353))
        await asyncio.sleep(1)
        assert asked
        assert max(map(len, asked)) < 100, "it tells nobody what it was told"
        ann.discovery.network_changed(where)  # tells anew of all that is known
        bob = Seeker("Bob")
        async with seeking(bob, 5264, where):
            await ann.sees(bob)
        assert faults == []


@in_own_network
async def test_however_much_is_made_up_whoever_comes_is_seen_at_once() -> None:
    """zeroconf keeps 10,000 records, those that end last; and there are only so many peers that we ask for more."""
    where, ann, bob = lan(), Seeker("Ann"), Seeker("Bob")
    endless = [DNSText(f"x{number}.local.", TXT, IN, ENDLESS, b"\0") for number in range(11_000)]
    nobody = [
        DNSPointer(SERVICE, PTR, IN, ENDLESS, f"{new_identity().peer_id}.{SERVICE}")
        for _ in range(2 * discovery._RESOLVING)
    ]
    async with seeking(ann, 5263, where):
        await make_up(endless)
        await make_up(nobody)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with seeking(bob, 5264, where):
            assert (await ann.sees(bob)).name == "Bob"
            assert loop.time() - begun < 2


@in_own_network
async def test_a_host_of_thousands_of_addresses_keeps_nobody_waiting() -> None:
    """zeroconf takes the square of their number to read them, for each who is said to be there."""
    where, ann, bob = lan(), Seeker("Ann"), Seeker("Bob")
    hosts = ("h.local.", SERVICE)
    addresses = [
        DNSAddress(host, A, IN, ENDLESS, (0x0A090002 + number).to_bytes(4)) for host in hosts for number in range(4500)
    ]
    nobody = [record for host in hosts * 12 for record in described(f"{new_identity().peer_id}.{SERVICE}", host)]
    async with seeking(ann, 5263, where):
        await make_up(addresses)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await make_up(nobody)
        async with seeking(bob, 5264, where):
            assert (await ann.sees(bob)).name == "Bob"
            assert loop.time() - begun < 4


@in_own_network
async def test_whatever_was_said_of_somebody_before_they_are_found_where_they_say() -> None:
    where, ann, bob = lan(), Seeker("Ann"), Seeker("Bob")
    name, host = f"{bob.id}.{SERVICE}", f"{bob.id}.local."
    addresses = [f"10.9.0.{number}" for number in (1, *range(100, 117))]
    async with seeking(ann, 5263, where):
        await make_up(
            [
                *(DNSAddress(host, A, IN, ENDLESS, socket.inet_aton(address)) for address in addresses),
                *described(name, host),
            ]
        )
        assert "10.9.0.116" in (await ann.sees(bob)).addresses
        async with seeking(bob, 5264, where):
            await ann.until(lambda: any(is_at(entry[2], "10.9.0.1", 5264) for entry in ann.entries))


def test_however_many_addresses_of_one_kind_are_said_there_is_room_for_the_other() -> None:
    ours = "fd00:9::7"
    addresses = [*(f"10.9.0.{number}" for number in range(100, 120)), ours]
    info = AsyncServiceInfo(SERVICE, f"{new_identity().peer_id}.{SERVICE}", port=1, parsed_addresses=addresses)
    sighting = read_sighting(new_identity().peer_id, info)
    assert sighting is not None
    assert ours in sighting.addresses


def is_at(sighting: Sighting, address: str, port: int) -> bool:
    return (address in sighting.addresses, sighting.port) == (True, port)


def described(name: str, host: str) -> list[Any]:
    """What else mDNS says of an instance: that it is there, where, and what it says of itself."""
    return [
        DNSPointer(SERVICE, PTR, IN, ENDLESS, name),
        DNSService(name, SRV, IN, ENDLESS, 0, 0, 9, host),
        DNSText(name, TXT, IN, ENDLESS, b"\x09txtvers=1"),
    ]


async def make_up(records: list[Any]) -> None:
    """Say all this to the group, packet by packet, each when the one before has been heard."""
    out = DNSOutgoing(RESPONSE)
    for record in records:
        out.add_answer_at_time(record, 0)
    async with overheard() as (_, said):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.9.0.1"))
            for packet in out.packets():
                sock.sendto(packet, ("224.0.0.251", 5353))
                while packet not in said:
                    await asyncio.sleep(0)
                said.clear()


@in_own_network
async def test_who_only_says_again_that_they_are_here_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_COME", (0.1,))
    monkeypatch.setattr(discovery, "_ANNOUNCE_AGAIN", (0.5, 0.5))
    monkeypatch.setattr(discovery, "_CHECK", 0.1)
    where, ann, bob = lan(), Seeker("Ann", linked=ENOUGH), Seeker("Bob", linked=ENOUGH)
    async with seeking(bob, 5264, where):
        await asyncio.sleep(1)
        async with overheard() as (asked, said), seeking(ann, 5263, where):
            await asyncio.sleep(2)
        assert asked == []
        assert len([packet for packet in said if ann.id.encode() in packet]) >= 6


def test_only_key_derived_instances_are_peers() -> None:
    peer = new_identity().peer_id
    assert peer_of_instance(f"{peer.upper()}.{SERVICE}") == peer
    for name in (f"{peer}x.{SERVICE}", f"{peer[:51]}1.{SERVICE}", f"a.{peer}.{SERVICE}", f"{peer}._http._tcp.local."):
        assert peer_of_instance(name) is None


def test_a_record_without_an_address_or_a_port_is_no_sighting() -> None:
    peer = new_identity().peer_id
    assert read_sighting(peer, AsyncServiceInfo(SERVICE, f"{peer}.{SERVICE}", port=5263)) is None
    no_port = AsyncServiceInfo(SERVICE, f"{peer}.{SERVICE}", port=0, parsed_addresses=["10.0.0.1"])
    assert read_sighting(peer, no_port) is None


@pytest.mark.parametrize(("text", "short"), [("abc", "abc"), ("aé", "a"), ("ab♥", "ab"), ("é♥", "é"), ("", "")])
def test_names_are_cut_between_characters(text: str, short: str) -> None:
    assert shorten(text, 2 if text != "abc" else 3) == short


def test_link_local_ipv6_is_advertised_only_if_there_is_nothing_else() -> None:
    assert advertised_addresses(network("10.0.0.1/8", "fe80::1/64", "fd00::1/64")) == ["10.0.0.1", "fd00::1"]
    assert advertised_addresses(network("fe80::1/64")) == ["fe80::1"]


def test_mdns_uses_one_address_of_each_family() -> None:
    assert multicast_interfaces(network("10.0.0.1/8", "10.0.0.2/8", "fd00::1/64", "fe80::1/64")) == [
        "10.0.0.1",
        "fe80::1",
    ]
    twice = Network((*network("fe80::1/64", "fd00::1/64").interfaces, *network("fe80::1/64").interfaces))
    assert multicast_interfaces(twice) == ["fd00::1"]
    assert multicast_interfaces(network("127.0.0.1/8", "::1/128")) == ["127.0.0.1"]
    assert multicast_interfaces(Network()) == []
