"""The links to all other daemons: one for each pair, dialled by whoever learns first, dialled again when lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Container
from functools import partial
from typing import Final

import msgspec
from aiohttp import web

from lanchatd.identity.certificate import client_context, server_context
from lanchatd.identity.keys import Identity
from lanchatd.identity.trust import TrustError
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Bye, Hello, Introduce, Message, PeerMessage, Suspect

from . import report
from .acceptance import Acceptance
from .dialler import Dialler
from .interfaces import Network
from .introducer import Introducer
from .link import Link, LinkError
from .listener import DEFAULT_PORT, Listener
from .pair import Pair, PairEvents
from .pulse import Pulse
from .pursuit import Pursuit
from .report import PeerState
from .sighting import MeshEvents as MeshEvents
from .sighting import Sighting as Sighting
from .watch import FRESH, Watch

_log: Final = logging.getLogger(__name__)

_PEERS: Final = 512
_CROWD: Final = 128  # of them, at one address that dials us
_GOODBYE: Final = 0.8


class _Stopped(Exception):
    """Ends the tasks of `Mesh.run`."""


class Mesh:
    """Listens, dials, and keeps the links.

    Args:
        identity: whose links these are.
        hello: what to say on a new link; the mesh fills in ``id`` and ``port``.
        events: for the upper layer.
        port: TCP, wanted; the next free one if it is taken; 0 for any free one.
        network: as known at the start; later changes go to `network_changed`.
    """

    def __init__(
        self,
        identity: Identity,
        hello: Callable[[], Hello],
        events: MeshEvents,
        *,
        port: int = DEFAULT_PORT,
        network: Network | None = None,
    ) -> None:
        self.port = port
        self._own: Final = identity.peer_id
        self._hello = hello
        self._events = events
        self._network = network or Network()
        self._listener = Listener(server_context(identity), self._admits, self._accepted)
        self._dialler = Dialler(client_context(identity), identity.peer_id)
        self._pairs: dict[PeerId, Pair] = {}
        self._pursuit = Pursuit(self._own, self._dialler, self._network, self._serve, events, self._pairs.__contains__)
        self._acceptance = Acceptance(
            identity.peer_id, lambda: hello().incarnation, self._pursuit.incompatible, events.cloned
        )
        self._introducer = Introducer(self._own, self._pursuit.whereabouts, self._current, self.send, self.sight)
        self._watch = Watch(identity.peer_id, self._pulse, self.send)
        self._tasks: asyncio.TaskGroup | None = None
        self._listening = asyncio.Event()
        self._stopping = False
        self.let_in: float | None = None
        """When another machine has last reached our port, by the loop's clock."""
        self._parted = asyncio.Event()
        self._stopped = asyncio.Event()

    # -- life ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Own the listener and all links until cancelled or stopped.

        Raises:
            ListenError: no port can be had.
        """
        self.port = await self._listener.start(self.port)
        try:
            async with self._dialler, asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._pursuit.start(tasks)
                tasks.create_task(self._introducer.run())
                tasks.create_task(self._listener.run())
                self._listening.set()
                try:
                    await self._stopped.wait()
                finally:
                    self._stopping, self._tasks = True, None
                    self._pursuit.stop()
                raise _Stopped
        except* _Stopped:
            pass
        finally:
            await self._listener.stop()

    async def listening(self) -> int:
        """Wait until other daemons can dial us, and return the port. Advertise after this."""
        await self._listening.wait()
        return self.port

    async def stop(self) -> None:
        """Say goodbye to everybody and end `run`, within a second."""
        self._stopping = True
        self._pursuit.stop()
        for pair in list(self._pairs.values()):
            pair.say_bye(Bye(reason="stopping"), _GOODBYE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                while self._pairs:
                    self._parted.clear()
                    await self._parted.wait()
        self._stopped.set()

    # -- for the upper layer ---------------------------------------------------------------------------------------

    def send(self, peer: PeerId, message: Message) -> bool:
        """Queue a message; False when there is no link. That it was queued is no proof that it arrives."""
        pair = self._pairs.get(peer)
        return pair is not None and pair.send(message)

    def links(self) -> dict[PeerId, str]:
        """The linked peers and their IP addresses."""
        return {peer: pair.current.address for peer, pair in self._pairs.items() if pair.current is not None}

    def peers(self, contacts: Container[PeerId | None] = ()) -> list[PeerState]:
        """What is known of everybody now, the contacts of our person first."""
        links = {peer: link for peer in self._pairs if (link := self._current(peer)) is not None}
        now = asyncio.get_running_loop().time()
        return report.peers(self._pursuit.targets, links, self._own, self._network, now, contacts)

    def sight(self, sighting: Sighting) -> None:
        """Take a hint whom to dial."""
        if sighting.peer != self._own or sighting.incarnation not in (None, self._hello().incarnation):
            self._pursuit.sight(sighting)

    def gone(self, peer: PeerId) -> None:
        """mDNS no longer knows the peer."""
        self._pursuit.gone(peer)

    def network_changed(self, network: Network) -> None:
        """Interfaces or addresses have changed, or the machine woke up: leave dead links, dial everybody again."""
        vanished = set(self._network.addresses) - set(network.addresses)
        self._network = network
        for peer in self._pairs:
            link = self._current(peer)
            if link is not None and link.local_address.partition("%")[0] in vanished:
                link.drop("the address of this machine has gone")
            elif link is not None:
                link.pulse.doubt()
        self._pursuit.network_changed(network)

    # -- links -----------------------------------------------------------------------------------------------------

    def _admits(self, address: str) -> bool:
        count = len(self._pairs)
        full = count >= _PEERS or (count >= _CROWD and list(self.links().values()).count(address) >= _CROWD)
        return not full and not self._stopping and self._network.is_local(address, by_hand=True)

    async def _accepted(self, web_socket: web.WebSocketResponse, recognised: Callable[[], None]) -> None:
        if self._tasks is not None:
            # A task of ours, so that a bug in it ends the daemon rather than one request.
            await asyncio.wait([self._tasks.create_task(self._serve_accepted(web_socket, recognised))])

    async def _serve_accepted(self, web_socket: web.WebSocketResponse, recognised: Callable[[], None]) -> None:
        try:
            link = Link(web_socket, outgoing=False, recognised=recognised)
            if link.address.partition("%")[0] not in self._network.addresses:
                self.let_in = asyncio.get_running_loop().time()
            await self._serve(link)
        except (LinkError, TrustError) as error:
            _log.info("A link was refused: %s", error)

    async def _serve(self, link: Link) -> bool:
        """Own a link from its greeting to its end. False when it was not needed or not fit.

        Raises:
            LinkError: the greeting failed.
        """
        pair = self._pairs.get(link.peer)
        if link.outgoing and pair is not None and (pair.current is not None or pair.dialled):
            await link.discard("already linked")
            return False
        if pair is None:
            pair = self._pairs[link.peer] = Pair(self._own < link.peer, self._pair_events(link.peer))
        pair.opening(link)
        reason = "stopped"
        try:
            hello = await link.greet(msgspec.structs.replace(self._hello(), id=self._own, port=self.port))
            taken = self._takes(link, pair, hello)
            if taken:
                pair.joined(link, asyncio.get_running_loop().time())
                self._watch.linked(link.peer)
            reason = await link.run(partial(self._received, pair, link), partial(self._watch.late, link.peer))
        except LinkError as error:
            reason = str(error)
            raise
        finally:
            link.drop(reason)
            pair.ended(link, reason)
            if pair.empty and self._pairs.get(link.peer) is pair:
                del self._pairs[link.peer]
                self._parted.set()
            await link.discard(reason)
        return taken

    def _takes(self, link: Link, pair: Pair, hello: Hello) -> bool:
        standing = pair.current.hello.incarnation if pair.current is not None else None
        taken = self._acceptance.takes(link, hello, standing, asyncio.get_running_loop().time())
        if not taken and (pulse := self._pulse(link.peer)) is not None:
            pulse.doubt(FRESH)  # if it is dead, who comes anew is welcome
        return taken

    def _received(self, pair: Pair, link: Link, message: PeerMessage) -> None:
        if isinstance(message, Hello):
            link.drop("malformed: a second hello")
            return
        pair.received(link, message)
        if isinstance(message, Bye) and message.reason == "incompatible":
            self._pursuit.incompatible(link.peer, "They use another version of LanChat; update both machines.")

    def _pair_events(self, peer: PeerId) -> PairEvents:
        return PairEvents(partial(self._linked, peer), partial(self._unlinked, peer), partial(self._heard, peer))

    def _linked(self, peer: PeerId, hello: Hello, address: str) -> None:
        if self._stopping:
            return
        _log.info("Linked with %s at %s", peer[:8], address, extra={"peer": peer, "address": address})
        self._pursuit.linked(peer, hello, address)
        self._introducer.linked(peer)
        self._events.linked(peer, hello, address)

    def _unlinked(self, peer: PeerId, clean: bool, reason: str) -> None:
        if not self._stopping:
            _log.info("Link with %s ended: %s", peer[:8], reason, extra={"peer": peer})
            self._introducer.unlinked(peer)
            self._watch.unlinked(peer)
            self._events.unlinked(peer, clean, reason)
            self._pursuit.unlinked(peer, clean=clean)

    def _heard(self, peer: PeerId, message: PeerMessage) -> None:
        if isinstance(message, Introduce):
            self._introducer.heard(peer, message, self._network.is_local)
        elif isinstance(message, Suspect):
            self._watch.suspected(peer, message, asyncio.get_running_loop().time())
        elif not self._stopping:
            self._events.received(peer, message)

    def _current(self, peer: PeerId) -> Link | None:
        pair = self._pairs.get(peer)
        return pair.current if pair is not None and isinstance(pair.current, Link) else None

    def _pulse(self, peer: PeerId) -> Pulse | None:
        link = self._current(peer)
        return link.pulse if link is not None else None
