"""Who is known, and how they are present. "Online" is said only of a person with a live link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import PeerId, Status

from .effects import Effect, Moment, TellTabs

STRANGER_KEPT: Final = 600.0
"""Seconds that a stranger who has left stays in the list."""
REQUEST_KEPT: Final = 24 * 3600.0
"""Seconds that the request of somebody who has left stays."""
STRANGERS: Final = 500
"""At most so many strangers without a link are shown; whoever announces more of them is not telling the truth."""

Stance = Literal["none", "asking", "accepted", "declined"]
Problem = Literal["unreachable", "incompatible"]


@dataclass(slots=True)
class Known:
    """What is known of one person. ``mine`` and ``theirs`` are what each side wants with the other."""

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
    def dispensable(self) -> bool:
        """Whether nothing is lost with them: they are away, and our person has nothing to do with them."""
        return not self.linked and self.relation in ("none", "incoming")

    @property
    def stays(self) -> float:
        """Seconds that they stay in the list after they have left, if they are dispensable."""
        return REQUEST_KEPT if self.relation == "incoming" else STRANGER_KEPT

    def view(self) -> ui.Person:
        reason = self.problem[1] if self.problem and not self.linked else None
        return ui.Person(self.id, self.name, self.machine, self.presence, self.relation, reason, self.last_seen)


def short_key(person: PeerId) -> str:
    """The start of a peer id in two groups of four, to tell people of one name apart."""
    return f"{person[:4]} {person[4:8]}"


class Roster:
    """The people, by key."""

    def __init__(self) -> None:
        self._people: dict[PeerId, Known] = {}

    def restore(self, people: Iterable[Known]) -> None:
        """Take over what was kept on disk."""
        self._people.update((person.id, person) for person in people)

    def __iter__(self) -> Iterator[Known]:
        return iter(self._people.values())

    def find(self, person: PeerId) -> Known | None:
        return self._people.get(person)

    def get(self, person: PeerId) -> Known:
        """The person that a tab speaks of.

        Raises:
            BadRequest: ``unknown_person``.
        """
        known = self._people.get(person)
        if known is None:
            raise BadRequest("unknown_person", "Nobody with this key is known here.")
        return known

    def unblocked(self, person: PeerId) -> Known:
        """Somebody with whom our person may begin something.

        Raises:
            BadRequest: ``unknown_person``, ``blocked``.
        """
        known = self.get(person)
        if known.blocked:
            raise BadRequest("blocked", f"You have blocked {known.name}; unblock them first.")
        return known

    def contact(self, person: PeerId, purpose: Literal["chat", "talk"]) -> Known:
        """Somebody who has agreed, to chat or to talk.

        Raises:
            BadRequest: ``unknown_person``, ``blocked``, ``not_contact``.
        """
        known = self.unblocked(person)
        if not known.contact:
            raise BadRequest("not_contact", f"{known.name} has not agreed to {purpose} yet; send a request first.")
        return known

    def views(self) -> list[ui.Person]:
        return [known.view() for known in self._people.values()]

    def change(self, person: PeerId, edit: Callable[[Known], None], name: str | None = None) -> list[Effect]:
        """Edit a person, made if new, and tell the tabs when they look different from before."""
        known = self._people.get(person)
        before = known.view() if known else None
        if known is None:
            known = self._people[person] = Known(person, name or short_key(person))
        edit(known)
        after = known.view()
        return [] if after == before else [TellTabs(ui.PersonChanged(person=after))]

    def linked(self, person: PeerId, hello: peer.Hello) -> list[Effect]:
        """An authenticated link is up."""

        def edit(known: Known) -> None:
            known.name, known.machine = hello.name, hello.machine
            known.status, known.in_call = hello.status, hello.in_call
            known.linked, known.problem, known.left_at = True, None, None

        return self.change(person, edit)

    def unlinked(self, person: PeerId, now: Moment) -> list[Effect]:
        """The link is gone."""

        def edit(known: Known) -> None:
            known.linked, known.in_call = False, False
            known.last_seen, known.left_at = now.wall, now.steady

        return [*self.change(person, edit), *self._make_room()]

    def profiled(self, person: PeerId, profile: peer.Profile) -> list[Effect]:
        """A linked person has changed name, status or being in a call."""

        def edit(known: Known) -> None:
            known.name, known.status, known.in_call = profile.name, profile.status, profile.in_call

        return self.change(person, edit)

    def troubled(
        self, person: PeerId, name: str | None, problem: tuple[Problem, str] | None, now: Moment
    ) -> list[Effect]:
        """Somebody is announced and can't be reached, with the reason; or, with None, is no longer announced."""
        known = self._people.get(person)
        if known is None and (problem is None or len(self._dispensable()) >= STRANGERS):
            return []

        def edit(known: Known) -> None:
            if not known.linked:
                known.problem = problem
                known.left_at = now.steady if problem is None else None

        return self.change(person, edit, name)

    def forget(self, person: PeerId) -> list[Effect]:
        """Drop somebody, with the conversation on the page; a linked one is there again as a stranger."""
        if not self._people[person].linked:
            del self._people[person]
        return [TellTabs(ui.PersonRemoved(person=person))]

    def tick(self, now: Moment) -> list[Effect]:
        """Drop the strangers who left long ago."""
        gone = [
            known.id
            for known in self._dispensable()
            if known.left_at is not None and now.steady - known.left_at >= known.stays
        ]
        return [effect for person in gone for effect in self.forget(person)]

    def _dispensable(self) -> list[Known]:
        return [known for known in self._people.values() if known.dispensable]

    def _make_room(self) -> list[Effect]:
        away = sorted(self._dispensable(), key=lambda known: known.left_at or 0.0)
        excess = away[: max(0, len(away) - STRANGERS)]
        return [effect for known in excess for effect in self.forget(known.id)]

    def stamp(self, now: Moment) -> None:
        """Everybody who is linked was seen now."""
        for known in self._people.values():
            if known.linked:
                known.last_seen = now.wall
