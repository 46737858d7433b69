"""Meshes that talk over real TLS on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable

import aiohttp
import msgspec
import pytest
from aiohttp import web

from lanchatd.identity.certificate import server_context
from lanchatd.identity.keys import Identity
from lanchatd.lan import link as link_module
from lanchatd.lan import pulse, pursuit, target, tcp
from lanchatd.lan.link import Link, LinkError
from lanchatd.lan.listener import Listener
from lanchatd.lan.mesh import Sighting
from lanchatd.protocol import codec
from lanchatd.protocol.peer import FRAME_BYTES, Bye, Chat, Hello, Introduce, Message

from .people import LOOPBACK, Person, identities, long_road, new_identity, no_one, online, visitor


async def test_one_sighting_links_both_and_messages_flow() -> None:
    ann, bob = Person(), Person()
    async with online(ann, bob):
        ann.sight(bob)
        await ann.linked_with(bob)
        await bob.linked_with(ann)
        assert ann.kinds("sighted", "linked") == ["sighted", "linked"]
        _, _, hello, address = await bob.heard("linked", ann.id)
        assert (hello.name, hello.port, address) == (ann.hello.name, ann.mesh.port, "127.0.0.1")
        assert ann.mesh.links() == {bob.id: "127.0.0.1"}
        texts = [f"message {number} ♥" for number in range(300)]
        for text in texts:
            assert ann.say(bob, text)
        await bob.until(lambda: len(bob.texts) == len(texts))
        assert bob.texts == texts
        assert not ann.mesh.send(new_identity().peer_id, Chat(id="message-1", text="nobody"))


@pytest.mark.parametrize("low_delay", [0.0, 0.005, 0.03])
@pytest.mark.parametrize("high_delay", [0.0, 0.005, 0.03])
async def test_dialling_each_other_at_once_makes_one_link(low_delay: float, high_delay: float) -> None:
    low, high = (Person(identity) for identity in identities(2))
    async with online(low, high), long_road(low, low_delay) as to_low, long_road(high, high_delay) as to_high:
        low.sight(high, port=to_high)
        high.sight(low, port=to_low)
        await low.linked_with(high)
        await high.linked_with(low)
        for number in range(50):
            low.say(high, f"l{number}")
            high.say(low, f"h{number}")
            await asyncio.sleep(0.001)
        await low.until(lambda: len(low.texts) == 50)
        await high.until(lambda: len(high.texts) == 50)
        await settled(low, high)
        assert low.texts == [f"h{number}" for number in range(50)]
        assert high.texts == [f"l{number}" for number in range(50)]
        for person in (low, high):
            assert person.kinds("linked", "unlinked") == ["linked"]
            assert len(person.mesh.links()) == 1


async def settled(ann: Person, bob: Person) -> None:
    """Wait until links that crossed have become one."""
    async with asyncio.timeout(3):
        while any(pair._retiring or pair._opening for pair in (ann.mesh._pairs[bob.id], bob.mesh._pairs[ann.id])):
            await asyncio.sleep(0.005)


async def test_of_two_crossing_links_the_one_that_the_lower_dialled_stays() -> None:
    low, high = (Person(identity) for identity in identities(2))
    async with online(low, high), long_road(low, 0.03) as to_low, long_road(high, 0.03) as to_high:
        low.sight(high, port=to_high)
        high.sight(low, port=to_low)
        await low.linked_with(high)
        await high.linked_with(low)
        pairs = low.mesh._pairs[high.id], high.mesh._pairs[low.id]
        assert any(pair._retiring or pair._opening for pair in pairs), "they did not cross"
        await settled(low, high)
        assert [pair.current.outgoing for pair in pairs if pair.current] == [True, False]
        assert low.kinds("unlinked") + high.kinds("unlinked") == []


async def test_goodbye_is_clean_and_quick() -> None:
    ann, bob = Person(), Person()
    async with online(ann, bob):
        ann.sight(bob)
        await ann.linked_with(bob)
        await bob.linked_with(ann)
        begun = time.monotonic()
        await bob.mesh.stop()
        assert time.monotonic() - begun < 1.0
        assert await ann.heard("unlinked", bob.id) == ("unlinked", bob.id, True, "bye: stopping")
        await ann.heard("lost", bob.id)
        assert bob.kinds("unlinked") == []


async def test_goodbye_is_said_on_a_link_that_only_the_other_side_counts() -> None:
    ann, bob = Person(), Person()
    async with online(ann, bob), long_road(bob, 0.05) as to_bob:
        ann.sight(bob, port=to_bob)
        await ann.linked_with(bob)
        assert bob.kinds("linked") == [], "Ann's hello is still under way"
        await bob.mesh.stop()
        await ann.heard("unlinked", bob.id, True)
        assert bob.kinds("linked") == []


async def test_a_crash_is_seen_at_once_and_a_restart_links_again() -> None:
    ann, bob = Person(), Person()
    async with online(ann):
        async with online(bob):
            port = bob.mesh.port
            ann.sight(bob)
            await ann.linked_with(bob)
            begun = time.monotonic()
        _, _, clean, _ = await ann.heard("unlinked", bob.id)
        assert not clean
        assert time.monotonic() - begun < 0.5
        await ann.heard("lost", bob.id)
        assert ann.kinds("unreachable") == [], "a peer that has gone is offline, not unreachable"
        ann.clear()
        again = Person(bob.identity)
        again.mesh.port = port
        async with online(again):
            ann.sight(again)
            _, _, hello, _ = await ann.heard("linked", bob.id)
            assert hello.incarnation == again.incarnation


async def test_a_restart_behind_a_silent_old_link_is_unlinked_before_it_is_linked() -> None:
    ann, bob = Person(), new_identity()
    hello = Hello(id=bob.peer_id, protocol=1, incarnation="first")
    async with online(ann), visitor(ann, bob) as old, visitor(ann, bob) as new:
        await old.send_str(codec.encode(hello))
        await ann.heard("linked", bob.peer_id)
        await new.send_str(codec.encode(msgspec.structs.replace(hello, incarnation="second")))
        await ann.until(lambda: ann.kinds("linked", "unlinked") == ["linked", "unlinked", "linked"])


@pytest.mark.parametrize("ending", ["closes", "breaks"])
async def test_what_is_said_waits_until_the_replaced_link_has_ended(ending: str) -> None:
    """Both have said goodbye on the old link; only its proper close shows that all before has arrived, too."""
    low, high = identities(2)
    ann, bob = Person(high), low
    hello = codec.encode(Hello(id=bob.peer_id, protocol=1, incarnation="one"))
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(online(ann))
        port, callers = await stack.enter_async_context(doorstep(bob))
        ann.mesh.sight(Sighting(bob.peer_id, ("127.0.0.1",), port, "mdns"))
        old = await callers.get()
        new = await stack.enter_async_context(visitor(ann, bob))
        await old.send_str(hello)
        await ann.heard("linked", bob.peer_id)
        await new.send_str(hello)
        answers = [codec.decode_peer((await old.receive()).data) for _ in range(2)]
        assert answers[1] == Bye(reason="duplicate")
        assert ann.mesh.send(bob.peer_id, Chat(id="message-1", text="after the old link"))
        assert isinstance(codec.decode_peer((await new.receive()).data), Hello)
        with pytest.raises(TimeoutError):
            await new.receive(timeout=0.1)
        await old.send_str(codec.encode(Bye(reason="duplicate")))
        if ending == "closes":
            await old.close()
            assert (await new.receive()).json()["text"] == "after the old link"
            await new.send_str(codec.encode(Chat(id="message-2", text="heard")))
            await ann.until(lambda: ann.texts == ["heard"])
            assert ann.kinds("linked", "unlinked") == ["linked"]
        else:
            transport = old._req.transport  # type: ignore[union-attr]
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
            await ann.heard("unlinked", bob.peer_id, False)
            assert (await new.receive()).type is not aiohttp.WSMsgType.TEXT
            assert ann.kinds("linked", "unlinked") == ["linked", "unlinked"]


@contextlib.asynccontextmanager
async def doorstep(identity: Identity) -> AsyncIterator[tuple[int, asyncio.Queue[web.WebSocketResponse]]]:
    """A port where another implementation listens, and the links that come in there."""
    callers: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
    over = asyncio.Event()

    async def accepted(web_socket: web.WebSocketResponse, recognised: Callable[[], None]) -> None:
        recognised()
        callers.put_nowait(web_socket)
        await over.wait()

    listener = Listener(server_context(identity), lambda _: True, accepted)
    port = await listener.start(0)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(listener.run())
        yield port, callers
        over.set()
        running.cancel()
    await listener.stop()


@pytest.mark.parametrize("first", ["nothing", "hello and ping"])
async def test_who_is_gone_before_being_served_ends_nothing(first: str) -> None:
    """Their reset comes while their frames are still unread: there is no socket any more, and no pong to send."""
    ann, evil = Person(), new_identity()
    async with online(ann):
        for _ in range(5):
            async with visitor(ann, evil) as web_socket:
                if first != "nothing":
                    await web_socket.send_str(codec.encode(Hello(id=evil.peer_id, protocol=1)))
                    await web_socket.ping()
                web_socket._response.connection.transport.abort()  # type: ignore[union-attr]
        bob = Person()
        async with online(bob):
            ann.sight(bob)
            await ann.linked_with(bob)


class Remains:
    """What aiohttp leaves of a WebSocket whose connection is gone: every call may fail in its own way."""

    def __init__(self, **info: object) -> None:
        self.info = info

    def get_extra_info(self, name: str) -> object:
        return self.info.get(name)

    async def receive(self) -> object:
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")

    async def send_str(self, text: str) -> None:
        raise RuntimeError("the connection is gone")

    async def ping(self) -> None:
        raise RuntimeError("the connection is gone")

    async def close(self) -> None:
        raise TimeoutError("Connection timed out")


async def test_a_socket_that_is_gone_is_no_link(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ann = Person()
    await ann.mesh._serve_accepted(Remains(), lambda: None)  # type: ignore[arg-type]
    assert "it has gone" in caplog.text


async def test_whatever_a_broken_socket_raises_ends_only_its_link(monkeypatch: pytest.MonkeyPatch) -> None:
    ann = Person()
    monkeypatch.setattr(link_module, "proven_peer_id", lambda _: ann.id)
    with socket.socket() as tcp:
        link = Link(Remains(socket=tcp), outgoing=False)  # type: ignore[arg-type]
        assert await link.run(lambda _: None) == "the connection was closed"
        with pytest.raises(LinkError):
            await link.greet(ann.hello)
        await link.discard("gone")


async def test_a_lost_link_comes_back_by_itself() -> None:
    ann, bob = Person(), Person()
    async with online(ann, bob):
        ann.sight(bob)
        await ann.linked_with(bob)
        await bob.linked_with(ann)
        for links in (2, 3):
            for pair in (ann.mesh._pairs[bob.id], bob.mesh._pairs[ann.id]):
                assert pair.current is not None
                pair.current.drop("cable pulled")
            await ann.times("linked", links)
            await bob.times("linked", links)
            await settled(ann, bob)
        assert ann.kinds("linked", "unlinked") == ["linked", "unlinked"] * 2 + ["linked"]


@pytest.mark.parametrize(("acknowledged", "seconds"), [(False, 3), (True, 5)], ids=["machine", "program"])
async def test_silence_ends_the_link(acknowledged: bool, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a machine that is gone, after three seconds; of a program that stands still, not its kernel, later."""
    monkeypatch.setattr(tcp, "acknowledged", lambda _: acknowledged)
    monkeypatch.setattr(pulse, "BUSY", 3.0)
    ann, bob = Person(), new_identity()
    async with online(ann), visitor(ann, bob) as web_socket:
        await web_socket.send_str(codec.encode(Hello(id=bob.peer_id, protocol=1)))
        await ann.heard("linked", bob.peer_id)
        begun = time.monotonic()
        assert await ann.heard("unlinked") == ("unlinked", bob.peer_id, False, "no sign of life")
        assert seconds - 1 < time.monotonic() - begun < seconds + 0.8


async def test_a_peer_that_does_not_read_is_dropped() -> None:
    ann, bob = Person(), new_identity()
    async with online(ann), visitor(ann, bob) as web_socket:
        await web_socket.send_str(codec.encode(Hello(id=bob.peer_id, protocol=1)))
        await ann.heard("linked", bob.peer_id)
        web_socket._response.connection.transport.pause_reading()  # type: ignore[union-attr]
        sent = 0
        while ann.mesh.send(bob.peer_id, Chat(id="message-1", text="x" * 16_000)):
            sent += 1
            assert sent < 2000
            await asyncio.sleep(0)
        _, _, clean, reason = await ann.heard("unlinked", bob.peer_id)
        assert (clean, reason) == (False, "the other side does not read")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("{", "malformed"),
        ('{"type":"message","id":"message-1","text":7}', "malformed"),
        (b"\0binary", "malformed"),
        ('{"type":"message","id":"message-1","text":"' + "x" * (FRAME_BYTES + 1) + '"}', "oversize"),
        ('{"type":"hello","id":"' + "a" * 52 + '","protocol":1}', "malformed"),
    ],
)
async def test_what_is_no_message_ends_the_link_with_its_reason(frame: str | bytes, reason: str) -> None:
    ann, evil = Person(), new_identity()
    async with online(ann), visitor(ann, evil) as web_socket:
        await web_socket.send_str(codec.encode(Hello(id=evil.peer_id, protocol=1)))
        await ann.heard("linked", evil.peer_id)
        await (web_socket.send_str(frame) if isinstance(frame, str) else web_socket.send_bytes(frame))
        *_, clean, why = await ann.heard("unlinked", evil.peer_id)
        assert not clean
        assert why.startswith(reason)


async def test_an_unknown_type_is_logged_once_and_ignored(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ann, bob = Person(), new_identity()
    async with online(ann), visitor(ann, bob) as web_socket:
        await web_socket.send_str(codec.encode(Hello(id=bob.peer_id, protocol=1)))
        for _ in range(3):
            await web_socket.send_str('{"type":"teleport"}')
        await web_socket.send_str(codec.encode(Chat(id="message-1", text="still here")))
        await ann.until(lambda: ann.texts == ["still here"])
    assert sum("teleport" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize(
    "first",
    [
        Chat(id="message-1", text="no hello"),
        Hello(id=new_identity().peer_id, protocol=1),
        '{"type":"hello","protocol":1,"id":"EVIL","padding":"' + "x" * 9000 + '"}',
        None,
    ],
    ids=["another message", "another's id", "oversize", "silence"],
)
async def test_who_does_not_greet_properly_is_nobody(
    first: Message | str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "GREETING", 1.0)
    ann, evil = Person(), new_identity()
    async with online(ann), visitor(ann, evil) as web_socket:
        assert isinstance(codec.decode_peer((await web_socket.receive()).data), Hello)
        if first is not None:
            frame = first.replace("EVIL", evil.peer_id) if isinstance(first, str) else codec.encode(first)
            await web_socket.send_str(frame)
        async with asyncio.timeout(3):
            answer = await web_socket.receive()
        assert not isinstance(answer.data, str)
        assert ann.entries == []
        assert ann.mesh.links() == {}


async def test_an_incompatible_peer_is_told_and_shown() -> None:
    ann, bob = Person(protocol=1), Person(protocol=9, oldest=8)
    async with online(ann, bob):
        ann.sight(bob)
        _, _, kind, sentence = await ann.heard("unreachable", bob.id)
        assert kind == "incompatible"
        assert "update" in sentence
        # Bob's daemon is of this version too, whatever it says, so it understands Ann and hears her goodbye.
        await bob.heard("unreachable", ann.id, "incompatible")
        assert ann.kinds("linked") == []


async def test_an_own_address_is_no_peer() -> None:
    ann = Person()
    async with online(ann):
        ann.sight(ann)
        ann.sight(ann, "manual")
        await asyncio.sleep(0.4)
        assert ann.entries == []
        assert 0 < ann.hellos < 12, "it is not dialled over and over"
        assert ann.mesh.links() == {}


async def test_a_refusal_is_told_in_a_sentence() -> None:
    ann, bob = Person(), Person()
    with no_one() as port:
        async with online(ann):
            ann.sight(bob, port=port)
            *_, kind, sentence = await ann.heard("unreachable", bob.id)
    assert kind == "unreachable"
    assert "firewall" in sentence
    assert str(port) in sentence


async def test_another_key_at_the_address_is_not_the_peer() -> None:
    ann, bob, eve = Person(), Person(), Person()
    async with online(ann, eve):
        ann.sight(bob, port=eve.mesh.port)
        *_, sentence = await ann.heard("unreachable", bob.id)
        assert "another person" in sentence
        assert ann.mesh.links() == {}
        assert eve.mesh.links() == {}


async def test_the_address_that_works_is_found_among_those_that_do_not() -> None:
    ann, bob, eve = Person(), Person(), Person()
    async with online(ann, bob, eve):
        bob.mesh.port, real = eve.mesh.port, bob.mesh.port
        ann.sight(bob)  # an old address, where another person is now
        ann.sight(bob, "introduced", "127.0.0.1", "::1", port=real)
        await ann.linked_with(bob)
        assert ann.mesh.links().keys() == {bob.id}


async def test_an_address_given_by_hand_needs_no_key() -> None:
    ann, bob = Person(), Person()
    async with online(ann, bob):
        ann.sight(bob, "manual", "localhost")
        await ann.linked_with(bob)
        ann.sight(bob, "manual", "127.0.0.1")
        ann.sight(bob)
        await asyncio.sleep(0.3)
        assert ann.kinds("linked", "unlinked") == ["linked"]
        assert bob.kinds("linked", "unlinked") == ["linked"]


async def test_addresses_outside_the_local_network_are_never_dialled(caplog: pytest.LogCaptureFixture) -> None:
    ann, bob = Person(), Person()
    async with online(ann):
        ann.sight(bob, "mdns", "198.51.100.7", "2001:db8::1", port=5263)
        *_, sentence = await ann.heard("unreachable", bob.id)
        ann.mesh.sight(Sighting(None, ("198.51.100.7",), 5263, "manual"))
        await asyncio.sleep(0.05)
    assert "No address" in sentence
    assert any("outside the local network" in record.getMessage() for record in caplog.records)


async def test_one_link_is_enough_to_learn_of_everybody() -> None:
    people = [Person() for _ in range(5)]
    middle, *others = people
    async with online(*people):
        for other in others:
            middle.sight(other)
        for person in people:
            await person.linked_with(*(other for other in people if other is not person))
        await asyncio.sleep(0.3)
        for person in people:
            assert len(person.mesh.links()) == 4
            assert person.kinds("unlinked", "unreachable") == []


async def test_a_crashed_peer_that_was_introduced_is_lost_and_not_unreachable() -> None:
    ann, bob, cat = Person(), Person(), Person()
    async with online(ann, bob):
        async with online(cat):
            bob.sight(ann)
            bob.sight(cat)
            await ann.linked_with(bob, cat)
            await cat.linked_with(ann, bob)
        await ann.heard("unlinked", cat.id)
        await ann.heard("lost", cat.id)
        assert ann.kinds("unreachable") == []
        assert ann.mesh.links().keys() == {bob.id}
        again = Person(cat.identity)
        async with online(again):
            bob.sight(again)
            await again.linked_with(ann, bob)  # both are told of each other anew


async def test_a_flood_of_false_records_leaves_room_for_real_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pursuit, "_TARGETS", 8)
    ann, bob = (Person(identity) for identity in identities(2))
    async with online(ann, bob):
        for _ in range(20):
            ann.mesh.sight(Sighting(new_identity().peer_id, ("127.0.0.9",), 9, "mdns"))
        ann.sight(bob)
        await ann.linked_with(bob)
        await bob.linked_with(ann)
        for _ in range(20):
            ann.mesh.sight(Sighting(new_identity().peer_id, ("127.0.0.9",), 9, "mdns"))
        await bob.mesh.stop()
        await ann.heard("unlinked", bob.id, True)
        assert ann.kinds("sighted").count("sighted") == 41


async def test_an_introduction_to_the_internet_is_ignored() -> None:
    ann, evil, far = Person(), new_identity(), new_identity()
    async with online(ann), visitor(ann, evil) as web_socket:
        await web_socket.send_str(codec.encode(Hello(id=evil.peer_id, protocol=1)))
        peers = [{"id": far.peer_id, "addresses": ["198.51.100.7", "fe80::1%eth9", "nonsense"], "port": 1}]
        await web_socket.send_str(codec.encode(msgspec.convert({"type": "introduce", "peers": peers}, Introduce)))
        await web_socket.send_str(codec.encode(Chat(id="message-1", text="done")))
        await ann.until(lambda: ann.texts == ["done"])
        assert ann.kinds("sighted") == []


async def test_a_withdrawn_record_is_lost_only_without_a_link() -> None:
    ann, bob, cat = Person(), Person(), Person()
    with no_one() as port:
        async with online(ann, bob):
            ann.sight(bob)
            await ann.linked_with(bob)
            ann.mesh.gone(bob.id)
            ann.sight(cat, port=port)
            ann.mesh.gone(cat.id)
            await ann.heard("lost", cat.id)
            assert ("lost", bob.id) not in ann.entries


async def test_a_goodbye_that_anybody_may_have_sent_keeps_nobody_from_linking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "_GOODBYE", 0.2)
    ann, bob, cat = Person(), Person(), Person()
    with no_one() as port:
        async with online(ann, bob):
            ann.sight(bob)
            ann.mesh.gone(bob.id)
            await ann.linked_with(bob)
            ann.sight(cat, port=port)
            for _ in range(3):
                ann.mesh.gone(cat.id)
                await asyncio.sleep(0.15)
                ann.sight(cat, port=port)
            assert "lost" not in ann.kinds("lost")
            ann.mesh.gone(cat.id)
            await ann.heard("lost", cat.id)


async def test_who_is_still_being_dialled_is_not_forgotten_for_a_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "_GOODBYE", 0.1)
    ann, cat = Person(), Person()
    with socket.create_server(("127.0.0.1", 0)) as busy:
        async with online(ann):
            ann.sight(cat, port=busy.getsockname()[1])
            ann.mesh.gone(cat.id)
            await asyncio.sleep(0.5)
            assert ann.kinds("sighted", "lost") == ["sighted"]


async def test_a_vanished_own_address_ends_its_links() -> None:
    ann, bob = Person(), Person()
    async with online(ann, bob):
        ann.sight(bob)
        await ann.linked_with(bob)
        ann.mesh.network_changed(type(LOOPBACK)())
        await ann.heard("unlinked", bob.id, False, "the address of this machine has gone")


async def test_bye_duplicate_without_another_link_ends_in_time() -> None:
    ann, bob = Person(), new_identity()
    async with online(ann), visitor(ann, bob) as web_socket:
        await web_socket.send_str(codec.encode(Hello(id=bob.peer_id, protocol=1)))
        await ann.heard("linked", bob.peer_id)
        await web_socket.send_str(codec.encode(Bye(reason="duplicate")))
        assert ann.mesh.send(bob.peer_id, Chat(id="message-1", text="in use until the other link is there"))
        await ann.heard("unlinked", bob.peer_id, False, "the other side did not finish in time")
