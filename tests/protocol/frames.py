"""Frames of every declared type, made from the declarations: as they should be, and broken in every way one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from msgspec import Struct, inspect

from lanchatd.protocol import peer, ui
from lanchatd.protocol.catalogue import members, wire_name

from .shapes import FOREIGN, bare, fitting, values

PEER_TYPES: Final = members(peer.PeerMessage)
TAB_TYPES: Final = members(ui.TabRequest)
REF: Final = "what this answers"
Known = Mapping[str, Any]
"""Values that fields of these names are to have, for messages that make sense somewhere."""
NOTHING: Final[Known] = MappingProxyType({})
LONGEST: Final = peer.FRAME_BYTES
assert LONGEST == ui.FRAME_BYTES


class Frame(NamedTuple):
    """A frame, and whether it is to be read; None: both will do."""

    label: str
    text: bytes
    fits: bool | None


def frames(kind: type[Struct], known: Known = NOTHING) -> Iterator[Frame]:
    """Everything that is worth trying with a type of message."""
    for frame in _all_frames(kind, message(kind, known)):
        yield frame._replace(fits=False) if len(frame.text) > LONGEST else frame


def _all_frames(kind: type[Struct], whole: dict[str, Any]) -> Iterator[Frame]:
    name = wire_name(kind)
    yield Frame(f"{name}: as declared", encode(whole), True)
    yield Frame(f"{name}: an unknown field", encode({**whole, "new in version 7": [{}, None]}), True)
    for path, info, value in _places(inspect.type_info(kind), whole):
        where = f"{name}: {'.'.join(path)}"
        for tried in values(info.type, value):
            yield Frame(f"{where}: {tried.label}", encode(_with(whole, path, tried.value)), tried.fits)
        yield Frame(f"{where}: missing", encode(_without(whole, path)), not info.required)
        if isinstance(value, str):
            yield from _strange_texts(where, whole, path)
        yield Frame(f"{where}: named twice", _twice(whole, path, value), None)
    yield from _strange_frames(name, encode(whole))


def message(kind: type[Struct], known: Known = NOTHING) -> dict[str, Any]:
    """A message with a value in every field, as JSON has it."""
    config = kind.__struct_config__
    whole = {str(config.tag_field): config.tag, **fitting(inspect.type_info(kind))}
    return {name: {"ref": REF, **known}.get(name, value) for name, value in whole.items()}


def encode(value: Any) -> bytes:
    """JSON, with numbers of any length, and texts as they are rather than escaped."""
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")


def _places(kind: inspect.Type, value: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Every field of a message and of the records in it: where, how it is declared, and its value."""
    kind = bare(kind)
    if isinstance(kind, inspect.ListType) and value:
        yield from _places(kind.item_type, value[0], (*above, "0"))
    if isinstance(kind, inspect.StructType):
        for info in kind.fields:
            path = (*above, info.encode_name)
            yield path, info, value[info.encode_name]
            yield from _places(info.type, value[info.encode_name], path)


def _with(whole: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(whole, list):
        return [_with(whole[0], path[1:], value), *whole[1:]]
    return {**whole, path[0]: _with(whole[path[0]], path[1:], value)}


def _without(whole: Any, path: tuple[str, ...]) -> Any:
    inside = whole
    for step in path[:-1]:
        inside = inside[0] if isinstance(inside, list) else inside[step]
    kept = {name: value for name, value in inside.items() if name != path[-1]}
    return _with(whole, path[:-1], kept)


def _strange_texts(where: str, whole: Any, path: tuple[str, ...]) -> Iterator[Frame]:
    """What a text may be made of, beside characters."""
    marked = encode(_with(whole, path, FOREIGN))
    place = encode(FOREIGN)
    for label, text in {
        "half a surrogate, escaped": rb'"\ud800"',
        "the other half, escaped": rb'"\udc00 and more text"',
        "half a surrogate in UTF-8": b'"\xed\xa0\x80 and more text"',
        "not UTF-8": b'"\xff\xfe and more text"',
        "NUL in an overlong form": b'"\xc0\x80 and more text"',
        "cut within a character": b'"and more text \xe2\x98"',
        "a bare control character": b'"and more\x00text"',
        "an unknown escape": rb'"\x41 and more text"',
        "no end": b'"and more text',
        "NaN": b"NaN",
        "Infinity": b"-Infinity",
        "a number beyond all": b"1e400",
    }.items():
        yield Frame(f"{where}: {label}", marked.replace(place, text), False)
    for label, text in {
        "NUL, escaped": rb'"and more\u0000text"',
        "controls, escaped": rb'"\u0001\u001b[31m\u007f\u0085\u2028\u202e"',
    }.items():
        yield Frame(f"{where}: {label}", marked.replace(place, text), None)


def _twice(whole: Any, path: tuple[str, ...], value: Any) -> bytes:
    """The same name two times in one object, first with a value of a strange type."""
    marked = encode(_with(whole, path, FOREIGN))
    name = encode(path[-1])
    both = b"%s: [[]], %s: %s" % (name, name, encode(value))
    return marked.replace(b"%s: %s" % (name, encode(FOREIGN)), both)


def _strange_frames(name: str, whole: bytes) -> Iterator[Frame]:
    """What may be wrong with a frame as a whole."""
    deep = b"[" * 50_000 + b"]" * 50_000
    for label, text in {
        "a byte order mark": b"\xef\xbb\xbf" + whole,
        "in UTF-16": whole.decode().encode("utf-16"),
        "something behind it": whole + b" x",
        "a second one behind it": whole + whole,
        "NUL behind it": whole + b"\0",
        "cut off": whole[:-1],
        "cut in half": whole[: len(whole) // 2],
        "in a list": b"[" + whole + b"]",
        "in a string": json.dumps(whole.decode()).encode(),
        "a comma too many": whole[:-1] + b",}",
        "a comment": whole[:-1] + b"/* */}",
        "single quotes": whole.replace(b'"', b"'"),
        "nested too deep": whole[:-1] + b', "x": ' + deep + b"}",
        "NaN beside it": whole[:-1] + b', "x": NaN}',
    }.items():
        yield Frame(f"{name}: {label}", text, False)
    for label, text in {
        "a very long name beside it": whole[:-1] + b', "' + b"x" * 100_000 + b'": 1}',
        "a very long number beside it": whole[:-1] + b', "x": ' + b"9" * 100_000 + b"}",
        "1e400 beside it": whole[:-1] + b', "x": 1e400}',
        "not UTF-8 beside it": whole[:-1] + b', "x": "\xff"}',
        "much space": whole[:-1] + b" " * 100_000 + b"}",
    }.items():
        yield Frame(f"{name}: {label}", text, None)
