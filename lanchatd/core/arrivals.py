"""What comes over a link, handed to the part of the core that decides it."""

from __future__ import annotations

from typing import Final, assert_never

from lanchatd.protocol import peer, ui
from lanchatd.protocol.model import PeerId

from .candidates import sdp_with_real_address, with_real_address
from .effects import Effect, Moment, TellTab, TellTabs
from .state import Core

Words = peer.Chat | peer.Delivered | peer.Resend | peer.Seen | peer.Typing
Calling = (
    peer.Ring | peer.CallAccept | peer.CallEnd | peer.CallSync | peer.CallRejoin | peer.CallPresence | peer.CallMedia
)
Signal = peer.Offer | peer.Answer | peer.Candidate

_FROM_THE_BLOCKED: Final = (peer.Profile, peer.CallSync, peer.CallRejoin, peer.Ring)


def linked(core: Core, person: PeerId, hello: peer.Hello, now: Moment) -> list[Effect]:
    """An authenticated link is up: show it, and say again what the other side may have missed."""
    return [
        *core.roster.linked(person, hello),
        *core.contacts.on_link(person),
        *core.calls.link_up(person),
        *core.conversations.link_up(person, hello.incarnation, now),
    ]


def unlinked(core: Core, person: PeerId, now: Moment, *, clean: bool) -> list[Effect]:
    """The link is gone; ``clean`` when the other daemon said goodbye."""
    return [
        *core.roster.unlinked(person, now),
        *core.conversations.hold(person),
        *core.calls.link_down(person, now, clean=clean),
        *core.comparisons.drop(person),
    ]


def take_in(core: Core, person: PeerId, message: peer.PeerMessage, address: str, now: Moment) -> list[Effect]:
    """Act on a message. Of a blocked person the profile is noted, and a call that they still believe in is ended.

    Args:
        core: the state that it changes.
        person: who the link belongs to.
        message: what they say.
        address: where their machine is, for the candidates of calls.
        now: the time.
    """
    known = core.roster.find(person)
    if known is None or (known.blocked and not isinstance(message, _FROM_THE_BLOCKED)):
        return []
    if not core.limits.hears(person, message, now.steady):
        if isinstance(message, peer.Profile):
            core.roster.profiled_later(person, message)
        return []
    match message:
        case peer.Chat() | peer.Delivered() | peer.Resend() | peer.Seen() | peer.Typing():
            return _words(core, person, message, now)
        case peer.Offer() | peer.Answer() | peer.Candidate():
            return _signal(core, person, message, address)
        case peer.Profile():
            return core.roster.profiled(person, message)
        case peer.Stance():
            return core.consenting(person, lambda: core.contacts.heard(person, message.stance, now), now)
        case peer.Hello() | peer.Bye() | peer.Introduce() | peer.Suspect():
            return []
        case peer.CompareStart() | peer.CompareAccept() | peer.CompareReveal() | peer.CompareEnd() | peer.Scanned():
            return core.comparisons.heard(person, message, now)
        case _:
            return _calling(core, person, message, now)


def _words(core: Core, person: PeerId, message: Words, now: Moment) -> list[Effect]:
    match message:
        case peer.Chat():
            return core.conversations.received(person, message, now)
        case peer.Delivered():
            return core.conversations.delivered(person, message.ids, now)
        case peer.Resend():
            return core.conversations.resend(person, now)
        case peer.Seen():
            return core.conversations.seen(person, message.id, now)
        case peer.Typing():
            contact = core.roster.get(person).contact
            return [TellTabs(ui.Typing(person=person, active=message.active))] if contact else []
        case _:
            assert_never(message)


def _calling(core: Core, person: PeerId, message: Calling, now: Moment) -> list[Effect]:
    match message:
        case peer.Ring():
            return core.calls.rung(person, message, now)
        case peer.CallAccept():
            return core.calls.was_accepted(person, message, now)
        case peer.CallEnd():
            return core.calls.was_ended(person, message, now)
        case peer.CallSync():
            return core.calls.synced(person, message, now)
        case peer.CallRejoin():
            return core.media.rejoined(person, message)
        case peer.CallPresence() | peer.CallMedia():
            return core.media.noted(person, message)
        case _:
            assert_never(message)


def _signal(core: Core, person: PeerId, signal: Signal, address: str) -> list[Effect]:
    """Hand a signal to the tab that holds the call, with the other machine's real address in it."""
    tab = core.media.takes(person, signal)
    if tab is None:
        return []
    call, generation = signal.call, signal.generation
    events: list[ui.WebrtcOffer | ui.WebrtcAnswer | ui.WebrtcIceCandidate]
    match signal:
        case peer.Candidate():
            events = [
                ui.WebrtcIceCandidate(call=call, generation=generation, candidate=candidate)
                for candidate in with_real_address(signal.candidate, address)
            ]
        case peer.Offer():
            sdp = sdp_with_real_address(signal.sdp, address)
            events = [ui.WebrtcOffer(call=call, generation=generation, sdp=sdp)]
        case peer.Answer():
            sdp = sdp_with_real_address(signal.sdp, address)
            events = [ui.WebrtcAnswer(call=call, generation=generation, sdp=sdp)]
        case _:
            assert_never(signal)
    return [TellTab(tab, event) for event in events]
