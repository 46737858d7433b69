"""Which interfaces and addresses of this machine are used, and when they change or the machine wakes from sleep."""

from __future__ import annotations

import asyncio
import errno
import fnmatch
import logging
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from . import rtnetlink
from .addresses import IPInterface, is_local, parse

_log: Final = logging.getLogger(__name__)

INSIDE: Final = (
    *("docker*", "br-*", "veth*", "podman*", "cni*", "flannel*", "cali*", "kube*", "lxc*", "lxd*", "incus*"),
    *("virbr*", "vnet*", "vmnet*", "vboxnet*", "xenbr*", "vif*"),
)
"""Networks inside this machine: nobody there shares this LAN."""
TUNNELS: Final = (
    *("tun*", "tap*", "wg*", "tailscale*", "zt*", "ppp*", "utun*", "nordlynx*", "proton*", "mullvad*", "ipsec*"),
)
"""Ways to networks elsewhere."""
LEFT_OUT: Final = INSIDE + TUNNELS
_LAN_FLAGS: Final = rtnetlink.IFF_MULTICAST | rtnetlink.IFF_BROADCAST
_LIVE_FLAGS: Final = rtnetlink.IFF_UP | rtnetlink.IFF_RUNNING
_DEBOUNCE: Final = 0.3
_CLOCK_TICK: Final = 1.0
_SLEPT: Final = 2.0
_SHORTAGES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Interface:
    """A used interface and its addresses with their prefixes."""

    name: str
    index: int
    addresses: tuple[IPInterface, ...]


@dataclass(frozen=True)
class Network:
    """The used interfaces at one moment. Empty when there is no network."""

    interfaces: tuple[Interface, ...] = ()

    @cached_property
    def _own(self) -> tuple[IPInterface, ...]:
        return tuple(each for interface in self.interfaces for each in interface.addresses)

    @property
    def addresses(self) -> tuple[str, ...]:
        """All own addresses, without scope."""
        return tuple(str(each.ip) for each in self._own)

    @cached_property
    def has_loopback(self) -> bool:
        """Whether loopback was chosen: for several people on one machine."""
        return any(each.ip.is_loopback for each in self._own)

    @cached_property
    def _local(self) -> Callable[[str, bool], bool]:
        return lru_cache(maxsize=2048)(self._is_local)  # the same few addresses are asked about over and over

    def is_local(self, address: str, *, by_hand: bool = False) -> bool:
        """Whether ``address`` may be dialled: it is on a local network.

        Args:
            address: an IP address, with or without scope. Anything else is not local.
            by_hand: a person gave the address, so loopback counts even if it is not chosen.
        """
        return self._local(address, by_hand or self.has_loopback)

    def distance(self, address: str) -> int:
        """How good an address is to be dialled: 0 in a subnet of ours, 1 elsewhere, 2 link-local, or none at all."""
        return self._distances(address)

    @cached_property
    def _distances(self) -> Callable[[str], int]:
        return lru_cache(maxsize=2048)(self._distance)

    def _distance(self, address: str) -> int:
        parsed = parse(address)
        if parsed is None or parsed.is_link_local:
            return 2
        return 0 if any(parsed in own.network for own in self._own) else 1

    def _is_local(self, address: str, loopback: bool) -> bool:
        parsed = parse(address)
        return parsed is not None and is_local(parsed, self._own, loopback=loopback)


def is_used(name: str, flags: int, chosen: Collection[str] = ()) -> bool:
    """Whether an interface belongs to the LAN.

    Args:
        name: as the kernel calls it.
        flags: IFF_* of netdevice(7).
        chosen: the only interfaces to use; empty for the ordinary choice.
    """
    if flags & _LIVE_FLAGS != _LIVE_FLAGS:
        return False
    if chosen:
        return name in chosen
    if flags & _LAN_FLAGS != _LAN_FLAGS or flags & (rtnetlink.IFF_LOOPBACK | rtnetlink.IFF_POINTOPOINT):
        return False
    return not any(fnmatch.fnmatchcase(name, pattern) for pattern in LEFT_OUT)


def scan(chosen: Collection[str] = ()) -> Network:
    """The network as it is now.

    Raises:
        OSError: the kernel can't be asked.
    """
    return Network(
        tuple(
            Interface(link.name, link.index, link.addresses)
            for link in rtnetlink.links()
            if link.addresses and is_used(link.name, link.flags, chosen)
        )
    )


def own_addresses() -> frozenset[str]:
    """All addresses of this machine, also those of interfaces that are not used, without scope.

    Raises:
        OSError: the kernel can't be asked.
    """
    return frozenset(str(address.ip) for link in rtnetlink.links() for address in link.addresses)


class InterfaceWatcher:
    """Tells when the used interfaces change, and when the machine wakes from sleep.

    Args:
        chosen: names of the only interfaces to use; empty for the ordinary choice.
        changed: called with the network at each change, and after sleep even if nothing has changed.
        slept: the seconds that this machine has slept since its start; None to ask the kernel.
    """

    def __init__(
        self,
        chosen: Collection[str],
        changed: Callable[[Network], None],
        slept: Callable[[], float] | None = None,
    ) -> None:
        self._chosen = frozenset(chosen)
        self._changed = changed
        self._slept = slept or _slept_so_far
        self._stirred = asyncio.Event()
        self.network = scan(self._chosen)

    async def run(self) -> None:
        """Watch until cancelled."""
        self._say_what_is_missing()
        loop = asyncio.get_running_loop()
        with rtnetlink.subscribe() as listener:
            loop.add_reader(listener, self._stir, listener)
            try:
                # A change between the first scan and the subscription would be missed otherwise.
                self._rescan()
                await self._watch()
            finally:
                loop.remove_reader(listener)

    def _say_what_is_missing(self) -> None:
        missing = sorted(self._chosen - {interface.name for interface in self.network.interfaces})
        if missing:
            _log.warning(
                "Waiting for the network interface %s, which is not there or has no address", ", ".join(missing)
            )
        elif not self.network.interfaces:
            _log.warning("There is no local network yet; waiting for one")

    def _stir(self, listener: socket.socket) -> None:
        rtnetlink.drain(listener)
        self._stirred.set()

    async def _watch(self) -> None:
        slept = self._slept()
        while True:
            try:
                async with asyncio.timeout(_CLOCK_TICK - time.monotonic() % _CLOCK_TICK):  # as `daemon` ticks
                    await self._stirred.wait()
                await asyncio.sleep(_DEBOUNCE)
                self._stirred.clear()
                self._rescan()
            except TimeoutError:
                before, slept = slept, self._slept()
                if slept - before > _SLEPT:
                    _log.info("Awake after %.0f s of sleep", slept - before)
                    self._rescan(awake=True)

    def _rescan(self, *, awake: bool = False) -> None:
        try:
            network = scan(self._chosen)
        except OSError as error:
            if error.errno not in _SHORTAGES:
                raise
            _log.warning("The network can not be looked at: %s; trying again", error.strerror)
            asyncio.get_running_loop().call_later(_CLOCK_TICK, self._stirred.set)
            return
        if network == self.network and not awake:
            return
        self.network = network
        _log.info("Network: %s", ", ".join(network.addresses) or "none")
        self._changed(network)


def _slept_so_far() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
