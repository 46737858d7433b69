"""Who has, or seems to have, the name of somebody that our person knows."""

from __future__ import annotations

from collections.abc import Iterable

from lanchatd.protocol.model import PeerId

from .known import Known
from .names import skeleton


class Namesakes:
    """The people by what their names look like. ``me`` has a name, too, that nobody else should seem to have.

    Only the name of a contact, or of somebody verified, is looked out for, so that of a stranger concerns nobody else,
    however many strangers share it.
    """

    def __init__(self, me: PeerId) -> None:
        self._me = me
        self._own_name = ""
        self._by_look: dict[str, dict[PeerId, Known]] = {}
        self._looks: dict[PeerId, str] = {}
        self._contacts: dict[str, dict[PeerId, Known]] = {}

    def call_me(self, name: str) -> Iterable[Known]:
        """Our own name is this; whom that may concern."""
        before, self._own_name = skeleton(self._own_name), name
        return [*self._alike(before), *self._alike(skeleton(name))]

    def file(self, known: Known) -> Iterable[Known]:
        """A person is known under this name; whom that may concern, also them."""
        before, look = self._looks.get(known.id), skeleton(known.name)
        was_contact = before is not None and known.id in self._contacts.get(before, {})
        concerned = self._alike(before) if was_contact and before is not None else []
        if before is not None:
            _discard(self._contacts, before, known.id)
            if before != look:
                _discard(self._by_look, before, known.id)
        self._looks[known.id] = look
        self._by_look.setdefault(look, {})[known.id] = known
        if known.contact or (known.verified and not known.blocked):
            self._contacts.setdefault(look, {})[known.id] = known
            concerned = [*concerned, *self._alike(look)]
        return {each.id: each for each in [*concerned, known]}.values()

    def drop(self, person: PeerId) -> Iterable[Known]:
        """A person is known no more; whom that may concern."""
        look = self._looks.pop(person, None)
        if look is None:
            return []
        was_contact = person in self._contacts.get(look, {})
        _discard(self._contacts, look, person)
        _discard(self._by_look, look, person)
        return self._alike(look) if was_contact else []

    def compare(self, known: Known) -> None:
        """Note on the person who else has their name: a verified person first, then a contact, then we ourselves."""
        look = self._looks.get(known.id, "")
        others = [each for each in self._contacts.get(look, {}).values() if each is not known]
        verified = next((each for each in others if each.verified), None)
        other = verified or next(iter(others), None)
        known.impostor = verified is not None and not known.verified
        if other is not None:
            known.alike = (other.id, other.name)
        elif skeleton(self._own_name) == look:
            known.alike = (self._me, self._own_name)
        else:
            known.alike = None

    def _alike(self, look: str) -> list[Known]:
        return list(self._by_look.get(look, {}).values())


def _discard(groups: dict[str, dict[PeerId, Known]], look: str, person: PeerId) -> None:
    group = groups.get(look)
    if group is not None:
        group.pop(person, None)
        if not group:
            del groups[look]
