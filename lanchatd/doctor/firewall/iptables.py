"""Reads ``iptables-save`` (iptables-extensions(8)) as far as it matters to a packet that comes in. Pure."""

from __future__ import annotations

import ipaddress
import shlex
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from .rules import Act, Chain, Condition, Jump, Packet, Rule

BASE: Final = "INPUT"
_STOPS: Final[dict[str, Act]] = {"ACCEPT": "accept", "DROP": "drop", "REJECT": "drop", "RETURN": "return"}
_POLICIES: Final[dict[str, Act]] = {"ACCEPT": "accept", "DROP": "drop"}
_CONTINUES: Final = frozenset({"LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "SET", "TRACE", "AUDIT"})
_SAYS_NOTHING: Final = frozenset({"-m", "--comment", "--reject-with", "--log-prefix", "--log-level"})


def read(text: str) -> dict[str, Chain]:
    """The chains of the ``filter`` table; empty if it has no rules at all and lets everything in."""
    chains: dict[str, Chain] = {}
    table = ""
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif table == "filter" and line.startswith(":"):
            name, policy, *_ = [*line[1:].split(), "", ""]
            chains.setdefault(name, Chain()).policy = _POLICIES.get(policy, "continue")  # to nobody knows where
        elif table == "filter" and line.startswith("-A "):
            try:
                _, name, *words = shlex.split(line)
            except ValueError:
                continue
            rule = _rule(words)
            if rule is not None:
                chains.setdefault(name, Chain()).rules.append(rule)
    idle = BASE in chains and not chains[BASE].rules and chains[BASE].policy == "accept"
    return {} if idle else chains


def _rule(words: list[str]) -> Rule | None:
    conditions: list[Condition] = []
    for option, value, negated in _options(words):
        if option in ("-j", "-g"):
            if value in _STOPS:
                return Rule(conditions, _STOPS[value])
            if value in _CONTINUES:
                return None
            return Rule(conditions, Jump(value, back=option == "-j"))  # to nowhere, if it is no chain
        if option in _SAYS_NOTHING:
            continue
        test = _TESTS.get(option)
        conditions.append(_cannot_tell if test is None else partial(_checked, test, value, negated))
    return None


def _options(words: list[str]) -> Iterator[tuple[str, str, bool]]:
    """Each option with its (last) value, and whether an exclamation mark stands before it."""
    position = 0
    while position < len(words):
        negated = words[position] == "!"
        option = words[position + negated] if position + negated < len(words) else ""
        end = position + negated + 1
        while end < len(words) and words[end] != "!" and not words[end].startswith("-"):
            end += 1
        yield option, words[end - 1] if end - 1 > position + negated else "", negated
        position = end


def _cannot_tell(_packet: Packet) -> None:
    return None


def _checked(test: Callable[[Packet, str], bool | None], value: str, negated: bool, packet: Packet) -> bool | None:
    fits = test(packet, value)
    return not fits if negated and fits is not None else fits


def _interface(packet: Packet, value: str) -> bool:
    return packet.interface.startswith(value[:-1]) if value.endswith("+") else packet.interface == value


def _ports(packet: Packet, value: str) -> bool | None:
    try:
        spans = [[int(end) for end in part.split(":")] for part in value.split(",")]
    except ValueError:
        return None
    return any(span[0] <= packet.port <= span[-1] for span in spans)


def _within(address: object, value: str) -> bool | None:
    try:
        return address in ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


_TESTS: Final[dict[str, Callable[[Packet, str], bool | None]]] = {
    "-i": _interface,
    "-p": lambda packet, value: value in (packet.protocol, "all", "0"),
    "-s": lambda packet, value: _within(packet.source, value),
    "-d": lambda packet, value: _within(packet.destination, value),
    "--dport": _ports,
    "--dports": _ports,
    "--ctstate": lambda _packet, value: "NEW" in value.split(","),
    "--state": lambda _packet, value: "NEW" in value.split(","),
    "--dst-type": lambda packet, value: value == ("MULTICAST" if packet.destination.is_multicast else "LOCAL"),
}
