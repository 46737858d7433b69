"""mDNS: what leaves this machine, what returns, and whether the network passes it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from lanchatd.doctor.catalogue import Finding, finding
from lanchatd.doctor.facts import DaemonFacts, Facts, HolderFact, InterfaceFact
from lanchatd.lan.addresses import parse, unscoped
from lanchatd.lan.ear import PORT

from .words import listed, program

RECENT = 600_000
"""Milliseconds in which those who are there have surely been heard."""
SETTLED = 5_000
"""Milliseconds after which who is linked has surely said something to all."""


def find(facts: Facts) -> Iterator[Finding]:
    """All that is about mDNS, the deepest cause only."""
    if facts.machine.mdns_problem is not None:
        yield _held(facts)
        return
    if facts.daemon is not None and facts.daemon.discovery_problem is not None:
        yield finding(
            "discovery_fails",
            f"LanChat can't use mDNS at the moment ({facts.daemon.discovery_problem}), so nobody is found.",
            "It tries again every five seconds; if this stays, restart it and look into its log.",
        )
    closed = {
        gate.interface
        for firewall in facts.machine.firewalls
        for gate in firewall.gates
        if (gate.protocol, gate.verdict) == ("udp", "closed")
    }
    for each in facts.machine.interfaces:
        if each.use == "used":
            blocked = _blocked(each, returns=each.name not in closed)
            if blocked is not None:
                yield blocked
            elif facts.daemon is not None and each.name not in closed:
                yield from _unheard(each, facts.daemon)


def _held(facts: Facts) -> Finding:
    holders = [each for each in facts.machine.holders if (each.protocol, each.port) == ("udp", PORT)]
    others = [each for each in holders if facts.daemon is None or each.pid != facts.daemon.pid]
    step = "End that program, or set it so that it shares the port; then LanChat finds the others within seconds."
    if any(_is_avahi(each) for each in others):
        step = "Set disallow-other-stacks=no in /etc/avahi/avahi-daemon.conf and restart avahi-daemon."
    return finding(
        "mdns_port_held",
        f"UDP port {PORT}, by which machines find each other, can't be had ({facts.machine.mdns_problem}): "
        f"{program(others)} keeps it without sharing.",
        step,
        command="sudo systemctl restart avahi-daemon" if any(_is_avahi(each) for each in others) else None,
        about=str(PORT),
    )


def _is_avahi(holder: HolderFact) -> bool:
    return "avahi" in (holder.user, (holder.process or "").partition("-")[0])


def _blocked(interface: InterfaceFact, *, returns: bool) -> Finding | None:
    """Every IP version counts only if no other one passes: one is enough to be found."""
    if not interface.echoes or any(each.returned for each in interface.echoes):
        return None
    problem = next((each.problem for each in interface.echoes if each.problem), None)
    if problem is not None:
        return finding(
            "multicast_blocked",
            f"A question to the others does not leave this machine on {interface.name}: {problem}.",
            f"Probably a firewall or the kill switch of a VPN forbids it: allow UDP port {PORT} to 224.0.0.251 and "
            "ff02::fb.",
            about=interface.name,
        )
    if not returns:
        return None
    return finding(
        "multicast_blocked",
        f"What this machine says to all on {interface.name} does not come back to itself: probably a firewall on it "
        "drops multicast.",
        f"Allow UDP port {PORT} to and from 224.0.0.251 and ff02::fb.",
        about=interface.name,
    )


def _unheard(interface: InterfaceFact, daemon: DaemonFacts) -> Iterator[Finding]:
    subnets = [ipaddress.ip_interface(each) for each in interface.addresses]
    own = {each.ip for each in subnets}
    near = []
    for peer in daemon.peers:
        settled = peer.link is not None and peer.link.since >= SETTLED
        address = parse(peer.link.address) if peer.link is not None and settled else None
        bare = unscoped(address) if address is not None else None
        if bare is not None and bare not in own and any(bare in each.network for each in subnets):
            near.append(str(bare))
    last = next((each.last for each in daemon.hearing if each.interface == interface.name), None)
    if near and not interface.neighbours and (last is None or last > RECENT):
        yield finding(
            "multicast_unheard",
            f"No multicast of other machines arrives on {interface.name}, although {listed(near)} "
            f"{'is' if len(near) == 1 else 'are'} there: probably the switch or the access point filters it. "
            "Those who come new are not found by themselves.",
            "In its settings switch off IGMP snooping, or “multicast filter”; until then start LanChat with --peer and "
            "the address of one machine, which introduces the others.",
            about=interface.name,
        )
