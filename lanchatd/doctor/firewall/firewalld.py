"""firewalld, asked through its own tool: it answers whoever is logged in at the machine, and root."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from lanchatd.doctor.facts import FirewallFact, Gate, InterfaceFact, Verdict
from lanchatd.doctor.tools import Said, ask
from lanchatd.lan.ear import PORT
from lanchatd.lan.listener import DEFAULT_PORT

SERVICE: Final = "lanchat"
"""The name of our service definition; see systemd's neighbour, firewalld.service(5)."""
_PORTS: Final = (DEFAULT_PORT, PORT)
_QUESTIONS: Final = ("--state", "--get-default-zone", "--list-all-zones", "--get-services")
_RUNNING: Final = "running"
_MDNS: Final = "mdns"


async def gather(interfaces: Sequence[InterfaceFact], wanted: Sequence[tuple[str, int]]) -> FirewallFact | None:
    """What its zones let in; None when it does not run."""
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(ask("firewall-cmd", option)) for option in _QUESTIONS]
    state, default, listing, services = (_text(each.result()) for each in asked)
    if state.strip() != _RUNNING:
        return None
    zones = zones_of(listing)
    gates: list[Gate] = []
    for each in interfaces:
        zone = next((name for name, said in zones.items() if each.name in _words(said, "interfaces")), default.strip())
        gates += [_gate(each.name, zone, zones.get(zone, ""), protocol, port) for protocol, port in wanted]
    return FirewallFact("firewalld", bool(zones), SERVICE in services.split(), gates)


def zones_of(listing: str) -> dict[str, str]:
    """What each zone lets in, by its name, from ``firewall-cmd --list-all-zones``."""
    zones: dict[str, str] = {}
    name = ""
    for line in listing.splitlines():
        if line.strip() and not line[0].isspace():
            name = line.split()[0]
        zones[name] = f"{zones.get(name, '')}{line}\n"
    zones.pop("", None)
    return zones


def _text(said: Said | None) -> str:
    return said.text if said is not None and said.status == 0 else ""


def _words(listing: str, key: str) -> list[str]:
    rows = [line.strip().partition(":") for line in listing.splitlines()]
    return next((value.split() for name, _, value in rows if name == key), [])


def _gate(interface: str, zone: str, listing: str, protocol: str, port: int) -> Gate:
    verdict = judge(listing, protocol, port) if listing else "unknown"
    return Gate(interface, "tcp" if protocol == "tcp" else "udp", port, verdict, zone)


def judge(listing: str, protocol: str, port: int) -> Verdict:
    """What a zone does with a packet from a neighbour, by the words of ``firewall-cmd --list-all``."""
    if _words(listing, "target") == ["ACCEPT"]:
        return "open"
    services = _words(listing, "services")
    if (SERVICE in services and port in _PORTS) or (_MDNS in services and (protocol, port) == ("udp", PORT)):
        return "open"
    covered = [_covers(each, protocol, port) for each in _words(listing, "ports")]
    if True in covered:
        return "open"
    if None in covered or "rule " in listing or _words(listing, "protocols"):
        return "unknown"
    return "closed"


def _covers(span: str, protocol: str, port: int) -> bool | None:
    """Whether ``5263/tcp`` or ``1025-65535/udp`` has the port in it; None if that can't be told."""
    ports, _, kind = span.partition("/")
    first, _, last = ports.partition("-")
    try:
        return kind == protocol and int(first) <= port <= int(last or first)
    except ValueError:
        return None
