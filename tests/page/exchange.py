"""Two stages and what passes between them: a call as two daemons would carry it, with the real protocol, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from lanchatd.protocol import ui
from lanchatd.protocol.model import Media, TabId

from .call_states import OUTGOING
from .company import ADA, ME, NOW, snapshot
from .stage import Stage

replace = msgspec.structs.replace
CallEvent = ui.CallStarted | ui.IncomingCall | ui.CallAccepted | ui.CallChanged
SIGNALS: Final = (ui.WebrtcOffer, ui.WebrtcAnswer, ui.WebrtcIceCandidate)


class End(Stage):
    """A stage whose calls go to another one."""

    def __init__(self, shown: ui.Snapshot, person: ui.Person, *, polite: bool) -> None:
        super().__init__(shown)
        self.person: Final = person
        self.polite: Final = polite
        self.other: End
        self.linked = True
        self.carry: Callable[[ui.TabRequest], ui.TabRequest] = lambda signal: signal
        """What a signal of ours is on the way."""

    def show(self, event_type: type[CallEvent], call: ui.Call) -> None:
        """The call is now like this, and all tabs hear of it."""
        self.snapshot = replace(self.snapshot, call=call)
        self.tell(event_type(call=call))

    def change(self, **fields: object) -> None:
        """Something about the call is another."""
        if self.snapshot.call is not None:
            self.show(ui.CallChanged, replace(self.snapshot.call, **fields))

    def _closed(self, tab: TabId) -> None:
        super()._closed(tab)
        if self.snapshot.call is not None and self.snapshot.call.owner == tab:
            self.change(owner=None)
            self.other.change(peer_present=False)

    def _request(self, tab: TabId, request: ui.TabRequest) -> None:
        self._act(tab, request)
        super()._request(tab, request)

    def _act(self, tab: TabId, request: ui.TabRequest) -> None:
        match request:
            case ui.StartCall(audio=audio, video=video):
                call = replace(
                    OUTGOING, person=self.person.id, polite=self.polite, offered=Media(audio, video), owner=tab
                )
                self.show(ui.CallStarted, call)
                self.other._ring(call)
            case ui.AcceptCall(audio=audio, video=video):
                for end, owner in ((self, tab), (self.other, self.other._owner)):
                    assert end.snapshot.call is not None
                    accepted = Media(audio, video)
                    now = replace(end.snapshot.call, state="active", owner=owner, accepted=accepted, accepted_at=NOW)
                    end.show(ui.CallAccepted, now)
            case ui.RejectCall():
                self._finish(lambda call, who: ui.CallRejected(call=call, person=who, outcome="declined"))
            case ui.EndCall():
                assert self.snapshot.call is not None
                outcome: ui.CallOutcome = "ended" if self.snapshot.call.state == "active" else "cancelled"
                self._finish(lambda call, who: ui.CallEnded(call=call, person=who, outcome=outcome, duration=65_000))
            case ui.RejoinCall():
                assert self.snapshot.call is not None
                generation = self.snapshot.call.generation + 1
                self.change(owner=tab, generation=generation)
                self.other.change(generation=generation, peer_present=True)
            case ui.SetCallMedia(media=media):
                self.other.change(peer_media=media)
            case _ if isinstance(request, SIGNALS) and self.linked:
                assert self.other.snapshot.call is not None
                if self.other._owner is not None:
                    self.other._hub.tell(TabId(self.other._owner), self.carry(replace(request, ref=msgspec.UNSET)))

    @property
    def _owner(self) -> int | None:
        return self.snapshot.call.owner if self.snapshot.call else None

    def _ring(self, call: ui.Call) -> None:
        theirs = replace(call, person=self.person.id, direction="incoming", polite=self.polite, owner=None)
        self.show(ui.IncomingCall, theirs)

    def _finish(self, event: object) -> None:
        for end in (self, self.other):
            assert end.snapshot.call is not None
            call = end.snapshot.call.id
            end.snapshot = replace(end.snapshot, call=None)
            end.tell(event(call, end.person.id))  # type: ignore[operator]

    def link(self, up: bool) -> None:
        """The link between the two goes, or comes."""
        for end in (self, self.other):
            end.linked = up
            end.change(linked=up)


@asynccontextmanager
async def two_ends() -> AsyncIterator[tuple[End, End]]:
    """Mara and Ada, each with a page to open."""
    me = ui.Person(id=ME.id, name=ME.name, machine=ME.machine, presence="online", relation="contact")
    ada = ui.Me(id=ADA.id, name=ADA.name, machine=ADA.machine, status="available")
    mara_end = End(snapshot(), ADA, polite=False)
    ada_end = End(ui.Snapshot(tab=0, run="first", version="0", me=ada, people=[me], conversations=[]), me, polite=True)
    mara_end.other, ada_end.other = ada_end, mara_end
    await mara_end.enter()
    await ada_end.enter()
    try:
        yield mara_end, ada_end
    finally:
        await mara_end.leave()
        await ada_end.leave()
    assert not mara_end.faults
    assert not ada_end.faults
