"""What the firewall of this machine keeps out, and the one command that lets it in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lanchatd.doctor.catalogue import Finding, finding
from lanchatd.doctor.facts import Facts, FirewallFact, Gate
from lanchatd.doctor.firewall.firewalld import SERVICE
from lanchatd.doctor.firewall.ufw import PROFILE
from lanchatd.lan.listener import DEFAULT_PORT

from .words import listed

_MEANS = {
    "tcp": "others can't connect to it (TCP port {})",
    "udp": "it does not hear who is there (UDP port {})",
}
_TO_READ = {
    "firewalld": "sudo firewall-cmd --list-all",
    "ufw": "sudo ufw status",
    "nftables": "sudo nft list ruleset",
    "iptables": "sudo iptables -S",
}


def find(facts: Facts) -> Iterator[Finding]:
    """All that is closed, by zone or chain; and what can't be read, unless somebody has come in already."""
    for firewall in facts.machine.firewalls:
        closed = [each for each in firewall.gates if each.verdict == "closed"]
        for where in dict.fromkeys(each.where for each in closed):
            yield _closed(firewall, [each for each in closed if each.where == where], where)
        if not closed and any(each.verdict == "unknown" for each in firewall.gates):
            yield from _unread(firewall, facts)


def _closed(firewall: FirewallFact, gates: list[Gate], where: str) -> Finding:
    ports = list(dict.fromkeys((each.protocol, each.port) for each in gates))
    interfaces = listed(list(dict.fromkeys(each.interface for each in gates)))
    place = f"{firewall.kind}, zone {where}" if firewall.kind == "firewalld" else firewall.kind
    means = " and ".join(_MEANS[protocol].format(port) for protocol, port in ports)
    step = "Open it with this command."
    if firewall.kind in ("nftables", "iptables"):
        step = "Open it with this command; to keep it so, put the rule into the file that your rules are loaded from."
    return finding(
        "firewall_closed",
        f"The firewall of this machine ({place}) is closed on {interfaces}: {means}.",
        step,
        command=opening(firewall, ports, where),
        about=gates[0].interface,
    )


def opening(firewall: FirewallFact, ports: Sequence[tuple[str, int]], where: str) -> str:
    """The command that lets these in.

    Args:
        where: the zone, or family, table and chain, that decides.
    """
    usual = firewall.profile and all(port == DEFAULT_PORT for protocol, port in ports if protocol == "tcp")
    match firewall.kind:
        case "firewalld":
            each = [f"--add-port={port}/{protocol}" for protocol, port in ports]
            what = f"--add-service={SERVICE}" if usual else " ".join(each)
            return f"sudo firewall-cmd --permanent --zone={where} {what} && sudo firewall-cmd --reload"
        case "ufw":
            rules = [PROFILE] if usual else [f"{port}/{protocol}" for protocol, port in ports]
            return " && ".join(f"sudo ufw allow {rule}" for rule in rules)
        case "nftables":
            pairs = ", ".join(f"{protocol} . {port}" for protocol, port in ports)
            several = f"meta l4proto . th dport '{{ {pairs} }}'"
            match = several if len(ports) > 1 else f"{ports[0][0]} dport {ports[0][1]}"
            return f"sudo nft insert rule {where} {match} accept"
        case "iptables":
            return " && ".join(
                f"sudo iptables -I {where} -p {protocol} --dport {port} -j ACCEPT" for protocol, port in ports
            )


def _unread(firewall: FirewallFact, facts: Facts) -> Iterator[Finding]:
    unknown = [each for each in firewall.gates if each.verdict == "unknown"]
    daemon = facts.daemon
    if daemon is not None and daemon.let_in is not None:
        unknown = [each for each in unknown if each.protocol != "tcp"]
    if daemon is not None:
        heard = {each.interface for each in daemon.hearing if each.packets}
        heard |= {each.name for each in facts.machine.interfaces if each.neighbours}
        unknown = [each for each in unknown if each.protocol != "udp" or each.interface not in heard]
    if not unknown:
        return
    lonely = daemon is not None and any(each.link is None and each.in_sight for each in daemon.peers)
    ports = listed([f"{port}/{protocol}" for protocol, port in dict.fromkeys((e.protocol, e.port) for e in unknown)])
    why = "its rules say too much to tell" if firewall.readable else "only root can read its rules"
    yield finding(
        "firewall_unread",
        f"A firewall ({firewall.kind}) is on, and {why}: whether it lets in {ports} is not known.",
        "See whether these ports are open." if firewall.readable else "Run this to know more.",
        command=_TO_READ[firewall.kind] if firewall.readable or facts.machine.root else "sudo lanchatd doctor",
        severity="warning" if lonely else None,
    )
