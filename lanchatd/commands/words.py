"""People, times and calls in words, as short as a terminal wants them."""

from __future__ import annotations

import time
from typing import Final

from lanchatd.commands.terminal import Colour
from lanchatd.protocol import ui
from lanchatd.protocol.model import CallOutcome

HERE: Final = ("online", "away", "dnd", "busy")
"""The presences of those who can be reached now."""
SHORT_KEY: Final = 8
"""Characters of a key that tell people apart at a glance."""

_PRESENCES: Final[dict[ui.Presence, tuple[str, Colour]]] = {
    "online": ("available", "green"),
    "away": ("away", "yellow"),
    "dnd": ("do not disturb", "red"),
    "busy": ("in a call", "red"),
    "offline": ("offline", "dim"),
    "unreachable": ("can't be reached", "yellow"),
    "incompatible": ("uses another version", "yellow"),
}
_RELATIONS: Final[dict[ui.Relation, str]] = {
    "none": "stranger",
    "outgoing": "asked",
    "incoming": "wants to chat",
    "contact": "contact",
    "blocked": "blocked",
}
_CAUTIONS: Final = {
    "mismatch": "the codes did not match",
    "clone": "key in use on two machines",
    "looks_like": "name looks like {name}",
    "same_name": "same name as somebody else",
    "renamed": "was {name}",
}
"""What may be odd about a name or a key, the worst first."""
_OUTCOMES: Final[dict[CallOutcome, str]] = {
    "ended": "",
    "declined": "declined",
    "cancelled": "cancelled",
    "no_answer": "no answer",
    "busy": "busy",
    "peer_gone": "connection lost",
    "not_allowed": "not allowed",
}


def short_key(person: str) -> str:
    """The start of a key, by which a person can be named."""
    return person[:SHORT_KEY]


def full_name(person: ui.Person) -> str:
    """A person and their machine."""
    return f"{person.name}@{person.machine}" if person.machine else person.name


def presence(person: ui.Person, now: float) -> tuple[str, Colour]:
    """How somebody is present; ``now`` in seconds since 1970."""
    words, colour = _PRESENCES[person.presence]
    if person.presence == "offline" and person.last_seen:
        words = f"{words}, seen {ago(now - person.last_seen / 1000)}"
    return words, colour


def relation(person: ui.Person) -> str:
    """What they are to our person."""
    words = _RELATIONS[person.relation]
    return f"{words}, verified" if person.verified else words


def cautions(person: ui.Person) -> str:
    """What is odd about their name or their key; why they can't be reached; empty as a rule."""
    notices = {notice.kind: notice for notice in person.notices}
    found = [words.format(name=notices[kind].name) for kind, words in _CAUTIONS.items() if kind in notices]
    if person.held:
        found = ["not the person whom you have verified"]
    return "; ".join([*found, *([person.reason.rstrip(".")] if person.reason else [])])


def ago(seconds: float) -> str:
    """How long something is past."""
    if seconds < 60:
        return "just now"
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if count := int(seconds // size):
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def clock(at: int) -> str:
    """The time of day of a moment in milliseconds since 1970."""
    return time.strftime("%H:%M", time.localtime(at / 1000))


def day(at: int) -> str:
    """The day of a moment in milliseconds since 1970."""
    return time.strftime("%A, %d %B %Y", time.localtime(at / 1000))


def call(entry: ui.CallEntry) -> str:
    """A call that is over."""
    kind = "video call" if entry.video else "audio call"
    if entry.duration:
        minutes, seconds = divmod(entry.duration // 1000, 60)
        lost = ", connection lost" if entry.outcome == "peer_gone" else ""
        return f"{kind}, {minutes}:{seconds:02} min{lost}"
    missed = "" if entry.mine or entry.outcome == "declined" else "missed "
    outcome = _OUTCOMES[entry.outcome] if entry.mine or entry.outcome == "declined" else ""
    return f"{missed}{kind}{', ' if outcome else ''}{outcome}"


def some(count: int, one: str, more: str = "") -> str:
    """A number of things."""
    return f"{count} {one if count == 1 else more or one + 's'}"
