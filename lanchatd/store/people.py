"""Which people are kept on disk, and where they were met: between the roster and the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from lanchatd.core.known import Known, Stance
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.ui import Preferences

from .state import State, StoredPerson

ADDRESSES_KEPT: Final = 4
STRANGERS_KEPT: Final = 64
"""Where so many people were met who are no contacts is kept, too: they are dialled at start where multicast fails."""

PLACES_KEPT: Final = 1024
"""Of everybody met since the start, so many places are remembered, to be kept of those who become contacts."""


class People:
    """What was kept, and what has been learnt since."""

    def __init__(self, state: State) -> None:
        self.name = state.name
        self.preferences = state.preferences
        self._stored: Final = {person.id: person for person in state.people}

    def preferring(self, notifications: bool | None, hide_text: bool | None) -> Preferences:
        """What holds at the start: what is set outside, if it is, before what was chosen on the page."""
        kept = self.preferences
        return Preferences(
            notifications=kept.notifications if notifications is None else notifications,
            hide_text=kept.hide_text if hide_text is None else hide_text,
        )

    def known(self) -> Iterator[Known]:
        """The contacts and the blocked, for the roster."""
        for person in self._stored.values():
            if person.contact or person.blocked or person.verified:
                stance: Stance = "accepted" if person.contact and not person.blocked else "none"
                yield Known(
                    person.id,
                    person.name,
                    person.machine,
                    last_seen=person.last_seen,
                    mine=stance,
                    theirs=stance,
                    blocked=person.blocked,
                    verified=person.verified,
                    doubted=person.doubted,
                    agreed_name=person.agreed_name or (person.name if person.contact else None),
                )

    def places(self) -> Iterator[tuple[PeerId, tuple[str, ...], int]]:
        """Where each person was met: the addresses, the last one first, and the port."""
        for person in self._stored.values():
            if person.addresses and person.port:
                yield person.id, tuple(person.addresses), person.port

    def met(self, person: PeerId, name: str, address: str, port: int) -> None:
        """A link to this address is up."""
        before = self._stored.pop(person, None)
        others = [other for other in before.addresses if other != address] if before else []
        addresses = [address, *others][:ADDRESSES_KEPT]
        self._stored[person] = StoredPerson(id=person, name=name, addresses=addresses, port=port)
        strangers = [key for key, each in self._stored.items() if not (each.contact or each.blocked)]
        for oldest in strangers[:-PLACES_KEPT]:
            del self._stored[oldest]

    def state(self, roster: Iterable[Known]) -> State:
        """What is to be kept now: the contacts, the blocked, and the strangers who were met last."""
        kept = [self._person(known) for known in roster if known.contact or known.blocked or known.verified]
        ids = {person.id for person in kept}
        strangers = [person for person in self._stored.values() if person.id not in ids]
        places = [
            StoredPerson(id=person.id, name=person.name, addresses=person.addresses, port=person.port)
            for person in strangers[-STRANGERS_KEPT:]
            if person.addresses
        ]
        return State(name=self.name, preferences=self.preferences, people=[*kept, *places])

    def _person(self, known: Known) -> StoredPerson:
        place = self._stored.get(known.id)
        return StoredPerson(
            id=known.id,
            name=known.name,
            machine=known.machine,
            contact=known.contact,
            blocked=known.blocked,
            verified=known.verified,
            doubted=known.doubted,
            agreed_name=known.agreed_name,
            addresses=place.addresses if place else [],
            port=place.port if place else None,
            last_seen=known.last_seen,
        )
