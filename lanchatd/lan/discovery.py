"""mDNS and DNS-SD (RFC 6762, RFC 6763): tells others that we are here, and says who else seems to be.

The one module that touches zeroconf. What it hears is from anybody and may be stale: hints, no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from typing import Final

from zeroconf import DNSQuestionType, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from lanchatd.protocol.model import NAME_LENGTH, PeerId
from lanchatd.protocol.peer import PROTOCOL

from .addresses import parse
from .interfaces import Interface, Network
from .sighting import Sighting

_log: Final = logging.getLogger(__name__)

SERVICE: Final = "_lanchat._tcp.local."
_NAME_BYTES: Final = 60
_RESOLVE_MS: Final = 3000
_RESOLVING: Final = 64
_ASK_AGAIN: Final = 600.0
_RETRY: Final = 5.0
_CHECK: Final = 5.0
_STUCK: Final = 30.0
_ADDRESSES: Final = 16
_INSTANCE: Final = re.compile(r"([a-z2-7]{52})\." + re.escape(SERVICE), re.IGNORECASE)


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
        alone: whether nobody is linked; then the question is asked again every ten minutes.
    """

    def __init__(
        self,
        peer_id: PeerId,
        incarnation: str,
        name: str,
        *,
        sighted: Callable[[Sighting], None],
        gone: Callable[[PeerId], None],
        alone: Callable[[], bool] = lambda: False,
    ) -> None:
        self._peer_id = peer_id
        self._incarnation = incarnation
        self._name = name
        self._sighted = sighted
        self._gone = gone
        self._alone = alone
        self.problem: str | None = None
        """Why nobody is found and nobody finds us at the moment, in the words of the system; None if all is well."""
        self._checked: float | None = None
        self._port = 0
        self._network = Network()
        self._news = asyncio.Event()
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._announcing: set[asyncio.Future[None]] = set()
        self._resolving: dict[str, asyncio.Task[None]] = {}
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
        self._network = network
        self._news.set()

    def rename(self, name: str) -> None:
        """The person has this name now."""
        if name != self._name:
            self._name = name
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
            try:
                await self._refresh()
                self.problem = None
            except (OSError, RuntimeError) as error:
                # The network may be changing under our feet, or another program holds port 5353 for itself.
                _log.warning("Discovery does not work at the moment: %s", error)
                self.problem = str(error)
                pause = _RETRY
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
            if clock() >= until:
                if pause < _ASK_AGAIN or self._alone():
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

    async def _refresh(self) -> None:
        interfaces = multicast_interfaces(self._network)
        if not interfaces:
            await self._close()
            return
        info = self._service_info()
        version = IPVersion.All if any(":" in each for each in interfaces) else IPVersion.V4Only
        if self._zeroconf is None:
            self._zeroconf = AsyncZeroconf(interfaces=interfaces, ip_version=version)
            await self._zeroconf.zeroconf.async_wait_for_start()
            announcing = await self._zeroconf.async_register_service(info, cooperating_responders=True)
        else:
            # The new addresses first: new interfaces are told of what is registered.
            announcing = await self._zeroconf.async_update_service(info)
            await self._zeroconf.async_update_interfaces(list(interfaces), version)
        # Three packets in half a second. Each is a future of its own, kept until it is done.
        future: asyncio.Future[None] = asyncio.ensure_future(announcing)
        self._announcing.add(future)
        future.add_done_callback(self._announcing.discard)
        await self._browse(self._zeroconf.zeroconf)

    async def _browse(self, zeroconf: Zeroconf) -> None:
        """Ask who is there. A new browser asks again, the old one would not; what is known is sighted again."""
        if self._browser is not None:
            await self._browser.async_cancel()
        # Multicast answers (QM): stock firewalls let these in, and drop the unicast answers to a QU question.
        self._browser = AsyncServiceBrowser(zeroconf, SERVICE, handlers=[self._heard], question_type=DNSQuestionType.QM)

    async def _close(self) -> None:
        zeroconf, self._zeroconf, self._browser = self._zeroconf, None, None
        if zeroconf is not None:
            with contextlib.suppress(OSError, RuntimeError):
                await asyncio.gather(*self._announcing, return_exceptions=True)
                await zeroconf.async_close()

    def _service_info(self) -> AsyncServiceInfo:
        host = f"{self._peer_id}.local."
        properties = {
            "txtvers": "1",
            "v": str(PROTOCOL),
            "i": self._incarnation,
            "n": shorten(self._name, _NAME_BYTES),
        }
        return AsyncServiceInfo(
            SERVICE,
            f"{self._peer_id}.{SERVICE}",
            port=self._port,
            properties=properties,
            server=host,
            parsed_addresses=advertised_addresses(self._network),
        )

    def _heard(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        peer = peer_of_instance(name)
        if peer is None or self._tasks is None:
            return
        if state_change is ServiceStateChange.Removed:
            if peer != self._peer_id:
                self._gone(peer)
            return
        info = AsyncServiceInfo(SERVICE, name)
        if info.load_from_cache(zeroconf):
            self._tell(peer, info)
        elif name not in self._resolving and len(self._resolving) < _RESOLVING:
            self._resolving[name] = self._tasks.create_task(self._resolve(zeroconf, peer, info))

    async def _resolve(self, zeroconf: Zeroconf, peer: PeerId, info: AsyncServiceInfo) -> None:
        try:
            if await info.async_request(zeroconf, _RESOLVE_MS):
                self._tell(peer, info)
        except Exception as error:
            # Records come from anybody, and zeroconf closes under us when the network goes.
            _log.debug("Could not resolve %s: %s", info.name, error)
        finally:
            self._resolving.pop(info.name, None)

    def _tell(self, peer: PeerId, info: AsyncServiceInfo) -> None:
        sighting = read_sighting(peer, info)
        if sighting is not None:
            self._sighted(sighting)


def peer_of_instance(name: str) -> PeerId | None:
    """The peer id in a service instance name; None if there is none."""
    match = _INSTANCE.fullmatch(name)
    return PeerId(match[1].lower()) if match else None


def read_sighting(peer: PeerId, info: AsyncServiceInfo) -> Sighting | None:
    """What a record says, as far as it makes sense; None if nobody can be dialled from it."""
    addresses = tuple(address for address in info.parsed_scoped_addresses() if parse(address) is not None)
    if not addresses or not info.port:
        return None
    text = info.decoded_properties
    incarnation, name = text.get("i"), text.get("n")
    if not incarnation or len(incarnation) > 32:
        incarnation = None
    name = "".join(letter for letter in name or "" if letter.isprintable()).strip()[:NAME_LENGTH]
    return Sighting(peer, addresses[:_ADDRESSES], info.port, "mdns", incarnation, name or None)


def advertised_addresses(network: Network) -> list[str]:
    """Where others can dial us. IPv6 link-local only if there is nothing else: the receiver has to guess its scope."""
    own = [address.ip for interface in network.interfaces for address in interface.addresses]
    best = [ip for ip in own if not (ip.version == 6 and ip.is_link_local)] or own
    return [str(ip) for ip in best][:_ADDRESSES]


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


def shorten(text: str, limit: int) -> str:
    """As much of a text as fits in ``limit`` bytes of UTF-8, no character cut in two."""
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
