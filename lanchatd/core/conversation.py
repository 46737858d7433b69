"""The words with one person as this side keeps them: in memory, within bounds, and nothing that is still waited for.

A line is *loose* when nobody waits for it any more: read here, or seen there. Loose lines go when there are too many.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from lanchatd.protocol import ui
from lanchatd.protocol.model import MessageId, PeerId

LINES_KEPT: Final = 1000
BYTES_KEPT: Final = 1024 * 1024
"""At most so much is held of what nobody waits for."""
UNREAD_LINES: Final = 10_000
UNREAD_BYTES: Final = 4 * 1024 * 1024
"""At most so much is held that was not read: of theirs no more is taken then, of ours the oldest becomes loose."""
OUTBOX_LINES: Final = 1000
"""At most so many messages wait for one person. Their daemon remembers more ids than that, so none is taken twice."""
IDS_KEPT: Final = 4 * OUTBOX_LINES
WINDOW_LINES: Final = 256
WINDOW_BYTES: Final = 256 * 1024
"""At most so much is on its way unacknowledged, so that a long outbox never overflows the queue of a link."""

Key = tuple[bool, str]


@dataclass(slots=True)
class Line:
    """A message. ``composed`` is on the steady clock, ``at`` on that of the wall."""

    id: MessageId
    mine: bool
    text: str
    at: int
    composed: float
    status: ui.Delivery
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = len(self.text.encode())

    @property
    def key(self) -> Key:
        return (self.mine, self.id)

    def view(self) -> ui.TextEntry:
        return ui.TextEntry(self.id, self.mine, self.text, self.at, self.status)


class Conversation:
    """The lines with one person, in order, and what is still waited for of them."""

    def __init__(self) -> None:
        self.lines: dict[Key, Line | ui.CallEntry] = {}
        self.outbox: dict[MessageId, Line] = {}
        self.unread: dict[MessageId, Line] = {}
        self.seen: MessageId | None = None
        self._to_send: deque[Line] = deque()  # the part of the outbox that is not on its way; some have left both
        self._sent = 0
        self._sent_size = 0
        self._unseen: dict[MessageId, Line] = {}
        self._loose: dict[Key, int] = {}
        self._loose_size = 0
        self._unread_size = 0
        self._unseen_size = 0
        self._their_ids: dict[MessageId, None] = {}

    def view(self, person: PeerId) -> ui.Conversation:
        entries = [line.view() if isinstance(line, Line) else line for line in self.lines.values()]
        return ui.Conversation(person, entries, len(self.unread))

    # ------------------------------------------------------------------------------------------------------- ours

    def await_delivery(self, line: Line) -> None:
        """Add a line of ours that waits for the other side."""
        self.outbox[line.id] = self.lines[line.key] = line
        self._to_send.append(line)

    def arrived(self, message: MessageId) -> Line | None:
        """They have one of our lines; None if it did not wait."""
        line = self.outbox.pop(message, None)
        if line is not None:
            if line.status == "sent":
                self._sent, self._sent_size = self._sent - 1, self._sent_size - line.size
            self._unseen[message] = line
            self._unseen_size += line.size
            while len(self._unseen) > UNREAD_LINES or self._unseen_size > UNREAD_BYTES:
                self._no_longer_unseen(next(iter(self._unseen)))
        return line

    def seen_until(self, message: MessageId) -> list[Line]:
        """They have seen our line with this id and all before it, which are told."""
        seen: list[Line] = []
        # From the end, where the new ones are: what is before a line that was seen was seen with it.
        for line in reversed(self.lines.values()):
            if isinstance(line, Line) and line.mine and (seen or line.id == message):
                if line.status == "seen":
                    break
                seen.append(line)
        seen.reverse()
        for line in seen:
            self.arrived(line.id)
            self._no_longer_unseen(line.id)
        self._trim()
        return seen

    def send_unseen_again(self) -> None:
        """What was delivered and not yet seen waits again."""
        lines = [line for line in self.lines.values() if isinstance(line, Line)]
        # All of them anew, because the order of the outbox is the order in which they are sent.
        self.outbox = {line.id: line for line in lines if line.id in self.outbox or line.id in self._unseen}
        self._unseen.clear()
        self._unseen_size = 0

    def hold(self) -> list[Line]:
        """Nothing is on its way any more: all that is not acknowledged waits, and is returned."""
        self._to_send = deque(self.outbox.values())
        self._sent = self._sent_size = 0
        return list(self.outbox.values())

    @property
    def oldest(self) -> Line | None:
        """The first of those that wait for the other side."""
        return next(iter(self.outbox.values()), None)

    def next_to_send(self) -> list[Line]:
        """Take the waiting lines that fit into the window; they are on their way then."""
        taken: list[Line] = []
        while self._to_send:
            line = self._to_send[0]
            if line.id in self.outbox:
                lines, size = self._sent + 1, self._sent_size + line.size
                if lines > 1 and (lines > WINDOW_LINES or size > WINDOW_BYTES):
                    break
                self._sent, self._sent_size, line.status = lines, size, "sent"
                taken.append(line)
            self._to_send.popleft()
        return taken

    # ----------------------------------------------------------------------------------------------------- theirs

    @property
    def full(self) -> bool:
        """Whether our person has left so much unread that no more can be held."""
        return len(self.unread) >= UNREAD_LINES or self._unread_size >= UNREAD_BYTES

    @property
    def roomy(self) -> bool:
        """Whether at least half of what can be held is free."""
        return len(self.unread) <= UNREAD_LINES // 2 and self._unread_size <= UNREAD_BYTES // 2

    def knows(self, message: MessageId) -> bool:
        """Whether their line with this id was taken before."""
        return message in self._their_ids or message in self.unread

    def take(self, line: Line) -> None:
        """Add a line of theirs."""
        self._their_ids[line.id] = None
        for oldest in list(islice(self._their_ids, max(0, len(self._their_ids) - IDS_KEPT))):
            del self._their_ids[oldest]
        self.lines[line.key] = self.unread[line.id] = line
        self._unread_size += line.size

    def read_until(self, message: MessageId) -> None:
        """Our person has read their line with this id and all before it."""
        for unread in list(self.unread):
            line = self.unread.pop(unread)
            self._unread_size -= line.size
            self._let_loose(line.key, line.size)
            if unread == message:
                break
        self._trim()

    # ----------------------------------------------------------------------------------------------------- either

    def note(self, key: Key, entry: ui.CallEntry) -> None:
        """Add a call that is over."""
        self.lines[key] = entry
        self._let_loose(key, 0)
        self._trim()

    def _no_longer_unseen(self, message: MessageId) -> None:
        line = self._unseen.pop(message, None)
        if line is not None:
            self._unseen_size -= line.size
            self._let_loose(line.key, line.size)

    def _let_loose(self, key: Key, size: int) -> None:
        self._loose[key] = size
        self._loose_size += size

    def _trim(self) -> None:
        while len(self._loose) > LINES_KEPT or self._loose_size > BYTES_KEPT:
            oldest = next(iter(self._loose))
            self._loose_size -= self._loose.pop(oldest)
            del self.lines[oldest]
