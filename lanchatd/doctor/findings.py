"""All findings of some facts, the worst first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from .catalogue import HINDERS, KINDS, SEVERITIES, Finding, finding
from .facts import Facts
from .rules import firewall, machine, multicast, people

MOST: Final = 8
"""Findings of one kind about people that are told one by one."""
_ORDER = list(KINDS)
_ABOUT_PEOPLE: Final = frozenset(
    {"outgoing_blocked", "one_way", "peer_firewall", "peer_silent", "peer_unfit", "incompatible", "clone_peer"}
)


def findings(facts: Facts) -> list[Finding]:
    """What the facts mean, the worst first; empty if there is nothing to say."""
    found = [each for rule in (machine, multicast, firewall, people) for each in rule.find(facts)]
    found.sort(key=lambda each: (SEVERITIES.index(each.severity), _ORDER.index(each.kind)))
    return [each for kind, alike in groupby(found, lambda each: each.kind) for each in _few(kind, list(alike))]


def _few(kind: str, alike: Sequence[Finding]) -> Iterator[Finding]:
    """Strangers may be as many as they like; what is to be read is not."""
    most = MOST if kind in _ABOUT_PEOPLE else len(alike)
    yield from alike[:most]
    if len(alike) > most:
        yield finding(
            kind,
            f"And {len(alike) - most} more, of whom the same is true.",
            "When these are mended, look again.",
            severity=alike[most].severity,
        )


def hinders(found: list[Finding]) -> bool:
    """Whether one of them keeps people from each other."""
    return any(each.severity in HINDERS for each in found)
