"""Who comes and goes, as mDNS tells it. Asks only where few have shown themselves (RFC 6763 section 4)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

# Of what zeroconf offers there, `__all__` names a part.
from zeroconf import (  # type: ignore[attr-defined]
    DNSOutgoing,
    DNSPointer,
    DNSQuestion,
    RecordUpdate,
    RecordUpdateListener,
    Zeroconf,
    current_time_millis,
)

from lanchatd.protocol.model import PeerId

from .instance import SERVICE, instance_name, peer_of_instance

ENOUGH: Final = 3
"""Neighbours by whom one learns of all others, because they introduce them."""
_COME: Final = (0.4, 0.4, 2.0)
"""Seconds in which those who have heard our announcement dial, between one look at how many there are and the next."""
_LINKING: Final = 60.0
"""Seconds in which whoever was heard of counts like one who is linked; then there is a link, or a reason to ask."""
_FIRST: Final = (0.02, 0.12)
"""Seconds before the first question, by chance (RFC 6762 section 5.2)."""
_NEXT: Final = (1.0, 2.0, 4.0)
"""Seconds before each of the others."""
_IN_A_ROW: Final = 64
_OF_A_NAME: Final = 32
"""Records of one name that are kept, besides pointers: nobody has so many addresses, and zeroconf takes the square of
their number to read them, for each who is said to be there."""
_QUERY: Final = 0  # RFC 1035 section 4.1.1
_PTR: Final = 12  # RFC 1035 section 3.2.2
_IN: Final = 1
_OF_INSTANCE: Final = frozenset({16, 33})  # TXT and SRV
_OF_HOST: Final = frozenset({1, 28})  # A and AAAA
_DOMAIN: Final = ".local."


class Browser(RecordUpdateListener):
    """Hears of the daemons that are announced. What it remembers is zeroconf's cache, which is bounded.

    zeroconf has a browser. It asks four times after its start, and again before a record ends, and names all it knows
    each time, in any number of packets, and whoever has made that up. But whoever starts here announces themselves, and
    whoever hears that dials. So most need not ask; where two hundred start together, each of whose questions is
    answered by all to all, that is most of the traffic.

    Args:
        zeroconf: started.
        own: our peer id.
        heard: called with a peer, whether it is there, and what was said of it just now, names before addresses. The
            cache has that, too, unless it is full of what others have made up, and perhaps more.
        linked: with whom there is a link.
    """

    def __init__(
        self,
        zeroconf: Zeroconf,
        own: PeerId,
        heard: Callable[[PeerId, bool, Sequence[RecordUpdate]], None],
        linked: Callable[[], Collection[PeerId]],
    ) -> None:
        self._zeroconf: Final = zeroconf
        self._own: Final = own
        self._heard: Final = heard
        self._linked: Final = linked
        self._news: dict[PeerId, bool] = {}
        self._said: dict[PeerId, list[RecordUpdate]] = {}
        self._names: set[str] = set()
        self._come: set[PeerId] = set()
        self._begun = 0.0
        self._asking: asyncio.TimerHandle | None = None
        zeroconf.async_add_listener(self, None)

    async def begin(self) -> None:
        """Tell anew of those who are there and not linked, and ask for more unless enough come by themselves."""
        self._come.clear()
        self._begun = asyncio.get_running_loop().time()
        self._ask_no_more()
        await self._tell_known()
        for pause in _COME:
            await asyncio.sleep(pause)
            self.look()

    def look(self) -> None:
        """Ask if there are few, and no more if there are enough. To be called now and then."""
        come = self._come if asyncio.get_running_loop().time() < self._begun + _LINKING else set()
        if len(come | set(self._linked())) >= ENOUGH:
            self._ask_no_more()
        elif self._asking is None:
            self._ask_after(iter((random.uniform(*_FIRST), *_NEXT)))

    def stop(self) -> None:
        """Hear no more."""
        self._zeroconf.async_remove_listener(self)
        self._ask_no_more()

    def async_update_records(self, zc: Zeroconf, now: float, records: list[RecordUpdate]) -> None:
        """zeroconf is about to take these into its cache."""
        for update in records:
            expired = update.new.is_expired(now)
            if update.old is None or expired:
                self._note(update.new, not expired)
            if update.new.type != _PTR:
                self._names.add(update.new.key)
        for update in sorted(records, key=lambda each: each.new.type in _OF_HOST) if self._news else ():
            if (peer := _subject(update.new)) in self._news:
                self._said.setdefault(peer, []).append(update)

    def async_update_records_complete(self) -> None:
        """They are in its cache."""
        self._trim()
        news, self._news = self._news, {}
        said, self._said = self._said, {}
        for peer, there in news.items():
            if there and peer != self._own and len(self._come) < ENOUGH:
                self._come.add(peer)
            self._heard(peer, there, said.get(peer, ())[:_OF_A_NAME])

    def _note(self, record: Any, there: bool) -> None:
        if record.type == _PTR and record.key == SERVICE:
            if peer := peer_of_instance(record.alias):
                # What went and came in one packet is there.
                self._news[peer] = self._news.get(peer, False) or there
        elif there and (peer := _subject(record)) and (record.type in _OF_INSTANCE or self._pointer(peer)):
            self._news.setdefault(peer, True)

    def _trim(self) -> None:
        names, self._names = self._names, set()
        for name in names:
            entries: list[Any] = self._zeroconf.cache.async_entries_with_name(name)
            records = [each for each in entries if each.type != _PTR]
            self._zeroconf.cache.async_remove_records(records[:-_OF_A_NAME])

    async def _tell_known(self) -> None:
        pointers: list[Any] = self._zeroconf.cache.async_all_by_details(SERVICE, _PTR, _IN)
        known = {peer for each in pointers if (peer := peer_of_instance(each.alias))}
        for number, peer in enumerate(sorted(known.difference(self._linked()))):
            if number % _IN_A_ROW == 0:
                await asyncio.sleep(0)  # they are as many as somebody has made up
            self._heard(peer, True, ())

    def _ask_after(self, pauses: Iterator[float]) -> None:
        if (pause := next(pauses, None)) is not None:
            self._asking = asyncio.get_running_loop().call_later(pause, self._ask, pauses)

    def _ask(self, pauses: Iterator[float]) -> None:
        # Answered by multicast (QM): stock firewalls let that in, and drop the unicast answers to a QU question.
        question = DNSOutgoing(_QUERY)
        question.add_question(DNSQuestion(SERVICE, _PTR, _IN))
        now = current_time_millis()
        for peer in self._linked():
            pointer = self._pointer(peer)
            if pointer is not None and not pointer.is_stale(now):
                question.add_answer_at_time(pointer, now)  # need not be answered (RFC 6762 section 7.1)
        self._zeroconf.async_send(question)
        self._ask_after(pauses)

    def _ask_no_more(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _pointer(self, peer: PeerId) -> Any:
        return self._zeroconf.cache.get(DNSPointer(SERVICE, _PTR, _IN, 1, instance_name(peer)))


def _subject(record: Any) -> PeerId | None:
    """Whose instance or host a record describes."""
    if record.type in _OF_INSTANCE:
        return peer_of_instance(record.name)
    if record.type in _OF_HOST:
        return peer_of_instance(f"{record.name.removesuffix(_DOMAIN)}.{SERVICE}")
    return None
