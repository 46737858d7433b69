"""Reads and writes frames of both protocols. What can't be read raises; what is read is a member of a closed union."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Final, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from . import peer, ui


class WireError(Exception):
    """The other side broke the protocol. ``reason`` is a stable word for the log."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason: Final = reason


class UnknownType(WireError):
    """A message of a type that this version does not know: to be ignored, once logged."""


class BadRequest(Exception):
    """A tab sent something that can't be carried out; becomes a `ui.Error`."""

    def __init__(self, code: ui.Code, sentence: str, ref: str | UnsetType = UNSET) -> None:
        super().__init__(sentence)
        self.code: Final = code
        self.ref: Final = ref


class _PeerEnvelope(Struct):
    type: Annotated[str, Meta(max_length=64)]


class _TabEnvelope(Struct):
    event: object = None
    ref: object = None


# msgspec checks the UTF-8 of a string only when it reads it, and then raises a plain UnicodeDecodeError.
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# Some of what msgspec says repeats the value, whatever it is and however long: this goes into the log.
_VALUE: Final = re.compile(r"""value ['"].*['"]""", re.DOTALL)
_SENTENCE: Final = 200
_SEPARATOR: Final = "\n"  # JSON as we write it has none
_encoder: Final = msgspec.json.Encoder()
_peer_decoder: Final = msgspec.json.Decoder(peer.PeerMessage)
_peer_envelope: Final = msgspec.json.Decoder(_PeerEnvelope)
_tab_decoder: Final = msgspec.json.Decoder(ui.TabRequest)
_tab_envelope: Final = msgspec.json.Decoder(_TabEnvelope)


def _names(union: object) -> frozenset[str]:
    return frozenset(str(kind.__struct_config__.tag) for kind in union.__args__)  # type: ignore[attr-defined]


_PEER_TYPES: Final = _names(peer.PeerMessage)
_TAB_EVENTS: Final = _names(ui.TabRequest)


def encode(message: peer.Message | ui.Event) -> str:
    """One message, either protocol."""
    return _encoder.encode(message).decode()


def pack(messages: Iterable[str]) -> str:
    """One frame of a link."""
    return _SEPARATOR.join(messages)


def unpack(frame: str) -> Iterator[str]:
    """The messages in a frame of a link, each for `decode_peer`; made one by one, because there may be very many."""
    start = 0
    while (end := frame.find(_SEPARATOR, start)) >= 0:
        yield frame[start:end]
        start = end + 1
    yield frame[start:]


def decode_peer(frame: str | bytes, *, limit: int = peer.FRAME_BYTES) -> peer.PeerMessage:
    """Read a message of a link.

    Args:
        frame: the JSON text.
        limit: the longest that is accepted, in bytes.

    Raises:
        UnknownType: a type of a newer version.
        WireError: anything else that is not a message: ``oversize`` or ``malformed``.
    """
    raw = frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else frame
    if len(raw) > limit:
        raise WireError("oversize", f"a frame of {len(raw)} bytes, {limit} are allowed")
    try:
        return cast(peer.PeerMessage, _peer_decoder.decode(raw))
    except _UNREADABLE as error:
        try:
            name = _peer_envelope.decode(raw).type
        except _UNREADABLE:
            raise WireError("malformed", f"not a message: {_what(error)}") from None
        if name not in _PEER_TYPES:
            raise UnknownType("unknown_type", f"unknown message type {name!r}") from None
        raise WireError("malformed", f"{name}: {_what(error)}") from None


def _what(error: Exception) -> str:
    """What is wrong with a frame, without what stands in it."""
    return _VALUE.sub("value", str(error))[:_SENTENCE]


def decode_tab(frame: str | bytes) -> ui.TabRequest:
    """Read a frame of a tab.

    Raises:
        BadRequest: with the ``ref`` of the request, where it could be read.
    """
    raw = frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else frame
    if len(raw) > ui.FRAME_BYTES:
        raise BadRequest("too_large", f"The message has {len(raw)} bytes; at most {ui.FRAME_BYTES} are allowed.")
    try:
        return cast(ui.TabRequest, _tab_decoder.decode(raw))
    except _UNREADABLE as error:
        raise _explain(raw, str(error)) from None


def _explain(raw: bytes, problem: str) -> BadRequest:
    try:
        envelope = _tab_envelope.decode(raw)
    except _UNREADABLE:
        return BadRequest("bad_message", "The message is not a JSON object.")
    ref = envelope.ref if isinstance(envelope.ref, str) and len(envelope.ref) <= 64 else UNSET
    if not isinstance(envelope.event, str):
        return BadRequest("bad_message", "The message has no event name.", ref)
    if envelope.event not in _TAB_EVENTS:
        return BadRequest("unknown_event", f"There is no event named {envelope.event[:64]!r}.", ref)
    return BadRequest("bad_field", f"{envelope.event}: {problem}.", ref)
