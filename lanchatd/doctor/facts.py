"""Facts: what was seen of this machine and its network at one moment. Durations and ages are milliseconds."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lanchatd.lan.report import PeerState

Use = Literal["used", "down", "no_carrier", "no_address", "loopback", "inside", "tunnel", "not_chosen", "no_multicast"]
"""Whether LanChat uses an interface, or why not. ``inside``: it leads to containers or virtual machines."""

Verdict = Literal["open", "closed", "unknown"]
FirewallKind = Literal["firewalld", "ufw", "nftables", "iptables"]
Absence = Literal["not_running", "stale", "silent", "unannounced", "other_user"]
"""Why there is nothing from the daemon.

``stale``: it has ended without a word. ``silent``: it runs, no answer. ``unannounced``: it runs, and it is not told
where it can be asked. ``other_user``: it may run, as somebody else.
"""


class Echo(Struct, frozen=True):
    """A question to the mDNS group on one interface, for one IP version.

    ``problem``: why it did not leave. ``returned``: our own listener has heard it.
    """

    version: int
    problem: str | None
    returned: bool


class InterfaceFact(Struct, frozen=True):
    """A network interface. ``addresses`` have their prefix. ``neighbours``: who else was heard during the probe."""

    name: str
    index: int
    use: Use
    wireless: bool
    addresses: list[str]
    echoes: list[Echo] = []
    neighbours: list[str] = []


class RouteFact(Struct, frozen=True):
    """Where packets leave: to the world (``interface`` null then), or to the subnet of an interface.

    ``way``: the interface they take, null if there is none. ``tunnel``: that one is a VPN's.
    """

    interface: str | None
    way: str | None
    tunnel: bool


class HolderFact(Struct, frozen=True):
    """A program that has a port. ``process`` is null when only the system knows; then ``user`` says whose it is."""

    protocol: Literal["tcp", "udp"]
    port: int
    user: str
    process: str | None
    pid: int | None


class Gate(Struct, frozen=True):
    """What a firewall does with what comes in on one interface. ``where``: the zone, or family, table and chain."""

    interface: str
    protocol: Literal["tcp", "udp"]
    port: int
    verdict: Verdict
    where: str = ""


class FirewallFact(Struct, frozen=True):
    """An active firewall. ``readable``: its rules could be read. ``profile``: it knows LanChat by name."""

    kind: FirewallKind
    readable: bool
    profile: bool
    gates: list[Gate]


class ReachFact(Struct, frozen=True):
    """A TCP connection to another daemon, tried just now.

    ``at_home``: whether a machine with that address answers on the link layer; null if that can't be told.
    """

    peer: str | None
    address: str
    port: int
    outcome: Literal["answers", "refused", "silent", "no_way", "forbidden"]
    milliseconds: float | None
    at_home: bool | None = None


class MachineFacts(Struct, frozen=True):
    """What can be seen at this machine. ``root``: with all rights. ``mdns_problem``: why port 5353 can't be had.

    ``chosen``: the interfaces that the person wants to be used, none for the ordinary choice.
    """

    root: bool
    chosen: list[str]
    interfaces: list[InterfaceFact]
    routes: list[RouteFact]
    mdns_problem: str | None
    holders: list[HolderFact]
    firewalls: list[FirewallFact]
    reach: list[ReachFact]


class HearingFact(Struct, frozen=True):
    """The mDNS of other machines that the daemon has heard on an interface since it uses it."""

    interface: str
    packets: int
    neighbours: int
    last: int | None


class CloneFact(Struct, frozen=True):
    """Somebody else's key, in use on a second machine at ``address``."""

    name: str
    address: str


class ForeignFact(Struct, frozen=True):
    """Somebody has tried to open the page under another name than localhost."""

    host: str
    ago: int


class DaemonFacts(Struct, frozen=True):
    """What the running daemon knows.

    ``interfaces``: those that the person has chosen, none for the ordinary choice. ``clone``: where our own key is in
    use, too. ``let_in``: when another machine has last reached our port. ``links``: how many there are; ``peers`` is
    not without end.
    """

    id: str
    name: str
    version: str
    pid: int
    url: str
    page_port: int
    wanted_page_port: int
    peer_port: int
    wanted_peer_port: int
    interfaces: list[str]
    peers: list[PeerState]
    hearing: list[HearingFact]
    discovery_problem: str | None
    let_in: int | None
    clone: str | None
    clones: list[CloneFact]
    foreign: ForeignFact | None
    links: int = 0


class Facts(Struct, frozen=True):
    """Everything that findings are made of. ``absence`` says why ``daemon`` is null."""

    machine: MachineFacts
    daemon: DaemonFacts | None
    absence: Absence | None = None
