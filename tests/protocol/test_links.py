"""Every frame of every declared type, over a real link to a real mesh: a malformed one ends exactly that link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from msgspec import Struct

from lanchatd.identity.keys import Identity
from lanchatd.protocol import codec, peer
from lanchatd.protocol.catalogue import wire_name
from tests.lan_units.people import Person, new_identity, online, visitor

from .frames import NOTHING, PEER_TYPES, Frame, Known, encode, frames

BY_THE_MESH: Final = (peer.Hello, peer.Bye)
"""A second hello ends a link, and so does a goodbye; each has tests of its own."""
SAID: Final = tuple(kind for kind in PEER_TYPES if kind not in BY_THE_MESH)
LINKS: Final = 6
"""How many frames of each type get a link of their own to break, evenly spread over all that are wrong."""
SOON: Final = 5.0


@asynccontextmanager
async def stranger(person: Person, identity: Identity) -> AsyncIterator[ClientWebSocketResponse]:
    """Somebody with a key and a greeting, who may say anything."""
    async with visitor(person, identity) as link:
        await link.send_str(codec.encode(peer.Hello(id=identity.peer_id, protocol=1, name="Mallory")))
        assert (await link.receive_json(timeout=SOON))["type"] == "hello"
        await person.heard("linked", identity.peer_id)
        yield link


def wrong(kind: type[Struct], number: int, known: Known = NOTHING) -> list[Frame]:
    """Some of the frames of a type that are refused, of every sort."""
    refused = [frame for frame in frames(kind, known) if frame.fits is False]
    return refused[:: max(1, len(refused) // number)]


async def say(link: ClientWebSocketResponse, text: bytes) -> None:
    await link.send_frame(text, WSMsgType.TEXT)


async def test_everything_that_is_declared_passes_and_the_link_stays() -> None:
    person, identity, number = Person(), new_identity(), 0
    async with online(person), stranger(person, identity) as link:
        for kind in SAID:
            for frame in frames(kind):
                if frame.fits:
                    await say(link, frame.text)
                    number += 1
            await say(link, codec.encode(peer.Chat(id=f"behind-{wire_name(kind)}"[:64], text="x")).encode())
            await person.until(lambda: any(_chat(entry, kind) for entry in person.entries))  # noqa: B023 - awaited here
        assert person.kinds("linked", "unlinked") == ["linked"]
        taken = [entry for entry in person.entries if entry[0] == "received"]
        assert len(taken) >= number - sum(1 for frame in frames(peer.Introduce) if frame.fits), "each is handed on"


def _chat(entry: tuple[object, ...], kind: type[Struct]) -> bool:
    message = entry[-1]
    return isinstance(message, peer.Chat) and message.id == f"behind-{wire_name(kind)}"


@pytest.mark.parametrize("kind", [*SAID, peer.Bye], ids=wire_name)
async def test_a_malformed_frame_ends_its_link_for_a_named_reason_and_no_other(kind: type[Struct]) -> None:
    person, friend, tried = Person(), new_identity(), wrong(kind, LINKS)
    async with online(person), stranger(person, friend) as bystander:
        for frame in tried:
            mallory = new_identity()
            async with stranger(person, mallory) as link:
                await say(link, frame.text)
                _, _, clean, reason = await person.heard("unlinked", mallory.peer_id)
                assert not clean, frame.label
                assert reason.startswith(("malformed: ", "oversize: ")), f"{frame.label}: {reason}"
        assert not [entry for entry in person.entries if entry[0] == "received"], "nothing of it was acted on"
        await say(bystander, encode({"type": "message", "id": "still-here", "text": "x"}))
        await person.heard("received", friend.peer_id)
        assert friend.peer_id in person.mesh.links()
    assert len(tried) >= LINKS


async def test_a_malformed_greeting_makes_no_link() -> None:
    mallory = new_identity()
    hello = codec.encode(peer.Hello(id=mallory.peer_id, protocol=1, name="Mallory")).encode()
    too_long = Frame("too long by a byte", hello.ljust(peer.HELLO_BYTES + 1), False)
    for frame in [*wrong(peer.Hello, LINKS, {"id": mallory.peer_id}), too_long]:
        person, friend = Person(), new_identity()
        async with online(person), stranger(person, friend), visitor(person, mallory) as link:
            await say(link, frame.text)
            assert (await link.receive_json(timeout=SOON))["type"] == "hello"
            async with asyncio.timeout(SOON):  # `receive` alone begins to wait anew at every ping
                assert (await link.receive()).type is not WSMsgType.TEXT, frame.label
            assert list(person.mesh.links()) == [friend.peer_id], frame.label
            assert person.kinds("linked") == ["linked"], frame.label
