"""Verifying a person: both sides show one code, or one side scans what the other one shows. One at a time."""

from __future__ import annotations

import hmac
from typing import Final

from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import ComparisonOutcome, PeerId

from .comparison import SHOWN_FOR, Comparison, code_of, commitment
from .effects import Effect, Fresh, Moment, SavePeople, TellPeer, TellTabs
from .known import Known
from .limits import Limits
from .recent import Recent
from .roster import Roster

Said = peer.CompareStart | peer.CompareAccept | peer.CompareReveal | peer.CompareEnd | peer.Scanned

_REMEMBERED: Final = 16
"""Ids of codes that our person took for the same: a later word of theirs that they were not still counts."""


class Comparisons:
    """The comparison that goes on, one at a time, and the codes that are shown.

    Args:
        me: our own key.
        roster: where it is noted who is verified.
        limits: how often somebody may ask.
    """

    def __init__(self, me: PeerId, roster: Roster, limits: Limits) -> None:
        self._me = me
        self._roster = roster
        self._limits = limits
        self._now: Comparison | None = None
        self._shown: dict[PeerId, tuple[str, float]] = {}
        self._matched: Recent[str, PeerId] = Recent(_REMEMBERED)

    @property
    def current(self) -> ui.Comparison | None:
        return self._now.view() if self._now else None

    # ------------------------------------------------------------------------------------------ what our person does

    def start(self, person: PeerId, fresh: Fresh, now: Moment) -> list[Effect]:
        """Ask a contact to compare.

        Args:
            person: whom.
            fresh: the id of the comparison, and our secret part of the code.
            now: the time.

        Raises:
            BadRequest: ``unknown_person``, ``blocked``, ``not_contact``, ``offline``, ``busy``.
        """
        self._roster.reachable(person)
        given_way = self._give_way()
        if self._now:
            raise BadRequest("busy", "Another comparison goes on; finish or close it first.")
        self._now = Comparison(fresh.id, person, True, "asked", now.steady, fresh.nonce)
        promise = commitment(fresh.id, self._me, fresh.nonce)
        start = TellPeer(person, peer.CompareStart(id=fresh.id, commitment=promise))
        return [*given_way, *self._changed(self._now), start]

    def accept(self, comparison: str, fresh: Fresh) -> list[Effect]:
        """Agree to a comparison that they asked for.

        Raises:
            BadRequest: ``unknown_comparison``, ``wrong_state``.
        """
        known = self._named(comparison)
        if known.state != "asking":
            raise BadRequest("wrong_state", "This comparison does not wait for you.")
        known.state, known.nonce = "asked", fresh.nonce
        return [*self._changed(known), TellPeer(known.person, peer.CompareAccept(id=known.id, nonce=fresh.nonce))]

    def answer(self, comparison: str, match: bool) -> list[Effect]:
        """Say whether the code on the other screen is the same.

        Raises:
            BadRequest: ``unknown_comparison``, ``wrong_state``.
        """
        known = self._named(comparison)
        if known.state != "comparing":
            raise BadRequest("wrong_state", "There is no code to compare yet.")
        told = TellPeer(known.person, peer.CompareEnd(id=known.id, outcome="matched" if match else "mismatch"))
        if not match:
            return [*self._verify(known.person, False, doubted=True), told, *self._over("mismatch", mine=True)]
        known.mine = True
        self._matched[known.id] = known.person
        more = self._over("matched", mine=True) if known.theirs else self._changed(known)
        return [*self._verify(known.person, True), told, *more]

    def cancel(self, comparison: str) -> list[Effect]:
        """Close a comparison, or say no to one.

        Raises:
            BadRequest: ``unknown_comparison``.
        """
        known = self._named(comparison)
        if known.mine:
            return self._over("matched", mine=True)
        outcome: ComparisonOutcome = "declined" if known.state == "asking" else "cancelled"
        told = TellPeer(known.person, peer.CompareEnd(id=known.id, outcome=outcome))
        return [told, *self._over(outcome, mine=True)]

    def show(self, person: PeerId, secret: str, now: Moment) -> str:
        """A code for the screen, to be scanned by this contact.

        Raises:
            BadRequest: ``unknown_person``, ``blocked``, ``not_contact``, ``offline``.
        """
        self._roster.reachable(person)
        known, since = self._shown.get(person, (secret, now.steady))
        # The same code in every tab, while it has long enough to go.
        fresh = now.steady - since >= SHOWN_FOR / 2
        secret, since = (secret, now.steady) if fresh else (known, since)
        self._shown[person] = (secret, since)
        return f"lanchat:1:{self._me}:{person}:{secret}"

    def scan(self, person: PeerId, code: str) -> list[Effect]:
        """Take the code that was scanned from the screen of a contact.

        Raises:
            BadRequest: as `show`, and ``wrong_code``.
        """
        known = self._roster.reachable(person)
        *form, shower, audience, secret = code.split(":") if code.count(":") == 4 else [""] * 4
        if form != ["lanchat", "1"]:
            raise BadRequest("wrong_code", "That is no code of LanChat.")
        if shower != person:
            sentence = f"That screen shows another key than the one that speaks here as {known.name}."
            raise BadRequest("wrong_code", f"{sentence} If it was their screen, somebody sits between you.")
        if audience != self._me:
            sentence = f"{known.name} shows this code to somebody with another key than yours."
            raise BadRequest("wrong_code", f"{sentence} If they meant you, somebody sits between you.")
        self._matched[secret] = person
        return [*self._verify(person, True), TellPeer(person, peer.Scanned(secret=secret))]

    def distrust(self, person: PeerId) -> list[Effect]:
        """Take the mark away.

        Raises:
            BadRequest: ``unknown_person``.
        """
        self._roster.get(person)
        return self._verify(person, False)

    def drop(self, person: PeerId) -> list[Effect]:
        """They were blocked or forgotten, or the link is gone."""
        self._shown.pop(person, None)
        return self._over("peer_gone", mine=False) if self._now and self._now.person == person else []

    # ---------------------------------------------------------------------------------------- what the other side does

    def heard(self, person: PeerId, message: Said, now: Moment) -> list[Effect]:
        """The other side has said something of a comparison; who is no contact is not heard."""
        known = self._roster.find(person)
        if known is None or not known.contact:
            return []
        match message:
            case peer.CompareStart():
                return self._started(person, message, now)
            case peer.CompareAccept():
                return self._accepted(person, message)
            case peer.CompareReveal():
                return self._revealed(person, message)
            case peer.Scanned():
                return self._scanned(person, message, now)
            case peer.CompareEnd():
                return self._ended(person, message)

    def _started(self, person: PeerId, start: peer.CompareStart, now: Moment) -> list[Effect]:
        crossed = self._with(person)
        if crossed and crossed.began and crossed.state == "asked":
            if self._me < person:
                return []
            crossed.id, crossed.began, crossed.commitment = start.id, False, start.commitment
            return [*self._changed(crossed), TellPeer(person, peer.CompareAccept(id=start.id, nonce=crossed.nonce))]
        if self._now or not self._limits.verifies(person, now.steady):
            return [TellPeer(person, peer.CompareEnd(id=start.id, outcome="busy"))]
        self._now = Comparison(start.id, person, False, "asking", now.steady, commitment=start.commitment)
        return self._changed(self._now)

    def _accepted(self, person: PeerId, accept: peer.CompareAccept) -> list[Effect]:
        known = self._with(person, accept.id)
        if known is None or not known.began or known.state != "asked":
            return []
        reveal = TellPeer(person, peer.CompareReveal(id=known.id, nonce=known.nonce))
        return [reveal, *self._show_signs(known, (self._me, known.nonce), (person, accept.nonce))]

    def _revealed(self, person: PeerId, reveal: peer.CompareReveal) -> list[Effect]:
        known = self._with(person, reveal.id)
        if known is None or known.began or not known.nonce or known.state == "comparing":
            return []
        promised = commitment(known.id, person, reveal.nonce)
        if not hmac.compare_digest(promised, known.commitment):
            told = TellPeer(person, peer.CompareEnd(id=known.id, outcome="broken"))
            return [told, *self._over("broken", mine=False)]
        return self._show_signs(known, (person, reveal.nonce), (self._me, known.nonce))

    def _scanned(self, person: PeerId, scanned: peer.Scanned, now: Moment) -> list[Effect]:
        secret, since = self._shown.get(person, ("", 0.0))
        right = bool(secret) and hmac.compare_digest(secret, scanned.secret) and now.steady - since < SHOWN_FOR
        if self._with(person, scanned.secret):
            return []
        if not right:
            return [TellPeer(person, peer.CompareEnd(id=scanned.secret, outcome="broken"))]
        given_way = self._give_way()
        if self._now and not self._with(person):
            return [TellPeer(person, peer.CompareEnd(id=scanned.secret, outcome="busy"))]
        del self._shown[person]
        self._now = Comparison(secret, person, False, "comparing", now.steady, theirs=True)
        return [*given_way, *self._changed(self._now)]

    def _ended(self, person: PeerId, end: peer.CompareEnd) -> list[Effect]:
        known = self._with(person, end.id)
        doubted = self._doubted(person, end, known)
        if known is None:
            told = ui.ComparisonEnded(comparison=end.id, person=person, outcome=end.outcome, mine=False)
            return [*doubted, TellTabs(told)] if doubted else []
        if end.outcome != "matched":
            return [*doubted, *self._over(end.outcome, mine=False)]
        if known.state != "comparing" or known.theirs:
            return []
        known.theirs = True
        return self._over("matched", mine=False) if known.mine else self._changed(known)

    def _doubted(self, person: PeerId, end: peer.CompareEnd, known: Comparison | None) -> list[Effect]:
        """What their word does to the mark: a code that differs, or that is not theirs after we took it for theirs."""
        trusted = self._matched.get(end.id) == person
        if end.outcome == "mismatch" and (trusted or known is not None):
            return self._verify(person, False, doubted=True)
        return self._verify(person, False) if trusted and end.outcome == "broken" else []

    def tick(self, now: Moment) -> list[Effect]:
        """End what nobody answers."""
        for person in [person for person, (_, since) in self._shown.items() if now.steady - since >= SHOWN_FOR]:
            del self._shown[person]
        known = self._now
        if known is None or not known.overdue(now.steady):
            return []
        if known.mine:
            return self._over("matched", mine=True)
        told = TellPeer(known.person, peer.CompareEnd(id=known.id, outcome="timeout"))
        return [told, *self._over("timeout", mine=True)]

    # ---------------------------------------------------------------------------------------------------------- inside

    def _give_way(self) -> list[Effect]:
        """What somebody merely asks for is no hindrance to what our person does."""
        known = self._now
        if known is None or known.state != "asking":
            return []
        return [TellPeer(known.person, peer.CompareEnd(id=known.id, outcome="busy")), *self._over("busy", mine=True)]

    def _named(self, comparison: str) -> Comparison:
        if self._now is None or self._now.id != comparison:
            raise BadRequest("unknown_comparison", "This comparison is over.")
        return self._now

    def _with(self, person: PeerId, comparison: str | None = None) -> Comparison | None:
        known = self._now
        return known if known and known.person == person and comparison in (None, known.id) else None

    def _show_signs(self, known: Comparison, first: tuple[PeerId, str], second: tuple[PeerId, str]) -> list[Effect]:
        known.state, known.signs = "comparing", code_of(known.id, first, second)
        return self._changed(known)

    def _verify(self, person: PeerId, verified: bool, *, doubted: bool = False) -> list[Effect]:
        def edit(known: Known) -> None:
            known.verified, known.doubted = verified, doubted

        return [*self._roster.change(person, edit), SavePeople()]

    def _changed(self, known: Comparison) -> list[Effect]:
        return [TellTabs(ui.ComparisonChanged(comparison=known.view()))]

    def _over(self, outcome: ComparisonOutcome, *, mine: bool) -> list[Effect]:
        assert self._now is not None
        over, self._now = self._now, None
        return [TellTabs(ui.ComparisonEnded(comparison=over.id, person=over.person, outcome=outcome, mine=mine))]
