"""The answer as text for a terminal. Pure. What strangers have named is cleaned, here or before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lanchatd.lan.report import PeerState

from .catalogue import Finding
from .facts import Facts, InterfaceFact
from .findings import hinders
from .rules.words import listed, problem, who

_LEFT_OUT = {
    "down": "switched off",
    "no_carrier": "no cable or Wi-Fi",
    "no_address": "no address",
    "loopback": "this machine only",
    "inside": "left out: containers or virtual machines",
    "tunnel": "left out: a VPN",
    "not_chosen": "left out: not chosen",
    "no_multicast": "left out: no multicast",
}
_SIGNS = {"problem": "PROBLEM", "warning": "WARNING", "note": "Note"}


def summary(facts: Facts, found: Sequence[Finding]) -> str:
    """One line: what is wrong, or that all is well and who is linked."""
    if hinders(list(found)):
        bad = [each for each in found if each.severity != "note"]
        return f"{len(bad)} {'thing hinders' if len(bad) == 1 else 'things hinder'} LanChat on this machine."
    peers = facts.daemon.peers if facts.daemon is not None else []
    linked = [f"{who(peer)} ({_speed(peer)})" for peer in peers if peer.link is not None]
    return f"All is well: linked with {listed(linked, 8)}." if linked else "All is well, and nobody else is here yet."


def lines(facts: Facts, found: Sequence[Finding]) -> Iterator[str]:
    """The summary, the findings, and the picture of the network."""
    yield summary(facts, found)
    for each in found:
        yield ""
        yield f"{_SIGNS[each.severity]} [{each.kind}] {_line(each.sentence)}"
        if each.step:
            yield f"  {_line(each.step)}"
        if each.command:
            yield f"    {_line(each.command)}"
    yield from _interfaces(facts)
    yield from _people(facts)


def _interfaces(facts: Facts) -> Iterator[str]:
    yield from ("", "Interfaces")
    width = max((len(each.name) for each in facts.machine.interfaces), default=0)
    for each in facts.machine.interfaces:
        words = _used(each, facts) if each.use == "used" else _LEFT_OUT[each.use]
        addresses = " ".join(each.addresses[:3])
        yield f"  {_line(each.name):{width}}  {f'{addresses}  ' if addresses else ''}{words}"


def _used(fact: InterfaceFact, facts: Facts) -> str:
    if facts.machine.mdns_problem is not None:
        echo = "multicast can't be tried"
    elif any(each.returned for each in fact.echoes):
        echo = "multicast leaves and returns"
    else:
        echo = "multicast does not return"
    hearing = facts.daemon.hearing if facts.daemon is not None else []
    others = max([len(fact.neighbours), *(each.neighbours for each in hearing if each.interface == fact.name)])
    return f"{echo}; {others} other {'address' if others == 1 else 'addresses'} heard"


def _people(facts: Facts) -> Iterator[str]:
    peers = facts.daemon.peers if facts.daemon is not None else []
    if not peers:
        return
    yield from ("", "People")
    for peer in peers:
        heard = f", mDNS {_seconds(peer.told['mdns'])} ago" if "mdns" in peer.told else ""
        if peer.link is not None:
            way = "we dialled" if peer.link.outgoing else "they dialled"
            yield f"  {who(peer)}  linked for {_seconds(peer.link.since)}, {_speed(peer)}, {way}{heard}"
        else:
            why = problem(peer)
            known = "in sight" if peer.in_sight else "not here"
            yield f"  {who(peer)}  {known}{heard}{f': {_line(why)}' if why else ''}"


def _speed(peer: PeerState) -> str:
    if peer.link is None:
        return ""
    trip = peer.link.round_trip
    return f"{peer.link.address}, {f'{trip:.1f} ms' if trip is not None else 'just linked'}"


def _seconds(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def _line(text: str) -> str:
    """What is printed can't move the cursor, whatever it holds."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
