"""One plausible message of every type, made from the declarations, for the documentation and for tests."""

from __future__ import annotations

from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import Struct

from . import model, peer, ui
from .catalogue import Field, fields, options, unwrap

ADA: Final = model.PeerId("pihmyfzlqvc4n26xkd3wje5t7ragou2bspzx4hmlqfcy6n3idkwa")
CALL: Final = "0f0c2a4e-6d1b-4a55-9c3e-2b8f1d7a9e60"
NOON: Final = 1_767_265_200_000

_BY_TYPE: Final[dict[Any, Any]] = {
    model.PeerIdField: ADA,
    model.Name: "Ada",
    model.Machine: "ada-laptop",
    model.MessageId: "5f7d1c02-8a3e-4c1b-b6f0-94d2e7a51c33",
    model.CallId: CALL,
    model.Text: "Lunch at noon?",
    model.DraftText: "Lunch at noon?",
    model.Sdp: "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\n(and so on)",
    model.Milliseconds: 0,
    model.VerificationId: "Zk0v8Qn3TfWm1YhB4sXc7LpR",
    model.Nonce: "q9Jd2VxLr7Tn5WbKf0Yc8MhZ3GsPa1Ue",
    model.Digest: "9f2c" * 16,
    model.Port: 5263,
    model.Address: "192.168.1.20",
}
_BY_NAME: Final[dict[str, Any]] = {
    "at": NOON,
    "started_at": NOON,
    "accepted_at": NOON + 4_000,
    "duration": 62_000,
    "incarnation": "k3v9x2",
    "run": "k3v9x2",
    "proof": "9f2c" * 16,
    "comparison": "Zk0v8Qn3TfWm1YhB4sXc7LpR",
    "clone": None,
    "notices": [],
    "held": False,
    "code": f"lanchat:1:{ADA}:{ADA}:q9Jd2VxLr7Tn5WbKf0Yc8MhZ3GsPa1Ue",
    "path": "M4 4h7v1h-7z",
    "size": 53,
    "software": "LanChat 0.1.0",
    "version": "0.1.0",
    "tab": 7,
    "owner": 7,
    "unread": 0,
    "candidate": "candidate:1 1 udp 2113937151 7c0e9d52-3f6b-4f0e-9a61-d9c1b5a0e7f4.local 54400 typ host",
    "sdp_mid": "0",
    "sdp_m_line_index": 0,
    "username_fragment": "x7Yq",
    "reason": None,
    "last_seen": None,
    "ice_servers": [],
}
_RINGING: Final = ui.Call(CALL, ADA, "incoming", "ringing", NOON, False, model.Media(video=True))
_COMPARING: Final = ui.Comparison(
    "Zk0v8Qn3TfWm1YhB4sXc7LpR", ADA, "comparing", [ui.Sign("\N{KEY}", "key"), ui.Sign("\N{BELL}", "bell")]
)
_BY_PLACE: Final[dict[tuple[type[Struct], str], Any]] = {
    (peer.Stance, "stance"): "asking",
    (ui.Person, "relation"): "contact",
    (ui.Call, "state"): "active",
    (ui.TextEntry, "status"): "delivered",
    (ui.MessageStatus, "status"): "delivered",
    (ui.IncomingCall, "call"): _RINGING,
    (ui.CallStarted, "call"): msgspec.structs.replace(_RINGING, direction="outgoing", polite=True, owner=7),
    (ui.Snapshot, "call"): None,
    (ui.Snapshot, "comparison"): None,
    (ui.ComparisonChanged, "comparison"): _COMPARING,
    (ui.ShownCode, "text"): f"lanchat:1:{ADA}:{ADA}:q9Jd2VxLr7Tn5WbKf0Yc8MhZ3GsPa1Ue",
    (ui.Sign, "picture"): "\N{KEY}",
    (ui.Sign, "word"): "key",
    (ui.IncomingChatRequest, "person"): ui.Person(ADA, "Ada", "ada-laptop", "online", "incoming"),
    (ui.CallRejected, "outcome"): "declined",
    (ui.Error, "code"): "not_contact",
    (ui.Error, "message"): "You can only write to people who have accepted your chat request.",
}


def example(kind: type[Struct]) -> Struct:
    """A message or record with a value in every field."""
    return kind(**{field.attribute: _value(kind, field) for field in fields(kind)})


def _value(kind: type[Struct], field: Field) -> Any:
    place = (kind, field.attribute)
    return _BY_PLACE[place] if place in _BY_PLACE else _sample(field.attribute, field.type)


def _sample(name: str, annotation: Any) -> Any:
    option = next(option for option in options(annotation) if option is not NoneType)
    base, metas = unwrap(option)
    if get_origin(base) is Literal:
        return get_args(base)[0]
    if isinstance(base, type) and issubclass(base, Struct):
        return example(base)
    if name in _BY_NAME:
        return _BY_NAME[name]
    if get_origin(base) is list:
        return [_sample(name, get_args(base)[0])]
    if option in _BY_TYPE:
        return _BY_TYPE[option]
    if base is bool:
        return True
    return max((meta.ge for meta in metas if meta.ge is not None), default=1)
