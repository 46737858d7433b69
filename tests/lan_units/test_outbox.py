"""Messages that wait together go together, and several in one frame are what they are in several."""

from __future__ import annotations

import asyncio

import pytest

from lanchatd.lan import link
from lanchatd.lan.outbox import Outbox
from lanchatd.protocol import codec
from lanchatd.protocol.peer import FRAME_BYTES, PROTOCOL, Chat

from .people import Person, identities, online
from .test_floods import frame, linked_stream


def chat(number: int) -> str:
    return codec.encode(Chat(id=f"message-{number}", text=f"{number}\n{number}"))


@pytest.mark.parametrize(("protocol", "most"), [(PROTOCOL, 10), (1, 500)])
async def test_what_waits_together_goes_in_one_frame_if_the_other_side_knows_of_that(
    monkeypatch: pytest.MonkeyPatch, protocol: int, most: int
) -> None:
    frames: list[str] = []

    class Noting(Outbox):
        async def next(self) -> str | None:
            found = await super().next()
            frames.extend([found] if found is not None else [])
            return found

    monkeypatch.setattr(link, "Outbox", Noting)
    ann, bob = (Person(identity, protocol=protocol) for identity in identities(2))
    async with online(ann, bob):
        ann.sight(bob)
        await ann.linked_with(bob)
        await bob.linked_with(ann)
        frames.clear()
        texts = [f"{number}\n♥" for number in range(500)]
        for text in texts:
            ann.say(bob, text)
        await bob.until(lambda: len(bob.texts) == len(texts))
        assert bob.texts == texts
        assert len(frames) == most if protocol == 1 else len(frames) < most
        assert all(len(each.encode()) < FRAME_BYTES for each in frames)
        assert ann.kinds("unlinked") + bob.kinds("unlinked") == []


async def test_a_message_waits_for_no_other_and_a_long_one_is_a_frame_of_its_own() -> None:
    outbox, long = Outbox(), "x" * FRAME_BYTES
    outbox.joins = True
    for message in ("one", "two", long, "three"):
        outbox.put(message)
    assert [await outbox.next() for _ in range(3)] == ["one\ntwo", long, "three"]
    waiting = asyncio.ensure_future(outbox.next())
    await asyncio.sleep(0)
    outbox.put("four")
    assert await waiting == "four"
    outbox.put("five")
    outbox.end()
    assert [await outbox.next() for _ in range(2)] == ["five", None]


async def test_several_messages_in_a_frame_are_heard_up_to_the_first_that_is_none() -> None:
    ann = Person()
    async with online(ann), linked_stream(ann) as (eve, stream):
        stream[1].write(frame(codec.pack([chat(1), '{"type":"?"}', chat(2)]).encode()))
        await ann.until(lambda: ann.texts == ["1\n1", "2\n2"])
        stream[1].write(frame(codec.pack([chat(3), "", chat(4)]).encode()))
        *_, reason = await ann.heard("unlinked", eve)
        assert reason.startswith("malformed")
        assert ann.texts == ["1\n1", "2\n2", "3\n3"]


async def test_a_frame_of_the_first_version_is_one_message_however_it_is_written() -> None:
    ann = Person()
    async with online(ann), linked_stream(ann, protocol=1) as (eve, stream):
        stream[1].write(frame(chat(1).replace(",", ",\n ").encode() + b"\n"))
        await ann.until(lambda: ann.texts == ["1\n1"])
        stream[1].write(frame(codec.pack([chat(2), chat(3)]).encode()))
        *_, reason = await ann.heard("unlinked", eve)
        assert reason.startswith("malformed")
        assert ann.texts == ["1\n1"]


async def test_several_messages_in_a_frame_are_read_no_faster_than_in_several() -> None:
    ann = Person()
    async with online(ann), linked_stream(ann) as (_, stream):
        many = frame(codec.pack([chat(0)] * 500).encode())
        stream[1].write(many * 12)
        clock = asyncio.get_running_loop().time
        begun = clock()
        await ann.until(lambda: len(ann.texts) == 6000)
        assert clock() - begun > 0.8, "five thousand at once, then a thousand a second"
