"""Forged mDNS, by somebody on the same cable: it says whom to dial, and nothing that it says is believed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import time
from collections.abc import AsyncIterator

import pytest
from zeroconf import DNSAddress, DNSOutgoing, DNSPointer, DNSService, DNSText

from lanchatd.lan import dialler
from lanchatd.lan.discovery import Discovery
from lanchatd.lan.instance import SERVICE
from lanchatd.lan.interfaces import Network, scan
from lanchatd.protocol.model import NAME_LENGTH, PeerId

from .namespace import in_own_network, ip, plug_in
from .people import Person, new_identity, online

OWN, ELSEWHERE = "10.9.0.1", "10.9.0.66"
_RESPONSE, _ADDRESS, _POINTER, _TEXT, _SERVICE, _IN, _UNIQUE = 0x8400, 1, 12, 16, 33, 1, 0x8001


class Neighbour(Person):
    """A mesh and its discovery, connected as in the daemon."""

    def __init__(self, where: Network) -> None:
        super().__init__(network=where)
        self.where = where
        self.discovery = Discovery(
            self.id, self.incarnation, self.hello.name, sighted=self.mesh.sight, gone=self.mesh.gone
        )


@contextlib.asynccontextmanager
async def at_home(*neighbours: Neighbour) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = []
        for neighbour in neighbours:
            running.append(tasks.create_task(neighbour.mesh.run()))
            port = await neighbour.mesh.listening()
            running.append(tasks.create_task(neighbour.discovery.run(port, neighbour.where)))
        yield
        for task in running:
            task.cancel()


def lan() -> Network:
    plug_in()
    ip("link", "set", "lo", "up")
    ip("link", "set", "eth0", "up")
    ip("address", "add", f"{OWN}/24", "dev", "eth0")
    return scan()


class Forger:
    """Sends whatever it likes to the mDNS group."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(OWN))

    def claim(self, *peers: PeerId, at: str, port: int, ttl: int = 4500, txt: bytes = b"\x09txtvers=1") -> None:
        """Say of these peers that they are there, or with a ``ttl`` of 0 that they are no longer."""
        out = DNSOutgoing(_RESPONSE)
        for peer in peers:
            name, host = f"{peer}.{SERVICE}", f"{peer}.local."
            for record in (
                DNSPointer(SERVICE, _POINTER, _IN, ttl, name),
                DNSService(name, _SERVICE, _UNIQUE, ttl, 0, 0, port, host),
                DNSText(name, _TEXT, _UNIQUE, ttl, txt),
                DNSAddress(host, _ADDRESS, _UNIQUE, ttl, socket.inet_aton(at)),
            ):
                out.add_answer_at_time(record, 0)
        for packet in out.packets():
            self._socket.sendto(packet, ("224.0.0.251", 5353))

    def close(self) -> None:
        self._socket.close()


async def is_quiet(*people: Person, seconds: float = 0.7) -> None:
    """Nothing has changed for anybody after a while: enough for a few attempts to dial."""
    before = [list(person.kinds("linked", "unlinked", "lost", "cloned")) for person in people]
    await asyncio.sleep(seconds)
    assert [list(person.kinds("linked", "unlinked", "lost", "cloned")) for person in people] == before
    assert all(len(person.mesh.links()) == len(people) - 1 for person in people)


@in_own_network
async def test_forged_records_of_linked_people_change_nothing() -> None:
    """Foreign ids at our address, our id at another one, and goodbyes in the name of others."""
    where = lan()
    ann, bob, forger = Neighbour(where), Neighbour(where), Forger()
    async with at_home(ann, bob):
        await ann.linked_with(bob)
        await bob.linked_with(ann)
        forger.claim(bob.id, at=OWN, port=ann.mesh.port)
        forger.claim(ann.id, at=ELSEWHERE, port=5263)
        forger.claim(ann.id, bob.id, at=OWN, port=9)
        await is_quiet(ann, bob)
        forger.claim(ann.id, bob.id, at=OWN, port=9, ttl=0)
        await is_quiet(ann, bob)
        assert ann.kinds("unlinked", "lost") == []
        assert ann.say(bob, "still here")
        await bob.until(lambda: bob.texts == ["still here"])
    forger.close()


@in_own_network
async def test_a_foreign_id_at_the_address_of_another_is_not_linked() -> None:
    """Zoe is claimed to be where Bob is, and where Ann herself is: whoever answers there has not her key."""
    where = lan()
    ann, bob, forger, zoe = Neighbour(where), Neighbour(where), Forger(), new_identity().peer_id
    async with at_home(ann, bob):
        await ann.linked_with(bob)
        await bob.linked_with(ann)
        forger.claim(zoe, at=OWN, port=bob.mesh.port)
        _, _, kind, sentence = await ann.heard("unreachable", zoe)
        assert (kind, "another person" in sentence) == ("unreachable", True)
        forger.claim(zoe, at=OWN, port=ann.mesh.port)
        await is_quiet(ann, bob)
        assert zoe not in ann.mesh.links()
    forger.close()


@in_own_network
async def test_the_own_id_elsewhere_is_no_clone_without_the_key() -> None:
    where = lan()
    ann, bob, forger, eve = Neighbour(where), Neighbour(where), Forger(), Person(network=where)
    async with at_home(ann, bob), asyncio.TaskGroup() as tasks:
        evil = tasks.create_task(eve.mesh.run())
        port = await eve.mesh.listening()
        forger.claim(ann.id, bob.id, at=OWN, port=port)
        await ann.linked_with(bob)
        await is_quiet(ann, bob)
        assert ann.kinds("cloned") == bob.kinds("cloned") == []
        assert eve.kinds("linked") == []
        evil.cancel()
    forger.close()


@in_own_network
async def test_an_oversize_txt_record_does_no_harm() -> None:
    """One that fills a datagram, one that says that it is longer than it is, and an ordinary one with a long name."""
    where = lan()
    ann, bob, forger = Neighbour(where), Neighbour(where), Forger()
    long = b"".join(bytes([len(each)]) + each for each in (b"n=" + b"x" * 250, b"i=" + b"y" * 250))
    async with at_home(ann, bob):
        await ann.linked_with(bob)
        for txt in (long + (b"\xff" + b"z" * 255) * 28, b"\xffnot so long", long):
            forger.claim(eve := random_peer(), at=OWN, port=9, txt=txt)
        _, _, name = await ann.heard("sighted", eve)
        assert name is not None
        assert len(name) <= NAME_LENGTH
        await is_quiet(ann, bob, seconds=0.2)
    forger.close()


@in_own_network
async def test_ten_thousand_instances_leave_room_for_real_neighbours() -> None:
    """More than in a minute: as fast as they can be sent, half of them at a machine that does not answer.

    Bob is linked all the time; Cat, who is a contact, links in the middle of it, and Dan, who is new, soon after.
    """
    where = lan()
    ann, bob, cat, forger = Neighbour(where), Person(network=where), Person(network=where), Forger()
    async with at_home(ann), online(bob, cat):
        bob.sight(ann, "mdns", OWN)
        await ann.linked_with(bob)
        begun, late = time.monotonic(), [0.0]
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(lateness(late))
            await flood(forger, 5000)
            meeting = tasks.create_task(link_time(ann, cat))
            ann.sight(cat, "remembered", OWN)
            await flood(forger, 5000)
            flooded = time.monotonic() - begun
            dan = Neighbour(where)
            async with at_home(dan):
                new = await link_time(ann, dan)
            watching.cancel()
        print(f"10,000 in {flooded:.1f} s; a contact linked in {await meeting:.2f} s, a new neighbour in {new:.2f} s")
        print(f"the loop was {late[0]:.2f} s late at most")
        assert await meeting < 2.0
        assert ("unlinked", bob.id) not in [entry[:2] for entry in ann.entries]
        assert len(ann.mesh._pursuit._targets) <= 1024
        assert ann.say(bob, "still here")
        await bob.until(lambda: bob.texts == ["still here"])
    forger.close()


@in_own_network
async def test_who_takes_connections_and_says_nothing_keeps_nobody_waiting_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialler, "_ATTEMPT", 1.0)
    where, taken = lan(), asyncio.Semaphore(0)
    ip("address", "add", f"{ELSEWHERE}/24", "dev", "eth0")
    ann, forger = Neighbour(where), Forger()
    dan = next(person for _ in range(999) if (person := Person(network=where)).id > ann.id)  # who waits in a crowd

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.release()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hold, ELSEWHERE) as server, at_home(ann), online(dan):
        made_up = [PeerId("zzzz" + random_peer()[4:]) for _ in range(40)]
        while taken.locked():  # until Ann listens
            forger.claim(*made_up, at=ELSEWHERE, port=server.sockets[0].getsockname()[1])
            await asyncio.sleep(0.1)
        # Dan hears of nobody: Ann has to dial.
        forger.claim(dan.id, at=OWN, port=dan.mesh.port)
        assert await link_time(ann, dan) < 5
    forger.close()


async def flood(forger: Forger, count: int) -> None:
    for _ in range(count // 20):
        peers = (random_peer() for _ in range(20))
        forger.claim(*peers, at=random.choice((OWN, ELSEWHERE)), port=random.randint(1, 99))
        await asyncio.sleep(0.001)


async def link_time(ann: Person, other: Person) -> float:
    begun = time.monotonic()
    async with asyncio.timeout(20):
        while other.id not in ann.mesh.links():
            await asyncio.sleep(0.01)
    return time.monotonic() - begun


async def lateness(worst: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + 0.01
        await asyncio.sleep(0.01)
        worst[0] = max(worst[0], loop.time() - due)


def random_peer() -> PeerId:
    return PeerId("".join(random.choices("abcdefghijklmnopqrstuvwxyz234567", k=52)))
