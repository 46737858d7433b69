"""Who comes and goes, as mDNS tells it. Asks only where few have shown themselves (RFC 6763 section 4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from zeroconf import DNSQuestionType, RecordUpdate, RecordUpdateListener, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser

ENOUGH: Final = 3
"""Neighbours by whom one learns of all others, because they introduce them."""
_COME: Final = (0.4, 0.4, 2.0)
"""Seconds in which those who have heard our announcement dial, between one look at how many there are and the next."""
_PTR: Final = 12  # RFC 1035 section 3.2.2
_OF_INSTANCE: Final = frozenset({16, 33})  # TXT and SRV
_OF_HOST: Final = frozenset({1, 28})  # A and AAAA
_DOMAIN: Final = ".local."


class Browser(RecordUpdateListener):
    """Hears of the instances of one service whose host has the instance's name, as ours have.

    zeroconf's browser asks four times after its start, and again before a record ends, and names all it knows each
    time. But whoever starts here announces themselves, and whoever hears that dials. So most need not ask; where two
    hundred start together, each of whose questions is answered by all to all, that is most of the traffic.

    Args:
        zeroconf: started.
        service: with its domain.
        own: the name of our instance, which does not count.
        heard: called with the name of an instance, and whether it is there. What is known of it is in the cache then.
        linked: with how many there is a link.
    """

    def __init__(
        self,
        zeroconf: Zeroconf,
        service: str,
        own: str,
        heard: Callable[[str, bool], None],
        linked: Callable[[], int],
    ) -> None:
        self._zeroconf: Final = zeroconf
        self._service: Final = service
        self._own: Final = own
        self._heard: Final = heard
        self._linked: Final = linked
        self._news: dict[str, bool] = {}
        self._there: set[str] = set()
        self._asking: AsyncServiceBrowser | None = None
        zeroconf.async_add_listener(self, None)

    async def begin(self) -> None:
        """Tell anew of those who are there, and ask for more unless enough come by themselves."""
        for name in sorted(self._there):
            self._heard(name, True)
        await self._ask_no_more()
        for pause in _COME:
            await asyncio.sleep(pause)
            await self.look()

    async def look(self) -> None:
        """Ask if there are few, and no more if there are enough. To be called now and then."""
        if max(self._linked(), len(self._there - {self._own})) >= ENOUGH:
            await self._ask_no_more()
        elif self._asking is None:
            # Multicast answers (QM): stock firewalls let these in, and drop the unicast answers to a QU question.
            question = DNSQuestionType.QM
            self._asking = AsyncServiceBrowser(
                self._zeroconf, self._service, handlers=[_ignore], question_type=question
            )

    async def stop(self) -> None:
        """Hear no more."""
        self._zeroconf.async_remove_listener(self)
        await self._ask_no_more()

    def async_update_records(self, zc: Zeroconf, now: float, records: list[RecordUpdate]) -> None:
        """zeroconf is about to take these into its cache."""
        for update in records:
            expired = update.new.is_expired(now)
            if update.old is None or expired:
                self._note(update.new, not expired)

    def async_update_records_complete(self) -> None:
        """They are in its cache."""
        news, self._news = self._news, {}
        for name, there in news.items():
            (self._there.add if there else self._there.discard)(name)
            self._heard(name, there)

    def _note(self, record: Any, there: bool) -> None:
        if record.type == _PTR and record.key == self._service:
            # What went and came in one packet is there.
            self._news[record.alias] = self._news.get(record.alias, False) or there
        elif there and record.type in _OF_INSTANCE and record.key.endswith(self._service):
            self._news.setdefault(record.name, True)
        elif there and record.type in _OF_HOST:
            name = f"{record.name.removesuffix(_DOMAIN)}.{self._service}"
            if name in self._there:
                self._news.setdefault(name, True)

    async def _ask_no_more(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None:
            await asking.async_cancel()


def _ignore(**_: object) -> None:
    """zeroconf wants to tell somebody, but `Browser` has heard it."""
