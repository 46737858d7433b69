"""The daemon, the interfaces, the ports and the VPN of this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from lanchatd.doctor.catalogue import Finding, finding
from lanchatd.doctor.facts import DaemonFacts, Facts, InterfaceFact

from .words import listed, program, quoted

_WHY = {
    "down": "{} is switched off",
    "no_carrier": "{} has no cable or Wi-Fi",
    "no_address": "{} has no address (yet)",
    "no_multicast": "{} can't do multicast",
    "inside": "{} leads to containers or virtual machines only",
    "tunnel": "{} is a VPN",
    "not_chosen": "{} is not among the chosen ones",
}


def find(facts: Facts) -> Iterator[Finding]:
    """All that is about this machine alone."""
    yield from _daemon(facts)
    yield from _interfaces(facts)
    yield from _tunnels(facts)
    if facts.daemon is not None:
        yield from _ports(facts, facts.daemon)
        yield from _page(facts.daemon)
        yield from _own_key(facts.daemon)


def _daemon(facts: Facts) -> Iterator[Finding]:
    if facts.daemon is not None:
        return
    if facts.absence == "other_user":
        yield finding(
            "only_machine",
            "With the rights of root only this machine was looked at: LanChat tells only its own user what it knows.",
            "For the people on the network run it without sudo.",
            command="lanchatd doctor",
        )
    elif facts.absence == "unannounced":
        yield finding(
            "daemon_silent",
            "LanChat is running on this machine, and it is not told where it can be asked: it is just starting, or "
            "daemon.json was removed, or it has another XDG_RUNTIME_DIR.",
            "Look again in some seconds; if this stays, restart it.",
        )
    elif facts.absence == "silent":
        yield finding(
            "daemon_silent",
            "LanChat is running on this machine and does not answer.",
            "Stop it and start it again; its log says why it hangs.",
        )
    else:
        ended = " It has ended without a word." if facts.absence == "stale" else ""
        yield finding(
            "not_running",
            f"LanChat is not running on this machine, so nobody can see it.{ended}",
            "Start it.",
            command="lanchatd open",
        )


def _interfaces(facts: Facts) -> Iterator[Finding]:
    interfaces = facts.machine.interfaces
    used = [each for each in interfaces if each.use == "used"]
    missing = [name for name in facts.machine.chosen if name not in {each.name for each in used}]
    for name in missing:
        yield _missing(name, interfaces)
    if not used and not missing:
        yield _no_network(interfaces)
    linked = facts.daemon is not None and any(each.link is not None for each in facts.daemon.peers)
    if used and not linked and all(_is_link_local(each) for each in used):
        names = listed([each.name for each in used])
        yield finding(
            "link_local_only",
            f"No router has given this machine an address on {names}; it has only one that it has made up "
            f"({used[0].addresses[0].partition('/')[0]}).",
            "Check the cable or the Wi-Fi password, and that the router runs; machines without a router see each other "
            "only if all of them have such an address.",
            about=used[0].name,
        )


def _missing(name: str, interfaces: list[InterfaceFact]) -> Finding:
    fact = next((each for each in interfaces if each.name == name), None)
    others = [each.name for each in interfaces if each.use not in ("loopback", "inside", "tunnel")]
    if fact is None:
        why, step = (
            "does not exist",
            f"This machine has {listed(others) or 'no other one'}; choose one with --interface.",
        )
    else:
        why = _WHY.get(fact.use, "{} can't be used").format("").strip()
        step = "Bring it up, or choose another one with --interface, or none for the ordinary choice."
    return finding("interface_missing", f"The chosen network interface {name} {why}.", step, about=name)


def _no_network(interfaces: list[InterfaceFact]) -> Finding:
    reasons = [_WHY[each.use].format(each.name) for each in interfaces if each.use in _WHY]
    why = f": {listed(reasons)}" if reasons else ": it has no network interface"
    inside = [each.name for each in interfaces if each.use == "inside" and each.addresses]
    step = "Plug in the cable or join the Wi-Fi."
    if inside:
        step += f" If your network is behind {inside[0]} all the same, choose it with --interface {inside[0]}."
    return finding("no_network", f"This machine is on no local network{why}.", step)


def _is_link_local(fact: InterfaceFact) -> bool:
    return all(ipaddress.ip_interface(each).ip.is_link_local for each in fact.addresses)


def _tunnels(facts: Facts) -> Iterator[Finding]:
    taken = [each for each in facts.machine.routes if each.interface is not None and each.tunnel]
    for route in taken:
        yield finding(
            "vpn_takes_lan",
            f"The VPN on {route.way} takes what is for the local network at {route.interface}, too, "
            "so no machine there can be reached.",
            "Allow access to the local network in the settings of the VPN (often “local network sharing” or “split "
            "tunnel”), or switch it off.",
            about=route.interface,
        )
    for route in facts.machine.routes:
        if route.interface is None and route.tunnel and not taken:
            yield finding(
                "vpn_default",
                f"A VPN on {route.way} takes what goes to the internet, and leaves the local network alone.",
                "If somebody can't be reached all the same, the VPN may block the local network: try with it off.",
                about=route.way,
            )


def _ports(facts: Facts, daemon: DaemonFacts) -> Iterator[Finding]:
    wanted, port = daemon.wanted_peer_port, daemon.peer_port
    if wanted not in (0, port):
        by = program([each for each in facts.machine.holders if (each.protocol, each.port) == ("tcp", wanted)])
        yield finding(
            "peer_port_moved",
            f"TCP port {wanted} was taken by {by}; other machines reach LanChat at port {port} this time.",
            "They find it by themselves; but a firewall that was opened for the usual port keeps them out. End the "
            "other program and restart LanChat to have the usual port.",
            severity="warning" if facts.machine.firewalls else None,
            about=str(wanted),
        )
    if daemon.wanted_page_port not in (0, daemon.page_port):
        wanted = daemon.wanted_page_port
        by = program([each for each in facts.machine.holders if (each.protocol, each.port) == ("tcp", wanted)])
        yield finding(
            "page_port_moved",
            f"TCP port {wanted} was taken by {by}; the page is at {daemon.url} this time.",
            "A bookmark leads to the usual port: open the page with this command.",
            command="lanchatd open",
            about=str(wanted),
        )


def _page(daemon: DaemonFacts) -> Iterator[Finding]:
    if daemon.foreign is not None:
        yield finding(
            "page_by_address",
            f"The page was asked for as {quoted(daemon.foreign.host)}. It is only served as {daemon.url}, because "
            "browsers give camera and microphone only to pages of the machine itself or with a certificate.",
            "Open it by its own address, in a browser on this machine; on another machine install LanChat there.",
            command="lanchatd open",
        )


def _own_key(daemon: DaemonFacts) -> Iterator[Finding]:
    if daemon.clone is not None:
        yield finding(
            "clone_self",
            f"The machine at {daemon.clone} uses the same key as this one, so others see only one of the two.",
            "Stop LanChat on one of them, delete its identity.key, and start it again: it gets a key of its own.",
            about=daemon.clone,
        )
    for clone in daemon.clones:
        yield finding(
            "clone_peer",
            f"{quoted(clone.name)} uses one key on two machines, the second one at {clone.address}; only one can be "
            "linked.",
            "Tell them: a key is for one machine only.",
            about=clone.address,
        )
