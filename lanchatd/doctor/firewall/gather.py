"""The firewalls that are active, and what each lets in on the interfaces that LanChat uses."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lanchatd.doctor.facts import FirewallFact, FirewallKind, Gate, InterfaceFact, Verdict
from lanchatd.doctor.tools import ask
from lanchatd.lan.addresses import IPAddress, IPInterface
from lanchatd.lan.ear import GROUPS, PORT

from . import firewalld, iptables, nft, ufw
from .rules import Chain, Packet, together, verdict

_UNITS: Final[dict[FirewallKind, tuple[str, ...]]] = {
    "nftables": ("nftables",),
    "iptables": ("iptables", "netfilter-persistent"),
}
Protocol = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class Rules:
    """The kernel's rules; None where they can't be read."""

    nft: list[nft.Table] | None
    iptables: dict[str, Chain] | None
    ip6tables: dict[str, Chain] | None


async def gather(interfaces: Sequence[InterfaceFact], port: int) -> list[FirewallFact]:
    """Every firewall that is on.

    Args:
        port: TCP, that other machines dial.
    """
    used = [each for each in interfaces if each.use == "used" and each.addresses and not _is_loopback(each)]
    wanted: list[tuple[Protocol, int]] = [("tcp", port), ("udp", PORT)]
    managed = await firewalld.gather(used, wanted)
    if managed is not None and managed.readable:
        return [managed]
    rules = await _rules()
    gates = [_gate(each, protocol, number, rules) for each in used for protocol, number in wanted]
    if managed is not None:
        zones = {gate.interface: gate.where for gate in managed.gates}
        named = [Gate(each.interface, each.protocol, each.port, each.verdict, zones[each.interface]) for each in gates]
        return [FirewallFact("firewalld", rules.nft is not None, managed.profile, named)]
    if ufw.is_on():
        readable = rules.iptables is not None
        if not readable and ufw.lets_all_in():
            return []
        return [FirewallFact("ufw", readable, ufw.knows_us(), gates)]
    return await _bare(rules, gates)


async def _bare(rules: Rules, gates: list[Gate]) -> list[FirewallFact]:
    """Rules that no manager keeps."""
    found: list[FirewallFact] = []
    if rules.nft:
        found.append(FirewallFact("nftables", True, False, gates))
    elif rules.iptables or rules.ip6tables:
        found.append(FirewallFact("iptables", True, False, gates))
    for kind, units in _UNITS.items():
        unread = (rules.nft if kind == "nftables" else rules.iptables) is None
        if unread and not found and await _is_active(units):
            found.append(FirewallFact(kind, False, False, gates))
    return found


async def _is_active(units: Sequence[str]) -> bool:
    said = await ask("systemctl", "is-active", *units)
    return said is not None and "active" in said.text.split()


async def _rules() -> Rules:
    saved = await ask("iptables-save")
    saved6 = await ask("ip6tables-save")
    four = iptables.read(saved.text) if saved is not None and saved.status == 0 else None
    six = iptables.read(saved6.text) if saved6 is not None and saved6.status == 0 else None
    listed = await ask("nft", "--json", "list", "ruleset")
    tables: list[nft.Table] | None = None
    if listed is not None and listed.status == 0:
        try:
            tables = nft.read(listed.text, without_iptables=four is not None)
        except ValueError:
            tables = None
    return Rules(tables, four, six)


def _gate(interface: InterfaceFact, protocol: Protocol, port: int, rules: Rules) -> Gate:
    packet = _packet(interface, protocol, port)
    found: list[tuple[Verdict, str]] = []
    chains = rules.iptables if packet.destination.version == 4 else rules.ip6tables
    try:
        if rules.nft is not None:
            found.append(nft.judge(rules.nft, packet))
        if chains:
            found.append((verdict(chains, iptables.BASE, packet), iptables.BASE))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError):
        # Rules say more than anybody has thought of; what is not understood is not known.
        return Gate(interface.name, protocol, port, "unknown")
    if not found and chains is None:
        return Gate(interface.name, protocol, port, "unknown")
    end = together([each for each, _ in found])
    return Gate(interface.name, protocol, port, end, next((where for each, where in found if each == end), ""))


def _packet(interface: InterfaceFact, protocol: Protocol, port: int) -> Packet:
    """The first one of a neighbour: a connection to us, or words to the mDNS group."""
    own = [ipaddress.ip_interface(text) for text in interface.addresses]
    chosen = next((each for each in own if each.version == 4), own[0])
    to: IPAddress = ipaddress.ip_address(GROUPS[chosen.version]) if protocol == "udp" else chosen.ip
    return Packet(interface.name, protocol, port, _neighbour(chosen), to)


def _neighbour(own: IPInterface) -> IPAddress:
    """Somebody in the middle of the subnet, where a rule for a single machine hardly points."""
    middle = own.network.network_address + own.network.num_addresses // 2 + 1
    return middle if middle != own.ip else own.network.network_address + 1


def _is_loopback(interface: InterfaceFact) -> bool:
    return any(ipaddress.ip_interface(text).ip.is_loopback for text in interface.addresses)
