"""What passes between discovery, the mesh and the upper layer: hints whom to dial, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import Hello, PeerMessage

Endpoint = tuple[str, int]
"""An IP address, with scope where it needs one, and a TCP port."""

Source = Literal["mdns", "introduced", "remembered", "manual"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody may be there. Never more than a hint: only a link tells who it is.

    Args:
        peer: who it should be; None for an address that a person gave (source ``manual``).
        addresses: IP addresses, with scope where they need one; for ``manual`` one, or one host name.
        port: TCP.
        source: who says so.
        incarnation: of the daemon that was seen, if known.
        name: that the person chose, if known.
    """

    peer: PeerId | None
    addresses: tuple[str, ...]
    port: int
    source: Source
    incarnation: str | None = None
    name: str | None = None


Failure = Literal["refused", "silent", "no_way", "stranger", "another", "own", "broken", "unknown", "outside"]
"""How dialling fails.

``refused``: nobody listens, or a firewall says so. ``silent``: no answer. ``no_way``: no route. ``stranger``: what
answers is not LanChat. ``another``: another key answers. ``own``: our own. ``broken``: the connection was broken off.
``unknown``: no address is known. ``outside``: not on the local network.
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to dial that came to nothing. ``at``: seconds, by the loop's clock. ``endpoint``: None without any."""

    at: float
    endpoint: Endpoint | None
    kind: Failure
    sentence: str


@dataclass(frozen=True, slots=True)
class MeshEvents:
    """What the upper layer hears. For one peer: ``linked``, then ``received``…, then ``unlinked``, in strict turn.

    ``linked``: the peer's `Hello`, and its IP address as this machine sees it. ``unlinked``: whether the peer said
    goodbye, and why in a few words. ``received``: any message but `Hello`, `Bye` and `Introduce`. ``sighted``: mDNS
    (then with a name) or another peer says that they are there; no link yet. ``unreachable``: why there is no link, in
    a sentence for the person. ``lost``: no link, and no fresh hint that they are there. ``cloned``: the key of this
    peer, or our own, is in use on two machines; and the address of the one that was turned away.
    """

    linked: Callable[[PeerId, Hello, str], None]
    unlinked: Callable[[PeerId, bool, str], None]
    received: Callable[[PeerId, PeerMessage], None]
    sighted: Callable[[PeerId, str | None], None]
    unreachable: Callable[[PeerId, Literal["unreachable", "incompatible"], str], None]
    lost: Callable[[PeerId], None]
    cloned: Callable[[PeerId, str], None] = lambda _peer, _address: None
