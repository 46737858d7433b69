"""The others: who is in sight and can't be linked, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lanchatd.doctor.catalogue import Finding, finding
from lanchatd.doctor.facts import DaemonFacts, Facts, ReachFact
from lanchatd.lan.report import PeerState

from .words import address as address_of
from .words import listed, problem, who

FRESH = 150_000
"""Milliseconds after an announcement in which its machine is surely there still."""
_LONG = 2**53


def find(facts: Facts) -> Iterator[Finding]:
    """All that is about other machines."""
    daemon = facts.daemon
    if daemon is None:
        return
    hopeless = {each.interface for each in facts.machine.routes if each.tunnel and each.interface is not None}
    apart: list[tuple[PeerState, str]] = []
    for peer in daemon.peers:
        tries = [each for each in facts.machine.reach if _is_of(each, peer)]
        if peer.link is not None:
            yield from _one_way(peer, tries, facts)
        elif peer.incompatible:
            yield finding("incompatible", problem(peer) or "", about=peer.id)
        elif peer.in_sight or "manual" in peer.told:
            if _is_apart(peer, tries) and not hopeless:
                apart.append((peer, tries[0].address))
            elif not (hopeless and _all(tries, "silent", "no_way")):
                yield from _unlinked(peer, tries)
    if apart:
        yield _isolated(apart, facts)
    if not daemon.peers and _can_hear(facts):
        yield _nobody(daemon, facts)


def _is_of(reach: ReachFact, peer: PeerState) -> bool:
    if peer.id is not None or reach.peer is not None:
        return reach.peer == peer.id
    return any((reach.address, reach.port) == (place.address, place.port) for place in peer.places)


def _all(tries: Sequence[ReachFact], *outcomes: str) -> bool:
    return bool(tries) and all(each.outcome in outcomes for each in tries)


def _is_apart(peer: PeerState, tries: Sequence[ReachFact]) -> bool:
    """They are surely there, and not even the link layer reaches them."""
    there = "introduced" in peer.told or peer.told.get("mdns", FRESH) < FRESH
    gone = any(each.at_home is not False for each in tries if ":" not in each.address)
    return peer.in_sight and there and not gone and any(each.at_home is False for each in tries)


def _isolated(apart: Sequence[tuple[PeerState, str]], facts: Facts) -> Finding:
    people = listed([f"{who(peer)} ({address})" for peer, address in apart])
    wireless = any(each.wireless for each in facts.machine.interfaces if each.use == "used")
    what = "Wi-Fi" if wireless else "network, or their Wi-Fi,"
    certain = any(peer.wanted for peer, _ in apart)
    why = f"probably the {what} keeps its devices apart"
    doubt = "" if certain else ", or a machine is announced that is not there"
    first = "" if certain else "Ask them whether they are on this network; if so: "
    heard = min(min(peer.told.get("mdns", _LONG), peer.told.get("introduced", _LONG)) for peer, _ in apart)
    be = ("is" if len(apart) == 1 else "are") if heard < FRESH else ("was" if len(apart) == 1 else "were")
    when = "" if heard < FRESH else f" {heard // 60_000} minutes ago"
    return finding(
        "isolated",
        f"{people} {be} on this network{when}, and nothing passes between their machine and this one: {why}{doubt}.",
        f"{first}Switch off “client isolation” (or “AP isolation”) in the access point, leave the guest network, or "
        "use a cable or a hotspot of your own.",
        about=apart[0][0].id,
        severity=None if certain else "warning",
    )


def _one_way(peer: PeerState, tries: Sequence[ReachFact], facts: Facts) -> Iterator[Finding]:
    link = peer.link
    own = {each.partition("/")[0] for fact in facts.machine.interfaces for each in fact.addresses}
    if link is None or link.outgoing or link.address in own or not _all(tries, "silent", "refused", "no_way"):
        return
    yield finding(
        "one_way",
        f"{who(peer)} ({link.address}) has reached this machine, and this machine does not reach theirs: their "
        f"firewall lets nobody in. Their links last only as long as they dial; two such machines never meet.",
        f"On their machine run lanchatd doctor, or allow TCP port {tries[0].port} in its firewall.",
        about=peer.id,
    )


def _unlinked(peer: PeerState, tries: Sequence[ReachFact]) -> Iterator[Finding]:
    """In sight, or named by the person, and no link."""
    name, last = who(peer), peer.attempts[-1] if peer.attempts else None
    if any(each.outcome == "answers" for each in tries) or not tries:
        # Being dialled at this moment, perhaps: a failure that is older than the answer counts only if it says more.
        if last is not None and (not tries or last.kind not in ("silent", "refused", "no_way")):
            step = "Compare the address with that of their machine." if peer.id is None else "Restart LanChat there."
            yield finding(
                "peer_unfit", f"There is no link with {name}: {last.sentence}", step, about=peer.id or address_of(peer)
            )
        return
    address, port = tries[0].address, tries[0].port
    if _all(tries, "forbidden"):
        yield finding(
            "outgoing_blocked",
            f"This machine forbids connections to {name} ({address}): its firewall or the kill switch of a VPN.",
            f"Allow outgoing connections to the local network, TCP port {port}.",
            about=peer.id or address,
        )
    elif any(each.outcome == "refused" or each.at_home for each in tries):
        yield _kept_out(peer, next(each for each in tries if each.outcome == "refused" or each.at_home))
    else:
        there = "They were announced a while ago, and may be off or asleep by now; or" if peer.in_sight else "Either"
        yield finding(
            "peer_silent",
            f"{name} ({address}) does not answer at all. {there} the address is of another network, or the network "
            "keeps the two machines apart.",
            "On their machine run lanchatd doctor, and compare the networks of both.",
            about=peer.id or address,
        )


def _kept_out(peer: PeerState, reach: ReachFact) -> Finding:
    refused = reach.outcome == "refused"
    why = "refuses" if refused else "is there and does not answer"
    cause = (
        "LanChat has just ended there, or the firewall of that machine refuses it"
        if refused
        else "the firewall of that machine drops it"
    )
    return finding(
        "peer_firewall",
        f"The machine of {who(peer)} ({reach.address}) {why} when LanChat connects to TCP port {reach.port}: probably "
        f"{cause}.",
        f"On that machine run lanchatd doctor, which tells the command that opens TCP port {reach.port}.",
        about=peer.id or reach.address,
    )


def _can_hear(facts: Facts) -> bool:
    daemon = facts.daemon
    used = any(each.use == "used" for each in facts.machine.interfaces)
    return used and facts.machine.mdns_problem is None and daemon is not None and daemon.discovery_problem is None


def _nobody(daemon: DaemonFacts, facts: Facts) -> Finding:
    used = [each for each in facts.machine.interfaces if each.use == "used"]
    places = listed([f"{each.name} ({each.addresses[0]})" for each in used if each.addresses])
    heard = any(each.neighbours for each in used) or any(each.packets for each in daemon.hearing)
    others = (
        "Other machines are heard there, so the network passes multicast."
        if heard
        else "Nothing at all is heard there by multicast; a guest network or a Wi-Fi that keeps its devices apart "
        "looks so, and a network of one, too."
    )
    return finding(
        "nobody_heard",
        f"No other LanChat is to be seen on {places} now. {others}",
        "On the other machine run lanchatd doctor, and compare its network with this one. If multicast does not pass "
        "between the two, start LanChat with --peer and the address of the other machine.",
    )
