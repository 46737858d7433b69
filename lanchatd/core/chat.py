"""Conversations: the words with each contact, what waits for the other side, and what each side has seen.

Nothing is lost: a message leaves the outbox only when the other daemon has acknowledged it. Nothing comes twice: a
known id is acknowledged again and not shown again. The order is the sender's, because at every link-up the outbox is
sent anew from its oldest message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import TEXT_BYTES, MessageId, PeerId

from .conversation import OUTBOX_LINES, Conversation, Line
from .effects import Effect, Moment, TellPeer, TellTabs
from .names import readable
from .roster import Roster


class Conversations:
    """The conversations, by person."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._all: dict[PeerId, Conversation] = {}
        self._incarnations: dict[PeerId, str] = {}
        self._deaf: set[PeerId] = set()

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
        line = Line(message, True, text, now.wall, now.steady, "waiting")
        if line.size > TEXT_BYTES:
            raise BadRequest("text_too_long", f"The message has {line.size} bytes; at most {TEXT_BYTES} can be sent.")
        conversation = self._with(person)
        known = conversation.lines.get((True, message))
        if isinstance(known, Line):
            if known.text != text:
                raise BadRequest("id_taken", "Another message has this id; send it under a new one.")
            return [TellTabs(ui.MessageStatus(person=person, ids=[message], status=known.status))]
        if len(conversation.outbox) >= OUTBOX_LINES:
            raise BadRequest("queue_full", f"{OUTBOX_LINES} messages wait already; this one can be sent when they are.")
        conversation.await_delivery(line)
        sends = conversation.next_to_send() if linked else []
        # The one who waits for it comes first.
        return [*_chats(person, conversation, sends, now), TellTabs(_entry(person, line))]

    def mark_seen(self, person: PeerId, message: MessageId) -> list[Effect]:
        """A tab has shown their message and all before it."""
        contact = self._roster.get(person).contact
        conversation = self._all.get(person)
        if conversation is None or message not in conversation.unread:
            return []
        was_roomy = conversation.roomy
        conversation.read_until(message)
        conversation.seen = message
        told = TellTabs(ui.ConversationSeen(person=person, unread=len(conversation.unread)))
        if not contact:
            return [told]
        more = person in self._deaf and conversation.roomy and not was_roomy
        return [told, TellPeer(person, peer.Seen(id=message)), *([TellPeer(person, peer.Resend())] if more else [])]

    def typing(self, person: PeerId, active: bool) -> list[Effect]:
        self._roster.contact(person, "chat")
        return [TellPeer(person, peer.Typing(active=active))]

    def note_call(self, person: PeerId, entry: ui.CallEntry) -> list[Effect]:
        """Write a call that is over into the conversation."""
        conversation = self._with(person)
        conversation.note((entry.mine, f"call {entry.id}"), entry)
        return [TellTabs(ui.ReceivePrivateMessage(person=person, entry=entry))]

    def put_away(self, person: PeerId) -> list[Effect]:
        """They are blocked: nothing of theirs asks to be read any more."""
        conversation = self._all.get(person)
        if conversation is None or not conversation.unread:
            return []
        conversation.read_until(next(reversed(conversation.unread)))
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
            self._deaf.discard(person)

    # ---------------------------------------------------------------------------------------- what the other side does

    def flush(self, person: PeerId, now: Moment) -> list[Effect]:
        """Send what waits and fits into the window, if the two are linked and contacts."""
        conversation = self._all.get(person)
        known = self._roster.find(person)
        if conversation is None or known is None or not (known.contact and known.linked):
            return []
        sends = conversation.next_to_send()
        on_their_way = self._tell(person, [line.id for line in sends], "sent")
        return [*on_their_way, *_chats(person, conversation, sends, now)]

    def link_up(self, person: PeerId, incarnation: str, now: Moment) -> list[Effect]:
        """Say again what the other side may have missed; with a new ``incarnation`` it has lost its memory."""
        self._deaf.discard(person)
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
        return self._mark(person, conversation.hold(), "waiting") if conversation else []

    def received(self, person: PeerId, message: peer.Chat, now: Moment) -> list[Effect]:
        """Their message; one that is not taken is not acknowledged, so it waits with them.

        A stranger's is not taken, and none while there is too much that nobody has read; nor any after that one until
        there is room and they begin again, because the order would be lost.
        """
        known = self._roster.find(person)
        at = max(0, now.wall - message.waited)
        line = Line(message.id, False, readable(message.text), at, now.steady, "delivered")
        if known is None or not known.contact or len(message.text.encode()) > TEXT_BYTES:
            return []
        conversation = self._with(person)
        acknowledge = TellPeer(person, peer.Delivered(ids=[message.id]))
        if conversation.knows(message.id):
            return [acknowledge]
        if conversation.full or (person in self._deaf and not message.first):
            self._deaf.add(person)
            return []
        self._deaf.discard(person)
        conversation.take(line)
        return [TellTabs(_entry(person, line)), acknowledge]

    def resend(self, person: PeerId, now: Moment) -> list[Effect]:
        """They have room again for what they had to leave out."""
        return [*self.hold(person), *self.flush(person, now)]

    def delivered(self, person: PeerId, ids: list[MessageId], now: Moment) -> list[Effect]:
        """They have these of our messages; that makes room for more on the way."""
        conversation = self._all.get(person)
        if conversation is None:
            return []
        lines = [line for message in ids if (line := conversation.arrived(message))]
        return [*self._mark(person, lines, "delivered"), *self.flush(person, now)] if lines else []

    def seen(self, person: PeerId, message: MessageId, now: Moment) -> list[Effect]:
        """Our message and all before it have been read there, and so they are there.

        One that is not known here is from before our own restart; an open page may still show it.
        """
        conversation = self._all.get(person)
        if conversation is None or (True, message) not in conversation.lines:
            return self._tell(person, [message], "seen") if self._roster.get(person).contact else []
        return [*self._mark(person, conversation.seen_until(message), "seen"), *self.flush(person, now)]

    # ---------------------------------------------------------------------------------------------------------- inside

    def _with(self, person: PeerId) -> Conversation:
        conversation = self._all.get(person)
        if conversation is None:
            conversation = self._all[person] = Conversation()
        return conversation

    def _mark(self, person: PeerId, lines: Iterable[Line], status: ui.Delivery) -> list[Effect]:
        changed = [line for line in lines if line.status != status]
        for line in changed:
            line.status = status
        return self._tell(person, [line.id for line in changed], status)

    def _tell(self, person: PeerId, ids: list[MessageId], status: ui.Delivery) -> list[Effect]:
        return [TellTabs(ui.MessageStatus(person=person, ids=ids, status=status))] if ids else []


def _entry(person: PeerId, line: Line) -> ui.ReceivePrivateMessage:
    return ui.ReceivePrivateMessage(person=person, entry=line.view())


def _chats(person: PeerId, conversation: Conversation, lines: list[Line], now: Moment) -> Iterator[TellPeer]:
    for line in lines:
        waited = max(0, int((now.steady - line.composed) * 1000))
        first = line is conversation.oldest
        yield TellPeer(person, peer.Chat(id=line.id, text=line.text, waited=waited, first=first))
