"""Consent: who asked whom, who accepted whom, who is blocked.

Each side holds a stance and tells it at every link-up and at every change. Two people are contacts when one accepted
what the other wants; a stance that comes twice, or late, changes nothing.
"""

from __future__ import annotations

from typing import Literal

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import PeerId

from .effects import Effect, Moment, SavePeople, TellPeer, TellTabs
from .known import REQUEST_KEPT, Known, Stance
from .limits import Limits
from .roster import Roster


class Contacts:
    """Changes the stances in the roster."""

    def __init__(self, roster: Roster, limits: Limits) -> None:
        self._roster = roster
        self._limits = limits

    # ------------------------------------------------------------------------------------------ what our person does

    def ask(self, person: PeerId, now: Moment) -> list[Effect]:
        known = self._roster.unblocked(person)
        if known.contact:
            raise BadRequest("wrong_state", f"{known.name} is in your contacts already.")
        if known.relation == "incoming":
            return self.accept(person)
        known.asked_at, known.agreed_name = now.steady, known.name
        return self._set(person, mine="asking")

    def accept(self, person: PeerId) -> list[Effect]:
        known = self._roster.get(person)
        self._refuse_unless(known, "incoming", f"There is no request of {known.name} to accept.")
        known = self._roster.unblocked(person)
        known.agreed_name = known.name
        return [*self._set(person, mine="accepted"), *self._connected(person)]

    def reject(self, person: PeerId) -> list[Effect]:
        known = self._roster.get(person)
        self._refuse_unless(known, "incoming", f"There is no request of {known.name} to decline.")
        return [*self._set(person, mine="declined"), _over(person, mine=False, reason="declined")]

    def cancel(self, person: PeerId) -> list[Effect]:
        known = self._roster.get(person)
        self._refuse_unless(known, "outgoing", f"You have no request waiting with {known.name}.")
        known.agreed_name = None
        return [*self._set(person, mine="none"), _over(person, mine=True, reason="cancelled")]

    def block(self, person: PeerId) -> list[Effect]:
        """Nothing is told to the blocked person."""
        self._roster.get(person)

        def edit(known: Known) -> None:
            known.blocked, known.mine, known.theirs = True, "none", "none"
            known.verified, known.agreed_name = False, None

        return [*self._roster.change(person, edit), SavePeople()]

    def unblock(self, person: PeerId, now: Moment) -> list[Effect]:
        """Strangers from now on. They may have asked meanwhile: told where we stand, they ask again."""
        known = self._roster.get(person)
        self._refuse_unless(known, "blocked", f"{known.name} is not blocked.")

        def edit(known: Known) -> None:
            known.blocked = False
            known.left_at = None if known.linked else now.steady

        return [*self._roster.change(person, edit), *self._tell(known), SavePeople()]

    def forget(self, person: PeerId) -> list[Effect]:
        """Back to strangers. The other side is told that our acceptance is gone, or that its request is declined."""
        known = self._roster.get(person)
        incoming = known.relation == "incoming"

        def edit(known: Known) -> None:
            known.mine, known.blocked, known.verified = "declined" if incoming else "none", False, False
            known.agreed_name = None
            known.theirs = "asking" if incoming else "none"

        changed = self._roster.change(person, edit)
        return [*self._tell(known), *self._roster.forget(person), *changed, SavePeople()]

    # ---------------------------------------------------------------------------------------- what the other side does

    def on_link(self, person: PeerId) -> list[Effect]:
        """Tell our stance anew; a blocked person hears nothing."""
        known = self._roster.find(person)
        if known is None or known.blocked:
            return []
        return self._tell(known)

    def heard(self, person: PeerId, stance: Stance, now: Moment) -> list[Effect]:
        """The other side has told its stance."""
        known = self._roster.get(person)
        if known.blocked:
            return []
        match stance:
            case "asking":
                return self._heard_asking(known, now)
            case "accepted":
                return self._heard_accepted(known)
            case "none":
                return self._heard_none(known)
            case "declined":
                return self._heard_declined(known)

    def _heard_asking(self, known: Known, now: Moment) -> list[Effect]:
        new = known.theirs != "asking"
        match known.mine:
            case "asking" if known.held:
                return self._hold(known.id, theirs="asking")
            case "asking":
                return [*self._set(known.id, mine="accepted", theirs="asking"), *self._connected(known.id)]
            case "accepted" | "declined":
                return self._set(known.id, mine=known.mine, theirs="asking")
            case "none":
                effects = self._hold(known.id, theirs="asking")
                announced = new and not known.held and self._limits.announces(known.id, now.steady)
                return [*effects, TellTabs(ui.IncomingChatRequest(person=known.view()))] if announced else effects

    def _heard_accepted(self, known: Known) -> list[Effect]:
        if known.mine == "asking" and not known.held:
            return [*self._set(known.id, mine="accepted", theirs="accepted"), *self._connected(known.id)]
        return self._hold(known.id, theirs="accepted")

    def _heard_none(self, known: Known) -> list[Effect]:
        withdrawn = known.relation == "incoming"
        if known.mine == "asking":
            # They may have been deaf to our request: having blocked us, or before a restart.
            return [*self._hold(known.id, theirs="none"), *self._tell(known)]
        if known.mine == "declined":
            known.mine = "none"
        effects = self._hold(known.id, theirs="none")
        return [*effects, _over(known.id, mine=False, reason="cancelled")] if withdrawn else effects

    def _heard_declined(self, known: Known) -> list[Effect]:
        if known.mine != "asking":
            return self._hold(known.id, theirs="none")
        known.agreed_name = None
        return [*self._set(known.id, mine="none", theirs="none"), _over(known.id, mine=True, reason="declined")]

    def tick(self, now: Moment) -> list[Effect]:
        """Let requests end that nobody answered."""
        late = [
            known.id for known in self._roster if known.mine == "asking" and now.steady - known.asked_at >= REQUEST_KEPT
        ]
        return [
            effect
            for person in late
            for effect in (*self._set(person, mine="none"), _over(person, mine=True, reason="expired"))
        ]

    # ---------------------------------------------------------------------------------------------------------- inside

    def _set(self, person: PeerId, *, mine: Stance, theirs: Stance | None = None) -> list[Effect]:
        """Change our stance and tell it."""

        def edit(known: Known) -> None:
            known.mine = mine
            known.theirs = theirs or known.theirs

        return [*self._roster.change(person, edit), TellPeer(person, peer.Stance(stance=mine)), SavePeople()]

    def _tell(self, known: Known) -> list[Effect]:
        return [TellPeer(known.id, peer.Stance(stance=known.mine))]

    def _hold(self, person: PeerId, *, theirs: Stance) -> list[Effect]:
        def edit(known: Known) -> None:
            known.theirs = theirs

        return [*self._roster.change(person, edit), SavePeople()]

    def _connected(self, person: PeerId) -> list[Effect]:
        return [TellTabs(ui.ChatRequestAccepted(person=person))]

    def _refuse_unless(self, known: Known, relation: ui.Relation, sentence: str) -> None:
        if known.relation != relation:
            raise BadRequest("wrong_state", sentence)


def _over(person: PeerId, *, mine: bool, reason: Literal["declined", "cancelled", "expired"]) -> TellTabs:
    return TellTabs(ui.ChatRequestRejected(person=person, mine=mine, reason=reason))
