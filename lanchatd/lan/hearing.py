"""What was heard of mDNS on each interface. Pure: a bounded book of counts and times."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from .addresses import IPAddress, bare
from .interfaces import Network

_INTERFACES: Final = 64
_NEIGHBOURS: Final = 256


@dataclass(slots=True)
class Heard:
    """On one interface: packets of other machines, when the last one came, and from how many addresses."""

    packets: int = 0
    last: float | None = None
    neighbours: set[IPAddress] = field(default_factory=set)


class Hearing:
    """The book, by index of the interface. What this machine says itself does not count."""

    def __init__(self) -> None:
        self.by_interface: dict[int, Heard] = {}
        self._own: frozenset[str] = frozenset()

    def network_changed(self, network: Network, own: Collection[str] = ()) -> None:
        """Forget the interfaces that have gone.

        Args:
            network: what is used.
            own: addresses of this machine beside those. What is said on loopback may come from one of them.
        """
        self._own = frozenset((*network.addresses, *own))
        used = {each.index for each in network.interfaces}
        self.by_interface = {index: heard for index, heard in self.by_interface.items() if index in used}

    def note(self, interface: int, source: IPAddress, now: float) -> None:
        """A packet has come.

        Args:
            source: without scope.
            now: seconds, of a clock that never goes back.
        """
        if bare(source) in self._own or (interface not in self.by_interface and len(self.by_interface) >= _INTERFACES):
            return
        heard = self.by_interface.setdefault(interface, Heard())
        heard.packets += 1
        heard.last = now
        if len(heard.neighbours) < _NEIGHBOURS:
            heard.neighbours.add(source)
