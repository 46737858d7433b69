"""Both codecs, frame by frame: what the declarations let is read, everything else is refused for a named reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from msgspec import UNSET, Struct

from lanchatd.protocol import codec, peer, ui
from lanchatd.protocol.catalogue import wire_name
from lanchatd.protocol.codes import ALWAYS

from .frames import LONGEST, PEER_TYPES, REF, TAB_TYPES, encode, frames, message

Read = TypeVar("Read")
Refusal = TypeVar("Refusal", bound=Exception)


def outcome(decode: Callable[[bytes], Read], refusal: type[Refusal], text: bytes) -> Read | Refusal:
    """What is read, or how it was refused; any other exception is raised."""
    try:
        return decode(text)
    except refusal as refused:
        return refused


@pytest.mark.parametrize("kind", PEER_TYPES, ids=wire_name)
def test_a_link_reads_what_is_declared_and_nothing_else(kind: type[Struct]) -> None:
    for label, text, fits in frames(kind):
        result = outcome(codec.decode_peer, codec.WireError, text)
        if isinstance(result, codec.WireError):
            assert fits is not True, f"{label}: {result}"
            assert result.reason == ("oversize" if len(text) > LONGEST else "malformed"), label
            assert str(result), label
        else:
            assert fits is not False, f"{label}: read as {result}"
            assert isinstance(result, kind), label
            assert codec.decode_peer(codec.encode(result)) == result, label


@pytest.mark.parametrize("kind", TAB_TYPES, ids=wire_name)
def test_a_tab_is_read_as_declared_and_told_what_is_wrong_with_the_rest(kind: type[Struct]) -> None:
    for label, text, fits in frames(kind):
        result = outcome(codec.decode_tab, codec.BadRequest, text)
        if isinstance(result, codec.BadRequest):
            assert fits is not True, f"{label}: {result}"
            assert result.code in ALWAYS, label
            assert (result.code == "too_large") == (len(text) > LONGEST), label
            assert str(result).endswith("."), label
            assert result.ref in (REF, UNSET), label
        else:
            assert fits is not False, f"{label}: read as {result}"
            assert isinstance(result, kind), label


@pytest.mark.parametrize("kind", TAB_TYPES, ids=wire_name)
def test_a_wrong_field_is_named_and_the_ref_is_kept(kind: type[Struct]) -> None:
    for name in message(kind).keys() - {"event", "ref"}:
        with pytest.raises(codec.BadRequest) as caught:
            codec.decode_tab(encode({**message(kind), name: [[]]}))
        assert (caught.value.code, caught.value.ref) == ("bad_field", REF)
        assert name in str(caught.value)


@pytest.mark.parametrize("text", ["", " ", "null", "{}", "[]", "0", '""', "{" * 100_000, "\ud800", '{"\udfff": 1}'])
def test_what_is_no_message_at_all_has_a_name_too(text: str) -> None:
    with pytest.raises(codec.WireError) as caught:
        codec.decode_peer(text)
    assert caught.value.reason == "malformed"
    with pytest.raises(codec.BadRequest) as refused:
        codec.decode_tab(text)
    assert refused.value.code == "bad_message"


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "profile", "name": "Eve", "status": "what somebody says " * 10_000},
        {"type": "stance", "stance": "what somebody says"},
        {"type": "bye", "reason": "it's 'what somebody says'"},
    ],
)
def test_what_is_wrong_is_told_without_what_stands_there(frame: dict[str, str]) -> None:
    """It goes into the log, which is nobody else's to fill."""
    with pytest.raises(codec.WireError) as caught:
        codec.decode_peer(encode(frame))
    assert "somebody says" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert frame["type"] in str(caught.value)


@pytest.mark.parametrize("name", ["", "sudo", "Message", "message ", "mess\0age", "\N{SNOWMAN}", "x" * 64])
def test_a_type_that_nobody_knows_is_ignored_on_a_link_and_told_to_a_tab(name: str) -> None:
    with pytest.raises(codec.UnknownType):
        codec.decode_peer(encode({"type": name}))
    with pytest.raises(codec.BadRequest) as refused:
        codec.decode_tab(encode({"event": name, "ref": REF}))
    assert (refused.value.code, refused.value.ref) == ("unknown_event", REF)


def test_a_frame_is_as_long_as_the_limit_and_not_a_byte_longer() -> None:
    typing = encode(message(peer.Typing))
    for limit in (peer.HELLO_BYTES, peer.FRAME_BYTES):
        assert codec.decode_peer(typing.ljust(limit), limit=limit)
        with pytest.raises(codec.WireError) as caught:
            codec.decode_peer(typing.ljust(limit + 1), limit=limit)
        assert caught.value.reason == "oversize"
    typing = encode(message(ui.Typing))
    assert codec.decode_tab(typing.ljust(ui.FRAME_BYTES))
    with pytest.raises(codec.BadRequest) as refused:
        codec.decode_tab(typing.ljust(ui.FRAME_BYTES + 1))
    assert refused.value.code == "too_large"


def test_every_declared_type_is_tried_in_many_ways(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {}
    for name, types in {"links": PEER_TYPES, "tabs": TAB_TYPES}.items():
        tried = [frame for kind in types for frame in frames(kind)]
        counts[name] = (len(types), len(tried), sum(frame.fits is True for frame in tried))
        assert len(tried) > 50 * len(types)
        assert len({frame.text for frame in tried}) > 0.9 * len(tried), "hardly a frame is tried twice"
    with capsys.disabled():
        for name, (types_tried, number, fitting) in counts.items():
            print(f"\n  {name}: {number} frames of {types_tried} types tried, {fitting} of them as declared")
