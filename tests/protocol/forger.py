"""Makes frames that are nearly right: the closer to a real one, the deeper they get."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any, Final

from msgspec import Struct, inspect

from .frames import encode
from .shapes import OTHERS, bare, fitting

JUNK: Final = [value for values in OTHERS.values() for value in values] + [
    *(-1, 2**31, 2**53, 2**64, 10**400, 1e300, "\0", "\u202e", "\ud83e", "x" * 65, "x" * 70_000, [None] * 300),
]
BYTES: Final = [
    b"\xff",
    b"\0",
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"-",
    b"e9",
    b"null",
    b"\\ud800",
    b"\xe2",
]
LETTERS: Final = "ab \t\n\0<>&\"'\\\u00e9\u202e\u200d\u0301\N{FOX FACE}"
SOUND: Final = 0.6
"""How many of the frames are as declared."""


class Forger:
    """A source of frames.

    Args:
        random: where chance comes from; the same one makes the same frames.
        pools: what a field of this name is mostly filled with, so that messages speak of the same things.
    """

    def __init__(self, random: Random, pools: Mapping[str, list[Any]]) -> None:
        self._random = random
        self._pools = pools
        self._last = b"{}"

    def frame(self, kind: type[Struct]) -> bytes:
        """A frame of this type, or what was one."""
        random, config = self._random, kind.__struct_config__
        whole = {str(config.tag_field): config.tag, **self._record(_declared(kind))}
        if random.random() < SOUND:
            return encode(whole)
        if random.random() < 0.7:
            self._break(whole)
            return encode(whole)
        text, self._last = self._broken(encode(whole)), encode(whole)
        return text

    # -------------------------------------------------------------------------------------------------- as declared

    def _record(self, kind: inspect.StructType) -> dict[str, Any]:
        return {
            field.encode_name: self._value(field.encode_name, bare(field.type))
            for field in kind.fields
            if field.required or self._random.random() < 0.6
        }

    def _value(self, name: str, kind: inspect.Type) -> Any:
        random, pool = self._random, self._pools.get(name)
        if pool and not isinstance(kind, inspect.StructType | inspect.ListType) and random.random() < 0.95:
            return random.choice(pool)
        match kind:
            case inspect.UnionType():
                return self._value(name, bare(random.choice(kind.types)))
            case inspect.NoneType():
                return None
            case inspect.BoolType():
                return random.random() < 0.5
            case inspect.LiteralType():
                return random.choice(kind.values)
            case inspect.IntType():
                least = kind.ge or 0
                return random.choice([least, least + 1, least + random.randrange(100), kind.le or 2**53])
            case inspect.StrType(pattern=None):
                return self._text(kind)
            case inspect.ListType():
                number = random.choice([0, 1, 3, min(kind.max_length or 20, 20)])
                return [self._value(name.removesuffix("s"), bare(kind.item_type)) for _ in range(number)]
            case inspect.StructType():
                return self._record(kind)
            case _:
                return fitting(kind)

    def _text(self, kind: inspect.StrType) -> str:
        random, most = self._random, kind.max_length or 40_000
        length = random.choice([1, 2, 20, 20, 20, min(most, 5000), most])
        piece = "".join(random.choices(LETTERS, k=min(length, 8)))
        return (piece * length)[: max(length, kind.min_length or 0)]

    # ------------------------------------------------------------------------------------------------------- broken

    def _break(self, whole: dict[str, Any]) -> None:
        """Change one member of a message, or of an object in it."""
        random, inside = self._random, whole
        name = random.choice(list(inside))
        while isinstance(inside[name], dict) and inside[name] and random.random() < 0.8:
            inside = inside[name]
            name = random.choice(list(inside))
        match random.randrange(4):
            case 0:
                del inside[name]
            case 1:
                inside[random.choice(list(self._pools))] = random.choice(JUNK)
            case 2 if isinstance(inside[name], str):
                inside[name] += random.choice(LETTERS)
            case _:
                inside[name] = random.choice(JUNK)

    def _broken(self, text: bytes) -> bytes:
        """Change, cut, double and splice bytes."""
        random = self._random
        for _ in range(random.choice([1, 1, 1, 2, 8])):
            start = random.randrange(len(text) + 1)
            end = min(len(text), start + random.choice([0, 1, 2, 20]))
            match random.randrange(4):
                case 0:
                    text = text[:start] + random.choice(BYTES) + text[end:]
                case 1:
                    text = text[:start] + text[end:]
                case 2:
                    text = text[:end] + text[start:]
                case _:
                    text = text[:start] + self._last[random.randrange(len(self._last)) :]
        return text


@cache
def _declared(kind: type[Struct]) -> inspect.StructType:
    declared = inspect.type_info(kind)
    assert isinstance(declared, inspect.StructType)
    return declared
