"""What is known of one person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from lanchatd.protocol import peer, ui
from lanchatd.protocol.model import PeerId, Status

STRANGER_KEPT: Final = 600.0
"""Seconds that a stranger who has left stays in the list."""
REQUEST_KEPT: Final = 24 * 3600.0
"""Seconds that the request of somebody who has left stays."""

Stance = Literal["none", "asking", "accepted", "declined"]
Problem = Literal["unreachable", "incompatible"]


@dataclass(slots=True)
class Known:
    """What is known of one person. ``mine`` and ``theirs`` are what each side wants with the other.

    ``agreed_name`` is the name under which our person has begun with them, or gone on after a notice. ``alike`` is who
    else has that name: the key and the spelling; ``impostor`` says that this is somebody verified. ``doubted``: the
    last comparison ended with another code.
    """

    id: PeerId
    name: str
    machine: str = ""
    status: Status = "available"
    in_call: bool = False
    linked: bool = False
    problem: tuple[Problem, str] | None = None
    last_seen: int | None = None
    left_at: float | None = None
    mine: Stance = "none"
    theirs: Stance = "none"
    asked_at: float = 0.0
    blocked: bool = False
    verified: bool = False
    doubted: bool = False
    agreed_name: str | None = None
    alike: tuple[PeerId, str] | None = None
    impostor: bool = False
    clone: str | None = None
    late_profile: peer.Profile | None = field(default=None, repr=False)

    @property
    def presence(self) -> ui.Presence:
        if not self.linked:
            return self.problem[0] if self.problem else "offline"
        if self.in_call:
            return "busy"
        return "online" if self.status == "available" else self.status

    @property
    def contact(self) -> bool:
        return self.mine == "accepted" and self.theirs in ("asking", "accepted") and not self.blocked

    @property
    def relation(self) -> ui.Relation:
        if self.blocked:
            return "blocked"
        if self.contact:
            return "contact"
        if self.mine == "asking":
            return "outgoing"
        return "incoming" if self.theirs == "asking" and self.mine == "none" else "none"

    @property
    def held(self) -> bool:
        """Whether they have the name of a verified person, and our person has not decided about that."""
        return self.impostor and self.agreed_name != self.name and not (self.contact or self.blocked)

    @property
    def dispensable(self) -> bool:
        """Whether nothing is lost with them: they are away, and our person has nothing to do with them."""
        return not self.linked and self.relation in ("none", "incoming") and not self.verified

    @property
    def stays(self) -> float:
        """Seconds that they stay in the list after they have left, if they are dispensable."""
        return REQUEST_KEPT if self.relation == "incoming" else STRANGER_KEPT

    def view(self) -> ui.Person:
        return ui.Person(
            self.id,
            self.name,
            self.machine,
            self.presence,
            self.relation,
            self.problem[1] if self.problem and not self.linked else None,
            self.last_seen,
            self.verified and not self.blocked,
            self.held,
            self._notices(),
        )

    def _notices(self) -> list[ui.Notice]:
        if self.blocked:
            return []
        found = []
        agreed = self.agreed_name == self.name
        if self.doubted:
            found.append(ui.Notice("mismatch"))
        if self.contact and self.agreed_name and not agreed:
            found.append(ui.Notice("renamed", self.agreed_name))
        if self.alike and (self.impostor or not agreed):
            other, name = self.alike
            found.append(ui.Notice("same_name" if name == self.name else "looks_like", name, other, settled=agreed))
        if self.clone:
            found.append(ui.Notice("clone", self.clone))
        return found


def short_key(person: PeerId) -> str:
    """The start of a peer id in two groups of four, to tell people of one name apart."""
    return f"{person[:4]} {person[4:8]}"
