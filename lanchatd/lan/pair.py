"""All links between two daemons, seen as one. Pure: it decides, the links and the upper layer act.

Whoever learns first dials, so two links can cross. Of these both sides keep the one that the lower peer id dialled. No
message is lost or overtaken in the change: on the link that goes, ``bye(duplicate)`` is the last frame of both sides,
and what comes on the link that stays is held until the other one is read to its end. Who has read the other's `Bye`
after its own closes. A link that ends in any other way may have lost messages; then the upper layer hears ``unlinked``
and ``linked``, although another link stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from lanchatd.protocol.peer import Bye, Hello, Message, PeerMessage

DRAIN: Final = 1.0
"""Seconds in which the other side has to answer ``bye(duplicate)``."""
SUCCESSION: Final = 2.0
"""Seconds in which the other link has to appear after the peer's ``bye(duplicate)``."""
CROSSING: Final = 3.0
"""Seconds within which two links can have been dialled without knowledge of each other; longer than a greeting."""
_HELD: Final = 256


class PairLink(Protocol):
    """What a pair needs of a link; `link.Link` is one."""

    @property
    def outgoing(self) -> bool: ...
    @property
    def address(self) -> str: ...

    hello: Hello
    farewell_sent: bool
    farewell_received: bool

    @property
    def parted(self) -> bool: ...

    def send(self, message: Message) -> bool: ...
    def say_bye(self, bye: Bye, patience: float) -> None: ...
    def expire_in(self, seconds: float) -> None: ...
    def close(self) -> None: ...
    def drop(self, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class PairEvents:
    """What the upper layer hears of a pair, in strict turn: linked, received…, unlinked."""

    linked: Callable[[Hello, str], None]
    unlinked: Callable[[bool, str], None]
    received: Callable[[PeerMessage], None]


class Pair:
    """The links to one peer.

    Args:
        lower: whether the own peer id is the lower one, so that own dialling is preferred.
        events: for the upper layer.
    """

    def __init__(self, lower: bool, events: PairEvents) -> None:
        self._lower = lower
        self._events = events
        self._current: PairLink | None = None
        self._since = 0.0
        self._opening: list[PairLink] = []
        self._retiring: list[PairLink] = []
        self._held: deque[PeerMessage] = deque()

    @property
    def current(self) -> PairLink | None:
        """The link that messages go out on."""
        return self._current

    def say_bye(self, bye: Bye, patience: float) -> None:
        """Say the last word on every link on which the other side may count us as linked."""
        for link in [*self._opening, *([self._current] if self._current else [])]:
            link.say_bye(bye, patience)

    @property
    def empty(self) -> bool:
        """Whether there is no link in any state."""
        return self._current is None and not self._opening and not self._retiring

    @property
    def dialled(self) -> bool:
        """Whether an own dialled link is there in any state: then dialling again could only cross it."""
        links = [*self._opening, *self._retiring, *([self._current] if self._current else [])]
        return any(link.outgoing for link in links)

    def send(self, message: Message) -> bool:
        """Queue a message; False when there is no link."""
        return self._current is not None and self._current.send(message)

    def opening(self, link: PairLink) -> None:
        """A link is about to greet."""
        self._opening.append(link)

    def joined(self, link: PairLink, now: float) -> None:
        """Both have said hello on a link.

        Args:
            link: one that was told to `opening`.
            now: seconds, of a clock that never goes back.
        """
        self._opening.remove(link)
        current = self._current
        if current is not None and current.hello.incarnation != link.hello.incarnation:
            self._lose(clean=False, reason="the other side has started anew")
            current = None
        if current is None:
            self._take(link, now)
            self._events.linked(link.hello, link.address)
        elif self._replaces(link, current, now):
            self._take(link, now)
            self._retire(current)
        else:
            self._retire(link)
        self._deliver_held()

    def received(self, link: PairLink, message: PeerMessage) -> None:
        """A message has come on a link that has joined."""
        if link is not self._current and link not in self._retiring:
            return
        if isinstance(message, Bye):
            self._received_bye(link, message)
        elif link in self._retiring or not self._blocked():
            self._events.received(message)
        elif len(self._held) < _HELD:
            self._held.append(message)
        else:
            link.drop("too much came before the other link was read to its end")

    def ended(self, link: PairLink, reason: str) -> None:
        """A link is gone, for any reason. Unknown links are no matter."""
        if link is self._current:
            self._lose(clean=False, reason=reason)
        elif link in self._retiring:
            self._retiring.remove(link)
            if not link.parted:
                self._bridge_gap(reason)
        elif link in self._opening:
            self._opening.remove(link)
        self._deliver_held()

    def _received_bye(self, link: PairLink, bye: Bye) -> None:
        link.farewell_received = True
        if link in self._retiring:
            link.close()
            self._deliver_held()
        elif bye.reason != "duplicate":
            link.close()
            self._lose(clean=bye.reason == "stopping", reason=f"bye: {bye.reason}")
        else:
            # The other side has the other link already; ours is in use until we have it too.
            link.expire_in(SUCCESSION)

    def _replaces(self, new: PairLink, current: PairLink, now: float) -> bool:
        if new.outgoing == current.outgoing or current.farewell_received:
            return True  # a side dials again only when it has lost the link
        if new.outgoing == self._lower:
            return True
        # The higher side has dialled. If it could have known of the current link, it has lost that one.
        return now - self._since > CROSSING

    def _take(self, link: PairLink, now: float) -> None:
        self._current, self._since = link, now

    def _retire(self, link: PairLink) -> None:
        link.say_bye(Bye(reason="duplicate"), DRAIN)
        self._retiring.append(link)

    def _blocked(self) -> bool:
        """Whether an older link may still bring messages: one that retires, or a less preferred one that greets."""
        unread = [link for link in self._retiring if not link.farewell_received]
        current = self._current
        if current is not None and current.outgoing == self._lower:
            unread += [link for link in self._opening if link.outgoing != self._lower]
        return bool(unread)

    def _deliver_held(self) -> None:
        while self._current is not None and self._held and not self._blocked():
            self._events.received(self._held.popleft())

    def _bridge_gap(self, reason: str) -> None:
        current = self._current
        if current is not None:
            self._events.unlinked(False, reason)
            self._events.linked(current.hello, current.address)

    def _lose(self, *, clean: bool, reason: str) -> None:
        old, self._retiring = self._retiring, []
        if self._current is not None:
            old.append(self._current)
        self._current = None
        self._held.clear()
        for link in old:
            if not link.farewell_received:
                link.drop(reason)
        self._events.unlinked(clean, reason)
