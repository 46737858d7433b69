"""Dials everybody who is known and not linked, and tells the upper layer when that fails."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Final

from lanchatd.core.limits import Bucket
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Hello

from .dialler import DialError, Dialler, resolve
from .interfaces import Network
from .link import Link, LinkError
from .sighting import Attempt, Endpoint, MeshEvents, Sighting
from .target import Target

_log: Final = logging.getLogger(__name__)

_TARGETS: Final = 1024
_NAMED_BY_OTHERS: Final = 256
_GIVEN_UP: Final = 64
_CROWD: Final = 8
_GIVE_WAY: Final = 10
_LOOK_AGAIN: Final = (0.5, 1.0)
_COUNT_AGAIN: Final = 0.1
_NEWCOMERS: Final = (20.0, 256.0)
"""A second, and at once, for whom others are forgotten when there are too many: nothing real comes faster."""

Key = PeerId | Endpoint


class Pursuit:
    """All targets, each with a task that dials it whenever it is due.

    Args:
        own: our peer id.
        dialler: entered by the caller.
        network: as known at the start.
        serve: owns a fresh link until it ends; False when it never became one of a pair's. May raise `LinkError`.
        events: for the upper layer; ``sighted``, ``unreachable`` and ``lost`` come from here.
        comes: whether a peer has come to us already, and perhaps still greets.
    """

    def __init__(
        self,
        own: PeerId,
        dialler: Dialler,
        network: Network,
        serve: Callable[[Link], Awaitable[bool]],
        events: MeshEvents,
        comes: Callable[[PeerId], bool] = lambda _: False,
    ) -> None:
        self._own = own
        self._dialler = dialler
        self._network = network
        self._serve = serve
        self._events = events
        self._comes = comes
        self._targets: dict[Key, Target] = {}
        self._dialling: dict[Key, asyncio.Task[None]] = {}
        self._given_up: OrderedDict[Key, Target] = OrderedDict()
        self._newcomers = Bucket(*_NEWCOMERS)
        self._unlinked, self._counted = 0, float("-inf")
        self._tasks: asyncio.TaskGroup | None = None

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Begin to dial."""
        self._tasks = tasks
        for key, target in self._targets.items():
            self._dialling[key] = tasks.create_task(self._pursue(key, target))

    def stop(self) -> None:
        """Dial no more; links stay until their `serve` ends them. Nothing is reported any longer."""
        self._tasks = None
        for key, task in self._dialling.items():
            self._targets[key].stays()
            if self._targets[key].linked_since is None:
                task.cancel()

    def sight(self, sighting: Sighting) -> None:
        """Take a hint."""
        peer, key = sighting.peer, sighting.peer or (sighting.addresses[0], sighting.port)
        if key not in self._targets and not self._makes_room(sighting):
            return
        target = self._target(key)
        news = target.hear(sighting, asyncio.get_running_loop().time())
        if target.linked_since is not None:
            return
        if news or sighting.source == "mdns":
            target.hurry()
        fresh = sighting.incarnation is None or sighting.incarnation != target.stale
        if news and fresh and peer is not None and peer != self._own and target.in_sight:
            target.shown, target.told = True, None
            self._events.sighted(peer, sighting.name)

    def gone(self, peer: PeerId) -> None:
        """mDNS no longer knows the peer, or somebody says so: it counts after a while."""
        target = self._targets.get(peer)
        if target is not None:
            target.leaves(partial(self._leave, peer, target))

    def _leave(self, peer: PeerId, target: Target) -> None:
        target.hints.pop("mdns", None)
        if target.linked_since is None and not target.in_sight:
            self._lose_sight(target)
            if target.nowhere:
                self._forget(peer)

    def network_changed(self, network: Network) -> None:
        """Other addresses may be in reach now: dial everybody again."""
        self._network = network
        for target in self._targets.values():
            target.hurry()

    def linked(self, peer: PeerId, hello: Hello, address: str) -> None:
        """A link is up, whoever dialled."""
        if peer not in self._targets and len(self._targets) >= _TARGETS:
            self._displace(2)  # without success, too, there are no more than links beyond the limit
        target = self._target(peer)
        target.told, target.shown, target.stale = None, True, hello.incarnation
        target.incompatible = False
        target.good = (address, hello.port) if hello.port is not None else target.good
        now = asyncio.get_running_loop().time()
        for each in self._targets.values():
            if each is target or each.met == peer:
                each.linked_since = now

    def unlinked(self, peer: PeerId, *, clean: bool) -> None:
        """The link is lost: dial again, at once if the peer has not said goodbye."""
        target = self._target(peer)
        now = asyncio.get_running_loop().time()
        for each in self._targets.values():
            if each is target or each.met == peer:
                each.unlinked(now, clean=clean)
        target.hints.pop("introduced", None)
        if clean:
            target.hints.pop("mdns", None)
        if clean or not target.endpoints(self._network):
            self._lose_sight(target)
        if target.nowhere and self._dialling.get(peer) is not asyncio.current_task():
            self._forget(peer)

    def incompatible(self, peer: PeerId, sentence: str) -> None:
        """The peer speaks no version that we speak. It is asked again in a long while."""
        target = self._target(peer)
        target.unlinked(asyncio.get_running_loop().time(), clean=True)
        target.incompatible = True
        if target.told != sentence:
            target.told, target.shown = sentence, True
            self._events.unreachable(peer, "incompatible", sentence)

    def whereabouts(self, peer: PeerId) -> list[Endpoint]:
        """Where the peer can be dialled, the address of its link first."""
        target = self._targets.get(peer)
        return target.endpoints(self._network) if target is not None else []

    @property
    def targets(self) -> Collection[Target]:
        """Everybody who is known, and who was given up without having been linked ever, to be looked at only."""
        return [*self._targets.values(), *self._given_up.values()]

    def _makes_room(self, sighting: Sighting) -> bool:
        if sighting.source == "introduced":
            named = sum(set(each.hints) == {"introduced"} for each in self._targets.values())
            if named >= _NAMED_BY_OTHERS:
                return False
        if len(self._targets) < _TARGETS:
            return True
        hearsay = sighting.source in ("mdns", "introduced")
        if hearsay and not self._newcomers.take(asyncio.get_running_loop().time()):
            return False
        return self._displace(1 if sighting.source == "introduced" else 2)

    def _displace(self, worth: int) -> bool:
        """Forget the least useful target, one that was tried in vain before the others, if it is worth no more."""
        key, least = min(self._targets.items(), key=lambda each: (each[1].worth, not each[1].tried))
        if least.worth > worth:
            return False
        self._forget(key)
        return True

    def _forget(self, key: Key) -> None:
        target = self._targets.pop(key)
        target.stays()
        self._lose_sight(target)
        task = self._dialling.pop(key, None)
        if task is not None:
            task.cancel()

    def _give_up(self, key: Key, target: Target) -> None:
        if target.good is None and target.attempts:
            self._given_up[key] = target
            if len(self._given_up) > _GIVEN_UP:
                self._given_up.popitem(last=False)

    def _target(self, key: Key) -> Target:
        target = self._targets.get(key)
        if target is None:
            self._given_up.pop(key, None)
            target = self._targets[key] = Target(key if isinstance(key, str) else None)
            if self._tasks is not None:
                self._dialling[key] = self._tasks.create_task(self._pursue(key, target))
        return target

    async def _pursue(self, key: Key, target: Target) -> None:
        while True:
            await target.due()
            if target.peer is not None and target.peer < self._own:
                await self._give_way(target)
            try:
                link = await self._dialler.dial(
                    await self._endpoints(target),
                    target.peer,
                    known=target.known,
                    wanted=lambda: target.linked_since is None and not (target.peer and self._comes(target.peer)),
                )
                if target.peer is None:
                    target.met = link.peer
                if not await self._serve(link):
                    self._not_needed(target, link)
            except (DialError, LinkError) as error:
                if target.linked_since is not None:
                    continue
                now = asyncio.get_running_loop().time()
                target.failed(now)
                if isinstance(error, DialError):
                    target.attempts += [Attempt(now, each.endpoint, each.kind, str(each)) for each in error.problems]
                self._report(target, error)
            if target.hopeless or target.nowhere:
                if self._targets.get(key) is target:
                    self._forget(key)
                    self._give_up(key, target)
                return

    async def _give_way(self, target: Target) -> None:
        """If both dial, theirs is the link that stays. So in a crowd, where work is dear, let them.

        Whom we know does not wait long: a crowd may be made up.
        """
        clock = asyncio.get_running_loop().time
        for _ in range(1 if target.known else _GIVE_WAY):
            if target.linked_since is not None or not self._is_crowded(clock()):
                return
            await asyncio.sleep(random.uniform(*_LOOK_AGAIN))

    def _is_crowded(self, now: float) -> bool:
        if now > self._counted + _COUNT_AGAIN:
            self._counted = now
            self._unlinked = sum(each.linked_since is None and each.in_sight for each in self._targets.values())
        return self._unlinked >= _CROWD

    async def _endpoints(self, target: Target) -> list[Endpoint]:
        hint = target.hints.get("manual")
        found = target.endpoints(self._network)
        if hint is None or found:
            return found
        named = await resolve(hint.addresses[0], hint.port)
        local = [each for each in named if self._network.is_local(each[0], by_hand=True)]
        if not local:
            raise DialError(
                f"{hint.addresses[0]} is outside the local network; LanChat never connects there.", "outside"
            )
        return local

    def _not_needed(self, target: Target, link: Link) -> None:
        """The peer at that address is linked already, or is being linked, or is ourselves, or incompatible."""
        owner = self._targets.get(link.peer)
        if owner is not None and owner.linked_since is not None:
            target.linked_since = owner.linked_since
        else:
            target.failed(asyncio.get_running_loop().time())

    def _report(self, target: Target, error: DialError | LinkError) -> None:
        if self._tasks is None or target.linked_since is not None:
            return
        sentence = str(error)
        if target.peer is None:
            if target.told != sentence:
                _log.warning("%s", sentence)
        elif target.peer != self._own:
            if not target.in_sight or target.only_stale_hints:
                self._lose_sight(target)
            elif target.told != sentence and (target.tried_twice or getattr(error, "kind", "") != "refused"):
                self._events.unreachable(target.peer, "unreachable", sentence)
            else:
                return
        target.told = sentence

    def _lose_sight(self, target: Target) -> None:
        if target.shown and target.peer is not None:
            target.shown = False
            self._events.lost(target.peer)
