"""The call that our person is in: one at a time, and the same on both sides whatever order things happen in.

    none --start--> ringing out --their accept--> active --end, by whom ever--> none
    none --ring---> ringing in  --our accept----> active

A ring, an accept and an end may get lost with the link. At link-up each side that is in a call says so
(`peer.CallSync`) and rings again if it was ringing; who hears of a call that it has left answers with how it ended. So
both sides agree again after every link-up. A call without a link is given some time: the media may well go on.
"""

from __future__ import annotations

from typing import Final

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import CallId, CallOutcome, Media, MediaState, PeerId, TabId

from .call import Call, State
from .effects import Effect, Moment, NoteCall, TellPeer, TellTabs
from .roster import Roster

REMEMBERED: Final = 64
"""How many ended calls are remembered, to tell who still believes to be in one."""

Signal = peer.Offer | peer.Answer | peer.Candidate

_SPOKEN: Final[dict[State, str]] = {"ringing out": "ringing there", "ringing in": "ringing here", "active": "accepted"}


class Calls:
    """The current call, if any, and how the last ones ended."""

    def __init__(self, me: PeerId, roster: Roster) -> None:
        self._me = me
        self._roster = roster
        self._ended: dict[CallId, CallOutcome] = {}
        self.current: Call | None = None

    @property
    def active(self) -> bool:
        return self.current is not None and self.current.state == "active"

    # ------------------------------------------------------------------------------------------ what our person does

    def start(self, tab: TabId, request: ui.StartCall, call: CallId, now: Moment) -> list[Effect]:
        """Ring a contact.

        Raises:
            BadRequest: ``unknown_person``, ``blocked``, ``not_contact``, ``offline``, ``busy``.
        """
        known = self._roster.get(request.person)
        if known.blocked:
            raise BadRequest("blocked", f"You have blocked {known.name}; unblock them first.")
        if not known.contact:
            raise BadRequest("not_contact", f"{known.name} has not agreed to talk yet; send a request first.")
        if not known.linked:
            raise BadRequest("offline", f"{known.name} is not connected now.")
        media = Media(request.audio, request.video)
        if self.current and self.current.state == "ringing in" and self.current.person == request.person:
            return self._answer(self.current, tab, media, now)
        if self.current:
            raise BadRequest("busy", "You are in a call already; end it first.")
        self.current = Call(call, known.id, "ringing out", True, self._me < known.id, media, now, owner=tab)
        return [
            TellTabs(ui.CallStarted(call=self.current.view())),
            TellPeer(known.id, peer.Ring(call=call, media=media)),
        ]

    def accept(self, tab: TabId, request: ui.AcceptCall, now: Moment) -> list[Effect]:
        return self._answer(self._named(request.call, "ringing in"), tab, Media(request.audio, request.video), now)

    def reject(self, request: ui.RejectCall, now: Moment) -> list[Effect]:
        return self._end(self._named(request.call, "ringing in"), "declined", now)

    def end(self, request: ui.EndCall, now: Moment) -> list[Effect]:
        return self._hang_up(self._named(request.call), now)

    def rejoin(self, tab: TabId, request: ui.RejoinCall) -> list[Effect]:
        """A page takes the call that a reload left without one; both sides set up their media anew."""
        call = self._named(request.call, "active")
        if call.owner is not None:
            raise BadRequest("not_your_call", "Another page holds this call.")
        call.owner, call.generation = tab, call.generation + 1
        return [self._changed(call), TellPeer(call.person, peer.CallRejoin(call=call.id, generation=call.generation))]

    def set_media(self, tab: TabId, request: ui.SetCallMedia) -> list[Effect]:
        call = self._owned(tab, request.call)
        call.media = request.media
        return [TellPeer(call.person, peer.CallMedia(call=call.id, media=request.media))]

    def signal(self, tab: TabId, signal: Signal) -> list[Effect]:
        """The owner sends an offer, an answer or a candidate; one of an older media session is dropped.

        Raises:
            BadRequest: ``unknown_call``, ``wrong_state``, ``not_your_call``, or ``offline`` when the link is down: the
                page says it again when `ui.Call.linked` is true again.
        """
        call = self._owned(tab, signal.call)
        if signal.generation != call.generation:
            return []
        if not call.linked:
            raise BadRequest("offline", "The link to the other machine is down.")
        return [TellPeer(call.person, signal)]

    def tab_closed(self, tab: TabId, now: Moment) -> list[Effect]:
        """The page that holds the call is gone: an accepted call waits for it, a ringing one is cancelled."""
        call = self.current
        if call is None or call.owner != tab:
            return []
        if call.state != "active":
            return self._hang_up(call, now)
        call.owner, call.left_at = None, now.steady
        return [self._changed(call), TellPeer(call.person, peer.CallPresence(call=call.id, present=False))]

    def drop(self, person: PeerId, now: Moment) -> list[Effect]:
        """End any call with somebody who was blocked or forgotten."""
        call = self.current
        return self._hang_up(call, now) if call and call.person == person else []

    def stop(self, now: Moment) -> list[Effect]:
        return self._hang_up(self.current, now) if self.current else []

    # ---------------------------------------------------------------------------------------- what the other side does

    def link_up(self, person: PeerId) -> list[Effect]:
        call = self._with(person)
        if call is None:
            return []
        call.linked = True
        present = call.owner is not None
        if call.state == "ringing out":
            return [self._changed(call), TellPeer(person, peer.Ring(call=call.id, media=call.offered))]
        active = call.state == "active"
        sync = peer.CallSync(call=call.id, accepted=active, generation=call.generation, present=present or not active)
        media = [TellPeer(person, peer.CallMedia(call=call.id, media=call.media))] if call.media else []
        return [self._changed(call), TellPeer(person, sync), *media]

    def link_down(self, person: PeerId, now: Moment, *, clean: bool) -> list[Effect]:
        call = self._with(person)
        if call is None:
            return []
        if clean:
            return self._end(call, "peer_gone", now)
        call.linked, call.unlinked_at = False, now.steady
        return [self._changed(call)]

    def rung(self, person: PeerId, ring: peer.Ring, now: Moment) -> list[Effect]:
        """Their call comes in, or their ring again."""
        known = self._roster.get(person)
        if ring.call in self._ended:
            return self._not_here(person, ring.call)
        if known.blocked:
            return []
        if not known.contact:
            return [TellPeer(person, peer.CallEnd(call=ring.call, outcome="not_allowed"))]
        call = self._with(person)
        if call and ring.call in (call.id, call.merged):
            return self._rung_again(call)
        if call and call.state == "ringing out":
            return self._both_call(call, ring.call, ring.media, now)
        # Who rings is in no call: of one that we still believe in, the end got lost.
        lost = self._end(call, "peer_gone", now) if call else []
        return [*lost, *self._ring_in(person, ring, now)]

    def _ring_in(self, person: PeerId, ring: peer.Ring, now: Moment) -> list[Effect]:
        if self.current:
            missed = ui.CallEntry(ring.call, mine=False, video=ring.media.video, outcome="busy", at=now.wall)
            self._remember(ring.call, "busy")
            return [TellPeer(person, peer.CallEnd(call=ring.call, outcome="busy")), NoteCall(person, missed)]
        self.current = Call(ring.call, person, "ringing in", False, self._me < person, ring.media, now)
        return [TellTabs(ui.IncomingCall(call=self.current.view()))]

    def was_accepted(self, person: PeerId, accept: peer.CallAccept, now: Moment) -> list[Effect]:
        call = self._heard_of(person, accept.call)
        if call is None:
            return self._not_here(person, accept.call)
        return self._activate(call, accept.media, now) if call.state == "ringing out" else []

    def was_ended(self, person: PeerId, end: peer.CallEnd, now: Moment) -> list[Effect]:
        call = self._with(person)
        if call is None or end.call not in (call.id, call.merged):
            return []
        return self._end(call, end.outcome, now, known_to_them=end.call)

    def synced(self, person: PeerId, sync: peer.CallSync, now: Moment) -> list[Effect]:
        """After a lost link: they are in this call."""
        call = self._heard_of(person, sync.call)
        if call is not None and call.state == "ringing in" and sync.accepted:
            return self._end(call, "cancelled", now)
        if call is not None:
            call.advance(sync.generation)
            call.peer_present = sync.present
            return [self._changed(call)]
        mine = self._with(person) if sync.accepted and sync.call not in self._ended else None
        if mine and mine.state == "ringing out" and person < self._me:
            return self._both_call(mine, sync.call, mine.offered, now)
        return self._not_here(person, sync.call)

    def rejoined(self, person: PeerId, rejoin: peer.CallRejoin) -> list[Effect]:
        call = self._heard_of(person, rejoin.call)
        if call is None:
            return self._not_here(person, rejoin.call)
        call.advance(rejoin.generation)
        call.peer_present = True
        return [self._changed(call)]

    def noted(self, person: PeerId, change: peer.CallPresence | peer.CallMedia) -> list[Effect]:
        """Their page has left the call or is back, or sends something else than before."""
        call = self._heard_of(person, change.call)
        if call is None:
            return []
        if isinstance(change, peer.CallPresence):
            call.peer_present = change.present
        else:
            call.peer_media = change.media
        return [self._changed(call)]

    def takes(self, person: PeerId, signal: Signal) -> TabId | None:
        """The tab that a signal of the other side is for; None when it belongs to no running media session."""
        call = self._heard_of(person, signal.call)
        if call is None or call.state != "active" or call.generation != signal.generation:
            return None
        return call.owner

    def tick(self, now: Moment) -> list[Effect]:
        """End what has rung, or stood without link or page, for too long."""
        call = self.current
        if call is None or (outcome := call.overdue(now.steady)) is None:
            return []
        return self._end(call, outcome, now)

    # ---------------------------------------------------------------------------------------------------------- inside

    def _answer(self, call: Call, tab: TabId, media: Media, now: Moment) -> list[Effect]:
        call.owner = tab
        effects = self._activate(call, media, now)
        return [*effects, TellPeer(call.person, peer.CallAccept(call=call.id, media=media))]

    def _activate(self, call: Call, accepted: Media, now: Moment) -> list[Effect]:
        call.state, call.accepted, call.answered = "active", accepted, now
        theirs = accepted if call.outgoing else call.offered
        call.peer_media = call.peer_media or MediaState(theirs.audio, theirs.video)
        return [TellTabs(ui.CallAccepted(call=call.view()))]

    def _both_call(self, call: Call, their_call: CallId, their_media: Media, now: Moment) -> list[Effect]:
        """Both ring each other, so both want to talk: it is one call, the one of the lower peer id."""
        call.merged = their_call
        if call.person < self._me:
            call.id, call.merged = call.merged, call.id
        return self._activate(call, their_media, now)

    def _rung_again(self, call: Call) -> list[Effect]:
        """They ring because they have not heard that we accepted."""
        if call.state != "active":
            return []
        media = call.offered if call.outgoing else call.accepted or Media()
        return [TellPeer(call.person, peer.CallAccept(call=call.id, media=media))]

    def _hang_up(self, call: Call, now: Moment) -> list[Effect]:
        outcomes: dict[State, CallOutcome] = {"ringing out": "cancelled", "ringing in": "declined", "active": "ended"}
        return self._end(call, outcomes[call.state], now)

    def _end(
        self, call: Call, outcome: CallOutcome, now: Moment, *, known_to_them: CallId | None = None
    ) -> list[Effect]:
        """Let the call be over here, and there under every id that they may know it by."""
        self.current = None
        ids = [known for known in (call.id, call.merged) if known is not None]
        for known in ids:
            self._remember(known, outcome)
        entry = call.entry(outcome, now)
        event: ui.Event
        if call.state != "active" and outcome in ("declined", "busy", "not_allowed"):
            event = ui.CallRejected(call=call.id, person=call.person, outcome=outcome)
        else:
            event = ui.CallEnded(call=call.id, person=call.person, outcome=outcome, duration=entry.duration)
        told = [TellPeer(call.person, peer.CallEnd(call=i, outcome=outcome)) for i in ids if i != known_to_them]
        return [TellTabs(event), NoteCall(call.person, entry), *told]

    def _not_here(self, person: PeerId, call: CallId) -> list[Effect]:
        return [TellPeer(person, peer.CallEnd(call=call, outcome=self._ended.get(call, "peer_gone")))]

    def _remember(self, call: CallId, outcome: CallOutcome) -> None:
        self._ended[call] = outcome
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def _changed(self, call: Call) -> Effect:
        return TellTabs(ui.CallChanged(call=call.view()))

    def _with(self, person: PeerId) -> Call | None:
        return self.current if self.current and self.current.person == person else None

    def _heard_of(self, person: PeerId, call: CallId) -> Call | None:
        known = self._with(person)
        return known if known and known.id == call else None

    def _named(self, call: CallId, state: State | None = None) -> Call:
        if self.current is None or self.current.id != call:
            raise BadRequest("unknown_call", "This call is over.")
        if state and self.current.state != state:
            raise BadRequest("wrong_state", f"This call is not {_SPOKEN[state]}.")
        return self.current

    def _owned(self, tab: TabId, call: CallId) -> Call:
        known = self._named(call, "active")
        if known.owner != tab:
            raise BadRequest("not_your_call", "Another page holds this call.")
        return known
