"""Reads ``nft --json list ruleset`` (libnftables-json(5)) as far as it matters to a packet that comes in. Pure."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from lanchatd.doctor.facts import Verdict

from .rules import Act, Chain, Condition, Jump, Packet, Rule, together, verdict

_IPTABLES: Final = ("filter", "nat", "mangle", "raw", "security")
_STOPS: Final[dict[str, Act]] = {"accept": "accept", "drop": "drop", "reject": "drop", "return": "return"}
_PASSES_OVER: Final = frozenset({"counter", "log", "comment", "mangle", "notrack", "set", "meter", "ct helper"})
_UNKNOWN: Final = object()
"""The value of something that can't be told of a packet."""
_ELSEWHERE: Final = object()
"""The value of something that the packet does not have."""


@dataclass(slots=True)
class Table:
    """One table: its chains, and those of them where what comes in begins."""

    family: str
    name: str
    chains: dict[str, Chain] = field(default_factory=dict)
    bases: list[str] = field(default_factory=list)
    sets: dict[str, list[Any]] = field(default_factory=dict)


def read(text: str, *, without_iptables: bool = False) -> list[Table]:
    """The tables with a base chain that filters what comes in.

    Args:
        without_iptables: leave those out that iptables has made and tells better.

    Raises:
        ValueError: this is no such rule set.
    """
    tables: dict[tuple[str, str], Table] = {}
    try:
        for entry in json.loads(text)["nftables"]:
            _take(tables, entry)
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError(f"not a rule set: {error!r}") from None
    return [
        table
        for table in tables.values()
        if table.bases
        and table.family in ("inet", "ip", "ip6")
        and not (without_iptables and table.family != "inet" and table.name in _IPTABLES)
    ]


def judge(tables: Iterable[Table], packet: Packet) -> tuple[Verdict, str]:
    """What all of them do with a packet, and the family, table and chain that decides."""
    family = "ip" if packet.destination.version == 4 else "ip6"
    found = [
        (verdict(table.chains, base, packet), f"{table.family} {table.name} {base}")
        for table in tables
        if table.family in ("inet", family)
        for base in table.bases
    ]
    end = together([each for each, _ in found])
    return end, next((where for each, where in found if each == end and end != "open"), "")


def _take(tables: dict[tuple[str, str], Table], entry: Mapping[str, Any]) -> None:
    for kind, body in entry.items():
        if kind == "chain":
            table = tables.setdefault((body["family"], body["table"]), Table(body["family"], body["table"]))
            chain = table.chains.setdefault(body["name"], Chain())
            chain.policy = "drop" if body.get("policy") == "drop" else "accept"
            if body.get("type") == "filter" and body.get("hook") in ("input", "prerouting"):
                table.bases.append(body["name"])
        elif kind in ("set", "map"):
            table = tables.setdefault((body["family"], body["table"]), Table(body["family"], body["table"]))
            table.sets[body["name"]] = body.get("elem", [])
        elif kind == "rule":
            table = tables[body["family"], body["table"]]
            table.chains.setdefault(body["chain"], Chain()).rules.append(_rule(body["expr"], table.sets))


def _rule(expressions: Iterable[Mapping[str, Any]], sets: Mapping[str, list[Any]]) -> Rule:
    conditions: list[Condition] = []
    for expression in expressions:
        kind, body = _first(expression)
        if kind in _STOPS:
            return Rule(conditions, _STOPS[kind])
        if kind in ("jump", "goto"):
            return Rule(conditions, Jump(body["target"], back=kind == "jump"))
        if kind == "queue" or (kind == "xt" and body.get("type") == "target"):
            return Rule(conditions, Jump("", back=True))  # to nowhere: what comes of it can't be told
        if kind == "vmap":
            return Rule(conditions, partial(_mapped, body, sets))
        if kind == "match":
            conditions.append(partial(_matches, body, sets))
        elif kind not in _PASSES_OVER:
            conditions.append(_cannot_tell)
    return Rule(conditions, "continue")


def _first(expression: Mapping[str, Any]) -> tuple[str, Any]:
    """What an expression is, and what is in it; nothing of an empty one."""
    return next(iter(expression.items()), ("", None))


def _cannot_tell(_packet: Packet) -> None:
    return None


def _mapped(body: Mapping[str, Any], sets: Mapping[str, list[Any]], packet: Packet) -> Act | Jump | None:
    value = _value(body["key"], packet)
    for key, end in _elements(body["data"], sets):
        if _is(value, key, sets):
            kind, target = _first(end)
            if kind == "":
                return Jump("", back=True)
            return Jump(target["target"], back=kind == "jump") if kind in ("jump", "goto") else _STOPS.get(kind)
    return None


def _matches(body: Mapping[str, Any], sets: Mapping[str, list[Any]], packet: Packet) -> bool | None:
    value = _value(body["left"], packet)
    if value is _ELSEWHERE:
        return False
    fits = _is(value, body["right"], sets)
    if fits is None or body["op"] not in ("==", "!=", "in"):
        return None
    return not fits if body["op"] == "!=" else fits


def _value(left: Any, packet: Packet) -> Any:
    """What a packet has in this place."""
    if not isinstance(left, dict):
        return _UNKNOWN
    kind, body = _first(left)
    if kind == "meta":
        family = "ipv4" if packet.destination.version == 4 else "ipv6"
        known = {"iifname": packet.interface, "iif": packet.interface, "l4proto": packet.protocol, "nfproto": family}
        if body["key"] == "pkttype":
            return "multicast" if packet.destination.is_multicast else "host"
        return known.get(body["key"], _UNKNOWN)
    if kind == "ct":
        return "new" if body["key"] == "state" else _UNKNOWN
    if kind == "payload":
        return _payload(body.get("protocol"), body.get("field"), packet)
    if kind == "concat":
        return [_value(each, packet) for each in body]
    if kind == "fib":
        # A neighbour passes the reverse path filter: there is a way back (RFC 3704 section 2.2).
        return True if body.get("result") == "oif" else "multicast" if packet.destination.is_multicast else "local"
    return _UNKNOWN


def _payload(protocol: str | None, name: str | None, packet: Packet) -> Any:
    if protocol in ("tcp", "udp", "th", "sctp", "dccp", "icmp", "icmpv6", "igmp"):
        if protocol not in ("th", packet.protocol):
            return _ELSEWHERE
        return packet.port if name == "dport" else _UNKNOWN
    if protocol in ("ip", "ip6"):
        if protocol != ("ip" if packet.destination.version == 4 else "ip6"):
            return _ELSEWHERE
        known = {"saddr": packet.source, "daddr": packet.destination, "protocol": packet.protocol}
        return known.get(name or "", packet.protocol if name == "nexthdr" else _UNKNOWN)
    return _UNKNOWN


def _elements(data: Any, sets: Mapping[str, list[Any]]) -> list[Any]:
    if isinstance(data, str):
        return list(sets.get(data.removeprefix("@"), []))
    return list(data["set"]) if isinstance(data, dict) and "set" in data else []


def _is(value: Any, wanted: Any, sets: Mapping[str, list[Any]]) -> bool | None:
    """Whether a value is the wanted one, or among the wanted ones."""
    if value is _ELSEWHERE:
        return False
    if wanted == "*" or (isinstance(wanted, dict) and "elem" in wanted):
        return True if wanted == "*" else _is(value, wanted["elem"]["val"], sets)
    if isinstance(wanted, str) and wanted.startswith("@"):
        return _any(value, sets[wanted[1:]], sets) if wanted[1:] in sets else None
    if isinstance(wanted, dict) and "set" in wanted:
        return _any(value, wanted["set"], sets)
    if isinstance(value, list):
        return _is_each(value, wanted["concat"], sets) if isinstance(wanted, dict) and "concat" in wanted else None
    if isinstance(wanted, list):  # of flags
        return _any(value, wanted, sets)
    return _is_one(value, wanted)


def _is_one(value: Any, wanted: Any) -> bool | None:
    if value is _UNKNOWN:
        return None
    if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return _is_address(value, wanted)
    if isinstance(wanted, dict):
        low, high = wanted.get("range", (None, None))
        return bool(low <= value <= high) if isinstance(low, int) and isinstance(value, int) else None
    if isinstance(wanted, str) and wanted.endswith("*"):
        return str(value).startswith(wanted[:-1])
    return bool(value == wanted)


def _is_address(address: Any, wanted: Any) -> bool | None:
    try:
        if isinstance(wanted, str):
            return bool(address == ipaddress.ip_address(wanted))
        if "prefix" in wanted:
            return address in ipaddress.ip_network(
                f"{wanted['prefix']['addr']}/{wanted['prefix']['len']}", strict=False
            )
        low, high = (ipaddress.ip_address(each) for each in wanted["range"])
        return bool(low <= address <= high)
    except (KeyError, TypeError, ValueError):
        return None


def _is_each(values: list[Any], wanted: list[Any], sets: Mapping[str, list[Any]]) -> bool | None:
    return _all([_is(value, each, sets) for value, each in zip(values, wanted, strict=False)])


def _any(value: Any, wanted: Iterable[Any], sets: Mapping[str, list[Any]]) -> bool | None:
    found = [_is(value, each, sets) for each in wanted]
    return True if True in found else (None if None in found else False)


def _all(found: list[bool | None]) -> bool | None:
    return False if False in found else (None if None in found else True)
