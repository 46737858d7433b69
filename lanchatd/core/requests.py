"""What a tab asks for, handed to the part of the core that decides it."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from lanchatd.protocol import peer, ui
from lanchatd.protocol.model import CallId, TabId

from .effects import Effect, Fresh, Moment, NoteCall, SavePeople
from .state import Core

Consent = (
    ui.SendChatRequest
    | ui.AcceptChatRequest
    | ui.RejectChatRequest
    | ui.CancelChatRequest
    | ui.BlockUser
    | ui.UnblockUser
    | ui.ForgetUser
    | ui.KeepName
    | ui.Distrust
)
Words = ui.SendPrivateMessage | ui.MarkSeen | ui.Typing
Comparing = ui.StartComparison | ui.AcceptComparison | ui.AnswerComparison | ui.CancelComparison | ui.ScanCode
Calling = ui.StartCall | ui.AcceptCall | ui.RejectCall | ui.EndCall | ui.RejoinCall | ui.SetCallMedia
Signal = ui.WebrtcOffer | ui.WebrtcAnswer | ui.WebrtcIceCandidate


def carry_out(
    core: Core,
    tab: TabId,
    request: Consent | Words | Calling | Comparing | Signal,
    fresh: Callable[[], Fresh],
    now: Moment,
) -> list[Effect]:
    """Carry out a request that concerns another person.

    Args:
        core: the state that it changes.
        tab: who asks.
        request: what is asked for.
        fresh: makes what a call or a comparison needs, should one begin.
        now: the time.

    Raises:
        BadRequest: it can't be done; nothing was changed.
    """
    match request:
        case ui.SendPrivateMessage() | ui.MarkSeen() | ui.Typing():
            return _words(core, request, now)
        case ui.WebrtcOffer() | ui.WebrtcAnswer() | ui.WebrtcIceCandidate():
            return core.media.signal(tab, _signal(request))
        case ui.StartCall() | ui.AcceptCall() | ui.RejectCall() | ui.EndCall() | ui.RejoinCall() | ui.SetCallMedia():
            return _calling(core, tab, request, CallId(fresh().id), now)
        case (
            ui.StartComparison() | ui.AcceptComparison() | ui.AnswerComparison() | ui.CancelComparison() | ui.ScanCode()
        ):
            return _comparing(core, request, fresh(), now)
        case _:
            return core.consenting(request.person, lambda: _consent(core, request, now), now)


def _words(core: Core, request: Words, now: Moment) -> list[Effect]:
    match request:
        case ui.SendPrivateMessage():
            return core.conversations.submit(request.person, request.id, request.text, now)
        case ui.MarkSeen():
            return core.conversations.mark_seen(request.person, request.id)
        case ui.Typing():
            return core.conversations.typing(request.person, request.active)
        case _:
            assert_never(request)


def _signal(request: Signal) -> peer.Offer | peer.Answer | peer.Candidate:
    call, generation = request.call, request.generation
    match request:
        case ui.WebrtcOffer():
            return peer.Offer(call=call, generation=generation, sdp=request.sdp)
        case ui.WebrtcAnswer():
            return peer.Answer(call=call, generation=generation, sdp=request.sdp)
        case ui.WebrtcIceCandidate():
            return peer.Candidate(call=call, generation=generation, candidate=request.candidate)
        case _:
            assert_never(request)


def _calling(core: Core, tab: TabId, request: Calling, new_call: CallId, now: Moment) -> list[Effect]:
    match request:
        case ui.StartCall():
            return core.calls.start(tab, request, new_call, now)
        case ui.AcceptCall():
            return core.calls.accept(tab, request, now)
        case ui.RejectCall():
            return core.calls.reject(request, now)
        case ui.EndCall():
            return core.calls.end(request, now)
        case ui.RejoinCall():
            return core.media.rejoin(tab, request)
        case ui.SetCallMedia():
            return core.media.set_media(tab, request)
        case _:
            assert_never(request)


def _comparing(core: Core, request: Comparing, fresh: Fresh, now: Moment) -> list[Effect]:
    match request:
        case ui.StartComparison():
            return core.comparisons.start(request.person, fresh, now)
        case ui.AcceptComparison():
            return core.comparisons.accept(request.comparison, fresh)
        case ui.AnswerComparison():
            return core.comparisons.answer(request.comparison, request.match)
        case ui.CancelComparison():
            return core.comparisons.cancel(request.comparison)
        case ui.ScanCode():
            return core.comparisons.scan(request.person, request.code)
        case _:
            assert_never(request)


def _consent(core: Core, request: Consent, now: Moment) -> list[Effect]:
    person = request.person
    match request:
        case ui.SendChatRequest():
            return core.contacts.ask(person, now)
        case ui.AcceptChatRequest():
            return core.contacts.accept(person)
        case ui.RejectChatRequest():
            return core.contacts.reject(person)
        case ui.CancelChatRequest():
            return core.contacts.cancel(person)
        case ui.UnblockUser():
            return core.contacts.unblock(person, now)
        case ui.BlockUser():
            put_away = [*core.comparisons.drop(person), *core.conversations.put_away(person)]
            return [*core.calls.drop(person, now), *put_away, *core.contacts.block(person)]
        case ui.KeepName():
            return [*core.roster.keep_name(person), SavePeople()]
        case ui.Distrust():
            return core.comparisons.distrust(person)
        case ui.ForgetUser():
            core.conversations.drop(person)
            # A note about the call would begin the conversation anew.
            ended = [effect for effect in core.calls.drop(person, now) if not isinstance(effect, NoteCall)]
            return [*ended, *core.comparisons.drop(person), *core.contacts.forget(person)]
        case _:
            assert_never(request)
