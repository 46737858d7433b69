"""The link breaks at any byte, of a message, its acknowledgement or the greeting: nothing is lost, nothing double."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import pytest

from lanchatd.core.effects import Moment
from lanchatd.lan.mesh import Mesh, MeshEvents
from lanchatd.lan.sighting import Sighting
from lanchatd.protocol import ui
from lanchatd.protocol.model import TabId
from lanchatd.protocol.peer import Hello
from lanchatd.switchboard import Outlets, Switchboard

from .breaker import Breaker, Way
from .people import LOOPBACK, identities

PATIENCE = 10.0
TAB = TabId(1)


class Desk:
    """A daemon without its page: a mesh and the switchboard above it, and what its tabs were told."""

    def __init__(self, identity: Any, name: str, told: asyncio.Event) -> None:
        self.id = identity.peer_id
        self.read: list[str] = []
        self.status: dict[str, str] = {}
        self.contacts: set[str] = set()
        self._told = told
        hello = Hello(id=self.id, protocol=1, incarnation=name, name=name)
        self.mesh = Mesh(identity, lambda: hello, self._events(), port=0, network=LOOPBACK)
        outlets = Outlets(lambda _tab, event: self._tell(event), self._tell, self.mesh.send, lambda: None)
        me = ui.Me(self.id, name, name, "available")
        self.board = Switchboard(me, outlets, lambda: Moment(time.monotonic(), int(time.time() * 1000)))

    def _events(self) -> MeshEvents:
        return MeshEvents(
            linked=lambda *about: self.board.linked(*about),
            unlinked=lambda *about: self.board.unlinked(*about),
            received=lambda *about: self.board.received(*about),
            sighted=lambda *about: self.board.sighted(*about),
            unreachable=lambda *about: self.board.unreachable(*about),
            lost=lambda *about: self.board.lost(*about),
        )

    def _tell(self, event: ui.Event) -> None:
        match event:
            case ui.ReceivePrivateMessage(entry=ui.TextEntry(mine=False) as entry):
                self.read.append(entry.text)
            case ui.MessageStatus():
                self.status.update(dict.fromkeys(event.ids, event.status))
            case ui.PersonChanged(person=person) if person.relation == "contact":
                self.contacts.add(person.id)
            case _:
                pass
        self._told.set()


class Two:
    """Two desks that know each other, with nothing but breakers between them."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        ann, bob = identities(2)
        self.ann, self.bob = Desk(ann, "ann", self._told), Desk(bob, "bob", self._told)
        self._numbers = count(1)
        self.written: list[str] = []

    @contextlib.asynccontextmanager
    async def linked(self) -> AsyncIterator[Breaker]:
        """Both run and are contacts; Ann has dialled, by way of the breaker."""
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(desk.mesh.run()) for desk in (self.ann, self.bob)]
            port = await self.bob.mesh.listening()
            await self.ann.mesh.listening()
            async with Breaker.before(lambda: port) as breaker:
                # As behind a router that hands one port on and another not: whoever dials Bob comes by the breaker.
                self.bob.mesh.port, self.ann.mesh.port = breaker.port, 9
                self.ann.mesh.sight(Sighting(self.bob.id, ("127.0.0.1",), breaker.port, "introduced"))
                await self.until(lambda: self.bob.id in self.ann.mesh.links() and self.ann.id in self.bob.mesh.links())
                self.ann.board.request(TAB, ui.SendChatRequest(person=self.bob.id))
                self.bob.board.request(TAB, ui.SendChatRequest(person=self.ann.id))
                await self.until(lambda: self.bob.id in self.ann.contacts and self.ann.id in self.bob.contacts)
                yield breaker
            for task in running:
                task.cancel()

    def write(self) -> str:
        """Ann writes one more; returns its id."""
        number = next(self._numbers)
        message, text = f"message-{number}", f"#{number}"
        self.written.append(text)
        self.ann.board.request(TAB, ui.SendPrivateMessage(person=self.bob.id, id=message, text=text))
        return message

    async def arrives(self, message: str) -> None:
        """Wait until Ann knows that it is there. Whoever has no link dials without the usual pauses."""
        async with asyncio.timeout(PATIENCE):
            while self.ann.status.get(message) != "delivered":
                self._told.clear()
                if not self.ann.mesh.links():
                    self.ann.mesh.network_changed(LOOPBACK)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self._told.wait()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._told.clear()
                await self._told.wait()


@pytest.mark.parametrize("way", ["there", "back"])
async def test_a_link_that_breaks_in_a_message_or_its_acknowledgement(way: Way) -> None:
    two = Two()
    async with two.linked() as breaker:
        for length in range(1, 300):
            breaker.arm(way, length)
            while not breaker.broken.is_set():
                await two.arrives(two.write())
        await two.arrives(two.write())
        assert two.bob.read == two.written
    assert len(two.written) >= 300


@pytest.mark.parametrize("way", ["there", "back"])
async def test_a_link_that_breaks_while_it_is_made(way: Way) -> None:
    two = Two()
    async with two.linked() as breaker:
        for length in range(1, 4000, 97):
            breaker.arm(way, length)
            breaker.drop()
            while not breaker.broken.is_set():
                await two.arrives(two.write())
        await two.arrives(two.write())
        assert two.bob.read == two.written
