"""The people and the conversations of the pictures."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from typing import Final

from lanchatd.protocol import ui
from lanchatd.protocol.model import PeerId

NOW: Final = 1_795_012_200_000
"""The page's clock when a state begins: Wednesday, 18 November 2026, 14:30 UTC."""
MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def peer(name: str) -> PeerId:
    """A key that is the same in every run."""
    return PeerId(b32encode(hashlib.sha256(name.encode()).digest()).decode().rstrip("=").lower())


# ------------------------------------------------------------------------------------------------- the people

ME: Final = ui.Me(id=peer("me"), name="Mara Lindqvist", machine="heron", status="available")


def person(
    name: str, machine: str, presence: ui.Presence = "online", relation: ui.Relation = "contact", **more: object
) -> ui.Person:
    """Somebody, known by a key that comes from the name and the machine."""
    return ui.Person(id=peer(name + machine), name=name, machine=machine, presence=presence, relation=relation, **more)  # type: ignore[arg-type]


ADA: Final = person("Ada Okafor", "kestrel")
TOMAS: Final = person("Tomás Rivera", "workshop-pi", "busy")
JUN: Final = person("Jun Watanabe", "studio", "away")
LENA: Final = person("Lena Fischer", "library-2", "dnd")
SAM: Final = person("Sam", "kitchen", relation="none")
SAM_TOO: Final = person("Sam", "attic", relation="none")
PRIYA: Final = person("Priya Nair", "greenhouse", relation="incoming")
OLEG: Final = person("Oleg Marchenko", "lab-14", relation="outgoing")
IMKE: Final = person("Imke de Vries", "barge", "offline", last_seen=NOW - 3 * HOUR)
GUS: Final = person(
    "Gus",
    "old-laptop",
    "unreachable",
    reason="Gus is announced on the network, but old-laptop does not answer. "
    "A firewall there may keep LanChat out (port 5263, TCP).",
)
NOVA: Final = person(
    "Nova",
    "preview-box",
    "incompatible",
    "none",
    reason="Nova's LanChat is newer and speaks another protocol. Update LanChat on one of the two machines.",
)
BRAM: Final = person("Bram", "cellar", relation="blocked")
LONG: Final = person(
    "Wolfeschlegelsteinhausenbergerdorff the Extraordinarily Patient",
    "a-machine-with-a-very-long-name-indeed",
    "online",
)
TRICKY: Final = person("<img src=x onerror=alert(1)>", "</script><b>box", relation="none")

PEOPLE: Final = [ADA, TOMAS, JUN, LENA, SAM, SAM_TOO, PRIYA, OLEG, IMKE, GUS, NOVA, BRAM]


# ------------------------------------------------------------------------------------------ the conversations


def said(number: int, text: str, ago: int, status: ui.Delivery | None = None) -> ui.TextEntry:
    """A message, ours if it has a status; ``ago`` in milliseconds."""
    return ui.TextEntry(
        id=f"message-{number:04}", mine=status is not None, text=text, at=NOW - ago, status=status or "delivered"
    )


def called(number: int, outcome: str, ago: int, *, mine: bool, video: bool = False, duration: int = 0) -> ui.CallEntry:
    """A call that is over."""
    return ui.CallEntry(
        id=f"call-{number:04}",
        mine=mine,
        video=video,
        outcome=outcome,
        at=NOW - ago,
        duration=duration,  # type: ignore[arg-type]
    )


WITH_ADA: Final = ui.Conversation(
    person=ADA.id,
    unread=0,
    entries=[
        said(1, "Morning! The printer on the second floor is awake again 🎉", DAY + 5 * HOUR),
        said(2, "You are a hero.", DAY + 5 * HOUR - MINUTE, "seen"),
        said(3, "What was it this time?", DAY + 5 * HOUR - MINUTE, "seen"),
        said(4, "It had joined the guest Wi-Fi and was talking to nobody.", DAY + 5 * HOUR - 3 * MINUTE),
        said(5, "Notes are here: https://wiki.example.net/printers/second-floor (scroll to the end)",
             DAY + 5 * HOUR - 4 * MINUTE),
        called(1, "ended", 3 * HOUR, mine=True, video=True, duration=12 * MINUTE + 8000),
        said(6, "Thanks for walking me through it. I drew the new layout, what do you think?\n\n"
             "  • router by the window\n  • both access points on the same channel plan\n"
             "  • one cable to the workshop", 40 * MINUTE),
        said(7, "Looks right to me", 22 * MINUTE, "seen"),
        said(8, "Only the workshop cable: can we go along the north wall? It is shorter and dry.", 21 * MINUTE, "seen"),
        called(2, "no_answer", 12 * MINUTE, mine=False),
        said(9, "Sorry, was under a desk. North wall it is.", 6 * MINUTE),
        said(10, "👍", 5 * MINUTE, "seen"),
        said(11, "I bring the drill. Half past three?", 4 * MINUTE, "delivered"),
    ],
)  # fmt: skip
WITH_JUN: Final = ui.Conversation(
    person=JUN.id,
    unread=3,
    entries=[
        said(21, "Could you look at the mix when you have a minute?", 2 * HOUR, "seen"),
        said(22, "On it", 95 * MINUTE),
        said(23, "The low end is much better", 14 * MINUTE),
        said(24, "But the second verse still feels crowded, listen from 1:12", 13 * MINUTE),
        said(25, "I left two versions in the shared folder", 12 * MINUTE),
    ],
)
WITH_IMKE: Final = ui.Conversation(
    person=IMKE.id,
    entries=[
        said(31, "We cast off at six tomorrow", 4 * HOUR),
        said(32, "Then I will bring breakfast", 3 * HOUR + 50 * MINUTE, "seen"),
        said(33, "Do you have room for two bicycles?", 40 * MINUTE, "waiting"),
    ],
)
WITH_TOMAS: Final = ui.Conversation(
    person=TOMAS.id,
    entries=[
        said(41, "Laser cutter is free from four", DAY + HOUR),
        called(4, "ended", DAY, mine=False, duration=95_000),
    ],
)
WITH_LENA: Final = ui.Conversation(person=LENA.id, entries=[said(51, "Back after the exam. Wish me luck", 3 * DAY)])
CONVERSATIONS: Final = [WITH_ADA, WITH_JUN, WITH_IMKE, WITH_TOMAS, WITH_LENA]
LONG_AGO: Final = ui.Conversation(
    person=ADA.id,
    entries=[
        said(100 + index, text, (60 - index) * 2 * MINUTE, None if index % 3 else "seen")
        for index, text in enumerate(["One more thing about the layout", "Yes", "Go on", "I measured it twice"] * 12)
    ],
)


def snapshot(
    people: list[ui.Person] = PEOPLE,
    conversations: list[ui.Conversation] = CONVERSATIONS,
    *,
    me: ui.Me = ME,
    call: ui.Call | None = None,
) -> ui.Snapshot:
    """What the daemon says first; the stage gives every tab its number."""
    return ui.Snapshot(tab=0, run="first", version="1.0", me=me, people=people, conversations=conversations, call=call)


DELIVERIES: Final = ui.Conversation(
    person=ADA.id,
    entries=[
        said(61, "seen: read on a screen", 9 * MINUTE, "seen"),
        said(62, "delivered: on the other machine", 8 * MINUTE, "delivered"),
        said(63, "sent: on its way", 7 * MINUTE, "sent"),
        said(64, "waiting: kept here", 6 * MINUTE, "waiting"),
    ],
)
CALLS: Final = ui.Conversation(
    person=ADA.id,
    entries=[
        called(11, "ended", 90 * MINUTE, mine=True, duration=754_000),
        called(12, "no_answer", 80 * MINUTE, mine=False, video=True),
        called(13, "declined", 70 * MINUTE, mine=True, video=True),
        called(14, "busy", 60 * MINUTE, mine=True),
        called(15, "cancelled", 50 * MINUTE, mine=False),
        called(16, "peer_gone", 40 * MINUTE, mine=False, video=True, duration=61_000),
        called(17, "declined", 30 * MINUTE, mine=False),
        called(18, "cancelled", 20 * MINUTE, mine=True),
    ],
)
