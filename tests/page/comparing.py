"""What a daemon tells all tabs when people make sure whose key it is, and whom they take for whom."""

from __future__ import annotations

from typing import Final

import msgspec

from lanchatd.core import signs
from lanchatd.identity import qr
from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest

replace = msgspec.structs.replace
SIGNS: Final = signs.code(bytes([0x5A, 0x31, 0xE7, 0x82, 0x5D, 0xEE, 0x18, 0x40]))
SECRET: Final = "q9Jd2VxLr7Tn5WbKf0Yc8MhZ3GsPa1Ue"


def comparison(person: ui.Person, state: str = "asked", **more: object) -> ui.Comparison:
    """A comparison with this person."""
    return ui.Comparison("comparison-1", person.id, state, **more)  # type: ignore[arg-type]


def code_of(shower: str, audience: str) -> str:
    """The text of the code that ``shower`` shows to ``audience``."""
    return f"lanchat:1:{shower}:{audience}:{SECRET}"


def answer(snapshot: ui.Snapshot, request: ui.TabRequest) -> ui.Event:
    """What the tab that asked is told."""
    if not isinstance(request, ui.ShowCode):
        return ui.Ok(ref=request.ref)
    drawing = qr.draw(text := code_of(snapshot.me.id, request.person))
    return ui.ShownCode(text=text, path=drawing.path, size=drawing.size, ref=request.ref)


def answers(snapshot: ui.Snapshot, request: ui.TabRequest) -> list[ui.Event]:
    """What all tabs are told."""
    match request:
        case ui.StartComparison(person=person):
            return [ui.ComparisonChanged(comparison=ui.Comparison("comparison-1", person, "asked"))]
        case ui.AcceptComparison():
            assert snapshot.comparison is not None
            shown = replace(snapshot.comparison, state="comparing", signs=SIGNS)
            return [ui.ComparisonChanged(comparison=shown)]
        case ui.AnswerComparison(match=match):
            return _said(snapshot, match)
        case ui.CancelComparison():
            assert snapshot.comparison is not None
            outcome = "declined" if snapshot.comparison.state == "asking" else "cancelled"
            return [_over(snapshot.comparison, outcome)]
        case ui.ScanCode(person=person, code=code):
            if code != code_of(person, snapshot.me.id):
                raise BadRequest("wrong_code", "That screen shows another key than the one that speaks here.")
            return [_with(snapshot, person, verified=True)]
        case ui.Distrust(person=person):
            return [_with(snapshot, person, verified=False)]
        case ui.KeepName(person=person):
            return [_with(snapshot, person, held=False, notices=_settled(snapshot, person))]
        case _:
            return []


def after(snapshot: ui.Snapshot, event: ui.Event) -> ui.Snapshot:
    """What a snapshot says of it once this has been told."""
    match event:
        case ui.ComparisonChanged(comparison=now):
            return replace(snapshot, comparison=now)
        case ui.ComparisonEnded():
            return replace(snapshot, comparison=None)
        case _:
            return snapshot


def _said(snapshot: ui.Snapshot, match: bool) -> list[ui.Event]:
    now = snapshot.comparison
    assert now is not None
    if not match:
        return [_with(snapshot, now.person, verified=False), _over(now, "mismatch")]
    news = _over(now, "matched") if now.theirs else ui.ComparisonChanged(comparison=replace(now, mine=True))
    return [_with(snapshot, now.person, verified=True), news]


def _settled(snapshot: ui.Snapshot, person: str) -> list[ui.Notice]:
    """What is still to be told of a name that our person has agreed to."""
    known = {each.id: each for each in snapshot.people}
    others = {each.id for each in snapshot.people if each.verified}
    return [replace(notice, settled=True) for notice in known[person].notices if notice.person in others]


def _over(now: ui.Comparison, outcome: str) -> ui.ComparisonEnded:
    return ui.ComparisonEnded(comparison=now.id, person=now.person, outcome=outcome, mine=True)  # type: ignore[arg-type]


def _with(snapshot: ui.Snapshot, person: str, **fields: object) -> ui.PersonChanged:
    known = next(known for known in snapshot.people if known.id == person)
    return ui.PersonChanged(person=replace(known, **fields))
