"""Who has, or seems to have, the name of somebody that our person knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lanchatd.protocol.model import PeerId

from .known import Known
from .names import skeleton

COMPARED: Final = 32
"""Of so many people of one name at most each is compared with the others."""


class Namesakes:
    """The people by what their names look like. ``me`` has a name, too, that nobody else should seem to have."""

    def __init__(self, me: PeerId) -> None:
        self._me = me
        self._own_name = ""
        self._by_look: dict[str, dict[PeerId, Known]] = {}
        self._looks: dict[PeerId, str] = {}

    def call_me(self, name: str) -> Iterable[Known]:
        """Our own name is this; whom that may concern."""
        before, self._own_name = skeleton(self._own_name), name
        return [*self._group(before), *self._group(skeleton(name))]

    def file(self, known: Known) -> Iterable[Known]:
        """A person is known under this name; whom that may concern, also them."""
        before, look = self._looks.get(known.id), skeleton(known.name)
        concerned = {} if before is None or before == look else {each.id: each for each in self._group(before)}
        if before != look:
            self._drop(known.id, before)
            self._looks[known.id] = look
            self._by_look.setdefault(look, {})[known.id] = known
        concerned.update((each.id, each) for each in self._group(look))
        concerned[known.id] = known
        return concerned.values()

    def drop(self, person: PeerId) -> Iterable[Known]:
        """A person is known no more; whom that may concern."""
        look = self._looks.pop(person, None)
        self._drop(person, look)
        return self._group(look) if look is not None else []

    def compare(self, known: Known) -> None:
        """Note on the person who else has their name: a verified person first, then a contact, then we ourselves."""
        others = [each for each in self._group(self._looks.get(known.id, "")) if each is not known and each.contact]
        verified = next((each for each in others if each.verified), None)
        other = verified or next(iter(others), None)
        known.impostor = verified is not None and not known.verified
        if other is not None:
            known.alike = (other.id, other.name)
        elif skeleton(self._own_name) == self._looks.get(known.id):
            known.alike = (self._me, self._own_name)
        else:
            known.alike = None

    def _group(self, look: str) -> list[Known]:
        # Whoever makes keys by the hundred, all of one name, does not make each of them a hundred times the work.
        people = self._by_look.get(look, {}).values()
        if len(people) <= COMPARED:
            return list(people)
        return sorted(people, key=lambda each: (not each.contact, not each.linked))[:COMPARED]

    def _drop(self, person: PeerId, look: str | None) -> None:
        if look is not None:
            group = self._by_look[look]
            group.pop(person, None)
            if not group:
                del self._by_look[look]
