"""The composition root: builds every part, connects them, starts them in order and stops them in reverse."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import msgspec
from yarl import URL

from lanchatd import __version__, logs
from lanchatd.config import Config, ConfigError, account_name
from lanchatd.core.effects import Moment
from lanchatd.desktop.systemd import Check, ServiceManager, standing
from lanchatd.doctor.desk import Desk
from lanchatd.health import links_answer, page_answers
from lanchatd.identity.keys import Identity, load_or_create
from lanchatd.lan.discovery import Discovery
from lanchatd.lan.interfaces import InterfaceWatcher, Network
from lanchatd.lan.mesh import Mesh, MeshEvents
from lanchatd.lan.sighting import Sighting
from lanchatd.parts import FAILED, Part, PartFailed, Parts
from lanchatd.process import allow_files, give_up_unwritten, has_terminal, say
from lanchatd.protocol import peer, ui
from lanchatd.protocol.model import NAME_LENGTH, PeerId
from lanchatd.store.folder import open_folder
from lanchatd.store.people import People
from lanchatd.store.runtime import Running, announced
from lanchatd.store.saver import Saver
from lanchatd.store.state import State, Store
from lanchatd.switchboard import NO_TAB, Outlets, Switchboard
from lanchatd.tabs import Tabs
from lanchatd.values import PEER_PORT
from lanchatd.web.app import WebEvents, application
from lanchatd.web.guard import Guard
from lanchatd.web.listen import listen
from lanchatd.web.server import serve

FILES: Final = 4096
"""Descriptors that are enough for all links, those that are being made, and the tabs; many systems begin with 1024."""
TICK: Final = 1.0
"""Seconds between two looks at what has lasted too long."""

log = logging.getLogger(__name__)


async def run(config: Config, read: Callable[[], Config]) -> int:
    """Be the daemon until SIGTERM or SIGINT, and return the exit status: 0, or `FAILED` after a fault of ours.

    Args:
        config: what the person has set.
        read: reads it again.

    Raises:
        UserError: it can't start; the sentence says what to do.
    """
    allow_files(FILES)
    try:
        with open_folder(config.state_dir) as folder:
            identity = load_or_create(folder.path)
            store = Store(folder.path)
            daemon = Daemon(config, read, identity, store, People(store.load()))
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
        read: reads it again.
        identity: who we are.
        store: where the state is kept.
        people: what was kept.
    """

    def __init__(
        self, config: Config, read: Callable[[], Config], identity: Identity, store: Store, people: People
    ) -> None:
        self._config: Final = config
        self._read: Final = read
        self._people: Final = people
        self._incarnation: Final = secrets.token_hex(8)
        self._proof: Final = identity.proof("page")
        self._parts: Final = Parts(lambda error: self._discovery.start_anew(error))

        soon = asyncio.get_running_loop().call_soon
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
            linked=self._mesh.links,
        )
        preferences = people.preferring(config.notifications, config.hide_text)
        self._tabs = Tabs(lambda: self._switchboard, people, preferences, lambda: self._saver.problem)
        self._saver = Saver(store, self._state, self._tabs.not_saved)
        self._switchboard = Switchboard(
            ui.Me(identity.peer_id, name, socket.gethostname()[:NAME_LENGTH], "available"),
            Outlets(self._tabs.hub.tell, self._tabs.tell_all, self._mesh.send, self._people_changed, soon),
            now,
            preferences=preferences,
            version=__version__,
            run=self._incarnation,
            proof=self._proof,
            ice_servers=config.ice_servers,
        )
        self._switchboard.core.roster.restore(people.known())
        self._desk = Desk(config, self._mesh, self._discovery, self._watcher, self._switchboard)

    # ------------------------------------------------------------------------------------------------------------ life

    async def run(self) -> int:
        """Run every part until a signal comes or one of them fails, and return the exit status."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._parts.judge)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._parts.ending.set)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup(1) has it
            loop.add_signal_handler(signal.SIGHUP, self._parts.ending.set if has_terminal() else self._read_again)
        try:
            await self._run()
        except* PartFailed:
            pass
        return FAILED if self._parts.failed else 0

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            parts = [
                tasks.create_task(self._parts.run(Part.NETWORK, self._watcher.run)),
                tasks.create_task(self._parts.run(Part.EAR, self._desk.run)),
                tasks.create_task(self._parts.run(Part.LINKS, self._mesh.run)),
                tasks.create_task(self._parts.run(Part.STORE, self._saver.run)),
            ]
            await self._mesh.listening()
            async with self._page() as guard, self._found_by_others():
                self._dial_known_places()
                self._dial_given_places()
                with announced(self._config.runtime_dir, self._running(guard)) as renew:
                    parts.append(tasks.create_task(self._parts.run(Part.CORE, partial(self._tick, renew))))
                    say(f"LanChat is ready: {guard.entrance}")
                    self._parts.ready = True
                    parts.append(tasks.create_task(self._parts.run(Part.MANAGER, self._manager(guard.url).run)))
                    notifying = partial(self._tabs.notifications.run, guard.entrance)
                    parts.append(tasks.create_task(self._parts.run(Part.DESKTOP, notifying)))
                    await self._parts.ending.wait()
                self._switchboard.stop()
            for part in parts:
                part.cancel()

    @asynccontextmanager
    async def _page(self) -> AsyncIterator[Guard]:
        """Serve the page; yields who knows where the person enters."""
        port, sockets = listen(self._config.ui_port, avoid={PEER_PORT, self._mesh.port})
        if self._config.ui_port not in (0, port):
            log.warning("Port %d is taken; the page is on port %d this time", self._config.ui_port, port)
        events = WebEvents(
            snapshot=self._switchboard.snapshot,
            addresses=lambda: self._watcher.network.addresses,
            status=self._desk.status,
            failed=partial(self._parts.fail, Part.PAGE),
            network=self._desk.network,
            examine=self._desk.examine,
        )
        guard = Guard(port)
        self._desk.serves(guard, port)
        async with serve(application(self._tabs.hub, events, guard), sockets):
            yield guard

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

    async def _tick(self, renew: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(TICK - time.monotonic() % TICK)  # when the network is looked after, too: one wake-up
            self._switchboard.tick()
            renew()

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
        self._desk.network_changed()
        self._switchboard.network_changed()

    def _people_changed(self) -> None:
        self._saver.changed()
        self._discovery.rename(self._switchboard.me.name)

    def _read_again(self) -> None:
        """What can change while we run is as at the start."""
        try:
            config = self._read()
        except ConfigError as mistake:
            log.error("Everything stays as it was set: %s", mistake)
            return
        logs.set_level(config.log_level)
        preferences = self._people.preferring(config.notifications, config.hide_text)
        self._switchboard.request(NO_TAB, ui.SetPreferences(**msgspec.structs.asdict(preferences)))
        if config.name is not None:
            self._switchboard.request(NO_TAB, ui.SetProfile(name=config.name))
        log.info("The settings were read again")

    # --------------------------------------------------------------------------------------------- disk and status

    def _state(self) -> State:
        return self._people.state(self._switchboard.core.roster)

    def _running(self, guard: Guard) -> Running:
        return Running(os.getpid(), guard.entrance, self._mesh.port, self._switchboard.me.id, guard.key, self._proof)

    def _manager(self, url: str) -> ServiceManager:
        checks: dict[str, Check] = {
            Part.PAGE: partial(page_answers, URL(url).port or 80),
            Part.LINKS: partial(links_answer, self._mesh.port),
            Part.DISCOVERY: self._discovery.goes_on,
        }
        return ServiceManager(
            lambda: standing(len(self._mesh.links()), in_call=self._switchboard.in_call), checks, self._parts.ending
        )
