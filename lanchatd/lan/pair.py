"""All links between two daemons, seen as one. Pure: it decides, the links and the upper layer act.

Whoever learns first dials, so two links can cross. Of these both sides keep the one that the lower peer id dialled. No
message is lost or overtaken in the change: on the link that goes, ``bye(duplicate)`` is the last message of both sides,
who has read the other's after its own closes, and what is to be sent waits until then. It is the sender who waits,
because only the sender knows whether it has used the link that goes. If that one ends in any other way, it may have
lost messages: then all links are given up, so that what is sent again begins on a new one, in order.
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
CROSSING: Final = 11.0
"""Seconds within which two links can have been dialled without knowledge of each other; longer than a greeting."""
_WAITING: Final = 1024


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
        self._heard = False  # anything on the current link
        self._waiting: deque[Message] = deque()

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
        """Queue a message; False when there is no link, or it ends now because the other side does not finish."""
        if self._current is None:
            return False
        if not self._retiring:
            return self._current.send(message)
        if len(self._waiting) < _WAITING:
            self._waiting.append(message)
            return True
        self._current.drop("too much was to be sent before the other link had ended")
        return False

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
        if current is not None and (reason := self._lost_there(current, link, now)):
            self._lose(clean=False, reason=reason)
            current = None
        if current is None:
            self._take(link, now)
            self._events.linked(link.hello, link.address)
        elif link.outgoing == self._lower or current.farewell_received:
            self._take(link, now)
            self._retire(current)
        else:
            self._retire(link)

    def received(self, link: PairLink, message: PeerMessage) -> None:
        """A message has come on a link that has joined."""
        if link is not self._current and link not in self._retiring:
            return
        if isinstance(message, Bye):
            self._received_bye(link, message)
        elif link is not self._current and self._heard:
            # The other side uses one link at a time, so it has lost one of the two: no telling which is the stale one.
            self._lose(clean=False, reason="the other side has lost a link")
        else:
            self._heard = link is self._current
            self._events.received(message)

    def ended(self, link: PairLink, reason: str) -> None:
        """A link is gone, for any reason. Unknown links are no matter."""
        if link is self._current or (link in self._retiring and not link.parted):
            self._lose(clean=False, reason=reason)
        elif link in self._retiring:
            self._retiring.remove(link)
            while self._waiting and not self._retiring and self._current is not None:
                self._current.send(self._waiting.popleft())
        elif link in self._opening:
            self._opening.remove(link)

    def _received_bye(self, link: PairLink, bye: Bye) -> None:
        link.farewell_received = True
        if link in self._retiring:
            link.close()
        elif bye.reason != "duplicate":
            link.close()
            self._lose(clean=bye.reason == "stopping", reason=f"bye: {bye.reason}", closing=link)
        else:
            # The other side has the other link already; ours is in use until we have it too.
            link.expire_in(SUCCESSION)

    def _lost_there(self, current: PairLink, new: PairLink, now: float) -> str:
        """Why the other side no longer has the current link, although we have not seen its end; empty if it has it."""
        if current.hello.incarnation != new.hello.incarnation:
            return "the other side has started anew"
        too_late_to_cross = now - self._since > CROSSING and not current.farewell_received
        # A side greets on a link it dialled only when it has no other, or none that it knows of.
        if new.outgoing == current.outgoing or too_late_to_cross:
            return "the other side has lost the link"
        return ""

    def _take(self, link: PairLink, now: float) -> None:
        self._current, self._since, self._heard = link, now, False

    def _retire(self, link: PairLink) -> None:
        link.say_bye(Bye(reason="duplicate"), DRAIN)
        self._retiring.append(link)

    def _lose(self, *, clean: bool, reason: str, closing: PairLink | None = None) -> None:
        lost = [*self._retiring, *([self._current] if self._current else [])]
        self._current, self._retiring = None, []
        self._waiting.clear()
        for link in lost:
            if link is not closing:
                link.drop(reason)
        self._events.unlinked(clean, reason)
