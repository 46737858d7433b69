"""A notification as it is to be seen, and what pressing one of its buttons asks for. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from lanchatd.protocol import ui
from lanchatd.protocol.model import PeerId


class Slot(NamedTuple):
    """A place on the desktop that holds one notification at a time; what is new in it replaces what was there."""

    kind: Literal["call", "comparison", "requests", "messages", "missed", "unsent"]
    person: PeerId | None = None


class Button(NamedTuple):
    """``key`` names the call or the person that it is about: what is pressed is never done to another one."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification. All of it is plain text.

    ``category`` is one of the Desktop Notifications Specification. ``reply``: words can be written into it where the
    server can. ``urgent``: it stays until it is withdrawn, ``lasts`` seconds at most. ``ring``: with the sound of a
    call.
    """

    summary: str
    body: str
    category: str
    buttons: tuple[Button, ...] = ()
    reply: bool = False
    urgent: bool = False
    lasts: float | None = None
    ring: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """What the person wants by pressing a button.

    ``requests`` as a tab would send them, in order. ``page``: bring the page to the front, with the conversation of
    ``person`` if there is one. ``take``: the call that a page is to accept.
    """

    requests: tuple[ui.TabRequest, ...] = ()
    page: bool = False
    person: PeerId | None = None
    take: ui.TakeCall | None = None
