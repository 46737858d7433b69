"""All findings of some facts, the worst first. Pure."""

from __future__ import annotations

from .catalogue import HINDERS, KINDS, SEVERITIES, Finding
from .facts import Facts
from .rules import firewall, machine, multicast, people

_ORDER = list(KINDS)


def findings(facts: Facts) -> list[Finding]:
    """What the facts mean, the worst first; empty if there is nothing to say."""
    found = [each for rule in (machine, multicast, firewall, people) for each in rule.find(facts)]
    return sorted(found, key=lambda each: (SEVERITIES.index(each.severity), _ORDER.index(each.kind)))


def hinders(found: list[Finding]) -> bool:
    """Whether one of them keeps people from each other."""
    return any(each.severity in HINDERS for each in found)
