"""The composition root: builds every part, connects them, starts them in order and stops them in reverse."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from lanchatd import __version__
from lanchatd.config import PEER_PORT, Config, account_name
from lanchatd.core.effects import Moment
from lanchatd.identity.keys import Identity, load_or_create
from lanchatd.lan.discovery import Discovery
from lanchatd.lan.interfaces import InterfaceWatcher, Network
from lanchatd.lan.mesh import Mesh, MeshEvents
from lanchatd.lan.sighting import Sighting
from lanchatd.parts import FAILED, Part, PartFailed, Parts
from lanchatd.process import allow_files, give_up_unwritten, say
from lanchatd.protocol import peer, ui
from lanchatd.protocol.model import NAME_LENGTH, PeerId, TabId
from lanchatd.store.folder import open_folder
from lanchatd.store.people import People
from lanchatd.store.runtime import Running, announced
from lanchatd.store.saver import Saver
from lanchatd.store.state import State, Store
from lanchatd.switchboard import Outlets, Switchboard
from lanchatd.web.app import WebEvents, application
from lanchatd.web.guard import Guard
from lanchatd.web.hub import Hub, HubEvents
from lanchatd.web.listen import listen
from lanchatd.web.server import serve

FILES: Final = 4096
"""Descriptors that are enough for all links, those that are being made, and the tabs; many systems begin with 1024."""
TICK: Final = 1.0
"""Seconds between two looks at what has lasted too long."""

log = logging.getLogger(__name__)


async def run(config: Config) -> int:
    """Be the daemon until SIGTERM or SIGINT, and return the exit status: 0, or `FAILED` after a fault of ours.

    Raises:
        UserError: it can't start; the sentence says what to do.
    """
    allow_files(FILES)
    try:
        with open_folder(config.state_dir) as folder:
            identity = load_or_create(folder.path)
            store = Store(folder.path)
            daemon = Daemon(config, identity, store, People(store.load()))
            return await daemon.run()
    finally:
        give_up_unwritten()


def now() -> Moment:
    """The time on both clocks of this machine."""
    return Moment(time.monotonic(), int(time.time() * 1000))


class Daemon:
    """All parts of one daemon, connected.

    Args:
        config: what the person has set.
        identity: who we are.
        store: where the state is kept.
        people: what was kept.
    """

    def __init__(self, config: Config, identity: Identity, store: Store, people: People) -> None:
        self._config: Final = config
        self._people: Final = people
        self._incarnation: Final = secrets.token_hex(8)
        self._parts: Final = Parts()

        machine = socket.gethostname()[:NAME_LENGTH]
        name = config.name or people.name or account_name()
        self._watcher = InterfaceWatcher(config.interfaces, self._network_changed)
        self._mesh = Mesh(
            identity, self._hello, self._mesh_events(), port=config.peer_port, network=self._watcher.network
        )
        self._discovery = Discovery(
            identity.peer_id,
            self._incarnation,
            name,
            sighted=self._mesh.sight,
            gone=self._mesh.gone,
            alone=lambda: not self._mesh.links(),
        )
        self._saver = Saver(store, self._state, self._not_saved)
        self._hub = Hub(HubEvents(self._snapshot, self._request, self._tab_closed))
        self._switchboard = Switchboard(
            ui.Me(identity.peer_id, name, machine, "available"),
            Outlets(self._hub.tell, self._hub.tell_all, self._mesh.send, self._people_changed),
            now,
            version=__version__,
            run=self._incarnation,
            proof=identity.proof("page"),
            ice_servers=config.ice_servers,
        )
        self._switchboard.core.roster.restore(people.known())

    # ------------------------------------------------------------------------------------------------------------ life

    async def run(self) -> int:
        """Run every part until a signal comes or one of them fails, and return the exit status."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._parts.judge)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._parts.ending.set)
        try:
            await self._run()
        except* PartFailed:
            pass
        return FAILED if self._parts.failed else 0

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            parts = [
                tasks.create_task(self._parts.run(Part.NETWORK, self._watcher.run)),
                tasks.create_task(self._parts.run(Part.LINKS, self._mesh.run)),
                tasks.create_task(self._parts.run(Part.STORE, self._saver.run)),
                tasks.create_task(self._parts.run(Part.CORE, self._tick)),
            ]
            await self._mesh.listening()
            async with self._page() as url, self._found_by_others():
                self._dial_known_places()
                self._dial_given_places()
                with announced(self._config.runtime_dir, self._running(url)):
                    say(f"LanChat is ready: {url}")
                    self._parts.ready = True
                    await self._parts.ending.wait()
                self._switchboard.stop()
            for part in parts:
                part.cancel()

    @asynccontextmanager
    async def _page(self) -> AsyncIterator[str]:
        """Serve the page; yields the address where the person enters."""
        port, sockets = listen(self._config.ui_port, avoid={PEER_PORT, self._mesh.port})
        if self._config.ui_port not in (0, port):
            log.warning("Port %d is taken; the page is on port %d this time", self._config.ui_port, port)
        events = WebEvents(
            snapshot=self._switchboard.snapshot,
            addresses=lambda: self._watcher.network.addresses,
            status=partial(self._status, port),
            failed=partial(self._parts.fail, Part.PAGE),
        )
        guard = Guard(port)
        async with serve(application(self._hub, events, guard), sockets):
            yield guard.entrance

    @asynccontextmanager
    async def _found_by_others(self) -> AsyncIterator[None]:
        """Advertise last; say goodbye first."""
        async with asyncio.TaskGroup() as tasks:
            discover = partial(self._discovery.run, self._mesh.port, self._watcher.network)
            discovering = tasks.create_task(self._parts.run(Part.DISCOVERY, discover))
            try:
                yield
            finally:
                self._parts.ending.set()
                leaving = tasks.create_task(self._mesh.stop())
                discovering.cancel()
                await leaving

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._switchboard.tick()

    def _dial_known_places(self, only: PeerId | None = None) -> None:
        for person, addresses, port in self._people.places():
            if only in (None, person):
                self._mesh.sight(Sighting(person, addresses, port, "remembered"))

    def _dial_given_places(self) -> None:
        for host, port in self._config.peers:
            self._mesh.sight(Sighting(None, (host,), port, "manual"))

    # --------------------------------------------------------------------------------------------- between the parts

    def _mesh_events(self) -> MeshEvents:
        return MeshEvents(
            linked=self._linked,
            unlinked=self._unlinked,
            received=lambda *about: self._switchboard.received(*about),
            sighted=lambda *about: self._switchboard.sighted(*about),
            unreachable=lambda *about: self._switchboard.unreachable(*about),
            lost=lambda *about: self._switchboard.lost(*about),
            cloned=lambda *about: self._switchboard.cloned(*about),
        )

    def _linked(self, person: PeerId, hello: peer.Hello, address: str) -> None:
        if hello.port:
            self._people.met(person, hello.name, address, hello.port)
        self._switchboard.linked(person, hello, address)

    def _unlinked(self, person: PeerId, clean: bool, reason: str) -> None:
        self._switchboard.unlinked(person, clean, reason)
        known = self._switchboard.core.roster.find(person)
        if known and known.contact and not clean:
            # Where mDNS does not pass, this is the only road back. Not from within: the mesh is just losing the link.
            asyncio.get_running_loop().call_soon(self._dial_known_places, person)

    def _hello(self) -> peer.Hello:
        me = self._switchboard.me
        return peer.Hello(
            id=me.id,
            protocol=peer.PROTOCOL,
            oldest=peer.OLDEST_PROTOCOL,
            incarnation=self._incarnation,
            name=me.name,
            machine=me.machine,
            status=me.status,
            in_call=self._switchboard.in_call,
            software=f"lanchatd {__version__}",
        )

    def _network_changed(self, network: Network) -> None:
        self._mesh.network_changed(network)
        self._discovery.network_changed(network)
        self._switchboard.network_changed()

    def _people_changed(self) -> None:
        self._saver.changed()
        self._discovery.rename(self._switchboard.me.name)

    def _snapshot(self, tab: TabId) -> ui.Snapshot:
        if self._saver.problem:
            # Who opens the page later is to know it as well, right after the snapshot.
            unsaved = ui.Error(code="not_saved", message=self._saver.problem)
            asyncio.get_running_loop().call_soon(self._hub.tell, tab, unsaved)
        return self._switchboard.snapshot(tab)

    def _request(self, tab: TabId, request: ui.TabRequest) -> None:
        self._switchboard.request(tab, request)
        if isinstance(request, ui.SetProfile) and request.name:
            self._people.name = request.name

    def _tab_closed(self, tab: TabId) -> None:
        self._switchboard.tab_closed(tab)

    # --------------------------------------------------------------------------------------------- disk and status

    def _state(self) -> State:
        return self._people.state(self._switchboard.core.roster)

    def _not_saved(self, sentence: str) -> None:
        self._hub.tell_all(ui.Error(code="not_saved", message=sentence))

    def _running(self, url: str) -> Running:
        return Running(os.getpid(), url, self._mesh.port, self._switchboard.me.id)

    def _status(self, page_port: int) -> dict[str, object]:
        me = self._switchboard.me
        people = self._switchboard.core.roster.views()
        return {
            "version": __version__,
            "pid": os.getpid(),
            "peer_id": me.id,
            "name": me.name,
            "status": me.status,
            "page_port": page_port,
            "peer_port": self._mesh.port,
            "addresses": self._watcher.network.addresses,
            "links": len(self._mesh.links()),
            "people": len(people),
            "in_call": self._switchboard.in_call,
        }
