"""What ought to stand on the desktop, from what tabs are told and where the person looks. Knows no desktop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from lanchatd.protocol import ui
from lanchatd.protocol.model import CallId, MessageId, PeerId, Status, TabId

from . import words
from .notice import Deed, Notice, Slot

_MISSED: Final = ("cancelled", "no_answer", "peer_gone")


@dataclass(slots=True)
class Burst:
    """The messages of one person since the last time that our person has looked."""

    count: int = 0
    last: deque[ui.TextEntry] = field(default_factory=lambda: deque(maxlen=words.LINES))

    def add(self, entry: ui.TextEntry) -> None:
        self.count += 1
        self.last.append(entry)

    @property
    def texts(self) -> list[str]:
        return [entry.text for entry in self.last]

    @property
    def readable(self) -> bool:
        """Whether a notification shows every word of it."""
        return self.count == len(self.last) and all(
            len(words.on_one_line(text)) <= words.LINE_LENGTH for text in self.texts
        )


class Board:
    """Hears what tabs hear, and says what ought to be seen.

    Calls and comparisons are shown as long as they wait and no tab has the focus. Messages, requests and missed calls
    are shown if no tab had the focus when they came, until they are read or answered, anywhere.

    Args:
        person: whom tabs show under this key.
        preferences: as set at the start.
    """

    def __init__(self, person: Callable[[PeerId], ui.Person | None], preferences: ui.Preferences) -> None:
        self._person: Final = person
        self._preferences = preferences
        self._status: Status = "available"
        self._tabs: Final[dict[TabId, bool]] = {}
        self._ringing: ui.Call | None = None
        self._asking: ui.Comparison | None = None
        self._requests: Final[dict[PeerId, ui.Person]] = {}
        self._messages: Final[dict[PeerId, Burst]] = {}
        self._missed: Final[dict[PeerId, int]] = {}
        self._unsent: Final[dict[PeerId, str]] = {}
        self.taken: CallId | None = None
        """The call that was accepted here, and that a page is about to take."""

    # -------------------------------------------------------------------------------------------------------- the tabs

    @property
    def pages(self) -> tuple[TabId, ...]:
        """The open pages, the one last looked at at the end."""
        return tuple(self._tabs)

    def look(self, tab: TabId, focus: ui.SetFocus) -> None:
        """A page has, or no longer has, the focus."""
        if focus.focused or tab not in self._tabs:
            self._tabs.pop(tab, None)
        self._tabs[tab] = focus.focused
        if focus.focused and focus.person:
            self._missed.pop(focus.person, None)
            self._unsent.pop(focus.person, None)

    def tab_closed(self, tab: TabId) -> None:
        self._tabs.pop(tab, None)

    # ------------------------------------------------------------------------------------------------ what tabs hear

    def hear(self, event: ui.Event) -> None:
        """Tabs have been told this."""
        match event:
            case ui.ReceivePrivateMessage() | ui.ConversationSeen():
                self._hear_words(event)
            case ui.PersonChanged() | ui.PersonRemoved() | ui.IncomingChatRequest():
                self._hear_of_person(event)
            case ui.IncomingCall() | ui.CallAccepted() | ui.CallRejected() | ui.CallEnded():
                self._hear_call(event)
            case ui.ComparisonChanged(comparison=comparison):
                self._asking = comparison if comparison.state == "asking" else None
            case ui.ComparisonEnded():
                self._asking = None
            case ui.ProfileChanged(me=me):
                self._status = me.status
            case ui.PreferencesChanged(preferences=preferences):
                self._preferences = preferences
                if not preferences.notifications:
                    for kept in (self._requests, self._messages, self._missed, self._unsent):
                        kept.clear()
            case _:
                pass

    def _hear_words(self, event: ui.ReceivePrivateMessage | ui.ConversationSeen) -> None:
        match event:
            case ui.ConversationSeen(person=person, unread=0):
                self._messages.pop(person, None)
            case ui.ReceivePrivateMessage(person=person, entry=ui.TextEntry(mine=True)):
                self._messages.pop(person, None)
                self._unsent.pop(person, None)
            case ui.ReceivePrivateMessage(person=person, entry=ui.TextEntry() as entry) if self._announces:
                self._messages.setdefault(person, Burst()).add(entry)
            case ui.ReceivePrivateMessage(person=person, entry=ui.CallEntry(mine=False) as entry):
                if entry.outcome in _MISSED and not entry.duration and self._announces:
                    self._missed[person] = self._missed.get(person, 0) + 1

    def _hear_of_person(self, event: ui.PersonChanged | ui.PersonRemoved | ui.IncomingChatRequest) -> None:
        match event:
            case ui.PersonRemoved(person=person):
                self._forget(person)
                self._requests.pop(person, None)
            case ui.IncomingChatRequest(person=asking) if self._announces:
                self._requests[asking.id] = asking
            case ui.PersonChanged(person=changed):
                if changed.relation != "contact":
                    self._forget(changed.id)
                asked = self._requests.get(changed.id)
                if changed.relation != "incoming" or changed.held or (asked and asked.name != changed.name):
                    # Whoever renames themselves after asking does not get to say one thing after the other here.
                    self._requests.pop(changed.id, None)
                elif asked:
                    self._requests[changed.id] = changed

    def _hear_call(self, event: ui.IncomingCall | ui.CallAccepted | ui.CallRejected | ui.CallEnded) -> None:
        if isinstance(event, ui.IncomingCall):
            self._ringing, self.taken = event.call, None
            self._missed.pop(event.call.person, None)
        elif self._ringing is not None:
            # Two calls that crossed become one, perhaps under the other id.
            person = event.call.person if isinstance(event, ui.CallAccepted) else event.person
            if person == self._ringing.person:
                self._ringing = self.taken = None

    def _forget(self, person: PeerId) -> None:
        for kept in (self._messages, self._missed, self._unsent):
            kept.pop(person, None)

    # --------------------------------------------------------------------------------------------- what is to be seen

    def notices(self) -> dict[Slot, Notice]:
        """Everything that ought to stand on the desktop now, the most pressing first."""
        shown: dict[Slot, Notice] = {}
        if self._announces:
            if self._ringing and self._ringing.id != self.taken:
                name = self._name(self._ringing.person)
                # An open page rings by itself.
                shown[Slot("call")] = words.call(name, self._ringing, ring=not self._tabs)
            if self._asking:
                shown[Slot("comparison")] = words.comparison(self._name(self._asking.person))
        if self._requests:
            shown[Slot("requests")] = words.requests(list(self._requests.values()))
        hidden = self._preferences.hide_text
        for person, burst in self._messages.items():
            notice = words.message(self._name(person), burst.texts, burst.count, hidden=hidden)
            shown[Slot("messages", person)] = notice
        for person, count in self._missed.items():
            shown[Slot("missed", person)] = words.missed(self._name(person), count)
        for person, problem in self._unsent.items():
            shown[Slot("unsent", person)] = words.unsent(self._name(person), problem)
        return shown

    def _name(self, person: PeerId) -> str:
        return words.called(self._person(person))

    @property
    def _announces(self) -> bool:
        looked_at = any(self._tabs.values())
        return self._preferences.notifications and self._status != "dnd" and not looked_at

    # ------------------------------------------------------------------------------------------ what the person does

    def dismiss(self, slot: Slot) -> None:
        """The person has put this notification away, or the server let it end: it does not come again by itself."""
        match slot:
            case Slot("call"):
                self._ringing = None
            case Slot("comparison"):
                self._asking = None
            case Slot("requests"):
                self._requests.clear()
            case Slot("messages", str(person)):
                self._messages.pop(person, None)
            case Slot("missed", str(person)):
                self._missed.pop(person, None)
            case Slot("unsent", str(person)):
                self._unsent.pop(person, None)
            case _:
                pass

    def press(self, slot: Slot, key: str) -> Deed | None:
        """The person has pressed a button, or the notification itself (``default``); None: too late, it is gone."""
        notice = self.notices().get(slot)
        if notice is None:
            return None
        if key == "default":
            person = self._about(slot)
            if slot.kind != "call":
                self.dismiss(slot)
            return Deed(page=True, person=person)
        if key not in [button.key for button in notice.buttons]:
            return None
        verb, _, about = key.partition(":")
        return self._answer_call(verb, about) if slot.kind == "call" else self._answer_request(verb, PeerId(about))

    def reply(self, slot: Slot, text: str, message: MessageId) -> Deed | None:
        """The person has written into the notification of a message; what it shows entirely they have read."""
        person = slot.person
        if slot.kind != "messages" or person not in self._messages or not text.strip():
            return None
        burst = self._messages.pop(person)
        seen = ui.MarkSeen(person=person, id=burst.last[-1].id)
        reply = ui.SendPrivateMessage(person=person, id=message, text=text)
        shown = burst.readable and not self._preferences.hide_text
        return Deed((seen, reply) if shown else (reply,))

    def refused(self, person: PeerId, sentence: str) -> None:
        """A reply could not be sent."""
        self._unsent[person] = sentence

    def _about(self, slot: Slot) -> PeerId | None:
        waiting = {"call": self._ringing, "comparison": self._asking}.get(slot.kind)
        if waiting is not None:
            return waiting.person
        return next(iter(self._requests)) if slot.kind == "requests" and len(self._requests) == 1 else slot.person

    def _answer_call(self, verb: str, call: CallId) -> Deed:
        if verb == "decline":
            return Deed((ui.RejectCall(call=call),))
        self.taken = call
        take = ui.TakeCall(call=call, video=verb == "accept-video")
        return Deed(page=True, person=self._ringing.person if self._ringing else None, take=take)

    def _answer_request(self, verb: str, person: PeerId) -> Deed:
        accept = verb == "accept"
        return Deed((ui.AcceptChatRequest(person=person) if accept else ui.RejectChatRequest(person=person),))
