"""Who is known, and how they are present. "Online" is said only of a person with a live link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import PeerId

from .effects import Effect, Moment, TellTabs
from .known import Known, Problem, short_key
from .names import clean
from .namesakes import Namesakes

STRANGERS: Final = 500
"""At most so many strangers without a link are shown; whoever announces more of them is not telling the truth."""


class Roster:
    """The people, by key."""

    def __init__(self, me: PeerId) -> None:
        self._people: dict[PeerId, Known] = {}
        self._namesakes = Namesakes(me)

    def restore(self, people: Iterable[Known]) -> None:
        """Take over what was kept on disk."""
        for known in people:
            known.name, known.machine = clean(known.name) or short_key(known.id), clean(known.machine)
            self._people[known.id] = known
            self._namesakes.file(known)
        for known in self:
            self._namesakes.compare(known)

    def call_me(self, name: str) -> list[Effect]:
        """Our own person has this name; others who have it, too, are told apart."""
        return self._compare(self._namesakes.call_me(name))

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
            BadRequest: ``unknown_person``, ``blocked``, ``held``.
        """
        known = self.get(person)
        if known.blocked:
            raise BadRequest("blocked", f"You have blocked {known.name}; unblock them first.")
        if known.held:
            raise BadRequest("held", f"{known.name} has the name of a verified person and another key; decide first.")
        return known

    def contact(self, person: PeerId, purpose: Literal["chat", "talk"]) -> Known:
        """Somebody who has agreed, to chat or to talk.

        Raises:
            BadRequest: ``unknown_person``, ``blocked``, ``held``, ``not_contact``.
        """
        known = self.unblocked(person)
        if not known.contact:
            raise BadRequest("not_contact", f"{known.name} has not agreed to {purpose} yet; send a request first.")
        return known

    def reachable(self, person: PeerId) -> Known:
        """A contact with whom our person can talk now.

        Raises:
            BadRequest: ``unknown_person``, ``blocked``, ``held``, ``not_contact``, ``offline``.
        """
        known = self.contact(person, "talk")
        if not known.linked:
            raise BadRequest("offline", f"{known.name} is not connected now.")
        return known

    def views(self) -> list[ui.Person]:
        return [known.view() for known in self._people.values()]

    def change(self, person: PeerId, edit: Callable[[Known], None], name: str | None = None) -> list[Effect]:
        """Edit a person, made if new, and tell the tabs who looks different from before."""
        known = self._people.get(person)
        before = known.view() if known else None
        if known is None:
            known = self._people[person] = Known(person, clean(name or "") or short_key(person))
        edit(known)
        others = [each for each in self._namesakes.file(known) if each is not known]
        self._namesakes.compare(known)
        after = known.view()
        changed: list[Effect] = [] if after == before else [TellTabs(ui.PersonChanged(person=after))]
        return [*changed, *self._compare(others)]

    def _compare(self, people: Iterable[Known]) -> list[Effect]:
        changed: list[Effect] = []
        for known in people:
            before = known.view()
            self._namesakes.compare(known)
            if known.view() != before:
                changed.append(TellTabs(ui.PersonChanged(person=known.view())))
        return changed

    def linked(self, person: PeerId, hello: peer.Hello) -> list[Effect]:
        """An authenticated link is up."""

        def edit(known: Known) -> None:
            known.name, known.machine = clean(hello.name) or short_key(person), clean(hello.machine)
            known.status, known.in_call = hello.status, hello.in_call
            known.linked, known.problem, known.left_at = True, None, None
            known.late_profile = None

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
            known.name = clean(profile.name) or short_key(person)
            known.status, known.in_call, known.late_profile = profile.status, profile.in_call, None

        return self.change(person, edit)

    def profiled_later(self, person: PeerId, profile: peer.Profile) -> None:
        """They change it so often that only the last one of a while is shown."""
        self._people[person].late_profile = profile

    def cloned(self, person: PeerId, address: str) -> list[Effect]:
        """Their key is in use on a second machine, too."""

        def edit(known: Known) -> None:
            known.clone = address

        return self.change(person, edit)

    def keep_name(self, person: PeerId) -> list[Effect]:
        """Our person has read what there is to say of the name, and goes on with this key.

        Raises:
            BadRequest: ``unknown_person``.
        """
        self.get(person)

        def edit(known: Known) -> None:
            known.agreed_name, known.clone = known.name, None

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
        removed = TellTabs(ui.PersonRemoved(person=person))
        if self._people[person].linked:
            return [removed]
        del self._people[person]
        return [removed, *self._compare(self._namesakes.drop(person))]

    def tick(self, now: Moment) -> list[Effect]:
        """Drop the strangers who left long ago, and show the last profile of those who change it all the time."""
        late = [(known.id, known.late_profile) for known in self if known.late_profile is not None]
        gone = [
            known.id
            for known in self._dispensable()
            if known.left_at is not None and now.steady - known.left_at >= known.stays
        ]
        shown = [effect for person, profile in late for effect in self.profiled(person, profile)]
        return [*shown, *(effect for person in gone for effect in self.forget(person))]

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
