"""Conversations: the words with each contact, what waits for the other side, and what each side has seen.

Nothing is lost: a message leaves the outbox only when the other daemon has acknowledged it. Nothing comes twice: a
known id is acknowledged again and not shown again. The order is the sender's, because at every link-up the outbox is
sent anew from its oldest message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import TEXT_BYTES, MessageId, PeerId

from .effects import Effect, Moment, TellPeer, TellTabs
from .names import readable
from .roster import Roster

LINES_KEPT: Final = 1000
BYTES_KEPT: Final = 1024 * 1024
"""At most so much of one conversation is held in memory; what still waits to be delivered is held beyond that."""
OUTBOX_LINES: Final = 1000
"""At most so many messages wait for one person. Their daemon remembers more ids than that, so none is taken twice."""
IDS_KEPT: Final = 4 * OUTBOX_LINES
WINDOW_LINES: Final = 256
WINDOW_BYTES: Final = 256 * 1024
"""At most so much is on its way unacknowledged, so that a long outbox never overflows the queue of a link."""


@dataclass(slots=True)
class _Line:
    id: MessageId
    mine: bool
    text: str
    at: int
    composed: float
    status: ui.Delivery
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = len(self.text.encode())

    def view(self) -> ui.TextEntry:
        return ui.TextEntry(self.id, self.mine, self.text, self.at, self.status)


def _size(line: _Line | ui.CallEntry) -> int:
    return line.size if isinstance(line, _Line) else 0


@dataclass(slots=True)
class _Conversation:
    lines: dict[tuple[bool, str], _Line | ui.CallEntry] = field(default_factory=dict)
    outbox: dict[MessageId, _Line] = field(default_factory=dict)
    their_ids: dict[MessageId, None] = field(default_factory=dict)
    unread: list[MessageId] = field(default_factory=list)
    seen: MessageId | None = None
    size: int = 0
    waiting: int = 0

    def view(self, person: PeerId) -> ui.Conversation:
        entries = [line.view() if isinstance(line, _Line) else line for line in self.lines.values()]
        return ui.Conversation(person, entries, len(self.unread))

    def append(self, key: tuple[bool, str], line: _Line | ui.CallEntry) -> None:
        """Add a line."""
        self.lines[key] = line
        self.size += _size(line)
        self.trim()

    def await_delivery(self, line: _Line) -> None:
        """Add a line of ours that waits for the other side."""
        self.outbox[line.id] = line
        self.waiting += line.size
        self.append((True, line.id), line)

    def arrived(self, message: MessageId) -> _Line | None:
        """One of our lines waits no longer; None if it did not."""
        line = self.outbox.pop(message, None)
        if line is not None:
            self.waiting -= line.size
        return line

    def trim(self) -> None:
        """Let the oldest lines go that are over the bounds; what waits is held beyond them."""
        while len(self.lines) - len(self.outbox) > LINES_KEPT or self.size - self.waiting > BYTES_KEPT:
            oldest = next(key for key in self.lines if not (key[0] and key[1] in self.outbox))
            self.size -= _size(self.lines.pop(oldest))
            if self.unread[:1] == [oldest[1]]:
                del self.unread[0]

    def send_unseen_again(self) -> None:
        """What was delivered and not yet seen waits again."""
        lines = [line for line in self.lines.values() if isinstance(line, _Line) and line.mine]
        # All of them anew, because the order of the outbox is the order in which they are sent.
        self.outbox = {line.id: line for line in lines if line.status != "seen"}
        self.waiting = sum(line.size for line in self.outbox.values())

    def next_to_send(self) -> list[_Line]:
        """Take the waiting lines that fit into the window; they are on their way then."""
        taken: list[_Line] = []
        lines, size = 0, 0
        for line in self.outbox.values():
            lines, size = lines + 1, size + line.size
            if lines > 1 and (lines > WINDOW_LINES or size > WINDOW_BYTES):
                break
            if line.status == "waiting":
                line.status = "sent"
                taken.append(line)
        return taken

    def remember(self, message: MessageId) -> None:
        self.their_ids[message] = None
        for oldest in list(islice(self.their_ids, max(0, len(self.their_ids) - IDS_KEPT))):
            del self.their_ids[oldest]


class Conversations:
    """The conversations, by person."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._all: dict[PeerId, _Conversation] = {}
        self._incarnations: dict[PeerId, str] = {}

    def views(self) -> list[ui.Conversation]:
        return [conversation.view(person) for person, conversation in self._all.items()]

    # ------------------------------------------------------------------------------------------ what our person does

    def submit(self, person: PeerId, message: MessageId, text: str, now: Moment) -> list[Effect]:
        """A tab has sent a message; the id is the tab's, so submitting it again is harmless.

        Raises:
            BadRequest: ``unknown_person``, ``not_contact``, ``blocked``, ``text_too_long``, ``id_taken`` or
                ``queue_full``.
        """
        linked, text = self._roster.contact(person, "chat").linked, readable(text)
        line = _Line(message, True, text, now.wall, now.steady, "waiting")
        if line.size > TEXT_BYTES:
            raise BadRequest("text_too_long", f"The message has {line.size} bytes; at most {TEXT_BYTES} can be sent.")
        conversation = self._all.setdefault(person, _Conversation())
        known = conversation.lines.get((True, message))
        if isinstance(known, _Line):
            if known.text != text:
                raise BadRequest("id_taken", "Another message has this id; send it under a new one.")
            return [TellTabs(ui.MessageStatus(person=person, ids=[message], status=known.status))]
        if len(conversation.outbox) >= OUTBOX_LINES:
            raise BadRequest("queue_full", f"{OUTBOX_LINES} messages wait already; this one can be sent when they are.")
        conversation.await_delivery(line)
        sends = conversation.next_to_send() if linked else []
        entry = ui.ReceivePrivateMessage(person=person, entry=line.view())
        return [TellTabs(entry), *(_chat(person, line, now) for line in sends)]

    def mark_seen(self, person: PeerId, message: MessageId) -> list[Effect]:
        """A tab has shown their message and all before it."""
        contact = self._roster.get(person).contact
        conversation = self._all.get(person)
        if conversation is None or message not in conversation.unread:
            return []
        conversation.unread = conversation.unread[conversation.unread.index(message) + 1 :]
        conversation.seen = message
        told = TellTabs(ui.ConversationSeen(person=person, unread=len(conversation.unread)))
        return [told, TellPeer(person, peer.Seen(id=message))] if contact else [told]

    def typing(self, person: PeerId, active: bool) -> list[Effect]:
        self._roster.contact(person, "chat")
        return [TellPeer(person, peer.Typing(active=active))]

    def note_call(self, person: PeerId, entry: ui.CallEntry) -> list[Effect]:
        """Write a call that is over into the conversation."""
        conversation = self._all.setdefault(person, _Conversation())
        conversation.append((entry.mine, f"call {entry.id}"), entry)
        return [TellTabs(ui.ReceivePrivateMessage(person=person, entry=entry))]

    def put_away(self, person: PeerId) -> list[Effect]:
        """They are blocked: nothing of theirs asks to be read any more."""
        conversation = self._all.get(person)
        if conversation is None or not conversation.unread:
            return []
        conversation.unread.clear()
        return [TellTabs(ui.ConversationSeen(person=person, unread=0))]

    def drop(self, person: PeerId) -> None:
        """Forget the conversation."""
        self._all.pop(person, None)

    def tidy(self) -> None:
        """Forget the conversations with people who are not known any more."""
        for person in [person for person in self._all if self._roster.find(person) is None]:
            self.drop(person)
        for person in [person for person in self._incarnations if self._roster.find(person) is None]:
            del self._incarnations[person]

    # ---------------------------------------------------------------------------------------- what the other side does

    def flush(self, person: PeerId, now: Moment) -> list[Effect]:
        """Send what waits and fits into the window, if the two are linked and contacts."""
        conversation = self._all.get(person)
        known = self._roster.find(person)
        if conversation is None or known is None or not (known.contact and known.linked):
            return []
        sends = conversation.next_to_send()
        on_their_way = self._tell(person, [line.id for line in sends], "sent")
        return [*on_their_way, *(_chat(person, line, now) for line in sends)]

    def link_up(self, person: PeerId, incarnation: str, now: Moment) -> list[Effect]:
        """Say again what the other side may have missed; with a new ``incarnation`` it has lost its memory."""
        before, self._incarnations[person] = self._incarnations.get(person, incarnation), incarnation
        conversation = self._all.get(person)
        if conversation is None:
            return []
        if before != incarnation:
            conversation.send_unseen_again()
        contact = self._roster.get(person).contact
        seen = [TellPeer(person, peer.Seen(id=conversation.seen))] if conversation.seen and contact else []
        return [*self.hold(person), *self.flush(person, now), *seen]

    def hold(self, person: PeerId) -> list[Effect]:
        """The link is down, or they are no contact any more: what was on its way waits again."""
        conversation = self._all.get(person)
        return self._mark(person, conversation.outbox.values(), "waiting") if conversation else []

    def received(self, person: PeerId, message: peer.Chat, now: Moment) -> list[Effect]:
        """Their message; a stranger's is not taken and not acknowledged, so it waits with them."""
        known = self._roster.find(person)
        at = max(0, now.wall - message.waited)
        line = _Line(message.id, False, readable(message.text), at, now.steady, "delivered")
        if known is None or not known.contact or len(message.text.encode()) > TEXT_BYTES:
            return []
        conversation = self._all.setdefault(person, _Conversation())
        acknowledge = TellPeer(person, peer.Delivered(ids=[message.id]))
        if message.id in conversation.their_ids:
            return [acknowledge]
        conversation.remember(message.id)
        conversation.unread.append(message.id)
        conversation.append((False, message.id), line)
        return [TellTabs(ui.ReceivePrivateMessage(person=person, entry=line.view())), acknowledge]

    def delivered(self, person: PeerId, ids: list[MessageId], now: Moment) -> list[Effect]:
        """They have these of our messages; that makes room for more on the way."""
        conversation = self._all.get(person)
        if conversation is None:
            return []
        lines = [line for message in ids if (line := conversation.arrived(message))]
        conversation.trim()
        return [*self._mark(person, lines, "delivered"), *self.flush(person, now)] if lines else []

    def seen(self, person: PeerId, message: MessageId) -> list[Effect]:
        """Our message and all before it have been read there, and so they are there.

        One that is not known here is from before our own restart; an open page may still show it.
        """
        conversation = self._all.get(person)
        if conversation is None or (True, message) not in conversation.lines:
            return self._tell(person, [message], "seen") if self._roster.get(person).contact else []
        lines = list(_mine_until(conversation, message))
        for line in lines:
            conversation.arrived(line.id)
        return self._mark(person, lines, "seen")

    # ---------------------------------------------------------------------------------------------------------- inside

    def _mark(self, person: PeerId, lines: Iterable[_Line], status: ui.Delivery) -> list[Effect]:
        changed = [line for line in lines if line.status != status]
        for line in changed:
            line.status = status
        return self._tell(person, [line.id for line in changed], status)

    def _tell(self, person: PeerId, ids: list[MessageId], status: ui.Delivery) -> list[Effect]:
        return [TellTabs(ui.MessageStatus(person=person, ids=ids, status=status))] if ids else []


def _mine_until(conversation: _Conversation, message: MessageId) -> Iterator[_Line]:
    for line in conversation.lines.values():
        if isinstance(line, _Line) and line.mine:
            yield line
            if line.id == message:
                return


def _chat(person: PeerId, line: _Line, now: Moment) -> TellPeer:
    waited = max(0, int((now.steady - line.composed) * 1000))
    return TellPeer(person, peer.Chat(id=line.id, text=line.text, waited=waited))
