"""What the error codes mean, and which of them a request may be refused with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from . import ui

MEANINGS: Final[Mapping[ui.Code, str]] = {
    "bad_message": "The frame is not a JSON object, or has no `event`.",
    "unknown_event": "There is no request with this name.",
    "bad_field": "A field is missing, of the wrong type or outside its limits; the sentence names it.",
    "too_large": "The frame is longer than the limit. It was not read, so the answer carries no `ref`.",
    "unknown_person": "Nobody with this id is known.",
    "wrong_state": "The request does not fit what stands between the two at the moment, or in this call.",
    "not_contact": "The two are not contacts: one of them has not accepted the other.",
    "blocked": "This person is blocked here. Unblock them first.",
    "offline": "There is no link to this person at the moment.",
    "busy": "There is a call already.",
    "unknown_call": "There is no call with this id, or not any more.",
    "not_your_call": "Another tab of the same person holds the call.",
    "text_too_long": "The text has more bytes of UTF-8 than a message may have.",
    "id_taken": "Another message with a different text has this id already.",
    "queue_full": "Too much waits for this person already.",
    "held": "They have the name of a verified person and another key; decide about that first.",
    "wrong_code": "The code that was scanned is not the one of this person for us; the sentence says what it is.",
    "unknown_comparison": "There is no comparison with this id, or not any more.",
    "not_saved": "No answer: contacts or settings could not be written to the disk. They hold until the daemon ends.",
}

ALWAYS: Final[tuple[ui.Code, ...]] = ("bad_message", "unknown_event", "bad_field", "too_large")
"""Any request may be refused with these."""

_CONTACT: Final[tuple[ui.Code, ...]] = ("unknown_person", "blocked", "not_contact")
_ANSWER: Final[tuple[ui.Code, ...]] = ("unknown_person", "wrong_state")
_RINGING: Final[tuple[ui.Code, ...]] = ("unknown_call", "wrong_state")
_COMPARING: Final[tuple[ui.Code, ...]] = ("unknown_comparison", "wrong_state")
_OWNER: Final[tuple[ui.Code, ...]] = (*_RINGING, "not_your_call")

REFUSALS: Final[Mapping[type[Struct], tuple[ui.Code, ...]]] = {
    ui.GetOnlineUsers: (),
    ui.SendChatRequest: ("unknown_person", "blocked", "held", "wrong_state"),
    ui.AcceptChatRequest: (*_ANSWER, "held"),
    ui.RejectChatRequest: _ANSWER,
    ui.CancelChatRequest: _ANSWER,
    ui.SendPrivateMessage: (*_CONTACT, "text_too_long", "id_taken", "queue_full"),
    ui.MarkSeen: ("unknown_person",),
    ui.Typing: _CONTACT,
    ui.PlaceCall: (*_CONTACT, "offline", "busy"),
    ui.StartCall: (*_CONTACT, "offline", "busy"),
    ui.AcceptCall: _RINGING,
    ui.RejectCall: _RINGING,
    ui.EndCall: ("unknown_call",),
    ui.RejoinCall: _OWNER,
    ui.SetCallMedia: _OWNER,
    ui.WebrtcOffer: (*_OWNER, "offline"),
    ui.WebrtcAnswer: (*_OWNER, "offline"),
    ui.WebrtcIceCandidate: (*_OWNER, "offline"),
    ui.SetProfile: (),
    ui.SetPreferences: (),
    ui.SetFocus: (),
    ui.BlockUser: ("unknown_person",),
    ui.UnblockUser: _ANSWER,
    ui.ForgetUser: ("unknown_person",),
    ui.KeepName: ("unknown_person",),
    ui.StartComparison: (*_CONTACT, "offline", "busy"),
    ui.AcceptComparison: _COMPARING,
    ui.AnswerComparison: _COMPARING,
    ui.CancelComparison: ("unknown_comparison",),
    ui.ShowCode: (*_CONTACT, "offline"),
    ui.ScanCode: (*_CONTACT, "offline", "wrong_code"),
    ui.Distrust: ("unknown_person",),
}
"""What else each request may be refused with."""
