"""Every state of the page as data: what the daemon says and the person does. `screenshots` and the tests play them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from lanchatd.doctor.desk import Examination
from lanchatd.protocol import ui
from lanchatd.protocol.model import PeerId

from .company import (
    ADA,
    BRAM,
    CALLS,
    DELIVERIES,
    GUS,
    IMKE,
    JUN,
    LENA,
    LONG,
    LONG_AGO,
    NOVA,
    NOW,
    OLEG,
    PEOPLE,
    PRIYA,
    SAM,
    SAM_TOO,
    TOMAS,
    TRICKY,
    WITH_JUN,
    snapshot,
)  # fmt: skip

# ----------------------------------------------------------------------------------------- what a person does


@dataclass(frozen=True, slots=True)
class Press:
    """Presses something by its role and name."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class Fill:
    """Writes into a field by its label."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Hover:
    """Points at the row of a person."""

    person: PeerId


@dataclass(frozen=True, slots=True)
class Tell:
    """The daemon tells something."""

    event: ui.Event


@dataclass(frozen=True, slots=True)
class Leave:
    """The daemon goes away."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Time passes, in milliseconds."""

    milliseconds: int


@dataclass(frozen=True, slots=True)
class ScrollUp:
    """Goes back to what was said first."""


@dataclass(frozen=True, slots=True)
class Script:
    """Something that only the page's own objects can bring about: a function in JavaScript."""

    function: str


Step = Press | Fill | Hover | Tell | Leave | Pass | ScrollUp | Script


@dataclass(frozen=True, slots=True)
class State:
    """One picture. ``opened``: whose conversation is open from the start, or ``network``.

    ``network``: what the daemon says when it is asked about it; null if it takes its time.
    """

    name: str
    snapshot: ui.Snapshot
    opened: PeerId | Literal["network"] | None = None
    steps: tuple[Step, ...] = ()
    network: Examination | None = None


LEFT: Final = [msgspec.structs.replace(who, presence="offline", last_seen=NOW - 300_000) for who in (SAM, SAM_TOO)]
SHOW_LEFT: Final = "() => document.querySelector('.people-left summary').click()"
TOO_LONG: Final = "Once upon a time there was a network. " * 450


def rejected(who: ui.Person, reason: str) -> Tell:
    """Our request to this person is over without a yes."""
    return Tell(ui.ChatRequestRejected(person=who.id, mine=True, reason=reason))  # type: ignore[arg-type]


def related(who: ui.Person, relation: ui.Relation) -> Tell:
    """The daemon tells of a new relation."""
    changed = ui.Person(who.id, who.name, who.machine, who.presence, relation, who.reason, who.last_seen)
    return Tell(ui.PersonChanged(person=changed))


_TO_ALERTS: Final = Script("() => document.querySelector('#settings-alerts').scrollIntoView()")
_SHOWN: Final = msgspec.structs.replace(snapshot(), desktop=True, preferences=ui.Preferences(hide_text=True))
_ASKED: Final = related(SAM, "outgoing")

PAGE_STATES: Final = [
    State("nobody", snapshot([], [])),
    State("nobody-after-ten-seconds", snapshot([], []), steps=(Pass(10_500),)),
    State("people", snapshot()),
    State("people-hover", snapshot(), steps=(Hover(ADA.id),)),
    State("people-left", snapshot([*PEOPLE[:3], *LEFT])),
    State("people-left-shown", snapshot([*PEOPLE[:3], *LEFT]), steps=(Script(SHOW_LEFT),)),
    State("people-filter", snapshot(), steps=(Fill("Search people", "sam"),)),
    State("people-filter-nobody", snapshot(), steps=(Fill("Search people", "zeno"),)),
    State("people-strange-names", snapshot([LONG, TRICKY, *PEOPLE]), LONG.id),
    State("conversation", snapshot(), ADA.id),
    State("conversation-typing", snapshot(), ADA.id, (Tell(ui.Typing(person=ADA.id, active=True)),)),
    State("conversation-new", snapshot(conversations=[]), ADA.id),
    State("conversation-unread", snapshot(), JUN.id),
    State("conversation-deliveries", snapshot(conversations=[DELIVERIES, WITH_JUN]), ADA.id),
    State("conversation-calls", snapshot(conversations=[CALLS, WITH_JUN]), ADA.id),
    State("conversation-jump", snapshot(conversations=[LONG_AGO, WITH_JUN]), ADA.id, (ScrollUp(),)),
    State(
        "conversation-composing",
        snapshot(),
        ADA.id,
        (Fill("Message", "Two things before you come:\n\n1. the ladder is in the shed\n2. the key is where it was"),),
    ),
    State("conversation-too-long", snapshot(), ADA.id, (Fill("Message", TOO_LONG),)),
    State("conversation-menu", snapshot(), ADA.id, (Press("button", "More"),)),
    State("conversation-forget", snapshot(), ADA.id, (Press("button", "More"), Press("button", "Forget"))),
    State("conversation-refused", snapshot(), LENA.id, (Fill("Message", "refuse me"), Press("button", "Send"))),
    State("offline", snapshot(), IMKE.id),
    State("busy", snapshot(), TOMAS.id),
    State("unreachable", snapshot(), GUS.id),
    State("incompatible", snapshot(), NOVA.id),
    State("blocked", snapshot(), BRAM.id),
    State("stranger", snapshot(), SAM.id),
    State("request-incoming", snapshot(), PRIYA.id),
    State("request-outgoing", snapshot(), OLEG.id),
    State("request-declined", snapshot(), SAM.id, (_ASKED, related(SAM, "none"), rejected(SAM, "declined"))),
    State("request-expired", snapshot(), SAM.id, (_ASKED, related(SAM, "none"), rejected(SAM, "expired"))),
    State(
        "reconnecting",
        snapshot(),
        ADA.id,
        (Leave(), Fill("Message", "See you there"), Press("button", "Send"), Pass(1500)),
    ),
    State(
        "stopped",
        snapshot(),
        ADA.id,
        (Leave(), Fill("Message", "See you there"), Press("button", "Send"), Pass(10_500)),
    ),
    State("settings", snapshot(), steps=(Press("button", "Settings"),)),
    State("settings-notifications", snapshot(), steps=(Press("button", "Settings"), _TO_ALERTS)),
    State("settings-notifications-desktop", _SHOWN, steps=(Press("button", "Settings"), _TO_ALERTS)),
    State("settings-block", snapshot(), steps=(Press("button", "Settings"), Press("button", f"Block {ADA.name}"))),
]  # fmt: skip
