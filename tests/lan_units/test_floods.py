"""Those who have proven who they are, and then say too much, or read too little."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from lanchatd.identity.certificate import client_context
from lanchatd.lan import introductions, mesh, pulse
from lanchatd.lan.pace import Pace
from lanchatd.protocol import codec
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import PROTOCOL, Chat, Hello, Introduce, Introduction, Message, PeerMessage, Suspect

from .people import Person, identities, new_identity, online
from .test_strangers import Stream, knock, upgrade

HOLD = "127.0.0.9"


class Answering(Person):
    """Says every text back to Bob, and counts what else it hears."""

    heard_in_all = 0

    def take(self, peer: PeerId, message: PeerMessage) -> None:
        self.heard_in_all += 1
        if isinstance(message, Chat) and message.text.startswith("ping"):
            self.mesh.send(peer, message)


def frame(content: bytes, opcode: int = 1) -> bytes:
    """A WebSocket frame of a client, masked with zeros (RFC 6455 section 5.2)."""
    size = len(content)
    length = b"\xff" + size.to_bytes(8) if size >= 1 << 16 else b"\xfe" + size.to_bytes(2)
    return bytes([0x80 | opcode]) + (bytes([0x80 | size]) if size < 126 else length) + bytes(4) + content


def text(message: Message) -> bytes:
    return frame(codec.encode(message).encode())


@contextlib.asynccontextmanager
async def linked_stream(person: Person, protocol: int = PROTOCOL) -> AsyncIterator[tuple[PeerId, Stream]]:
    """A raw link that has greeted."""
    eve = new_identity()
    stream = await upgrade(await knock(person, client_context(eve)))
    stream[1].write(text(Hello(id=eve.peer_id, protocol=protocol)))
    await person.heard("linked", eve.peer_id)
    try:
        yield eve.peer_id, stream
    finally:
        stream[1].close()


async def pour(stream: Stream, frames: bytes) -> None:
    """Write for ever, as fast as the other side takes it; read everything as well."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(swallow(stream))
        with contextlib.suppress(OSError):
            while True:
                stream[1].write(frames)
                await stream[1].drain()
                await asyncio.sleep(0)


async def swallow(stream: Stream) -> None:
    with contextlib.suppress(OSError):
        while await stream[0].read(65536):
            pass


async def round_trips(ann: Person, bob: Person, count: int) -> list[float]:
    """Seconds for a text to come back, in order of length."""
    found = []
    bob.texts.clear()
    for number in range(count):
        begun = time.perf_counter()
        bob.say(ann, f"ping {number}")
        await bob.until(lambda wanted=number + 1: len(bob.texts) == wanted)  # type: ignore[misc]
        found.append(time.perf_counter() - begun)
        await asyncio.sleep(0.005)
    return sorted(found)


def introduction() -> bytes:
    peers = [Introduction(id=new_identity().peer_id, addresses=[HOLD], port=9) for _ in range(8)]
    return text(Introduce(peers=peers))


FLOODS = {
    "messages": text(Chat(id="message-1", text="x" * 200)) * 200,
    "long messages": text(Chat(id="message-1", text="x" * 16_000)) * 8,
    "unknown types": frame(b'{"type":"?"}') * 2000,
    "pings": frame(b"", opcode=9) * 5000,
    "introductions": introduction() * 50,
    "suspicions": text(Suspect(id="a" * 52)) * 2000,
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_two_others_talk_on_while_a_peer_floods(flood: str) -> None:
    ann, bob = Answering(), Person()
    async with online(ann, bob), linked_stream(ann) as (eve, stream), asyncio.TaskGroup() as tasks:
        bob.sight(ann)
        await bob.linked_with(ann)
        calm = await round_trips(ann, bob, 50)
        flooding = tasks.create_task(pour(stream, FLOODS[flood]))
        begun = time.monotonic()
        times = await round_trips(ann, bob, 200)
        rate = ann.heard_in_all / (time.monotonic() - begun)
        flooding.cancel()
        assert [entry for entry in ann.entries if entry[:2] == ("unlinked", eve)] == []
    p99, before = times[int(len(times) * 0.99)] * 1000, calm[int(len(calm) * 0.99)] * 1000
    print(f"{flood}: p99 {p99:.1f} ms, the slowest {times[-1] * 1000:.1f} ms ({before:.1f} ms without); {rate:.0f}/s")
    assert p99 < 1000


@pytest.mark.parametrize("together", [1, 3000])
async def test_who_is_read_slowly_loses_nothing_and_stays_linked(
    monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    """What is under way takes longer to read than a dead link would stand; and every text comes, in its turn."""
    monkeypatch.setattr(pulse, "HEARTBEAT", 0.2)
    monkeypatch.setattr(pulse, "PONG", 0.1)
    monkeypatch.setattr(pulse, "BUSY", 0.3)
    ann = Person()
    async with online(ann), linked_stream(ann) as (eve, stream), asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(swallow(stream))
        texts = [f"{number}" for number in range(7000)]
        begun = time.monotonic()
        chats = [codec.encode(Chat(id="message-1", text=each)) for each in texts]
        for start in range(0, len(chats), together):
            stream[1].write(frame(codec.pack(chats[start : start + together]).encode()))
        await ann.until(lambda: len(ann.texts) == len(texts))
        assert 1.8 < time.monotonic() - begun < 5.0, "five thousand at once, then a thousand a second"
        assert ann.texts == texts
        assert ann.kinds("unlinked") == []
        reading.cancel()
        # Nothing of it answers a ping, so the end comes as soon as there is nothing more to read.
        await ann.heard("unlinked", eve, False, "no sign of life")


async def test_long_messages_count_as_several() -> None:
    ann, long = Person(), Chat(id="message-1", text="x" * 16_000)
    async with online(ann), linked_stream(ann) as (_, stream):
        clock = asyncio.get_running_loop().time
        begun = clock()
        stream[1].write(text(long) * 1600)
        await ann.until(lambda: len(ann.texts) == 1600)
        assert clock() - begun > 1.2, "four each: five thousand at once, then a thousand a second"


@pytest.mark.parametrize("together", [1, 2000])
async def test_what_is_under_way_on_a_dropped_link_is_not_heard(together: int) -> None:
    ann, chats = Person(), [codec.encode(Chat(id="message-1", text="x"))] * 2000
    async with online(ann), linked_stream(ann) as (eve, stream):
        stream[1].write(frame(codec.pack(chats[:together]).encode()) * (len(chats) // together))
        await ann.until(lambda: bool(ann.texts))
        pair = ann.mesh._pairs[eve]
        assert pair.current is not None
        pair.current.drop("enough")
        heard = len(ann.texts)
        await ann.heard("unlinked", eve, False, "enough")
        assert len(ann.texts) < heard + 16


async def test_a_peer_that_does_not_read_disturbs_nobody_else() -> None:
    ann, bob = Answering(), Person()
    async with online(ann, bob), linked_stream(ann) as (eve, stream):
        bob.sight(ann)
        await bob.linked_with(ann)
        stream[1].transport.pause_reading()
        async with asyncio.TaskGroup() as tasks:
            talking = tasks.create_task(round_trips(ann, bob, 50))
            while ann.mesh.send(eve, Chat(id="message-1", text="x" * 16_000)):
                await asyncio.sleep(0)
        assert await ann.heard("unlinked", eve) == ("unlinked", eve, False, "the other side does not read")
        assert talking.result()[-1] < 1.0
        assert bob.kinds("linked", "unlinked") == ["linked"]


async def test_one_address_can_not_take_all_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are free, so whoever makes them by the hundred is counted by where they come from."""
    monkeypatch.setattr(mesh, "_CROWD", 3)
    ann, bob = Person(), new_identity()
    async with online(ann), contextlib.AsyncExitStack() as links:
        for _ in range(3):
            await links.enter_async_context(linked_stream(ann))
        with pytest.raises(ConnectionError):
            await links.enter_async_context(linked_stream(ann))
        _, writer = await upgrade(await knock(ann, client_context(bob), source="127.0.0.7"))
        writer.write(text(Hello(id=bob.peer_id, protocol=1)))
        await ann.heard("linked", bob.peer_id)
        writer.close()


async def test_introductions_beyond_any_need_are_not_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introductions, "_HEARD", (1.0, 4.0))
    ann = Person()
    async with online(ann), linked_stream(ann) as (_, stream):
        for _ in range(50):
            stream[1].write(introduction())
        stream[1].write(text(Chat(id="message-1", text="done")))
        await ann.until(lambda: ann.texts == ["done"])
        assert 4 * 8 <= len(ann.kinds("sighted")) <= 5 * 8


async def test_pings_are_answered() -> None:
    low, high = (Person(identity) for identity in identities(2))
    async with online(low, high):
        low.sight(high)
        await low.linked_with(high)
        await high.linked_with(low)
        link = low.mesh._pairs[high.id].current
        assert link is not None
        link.pulse.doubt()  # type: ignore[attr-defined]
        await asyncio.sleep(pulse.PONG + 0.3)
        assert low.kinds("unlinked") + high.kinds("unlinked") == []


async def test_who_is_read_lets_the_others_have_their_turn() -> None:
    """Frames that are there already are received without a pause; a thousand of them are no reason to stop all."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        counting = tasks.create_task(count())
        pace = Pace()
        for _ in range(1000):
            await pace.keep(100)
        counting.cancel()
    assert turns >= 60
