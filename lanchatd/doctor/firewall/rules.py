"""What a rule set does with one packet. Pure.

Rules say many things, and what is not understood may be true or false; so there is a set of possible ends, and only
one that is alone in it is a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from lanchatd.doctor.facts import Verdict
from lanchatd.lan.addresses import IPAddress

Act = Literal["accept", "drop", "return", "continue"]
_DEEPEST: Final = 32
_ANY: Final = frozenset({"accept", "drop", "return"})


@dataclass(frozen=True, slots=True)
class Packet:
    """The first one of a conversation that somebody else begins."""

    interface: str
    protocol: Literal["tcp", "udp"]
    port: int
    source: IPAddress
    destination: IPAddress


Condition = Callable[[Packet], bool | None]
"""Whether a packet fits; None if that can't be told."""


@dataclass(frozen=True, slots=True)
class Jump:
    """To another chain, perhaps an unknown one; ``back``: what does not end there comes back."""

    chain: str
    back: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """If all conditions fit, this happens. An ``act`` that depends on the packet is a function of it."""

    conditions: Sequence[Condition]
    act: Act | Jump | Callable[[Packet], Act | Jump | None]


@dataclass(slots=True)
class Chain:
    """Rules in their order. ``policy``: what happens at the end of a base chain."""

    rules: list[Rule] = field(default_factory=list)
    policy: Act = "accept"


def verdict(chains: Mapping[str, Chain], base: str, packet: Packet) -> Verdict:
    """What a base chain, and those that it jumps to, does with the packet."""
    ends = _walk(chains, base, packet, 0, {})
    if "return" in ends:
        ends = (ends - {"return"}) | {chains[base].policy}
    if ends == {"accept"}:
        return "open"
    return "closed" if ends == {"drop"} else "unknown"


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """A packet has to pass every one of them."""
    if "closed" in verdicts:
        return "closed"
    return "unknown" if "unknown" in verdicts else "open"


def _walk(
    chains: Mapping[str, Chain], name: str, packet: Packet, depth: int, known: dict[str, frozenset[str]]
) -> frozenset[str]:
    """All the ends that are possible; ``return`` if the packet may come out at the end of the chain.

    ``known``: of the chains that were walked before, for many may jump to the same one.
    """
    if name in known:
        return known[name]
    chain = chains.get(name)
    if chain is None or depth > _DEEPEST:
        return _ANY
    known[name] = _ANY  # for who comes back here in a circle
    known[name] = _ends(chains, chain, packet, depth, known)
    return known[name]


def _ends(
    chains: Mapping[str, Chain], chain: Chain, packet: Packet, depth: int, known: dict[str, frozenset[str]]
) -> frozenset[str]:
    ends: frozenset[str] = frozenset()
    for rule in chain.rules:
        fits = _fits(rule, packet)
        if fits is False:
            continue
        here = _act(chains, rule, packet, depth, known)
        if here is None:
            continue
        ends |= here - {"continue"}
        if fits and "continue" not in here:
            return ends
    return ends | {"return"}


def _act(
    chains: Mapping[str, Chain], rule: Rule, packet: Packet, depth: int, known: dict[str, frozenset[str]]
) -> frozenset[str] | None:
    act = rule.act(packet) if callable(rule.act) else rule.act
    if act is None or act == "continue":
        return None
    if isinstance(act, Jump):
        ends = _walk(chains, act.chain, packet, depth + 1, known)
        if act.back and "return" in ends:
            ends = (ends - {"return"}) | {"continue"}
        return ends
    return frozenset({act})


def _fits(rule: Rule, packet: Packet) -> bool | None:
    unsure = False
    for condition in rule.conditions:
        fits = condition(packet)
        if fits is False:
            return False
        unsure = unsure or fits is None
    return None if unsure else True
