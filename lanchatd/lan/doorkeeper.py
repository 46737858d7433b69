"""How many may stand in the doorway, and for how long: budgets for those who have not said who they are. Pure.

What a failed visit costs an address is what it has cost us: a handshake, and the time that a place was taken. So who
leaves early by mistake, or fails a few times because of the network, is not noticed, and who holds places is. When
strangers take all places, there is still one for every address that has greeted before; and a newcomer takes that of
any other stranger by chance, so that whoever holds all of them, from however many addresses, keeps nobody out for long.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from lanchatd.core.limits import Bucket
from lanchatd.core.recent import Recent

PLACES: Final = 128
"""Visitors at once who have not said who they are."""
PLACES_OF_ONE: Final = 32
"""The same, from one address."""
_ENOUGH: Final = 0.5
"""Seconds in which a neighbour has greeted; who takes longer gives way when all places are taken."""
_VISIT: Final = 1.0
_SECOND: Final = 2.0
_DISPLACED: Final = 7.0
_PATIENCE: Final = (0.25, 32.0)
_FIRST_REFUSAL: Final = 1.0
_LONGEST_REFUSAL: Final = 60.0
_FORGOTTEN: Final = 300.0
_GREETINGS: Final = (1.0, 256.0)
"""Of one address in a second, and at once: many people may share a machine, and each of their daemons links to us."""
_REMEMBERED: Final = 1024


@dataclass(eq=False, slots=True)
class Visit:
    """One connection, from its first packet until it has greeted or gone."""

    address: str
    since: float
    hang_up: Callable[[], None]


@dataclass(slots=True)
class _Record:
    patience: Bucket = field(default_factory=lambda: Bucket(*_PATIENCE))
    refusals: int = 0
    until: float = 0.0
    failed: float = 0.0


class Doorkeeper:
    """Lets visitors in, and remembers the addresses whose visits lead to nothing, or never end.

    Args:
        choose: one of several visits, by chance.
    """

    def __init__(self, choose: Callable[[Sequence[Visit]], Visit] = random.choice) -> None:
        self._choose = choose
        self._visits: dict[Visit, None] = {}  # the oldest first
        self._places: Counter[str] = Counter()
        self._records: Recent[str, _Record] = Recent(_REMEMBERED)  # the last failure last
        self._neighbours: Recent[str, Bucket] = Recent(_REMEMBERED)  # have greeted, the last one last

    def enter(self, address: str, now: float, hang_up: Callable[[], None]) -> Visit | None:
        """A place in the doorway; None if there is none for this address now.

        Args:
            address: IP, without scope.
            now: seconds, of a clock that never goes back.
            hang_up: ends the connection, when the place is needed for another one.
        """
        record = self._records.get(address)
        if record is not None and now < record.until:
            return None
        if self._places[address] >= PLACES_OF_ONE or not self._has_room(address, now):
            return None
        visit = Visit(address, now, hang_up)
        self._visits[visit] = None
        self._places[address] += 1
        return visit

    def recognise(self, visit: Visit, now: float) -> None:
        """The visitor has said who they are, and proven it: nothing is held against the address any longer.

        Unless it greets over and over: a handshake costs us the same, whoever it is that makes it.
        """
        if not self._release(visit):
            return
        greetings = self._neighbours[visit.address] = self._neighbours.get(visit.address) or Bucket(*_GREETINGS)
        if greetings.take(now):
            self._records.pop(visit.address, None)
        else:
            self._note_failure(visit.address, _VISIT, now)

    def leave(self, visit: Visit, now: float) -> None:
        """The connection is gone. Held against the address, unless the visitor was recognised."""
        if self._release(visit):
            self._note_failure(visit.address, _VISIT + _SECOND * (now - visit.since), now)

    def _has_room(self, address: str, now: float) -> bool:
        if len(self._visits) < PLACES:
            return True
        visit = self._displaceable(address, now)
        if visit is None:
            return False
        self._release(visit)
        self._note_failure(visit.address, _DISPLACED, now)
        visit.hang_up()
        return True

    def _displaceable(self, address: str, now: float) -> Visit | None:
        """Who gives way to this address: the slowest, or else some stranger."""
        oldest = next(iter(self._visits))
        if now - oldest.since >= _ENOUGH:
            return oldest
        strangers = [visit for visit in self._visits if self._is_strange(visit.address)]
        if strangers:
            return self._choose(strangers)
        return oldest if address in self._neighbours else None

    def _is_strange(self, address: str) -> bool:
        """Whoever has never greeted, or has failed since: a key is quickly made, and one greeting is not enough."""
        return address not in self._neighbours or address in self._records

    def _release(self, visit: Visit) -> bool:
        if visit not in self._visits:
            return False
        del self._visits[visit]
        self._places -= Counter([visit.address])
        return True

    def _note_failure(self, address: str, cost: float, now: float) -> None:
        record = self._records.get(address)
        if record is None or now - record.failed > _FORGOTTEN:
            record = _Record()
        self._records[address] = record
        record.failed = now
        # Those who were let in before a refusal make it no longer: it grows only for those who come back after it.
        if not record.patience.take(now, min(cost, _PATIENCE[1])) and now >= record.until:
            record.until = now + min(_FIRST_REFUSAL * 2.0**record.refusals, _LONGEST_REFUSAL)
            record.refusals = min(record.refusals + 1, 16)
