"""The interfaces of this machine, which of them LanChat uses and why not the others. Touches rtnetlink."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection
from pathlib import Path
from typing import Final

from lanchatd.lan import rtnetlink
from lanchatd.lan.interfaces import INSIDE, TUNNELS, is_used

from .facts import InterfaceFact, Use

_WIRELESS: Final = Path("/proc/net/wireless")
_MODEMS: Final = ("ppp*", "wwan*")


def gather(chosen: Collection[str] = ()) -> list[InterfaceFact]:
    """All interfaces, by index; nothing if the kernel does not tell.

    Args:
        chosen: the only interfaces to use; empty for the ordinary choice.
    """
    try:
        links = rtnetlink.links()
    except OSError:
        return []
    wireless = _wireless()
    return [
        InterfaceFact(
            name=link.name,
            index=link.index,
            use=use_of(link, chosen),
            wireless=link.name in wireless,
            addresses=[str(each) for each in link.addresses],
        )
        for link in links
    ]


def use_of(link: rtnetlink.KernelLink, chosen: Collection[str] = ()) -> Use:
    """Whether LanChat uses an interface, or why not."""
    if is_used(link.name, link.flags, chosen):
        return "used" if link.addresses else "no_address"
    if chosen and link.name not in chosen:
        return "not_chosen"
    if link.flags & rtnetlink.IFF_LOOPBACK:
        return "loopback"
    if _matches(link.name, INSIDE):
        return "inside"
    if is_tunnel(link):
        return "tunnel"
    if not link.flags & rtnetlink.IFF_UP:
        return "down"
    if not link.flags & rtnetlink.IFF_RUNNING:
        return "no_carrier"
    return "no_multicast"


def is_tunnel(link: rtnetlink.KernelLink) -> bool:
    """Whether an interface leads to another place through this or another network: a VPN, not a modem."""
    if _matches(link.name, _MODEMS):
        return False
    return _matches(link.name, TUNNELS) or bool(link.flags & rtnetlink.IFF_POINTOPOINT)


def _matches(name: str, patterns: Collection[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _wireless() -> set[str]:
    try:
        lines = _WIRELESS.read_text(errors="replace").splitlines()[2:]
    except OSError:
        return set()
    return {line.partition(":")[0].strip() for line in lines}
