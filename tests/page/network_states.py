"""Every state of the network screen as data: what the daemon knows of the network, and what it finds."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from lanchatd.doctor.catalogue import Finding, finding
from lanchatd.doctor.desk import Examination
from lanchatd.doctor.facts import DaemonFacts, Echo, HearingFact, InterfaceFact, MachineFacts
from lanchatd.lan.report import FailedAttempt, LinkState, PeerState, Place, Standing
from lanchatd.protocol import ui

from .company import ADA, GUS, HOUR, IMKE, JUN, LENA, LONG, ME, MINUTE, NOVA, SAM, TOMAS, TRICKY, peer, snapshot
from .states import Leave, Pass, State

WLAN: Final = InterfaceFact(
    "wlan0", 3, "used", True, ["192.168.1.20/24", "fe80::4a2e:91ff:fe0c:77d1/64"],
    [Echo(4, None, True), Echo(6, None, True)], ["192.168.1.31", "192.168.1.32"],
)  # fmt: skip
ETH: Final = InterfaceFact("eth0", 2, "used", False, ["10.20.0.7/16"], [Echo(4, None, True)])
LEFT_OUT: Final = [
    InterfaceFact("docker0", 5, "inside", False, ["172.17.0.1/16"]),
    InterfaceFact("eth0", 2, "no_carrier", False, []),
    InterfaceFact("tun0", 9, "tunnel", False, ["10.8.0.3/24"]),
]
LOOPBACK: Final = InterfaceFact("lo", 1, "loopback", False, ["127.0.0.1/8", "::1/128"])


def standing_of(who: ui.Person, otherwise: Standing) -> Standing:
    return "contact" if who.relation == "contact" else otherwise


def linked(who: ui.Person, address: str, minutes: int, trip: float | None) -> PeerState:
    """Somebody who is linked since so many minutes, with a round trip in milliseconds."""
    link = LinkState(address, "192.168.1.20", outgoing=True, since=minutes * MINUTE, round_trip=trip)
    return PeerState(
        who.id, who.name, link, {"mdns": 9000}, True, [Place(address, 5263)], None, False, [], standing_of(who, "met")
    )


def seen(who: ui.Person, address: str, problem: str | None = None, *, incompatible: bool = False) -> PeerState:
    """Somebody who is in sight without a link."""
    failed = [FailedAttempt("unreachable", problem, Place(address, 5263), 4000)] if problem else []
    return PeerState(
        who.id, who.name, None, {"mdns": 9000}, True, [Place(address, 5263)], problem, incompatible, failed,
        standing_of(who, "met" if incompatible else "heard"),
    )  # fmt: skip


def away(who: ui.Person, address: str) -> PeerState:
    """Somebody from before, who is not here: dialled in vain once in a while."""
    place, sentence = Place(address, 5263), f"{address} does not answer: it is off, or a firewall drops the connection."
    failed = [FailedAttempt("silent", sentence, place, 40_000)]
    return PeerState(
        who.id, who.name, None, {"remembered": HOUR}, False, [place], sentence, False, failed, standing_of(who, "met")
    )


FIVE: Final = [
    linked(ADA, "192.168.1.31", 192, 0.62),
    linked(TOMAS, "192.168.1.32", 47, 3.41),
    linked(JUN, "192.168.1.48", 9 * 60, 12.7),
    linked(LENA, "192.168.1.77", 3 * 24 * 60, 1.18),
    linked(SAM, "192.168.1.50", 0, None),
]
COMPANY: Final = [*FIVE, away(IMKE, "192.168.1.90")]
DAEMON: Final = DaemonFacts(
    id=ME.id, name=ME.name, version="1.0", pid=7, url="http://localhost:5262", page_port=5262, wanted_page_port=5262,
    peer_port=5263, wanted_peer_port=5263, interfaces=[], peers=COMPANY, hearing=[HearingFact("wlan0", 93, 5, 700)],
    discovery_problem=None, let_in=4000, clone=None, clones=[], foreign=None,
)  # fmt: skip
MACHINE: Final = MachineFacts(
    root=False, chosen=[], interfaces=[LOOPBACK, WLAN, ETH], routes=[], mdns_problem=None, holders=[], firewalls=[],
    reach=[],
)  # fmt: skip
WELL: Final = Examination("All is well: linked with Ada Okafor (192.168.1.31, 0.6 ms).", [], MACHINE, DAEMON)

FIREWALL: Final = finding(
    "firewall_closed",
    "The firewall of this machine (zone public of firewalld) is closed on wlan0: nobody can reach LanChat, and nobody "
    "is found.",
    "Open what LanChat needs, in the zone of this network.",
    command="sudo firewall-cmd --zone=public --add-service=lanchat --permanent && sudo firewall-cmd --reload",
    about="wlan0",
)
ISOLATED: Final = finding(
    "peer_firewall",
    "Gus is here (192.168.1.61), and does not let this machine in: probably a firewall there is closed for TCP port "
    "5263.",
    "Run lanchatd doctor on that machine; it names the command that opens it.",
    about=GUS.id,
)
VPN: Final = finding(
    "vpn_default",
    "A VPN on tun0 takes what goes to the internet, and leaves the local network alone.",
    "If somebody can't be reached all the same, the VPN may block the local network: try with it off.",
    about="tun0",
)
NOBODY: Final = finding(
    "nobody_heard",
    "No other LanChat has been heard of.",
    "Start it on another machine in the same network.",
)


def examined(
    peers: list[PeerState], found: list[Finding], interfaces: list[InterfaceFact] | None = None
) -> Examination:
    """What the daemon answers with these people and these findings."""
    hindering = sum(each.severity != "note" for each in found)
    words = "thing hinders" if hindering == 1 else "things hinder"
    summary = f"{hindering} {words} LanChat on this machine." if hindering else WELL.summary
    machine = replace(MACHINE, interfaces=interfaces or MACHINE.interfaces)
    return Examination(summary, found, machine, replace(DAEMON, peers=peers))


TROUBLED: Final = [
    *FIVE[:3],
    seen(GUS, "192.168.1.61", GUS.reason),
    seen(NOVA, "192.168.1.62", NOVA.reason, incompatible=True),
    seen(LENA, "192.168.1.77"),
    away(IMKE, "192.168.1.90"),
]
DEAF: Final = replace(WLAN, echoes=[Echo(4, None, False)], neighbours=[])
NAMELESS: Final = ui.Person(peer("nameless"), "", "", "unreachable", "none")
FALSE_ADA: Final = ui.Person(
    peer("false"), ADA.name, "", "unreachable", "none", notices=[ui.Notice("same_name", ADA.name, ADA.id)]
)
STRANGERS: Final = [
    linked(LONG, "fd12:3456:789a:1:9c2f:51ff:fe0e:aa10", 5, 128.4),
    linked(TRICKY, "fe80::9c2f:51ff:fe0e:aa10%wlan0", 61, 0.04),
    seen(NAMELESS, "fd12:3456:789a:1::77"),
    PeerState(None, "", None, {"manual": 5000}, False, [Place("nas.home.arpa", 5263)], None, False,
              [FailedAttempt("unknown", "The name nas.home.arpa is not known on this network.", None, 5000)]),
    linked(ui.Person(peer("hebrew"), "דנה לוי", "laptop", "online", "none"), "192.168.1.33", 2, 4.0),
    seen(FALSE_ADA, "192.168.1.66", "192.168.1.66 does not answer."),
]  # fmt: skip
CROWD: Final = [
    linked(ui.Person(peer(f"many {number}"), f"Guest {number + 1}", "", "online", "none"),
           f"10.20.{number // 250}.{number % 250 + 4}", 3 * number, 0.4 + number % 17)
    for number in range(196)
] + TROUBLED[3:6]  # fmt: skip


def state(name: str, network: Examination | None, *steps: Pass | Leave, shown: ui.Snapshot | None = None) -> State:
    """The screen, opened by its address."""
    return State(f"network{name}", shown or snapshot(), "network", tuple(steps), network)


NETWORK_STATES: Final = [
    state("", WELL),
    state("-looking", None),
    state("-nobody", examined([], [NOBODY], [LOOPBACK, WLAN]), shown=snapshot([], [])),
    state("-one", examined(FIVE[:1], [])),
    state("-findings", examined(TROUBLED, [FIREWALL, ISOLATED, VPN], [LOOPBACK, DEAF, *LEFT_OUT])),
    state("-trouble", examined(TROUBLED, [ISOLATED])),
    state("-strange", examined(STRANGERS, []), shown=snapshot([LONG, TRICKY, ADA, FALSE_ADA])),
    state("-crowd", examined(CROWD, [ISOLATED])),
    state("-gone", examined(TROUBLED, [ISOLATED]), Leave(), Pass(10_500)),
]
