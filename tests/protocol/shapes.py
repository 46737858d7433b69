"""Values for every type that the declarations use: fitting, at the limit, beyond it, and of another type altogether."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from re import _constants as opcode  # type: ignore[attr-defined]
from re import _parser as pattern_parser  # type: ignore[attr-defined]
from typing import Any, Final, NamedTuple

from msgspec import inspect

OTHERS: Final[dict[str, tuple[Any, ...]]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (1, 0),
    "fraction": (0.5,),
    "string": ("", "x"),
    "array": ([], [[]]),
    "object": ({}, {"x": {}}),
}
"""Values of each type that JSON has; an integer is told from a fraction."""
JSON_TYPE: Final[dict[type[inspect.Type], str]] = {
    inspect.NoneType: "null",
    inspect.BoolType: "boolean",
    inspect.IntType: "integer",
    inspect.StrType: "string",
    inspect.ListType: "array",
    inspect.StructType: "object",
}
UNBOUNDED: Final = 300
"""How long a text is tried, or how far a list goes, that has no limit of its own."""
FOREIGN: Final = "\N{SNOWMAN}"
"""What no pattern of the protocol lets through."""


class Value(NamedTuple):
    """Something that stands in the place of a field, and whether the declaration lets it; None: it does not say."""

    label: str
    value: Any
    fits: bool | None


def values(kind: inspect.Type, fitting: Any) -> Iterator[Value]:
    """Everything that is worth trying in the place of a value of this type, of which ``fitting`` is one."""
    kind = bare(kind)
    if isinstance(kind, inspect.UnionType):
        options = [bare(option) for option in kind.types]
        chosen = next(option for option in options if not isinstance(option, inspect.NoneType))
        yield from (value for value in _within(chosen, fitting))
        yield from _mistyped(options)
    else:
        yield from _within(kind, fitting)
        yield from _mistyped([kind])


def fitting(kind: inspect.Type) -> Any:
    """A value of this type: as short and low as can be, and present where it may be missing."""
    kind = bare(kind)
    match kind:
        case inspect.UnionType():
            return fitting(next(option for option in kind.types if not isinstance(bare(option), inspect.NoneType)))
        case inspect.StrType(pattern=None):
            return "x" * max(1, kind.min_length or 0)
        case inspect.StrType():
            return next(_matches(str(kind.pattern))).value
        case inspect.IntType():
            return kind.ge or 0
        case inspect.BoolType():
            return True
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.ListType():
            return [fitting(kind.item_type)] * max(1, kind.min_length or 0)
        case inspect.StructType():
            return {field.encode_name: fitting(field.type) for field in kind.fields}
        case _:
            raise AssertionError(f"nothing fits {kind}: teach it to tests/protocol")


def bare(kind: inspect.Type) -> inspect.Type:
    """A type without the words about it."""
    return bare(kind.type) if isinstance(kind, inspect.Metadata) else kind


def json_type(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.LiteralType):
        return "string" if isinstance(kind.values[0], str) else "integer"
    assert type(kind) in JSON_TYPE, f"no attacks are known for the type {kind}: teach them to tests/protocol"
    return JSON_TYPE[type(kind)]


def _mistyped(kinds: list[inspect.Type]) -> Iterator[Value]:
    declared = {json_type(kind) for kind in kinds}
    for name, others in OTHERS.items():
        if name not in declared:
            yield from (Value(f"mistyped: {name} {other!r}", other, False) for other in others)
        elif name == "null":
            yield Value("null", None, True)


def _within(kind: inspect.Type, fitting: Any) -> Iterator[Value]:
    match kind:
        case inspect.StrType(pattern=None):
            yield from _texts(kind)
        case inspect.StrType():
            yield from _matches(str(kind.pattern))
        case inspect.IntType():
            yield from _numbers(kind)
        case inspect.BoolType():
            yield from (Value(str(value), value, True) for value in (True, False))
        case inspect.LiteralType(values=words):
            yield from (Value(f"word: {word}", word, True) for word in words)
            first = str(words[0])
            wrong = ("", first.upper(), first + " ", first + "\0", first[:-1], FOREIGN, "x" * UNBOUNDED)
            yield from (Value(f"no such word: {word!r}", word, False) for word in wrong)
        case inspect.ListType():
            yield from _lists(kind, fitting)
        case _:
            json_type(kind)  # the fields of a record are tried one by one


def _texts(kind: inspect.StrType) -> Iterator[Value]:
    """Lengths count characters, however many bytes each of them has."""
    least, most = kind.min_length or 0, kind.max_length
    for letter in ("x", "\N{LATIN SMALL LETTER E WITH ACUTE}", "\N{FOX FACE}"):
        yield Value(f"{least} times {letter}", letter * least, True)
        yield Value(f"{most} times {letter}", letter * (most or UNBOUNDED), True)
        if most is not None:
            yield Value(f"{most} and 1 times {letter}", letter * (most + 1), False)
    if least:
        yield Value("too short", "x" * (least - 1), False)


def _numbers(kind: inspect.IntType) -> Iterator[Value]:
    least, most = kind.ge, kind.le
    assert kind.gt is kind.lt is kind.multiple_of is None, "teach this limit to tests/protocol"
    yield Value("the least", least if least is not None else -(2**63), True)
    yield Value("the most", most if most is not None else 2**63 - 1, True)
    if least is not None:
        yield from (Value(f"below: {number}", number, False) for number in (least - 1, -(2**63), -(10**40)))
    if most is not None:
        yield from (Value(f"above: {number}", number, False) for number in (most + 1, 2**64, 10**400))
    yield Value("4201 digits", 10**4200, False if most is not None else None)
    yield Value("a whole number with a point", float(max(least or 0, 1)), False)


def _lists(kind: inspect.ListType, fitting: list[Any]) -> Iterator[Value]:
    item = fitting[0]
    yield Value("empty", [], not kind.min_length)
    most = kind.max_length or UNBOUNDED
    yield Value("the most", [item] * most, True)
    if kind.max_length is not None:
        yield Value("one more", [item] * (most + 1), False)
        yield Value("many more", [item] * (most * 20), False)
    for each in values(kind.item_type, item):
        yield Value(f"item {each.label}", [item, each.value][: most or 1], each.fits)


# ------------------------------------------------------------------------------------------------------- patterns


def _matches(pattern: str) -> Iterator[Value]:
    """The shortest and the longest text that a pattern takes, and texts that it does not take by one character."""
    parsed = list(pattern_parser.parse(pattern))
    least, most = (_text(parsed, end) for end in (0, 1))
    yield Value("the shortest", least, True)
    yield Value("the longest", most, True)
    wrong = (least[:-1], most + most[-1], FOREIGN + least[1:], least[:-1] + FOREIGN, least + "\n", "\n" + least)
    yield from (Value(f"no match: {text!r}", text, False) for text in (*wrong, "", least[:-1] + "\0", most * 50))


def _text(parsed: list[tuple[Any, Any]], end: int) -> str:
    """A text that matches: ``end`` 0 for as few repetitions as can be, 1 for as many."""
    return "".join(chain.from_iterable(_piece(operation, about, end) for operation, about in parsed))


def _piece(operation: Any, about: Any, end: int) -> Iterator[str]:
    if operation is opcode.LITERAL:
        yield chr(about)
    elif operation is opcode.IN:
        kind, first = about[0]
        yield chr(first[0] if kind is opcode.RANGE else first)
    elif operation is opcode.MAX_REPEAT:
        yield _text(list(about[2]), end) * about[end]
    else:
        assert operation in (opcode.AT, opcode.ASSERT_NOT), f"teach {operation} to tests/protocol"
