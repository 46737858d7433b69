"""The one line that our person can talk on: the call it is in, and how the last ones ended."""

from __future__ import annotations

from typing import Final

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import CallId, CallOutcome, PeerId, TabId

from .call import Call, State
from .effects import Effect, TellPeer, TellTabs
from .recent import Recent

REMEMBERED: Final = 64
"""How many ended calls are remembered, to tell who still believes to be in one."""

_SPOKEN: Final[dict[State, str]] = {"ringing out": "ringing there", "ringing in": "ringing here", "active": "accepted"}


class Line:
    """Finds the call that somebody speaks of."""

    def __init__(self) -> None:
        self.call: Call | None = None
        self._ended: Recent[tuple[PeerId, CallId], CallOutcome] = Recent(REMEMBERED)

    def with_person(self, person: PeerId) -> Call | None:
        """The call with this person."""
        return self.call if self.call and self.call.person == person else None

    def heard_of(self, person: PeerId, call: CallId) -> Call | None:
        """The call that another daemon speaks of, if it is ours, too."""
        known = self.with_person(person)
        return known if known and known.id == call else None

    def named(self, call: CallId, state: State | None = None) -> Call:
        """The call that a tab speaks of.

        Raises:
            BadRequest: ``unknown_call``; ``wrong_state`` if it is not in this state.
        """
        if self.call is None or self.call.id != call:
            raise BadRequest("unknown_call", "This call is over.")
        if state and self.call.state != state:
            raise BadRequest("wrong_state", f"This call is not {_SPOKEN[state]}.")
        return self.call

    def owned(self, tab: TabId, call: CallId) -> Call:
        """The accepted call that this tab holds.

        Raises:
            BadRequest: ``unknown_call``, ``wrong_state``, ``not_your_call``.
        """
        known = self.named(call, "active")
        if known.owner != tab:
            raise BadRequest("not_your_call", "Another page holds this call.")
        return known

    def over(self, person: PeerId, call: CallId, outcome: CallOutcome) -> None:
        """Remember how a call with this person ended, whether it was on the line or not."""
        self._ended[person, call] = outcome

    def was(self, person: PeerId, call: CallId) -> bool:
        """Whether this call with this person is remembered as over."""
        return (person, call) in self._ended

    def not_here(self, person: PeerId, call: CallId) -> list[Effect]:
        """Tell somebody that the call they believe in is over, and how it ended."""
        return [TellPeer(person, peer.CallEnd(call=call, outcome=self._ended.get((person, call), "peer_gone")))]


def changed(call: Call) -> Effect:
    """Show the call anew."""
    return TellTabs(ui.CallChanged(call=call.view()))
