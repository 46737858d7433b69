"""Every kind of finding: what it is called, how bad it is, and what it means. `docs/doctor.md` is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from msgspec import Struct

Severity = Literal["problem", "warning", "note"]
"""``problem``: people do not find each other. ``warning``: some do not, or will not. ``note``: good to know."""
SEVERITIES: Final[tuple[Severity, ...]] = ("problem", "warning", "note")
HINDERS: Final = ("problem", "warning")


class Finding(Struct, frozen=True):
    """One thing that was found.

    ``kind``: a stable name, for scripts. ``step``: what to do, in a sentence, perhaps empty. ``command``: what does it,
    to be typed as it is, if there is such. ``about``: the interface, the address or the peer id that it is about.
    """

    kind: str
    severity: Severity
    sentence: str
    step: str = ""
    command: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """The usual severity, the meaning, and how it is told, each in some words."""

    severity: Severity
    meaning: str
    told_by: str


KINDS: Final = {
    "not_running": Kind("problem", "The daemon is not running, or has ended without a word.", "no live daemon.json"),
    "daemon_silent": Kind("problem", "The daemon runs and does not answer.", "no answer on loopback"),
    "no_network": Kind(
        "problem", "No interface of this machine is on a local network.", "rtnetlink: links, carriers, addresses"
    ),
    "interface_missing": Kind(
        "problem", "An interface that was chosen is not there, down or without an address.", "rtnetlink, the settings"
    ),
    "mdns_port_held": Kind(
        "problem", "Another program keeps UDP port 5353 for itself.", "a bind that shares the port fails; /proc/net/udp"
    ),
    "discovery_fails": Kind("problem", "mDNS does not work for another reason.", "the daemon's discovery"),
    "multicast_blocked": Kind(
        "problem", "What this machine says by multicast does not leave, or does not return.", "a question to the group"
    ),
    "firewall_closed": Kind(
        "problem",
        "The firewall of this machine keeps others out.",
        "firewalld, or the rules of ufw, nftables, iptables",
    ),
    "vpn_takes_lan": Kind("problem", "A VPN takes the packets for the local network, too.", "the kernel's route"),
    "outgoing_blocked": Kind(
        "problem", "This machine itself forbids connections to its neighbours.", "connect(2): not permitted"
    ),
    "isolated": Kind(
        "problem",
        "Somebody is there, and the network passes nothing between the two machines. A warning, if it is only "
        "announced that they are there, and they are neither contacts nor given by hand: everybody can announce it.",
        "in sight now, no answer on TCP, none to ARP",
    ),
    "clone_self": Kind("problem", "Our own key is in use on another machine.", "a link that proves our key"),
    "one_way": Kind(
        "warning", "Somebody reaches us, and we do not reach them.", "linked by their dial, no answer to ours"
    ),
    "peer_firewall": Kind(
        "warning", "A machine is there, and does not let us in.", "in sight, answers to ARP, not on TCP; or refuses"
    ),
    "peer_silent": Kind("warning", "Somebody does not answer, and it can't be told why.", "in sight, no answer"),
    "peer_unfit": Kind("warning", "Something answers, and no link comes of it.", "what dialling has ended with"),
    "incompatible": Kind("warning", "Somebody uses another version of LanChat.", "hello on the link"),
    "multicast_unheard": Kind(
        "warning",
        "The network passes no multicast, though there are others: newcomers are not found.",
        "links within the subnet, no mDNS of others",
    ),
    "link_local_only": Kind("warning", "No router has given this machine an address.", "rtnetlink"),
    "clone_peer": Kind("warning", "Somebody else's key is in use on two machines.", "two links with one key"),
    "only_machine": Kind(
        "note", "The command runs as root, and the daemon as somebody else.", "the user of the command"
    ),
    "firewall_unread": Kind(
        "note", "A firewall is on, and its rules can only be read by root.", "ufw.conf, firewalld, systemd"
    ),
    "peer_port_moved": Kind("note", "The port for other machines was taken; another one is used.", "/proc/net/tcp"),
    "page_port_moved": Kind("note", "The port of the page was taken; another one is used.", "/proc/net/tcp"),
    "page_by_address": Kind("note", "The page was asked for by another name than localhost.", "the page's guard"),
    "vpn_default": Kind(
        "note", "A VPN takes what goes to the world, and leaves the local network.", "the kernel's route"
    ),
    "nobody_heard": Kind("note", "No other LanChat has been heard of.", "no peers, no answer to the question"),
}


def finding(
    kind: str,
    sentence: str,
    step: str = "",
    *,
    command: str | None = None,
    about: str | None = None,
    severity: Severity | None = None,
) -> Finding:
    """A finding of this kind, with the severity that it usually has."""
    return Finding(kind, severity or KINDS[kind].severity, sentence[:1].upper() + sentence[1:], step, command, about)
