"""The call that our person is in: one at a time, and the same on both sides whatever order things happen in.

    none --start--> ringing out --their accept--> active --end, by whom ever--> none
    none --ring---> ringing in  --our accept----> active

A ring, an accept and an end may get lost with the link. At link-up each side that is in a call says so
(`peer.CallSync`) and rings again if it was ringing; who hears of a call that it has left answers with how it ended. So
both sides agree again after every link-up. A call without a link is given some time: the media may well go on.
"""

from __future__ import annotations

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import CallId, CallOutcome, Media, MediaState, PeerId, TabId

from .call import Call, State
from .effects import Effect, Moment, NoteCall, TellPeer, TellTabs
from .limits import Limits
from .line import Line, changed
from .roster import Roster


class Calls:
    """How calls begin and end."""

    def __init__(self, me: PeerId, roster: Roster, line: Line, limits: Limits) -> None:
        self._me = me
        self._roster = roster
        self._line = line
        self._limits = limits

    @property
    def current(self) -> Call | None:
        """The call that our person is in, or that rings."""
        return self._line.call

    @property
    def active(self) -> bool:
        """Whether our person talks."""
        return self._line.call is not None and self._line.call.state == "active"

    # ------------------------------------------------------------------------------------------ what our person does

    def start(self, tab: TabId, request: ui.StartCall, call: CallId, now: Moment) -> list[Effect]:
        """Ring a contact.

        Raises:
            BadRequest: ``unknown_person``, ``blocked``, ``not_contact``, ``offline``, ``busy``.
        """
        person = request.person
        theirs = self.check(person)
        media = Media(request.audio, request.video)
        if theirs:
            return self._answer(theirs, tab, media, now)
        self._line.call = Call(call, person, "ringing out", True, self._me < person, media, now, owner=tab)
        return [
            TellTabs(ui.CallStarted(call=self._line.call.view())),
            TellPeer(person, peer.Ring(call=call, media=media)),
        ]

    def check(self, person: PeerId) -> Call | None:
        """Whether a contact can be called now. Their own call, if one rings: then it is to be answered.

        Raises:
            BadRequest: as `start`.
        """
        self._roster.reachable(person)
        call = self._line.call
        if call and not (call.state == "ringing in" and call.person == person):
            raise BadRequest("busy", "You are in a call already; end it first.")
        return call

    def accept(self, tab: TabId, request: ui.AcceptCall, now: Moment) -> list[Effect]:
        return self._answer(self._line.named(request.call, "ringing in"), tab, Media(request.audio, request.video), now)

    def reject(self, request: ui.RejectCall, now: Moment) -> list[Effect]:
        return self._end(self._line.named(request.call, "ringing in"), "declined", now)

    def end(self, request: ui.EndCall, now: Moment) -> list[Effect]:
        return self._hang_up(self._line.named(request.call), now)

    def tab_closed(self, tab: TabId, now: Moment) -> list[Effect]:
        """The page that holds the call is gone: an accepted call waits for it, a ringing one is cancelled."""
        call = self._line.call
        if call is None or call.owner != tab:
            return []
        if call.state != "active":
            return self._hang_up(call, now)
        call.owner, call.left_at = None, now.steady
        return [changed(call), TellPeer(call.person, peer.CallPresence(call=call.id, present=False))]

    def drop(self, person: PeerId, now: Moment) -> list[Effect]:
        """End any call with somebody who was blocked or forgotten."""
        call = self._line.call
        return self._hang_up(call, now) if call and call.person == person else []

    def refused(self, person: PeerId, now: Moment) -> list[Effect]:
        """They are no contact any more, and so a ring of ours is not heard there."""
        call = self._line.with_person(person)
        return self._end(call, "not_allowed", now) if call and call.state == "ringing out" else []

    def stop(self, now: Moment) -> list[Effect]:
        return self._hang_up(self._line.call, now) if self._line.call else []

    # ---------------------------------------------------------------------------------------- what the other side does

    def link_up(self, person: PeerId) -> list[Effect]:
        call = self._line.with_person(person)
        if call is None:
            return []
        call.linked = True
        present = call.owner is not None
        if call.state == "ringing out":
            return [changed(call), TellPeer(person, peer.Ring(call=call.id, media=call.offered))]
        active = call.state == "active"
        sync = peer.CallSync(call=call.id, accepted=active, generation=call.generation, present=present or not active)
        media = [TellPeer(person, peer.CallMedia(call=call.id, media=call.media))] if call.media else []
        return [changed(call), TellPeer(person, sync), *media]

    def link_down(self, person: PeerId, now: Moment, *, clean: bool) -> list[Effect]:
        call = self._line.with_person(person)
        if call is None:
            return []
        if clean:
            return self._end(call, "peer_gone", now)
        call.linked, call.unlinked_at = False, now.steady
        return [changed(call)]

    def rung(self, person: PeerId, ring: peer.Ring, now: Moment) -> list[Effect]:
        """Their call comes in, or their ring again."""
        known = self._roster.get(person)
        if self._line.was(person, ring.call):
            return self._line.not_here(person, ring.call)
        if known.blocked:
            return []
        if not known.contact:
            return [TellPeer(person, peer.CallEnd(call=ring.call, outcome="not_allowed"))]
        call = self._line.with_person(person)
        if call and ring.call in (call.id, call.merged):
            return self._rung_again(call)
        if not self._limits.rings(person, now.steady):
            return [TellPeer(person, peer.CallEnd(call=ring.call, outcome="busy"))]
        if call and call.state == "ringing out":
            return self._both_call(call, ring.call, ring.media, now)
        # Who rings is in no call: of one that we still believe in, the end got lost.
        lost = self._end(call, "peer_gone", now) if call else []
        return [*lost, *self._ring_in(person, ring, now)]

    def _ring_in(self, person: PeerId, ring: peer.Ring, now: Moment) -> list[Effect]:
        if self._line.call and ring.call in (self._line.call.id, self._line.call.merged):
            # Somebody else's call has this id: no honest ring, and nothing to be remembered.
            return [TellPeer(person, peer.CallEnd(call=ring.call, outcome="busy"))]
        if self._line.call:
            missed = ui.CallEntry(ring.call, mine=False, video=ring.media.video, outcome="busy", at=now.wall)
            self._line.over(person, ring.call, "busy")
            return [TellPeer(person, peer.CallEnd(call=ring.call, outcome="busy")), NoteCall(person, missed)]
        self._line.call = Call(ring.call, person, "ringing in", False, self._me < person, ring.media, now)
        return [TellTabs(ui.IncomingCall(call=self._line.call.view()))]

    def was_accepted(self, person: PeerId, accept: peer.CallAccept, now: Moment) -> list[Effect]:
        call = self._line.heard_of(person, accept.call)
        if call is None:
            return self._line.not_here(person, accept.call)
        return self._activate(call, accept.media, now) if call.state == "ringing out" else []

    def was_ended(self, person: PeerId, end: peer.CallEnd, now: Moment) -> list[Effect]:
        call = self._line.with_person(person)
        if call is None or end.call not in (call.id, call.merged):
            return []
        return self._end(call, end.outcome, now, known_to_them=end.call)

    def synced(self, person: PeerId, sync: peer.CallSync, now: Moment) -> list[Effect]:
        """After a lost link: they are in this call."""
        call = self._line.heard_of(person, sync.call)
        if call is not None and call.state == "ringing in" and sync.accepted:
            return self._end(call, "cancelled", now)
        if call is not None:
            call.advance(sync.generation)
            call.peer_present = sync.present
            return [changed(call)]
        mine = self._line.with_person(person) if sync.accepted and not self._line.was(person, sync.call) else None
        if mine and mine.state == "ringing out" and person < self._me:
            return self._both_call(mine, sync.call, mine.offered, now)
        return self._line.not_here(person, sync.call)

    def tick(self, now: Moment) -> list[Effect]:
        """End what has rung, or stood without link or page, for too long."""
        call = self._line.call
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
        self._limits.answered(call.person)
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
        ids = [known for known in (call.id, call.merged) if known is not None]
        if self._line.call is call:
            self._line.call = None
        for known in ids:
            self._line.over(call.person, known, outcome)
        entry = call.entry(outcome, now)
        event: ui.Event
        if call.state != "active" and outcome in ("declined", "busy", "not_allowed"):
            event = ui.CallRejected(call=call.id, person=call.person, outcome=outcome)
        else:
            event = ui.CallEnded(call=call.id, person=call.person, outcome=outcome, duration=entry.duration)
        told = [TellPeer(call.person, peer.CallEnd(call=i, outcome=outcome)) for i in ids if i != known_to_them]
        return [TellTabs(event), NoteCall(call.person, entry), *told]
