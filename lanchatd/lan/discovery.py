"""mDNS and DNS-SD (RFC 6762, RFC 6763): tells others that we are here, and says who else seems to be.

What it hears is from anybody and may be stale: hints, no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Final

from zeroconf import IPVersion, NotRunningException, RecordUpdate, Zeroconf, current_time_millis
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from lanchatd.protocol.model import PeerId

from .browser import Browser
from .instance import SERVICE, instance_name, read_sighting, service_info
from .interfaces import Interface, Network
from .sighting import Sighting

_log: Final = logging.getLogger(__name__)

_RESOLVE_MS: Final = 3000
_RESOLVING: Final = 64
_ASK_AGAIN: Final = 600.0
_ANNOUNCE_AGAIN: Final = (1500.0, 2200.0)  # a record ends after 4,500 seconds, and in a crowd nobody asks for it
_RETRY: Final = 5.0
_CHECK: Final = 5.0
_STUCK: Final = 30.0


class Discovery:
    """Advertises this daemon and browses for others.

    Instance and host name are the peer id. It is derived from the key and so unique by construction, therefore probing
    is skipped (RFC 6762 section 8.1) and others see us after milliseconds, not after a second.

    Args:
        peer_id: our own.
        incarnation: random, new at every start: a peer that crashed and came back is news to the others.
        name: of the person.
        sighted: called with every sighting, our own included if it comes from elsewhere; repeats are likely.
        gone: called when a peer says goodbye, or its record expires.
        linked: with whom there is a link. If with nobody, the question is asked again every ten minutes.
    """

    def __init__(
        self,
        peer_id: PeerId,
        incarnation: str,
        name: str,
        *,
        sighted: Callable[[Sighting], None],
        gone: Callable[[PeerId], None],
        linked: Callable[[], Collection[PeerId]] = tuple,
    ) -> None:
        self._peer_id = peer_id
        self._incarnation = incarnation
        self._name = name
        self._sighted = sighted
        self._gone = gone
        self._linked = linked
        self.problem: str | None = None
        """Why nobody is found and nobody finds us at the moment, in the words of the system; None if all is well."""
        self._checked: float | None = None
        self._port = 0
        self._network = Network()
        self._news = asyncio.Event()
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: Browser | None = None
        self._beginning: asyncio.Task[None] | None = None
        self._announce_at = math.inf
        self._seeks = True
        self._stumbled: BaseException | None = None
        self._announcing: set[asyncio.Future[None]] = set()
        self._resolving: dict[PeerId, asyncio.Task[None]] = {}
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self, port: int, network: Network) -> None:
        """Advertise and browse until cancelled, then say goodbye (a quarter of a second).

        Args:
            port: where our listener accepts links already.
            network: the interfaces to use; none is waited for.
        """
        self._port, self._network = port, network
        try:
            async with asyncio.TaskGroup() as self._tasks:
                await self._follow()
        finally:
            self._tasks = None
            await self._close()

    def network_changed(self, network: Network) -> None:
        """Other interfaces or addresses, or the machine woke up: announce and ask again."""
        self._network, self._seeks = network, True
        self._news.set()

    def rename(self, name: str) -> None:
        """The person has this name now."""
        if name != self._name:
            self._name = name
            self._news.set()

    def start_anew(self, error: BaseException) -> None:
        """Something that anybody may have sent made zeroconf stumble: what it remembers is not to be relied on."""
        self._stumbled = error
        self._news.set()

    async def goes_on(self) -> bool:
        """Whether it has not got stuck: it looks after its sockets every few seconds, and ends if they are gone."""
        now = asyncio.get_running_loop().time()
        self._checked = now if self._checked is None else self._checked
        return now - self._checked < _STUCK

    async def _follow(self) -> None:
        while True:
            self._news.clear()
            pause = _ASK_AGAIN
            seeks, self._seeks = self._seeks, False
            stumbled, self._stumbled = self._stumbled, None
            try:
                if stumbled is not None:
                    await self._close()
                    raise RuntimeError(f"a packet that came here could not be taken in ({type(stumbled).__name__})")
                await self._refresh(seeks)
                self.problem = None
            except (OSError, RuntimeError) as error:
                # The network may be changing under our feet, or another program holds port 5353 for itself.
                _log.warning("Discovery does not work at the moment: %s", error)
                self.problem = str(error)
                pause, self._seeks = _RETRY, True
            await self._wait(pause)

    async def _wait(self, pause: float) -> None:
        clock = asyncio.get_running_loop().time
        until = clock() + pause
        while True:
            self._checked = clock()
            try:
                async with asyncio.timeout(_CHECK):
                    await self._news.wait()
                return
            except TimeoutError:
                self._check()
                if self._browser is not None:
                    self._browser.look()
            if clock() >= self._announce_at:
                return
            if clock() >= until:
                if not self._linked():
                    self._seeks = True
                if self._seeks:
                    return
                until += pause

    def _check(self) -> None:
        """zeroconf says nothing when it has ended or its sockets are gone: nobody would be found any more.

        Raises:
            ConnectionError: it is so.
        """
        if self._zeroconf is not None:
            zeroconf = self._zeroconf.zeroconf
            sockets = [each.transport for each in (*zeroconf.engine.readers, *zeroconf.engine.senders)]
            if zeroconf.done or not sockets or any(each.is_closing() for each in sockets):
                raise ConnectionError("the sockets of zeroconf are gone")

    async def _refresh(self, seeks: bool) -> None:
        interfaces = multicast_interfaces(self._network)
        if not interfaces:
            await self._close()
            return
        info = service_info(self._peer_id, self._incarnation, self._name, self._port, self._network)
        version = IPVersion.All if any(":" in each for each in interfaces) else IPVersion.V4Only
        if self._zeroconf is None:
            self._zeroconf = await _started(interfaces, version)
            announcing = await self._zeroconf.async_register_service(info, cooperating_responders=True)
        else:
            # The new addresses first: new interfaces are told of what is registered.
            announcing = await self._zeroconf.async_update_service(info)
            await self._zeroconf.async_update_interfaces(list(interfaces), version)
        # Three packets in half a second. Each is a future of its own, kept until it is done.
        future: asyncio.Future[None] = asyncio.ensure_future(announcing)
        self._announcing.add(future)
        future.add_done_callback(self._announcing.discard)
        self._announce_at = asyncio.get_running_loop().time() + random.uniform(*_ANNOUNCE_AGAIN)
        if seeks:
            self._browse(self._zeroconf.zeroconf)

    def _browse(self, zeroconf: Zeroconf) -> None:
        """Ask who is there, again if need be; whoever is known and not linked is sighted again."""
        if self._beginning is not None:
            self._beginning.cancel()
        if self._browser is None:
            heard = partial(self._heard, zeroconf)
            self._browser = Browser(zeroconf, self._peer_id, heard, self._linked)
        if self._tasks is not None:
            self._beginning = self._tasks.create_task(self._browser.begin())

    async def _close(self) -> None:
        self._announce_at, self._seeks = math.inf, True
        browser, self._browser = self._browser, None
        if self._beginning is not None:
            self._beginning.cancel()
        if browser is not None:
            browser.stop()
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is not None:
            with contextlib.suppress(OSError, RuntimeError):
                await asyncio.gather(*self._announcing, return_exceptions=True)
                await zeroconf.async_close()

    def _heard(self, zeroconf: Zeroconf, peer: PeerId, there: bool, said: Sequence[RecordUpdate]) -> None:
        if self._tasks is None:
            return
        if not there:
            if peer != self._peer_id:
                self._gone(peer)
            return
        info = AsyncServiceInfo(SERVICE, instance_name(peer))
        info.load_from_cache(zeroconf)
        # Whatever others have said of them before, what was said just now comes first.
        info.async_update_records(zeroconf, current_time_millis(), list(said))
        if info.text and info.parsed_addresses():
            self._tell(peer, info)
        elif peer not in self._resolving and len(self._resolving) < _RESOLVING:
            self._resolving[peer] = self._tasks.create_task(self._resolve(zeroconf, peer, info))

    async def _resolve(self, zeroconf: Zeroconf, peer: PeerId, info: AsyncServiceInfo) -> None:
        try:
            if await info.async_request(zeroconf, _RESOLVE_MS):
                self._tell(peer, info)
        except Exception as error:
            # Records come from anybody, and zeroconf closes under us when the network goes.
            _log.debug("Could not resolve %s: %s", info.name, error)
        finally:
            self._resolving.pop(peer, None)

    def _tell(self, peer: PeerId, info: AsyncServiceInfo) -> None:
        sighting = read_sighting(peer, info)
        if sighting is not None:
            self._sighted(sighting)


async def _started(interfaces: list[str], version: IPVersion) -> AsyncZeroconf:
    """A new one whose sockets are open.

    Raises:
        OSError: the system refuses them, or has so much else to do that they are not open after seconds.
    """
    started = AsyncZeroconf(interfaces=interfaces, ip_version=version)
    try:
        await started.zeroconf.async_wait_for_start()
    except NotRunningException:
        await started.async_close()
        raise TimeoutError("this machine is too busy to open its sockets in time") from None
    return started


def multicast_interfaces(network: Network) -> list[str]:
    """One IPv4 and one IPv6 address of each interface, in the form that zeroconf binds to.

    zeroconf finds the interface of an IPv6 address by the address alone, so one that stands on two interfaces (a VLAN
    and its parent, say) is of no use.
    """
    everywhere = [str(address.ip) for interface in network.interfaces for address in interface.addresses]
    chosen: list[str] = []
    for interface in network.interfaces:
        chosen += _first(interface, 4, everywhere) + _first(interface, 6, everywhere)
    return chosen


def _first(interface: Interface, version: int, everywhere: list[str]) -> list[str]:
    usable = [address.ip for address in interface.addresses if address.ip.version == version]
    if version == 6:
        # Loopback has no route for IPv6 multicast. RFC 6762 section 11 wants link-local as the source.
        usable = [ip for ip in usable if not ip.is_loopback and everywhere.count(str(ip)) == 1]
        usable.sort(key=lambda ip: not ip.is_link_local)
    return [str(ip) for ip in usable[:1]]
