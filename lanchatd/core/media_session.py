"""The media of an accepted call: which page holds it, what it sends, and the signals between the two pages."""

from __future__ import annotations

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import PeerId, TabId

from .effects import Effect, TellPeer
from .line import Line, changed

Signal = peer.Offer | peer.Answer | peer.Candidate


class MediaSession:
    """The media sessions of the call on the line. Each `generation` is a new pair of peer connections."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def rejoin(self, tab: TabId, request: ui.RejoinCall) -> list[Effect]:
        """A page takes the call that a reload left without one; both sides set up their media anew."""
        call = self._line.named(request.call, "active")
        if call.owner is not None:
            raise BadRequest("not_your_call", "Another page holds this call.")
        call.owner, call.generation = tab, call.generation + 1
        return [changed(call), TellPeer(call.person, peer.CallRejoin(call=call.id, generation=call.generation))]

    def set_media(self, tab: TabId, request: ui.SetCallMedia) -> list[Effect]:
        call = self._line.owned(tab, request.call)
        call.media = request.media
        return [TellPeer(call.person, peer.CallMedia(call=call.id, media=request.media))]

    def signal(self, tab: TabId, signal: Signal) -> list[Effect]:
        """The owner sends an offer, an answer or a candidate; one of an older media session is dropped.

        Raises:
            BadRequest: ``unknown_call``, ``wrong_state``, ``not_your_call``, or ``offline`` when the link is down: the
                page says it again when `ui.Call.linked` is true again.
        """
        call = self._line.owned(tab, signal.call)
        if signal.generation != call.generation:
            return []
        if not call.linked:
            raise BadRequest("offline", "The link to the other machine is down.")
        return [TellPeer(call.person, signal)]

    def rejoined(self, person: PeerId, rejoin: peer.CallRejoin) -> list[Effect]:
        call = self._line.heard_of(person, rejoin.call)
        if call is None:
            return self._line.not_here(person, rejoin.call)
        call.advance(rejoin.generation)
        call.peer_present = True
        return [changed(call)]

    def noted(self, person: PeerId, change: peer.CallPresence | peer.CallMedia) -> list[Effect]:
        """Their page has left the call or is back, or sends something else than before."""
        call = self._line.heard_of(person, change.call)
        if call is None:
            return []
        if isinstance(change, peer.CallPresence):
            call.peer_present = change.present
        else:
            call.peer_media = change.media
        return [changed(call)]

    def takes(self, person: PeerId, signal: Signal) -> TabId | None:
        """The tab that a signal of the other side is for; None when it belongs to no running media session."""
        call = self._line.heard_of(person, signal.call)
        if call is None or call.state != "active" or call.generation != signal.generation:
            return None
        return call.owner
