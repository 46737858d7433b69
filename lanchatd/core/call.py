"""One call as this side knows it, and when it ends by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from lanchatd.protocol import ui
from lanchatd.protocol.model import CallId, CallOutcome, Media, MediaState, PeerId, TabId

from .effects import Moment

RING_LASTS: Final = 45.0
"""Seconds that a call rings."""
RING_WITHOUT_LINK: Final = 10.0
ACTIVE_WITHOUT_LINK: Final = 30.0
LEAP: Final = 1000
WITHOUT_PAGE: Final = 30.0
"""Seconds that a page has to come back after a reload."""

State = Literal["ringing out", "ringing in", "active"]


@dataclass(slots=True)
class Call:
    """The call, as this side knows it. Deadlines are on the steady clock."""

    id: CallId
    person: PeerId
    state: State
    outgoing: bool
    polite: bool
    offered: Media
    started: Moment
    merged: CallId | None = None
    """The other id, when both called each other at once and the two calls became one."""
    owner: TabId | None = None
    accepted: Media | None = None
    answered: Moment | None = None
    generation: int = 1
    linked: bool = True
    unlinked_at: float = 0.0
    left_at: float = 0.0
    peer_present: bool = True
    media: MediaState | None = None
    peer_media: MediaState | None = None

    def view(self) -> ui.Call:
        return ui.Call(
            id=self.id,
            person=self.person,
            direction="outgoing" if self.outgoing else "incoming",
            state="active" if self.state == "active" else "ringing",
            started_at=self.started.wall,
            polite=self.polite,
            offered=self.offered,
            owner=self.owner,
            accepted=self.accepted,
            accepted_at=self.answered.wall if self.answered else None,
            generation=self.generation,
            linked=self.linked,
            peer_present=self.peer_present,
            peer_media=self.peer_media,
        )

    def entry(self, outcome: CallOutcome, now: Moment) -> ui.CallEntry:
        """The line of the conversation that says how the call was."""
        duration = int((now.steady - self.answered.steady) * 1000) if self.answered else 0
        return ui.CallEntry(self.id, self.outgoing, self.offered.video, outcome, self.started.wall, duration)

    def advance(self, generation: int) -> None:
        """The other side is at this media session; a leap that no person can have made is ignored."""
        if self.generation < generation < self.generation + LEAP:
            self.generation = generation

    def overdue(self, now: float) -> CallOutcome | None:
        """Why the call ends now by itself, if it does."""
        grace = ACTIVE_WITHOUT_LINK if self.state == "active" else RING_WITHOUT_LINK
        if not self.linked and now - self.unlinked_at >= grace:
            return "peer_gone"
        if self.state != "active":
            return "no_answer" if now - self.started.steady >= RING_LASTS else None
        return "peer_gone" if self.owner is None and now - self.left_at >= WITHOUT_PAGE else None
