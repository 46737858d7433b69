"""What notifications say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lanchatd.core.call import RING_LASTS
from lanchatd.core.known import short_key
from lanchatd.protocol import ui

from .notice import Button, Notice

LINES: Final = 3
"""Of a burst of messages the last so many are shown."""
LINE_LENGTH: Final = 200
NAMES: Final = 3
"""Of the people who want to chat so many are named."""
_DOUBTS: Final = ("same_name", "looks_like", "mismatch", "clone")


def called(person: ui.Person | None) -> str:
    """The name of a person, with the start of the key if the name alone makes one think of somebody else."""
    if person is None:
        return "Somebody"
    doubtful = any(notice.kind in _DOUBTS for notice in person.notices)
    return f"{person.name} ({short_key(person.id)})" if doubtful else person.name


def message(name: str, lines: Sequence[str], count: int, *, hidden: bool) -> Notice:
    """Somebody has written.

    Args:
        name: theirs.
        lines: the last messages.
        count: how many there are in all.
        hidden: say that, and not what.
    """
    if hidden:
        body = "New message" if count == 1 else f"{count} new messages"
        return Notice(name, body, "im.received")
    summary = name if count == 1 else f"{name} · {count} new messages"
    return Notice(summary, "\n".join(map(cut, lines[-LINES:])), "im.received", reply=True)


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def cut(text: str) -> str:
    """The beginning of a text, on one line."""
    line = on_one_line(text)
    return line if len(line) <= LINE_LENGTH else f"{line[: LINE_LENGTH - 1].rstrip()}…"


def requests(people: Sequence[ui.Person]) -> Notice:
    """People want to chat. Only one alone can be answered here, and only one who can not be mistaken for another."""
    if len(people) > 1:
        names = [called(person) for person in people[:NAMES]]
        more = [f"{len(people) - NAMES} more"] if len(people) > NAMES else []
        return Notice(f"{len(people)} people want to chat", _listed([*names, *more]), "im")
    (person,) = people
    origin = " · ".join(filter(None, (person.machine, short_key(person.id))))
    if any(notice.kind in _DOUBTS for notice in person.notices):
        return Notice(f"{person.name} wants to chat", f"{origin}\nTake care: this may not be who you think.", "im")
    buttons = (Button(f"accept:{person.id}", "Accept"), Button(f"decline:{person.id}", "Decline"))
    return Notice(f"{person.name} wants to chat", origin, "im", buttons)


def call(name: str, call: ui.Call, *, ring: bool) -> Notice:
    """Somebody calls."""
    video = call.offered.video
    accept = (
        (Button(f"accept-video:{call.id}", "Accept with video"), Button(f"accept-audio:{call.id}", "Accept with audio"))
        if video
        else (Button(f"accept-audio:{call.id}", "Accept"),)
    )
    return Notice(
        f"{name} is calling",
        "Video call" if video else "Audio call",
        "call.incoming",
        (*accept, Button(f"decline:{call.id}", "Decline")),
        urgent=True,
        lasts=RING_LASTS,
        ring=ring,
    )


def missed(name: str, count: int) -> Notice:
    """Somebody has called in vain."""
    return Notice(name, "Missed call" if count == 1 else f"{count} missed calls", "call.unanswered")


def comparison(name: str) -> Notice:
    """Somebody asks to compare a code."""
    return Notice(name, "Would like to verify with you", "im")


def unsent(name: str, problem: str) -> Notice:
    """A reply was refused."""
    return Notice(f"Your reply to {name} was not sent", problem, "im.error")


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
