"""Reads the message declarations back, for whoever writes them down in another language (`markdown`, `jsdoc`)."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import ModuleType, UnionType
from typing import Annotated, Any, Final, Literal, NewType, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta, Struct, UnsetType

from . import model, peer, ui

MODULES: Final = (model, peer, ui)


@dataclass(frozen=True, slots=True)
class Alias:
    """A named type: a limited string or number, a choice of words, or a union."""

    name: str
    doc: str
    type: Any


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a JSON object: its name there, the attribute in Python. ``default`` counts if not required."""

    name: str
    attribute: str
    type: Any
    required: bool
    default: Any


def wire_name(kind: type[Struct]) -> str:
    """The name of a message on the wire, or of the class where it has none."""
    tag = kind.__struct_config__.tag
    return kind.__name__ if tag is None else str(tag)


def fields(kind: type[Struct]) -> tuple[Field, ...]:
    """The members of a message or record, without its name and without ``ref``, which all messages of a tab have."""
    return tuple(
        Field(info.encode_name, info.name, info.type, info.required, _default(info))
        for info in msgspec.structs.fields(kind)
        if info.name != "ref"
    )


def _default(info: msgspec.structs.FieldInfo) -> Any:
    if info.default_factory is not NODEFAULT:
        return info.default_factory()
    return info.default


def members(union: Any) -> tuple[type[Struct], ...]:
    """The messages of a union, in the order of their declaration."""
    return get_args(union)


def options(annotation: Any) -> tuple[Any, ...]:
    """What a type may be, one by one; a missing value (`msgspec.UNSET`) is none of them."""
    if get_origin(annotation) in (Union, UnionType):
        return tuple(option for option in get_args(annotation) if option is not UnsetType)
    return (annotation,)


def unwrap(annotation: Any) -> tuple[Any, tuple[Meta, ...]]:
    """A type without its limits, and the limits."""
    base, *metas = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
    if isinstance(base, NewType):
        base = base.__supertype__
    return base, tuple(meta for meta in metas if isinstance(meta, Meta))


def records(*unions: Any) -> tuple[type[Struct], ...]:
    """The objects without a name of their own that occur within the messages of these unions, each once."""
    found: dict[type[Struct], None] = {}

    def visit(annotation: Any) -> None:
        base, _ = unwrap(annotation)
        if isinstance(base, type) and issubclass(base, Struct):
            if base in found:
                return
            found[base] = None
            inner: Iterator[Any] = (field.type for field in fields(base))
        else:
            inner = iter(() if get_origin(base) is Literal else get_args(base))
        for part in inner:
            visit(part)

    for union in unions:
        for message in members(union):
            for field in fields(message):
                visit(field.type)
    return tuple(found)


@cache
def aliases() -> dict[Any, Alias]:
    """Every named type of the declarations, by the type itself."""
    found: dict[Any, Alias] = {}
    for module in MODULES:
        docs = _docs_below_assignments(module)
        for name, value in vars(module).items():
            if name.startswith("_") or get_origin(value) not in (Annotated, Literal, Union, UnionType):
                continue
            described = [meta.description for meta in unwrap(value)[1] if meta.description]
            text = "; ".join(described) or docs.get(name, "")
            found.setdefault(value, Alias(name.removesuffix("Field"), text, value))
    return found


def constants() -> Iterator[tuple[str, int, str]]:
    """The numbers of the protocol: module and name, value, meaning."""
    for module in MODULES:
        docs = _docs_below_assignments(module)
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, int):
                yield f"{module.__name__.rpartition('.')[2]}.{name}", value, docs.get(name, "")


def _docs_below_assignments(module: ModuleType) -> dict[str, str]:
    body = ast.parse(inspect.getsource(module)).body
    docs = {}
    for statement, below in pairwise(body):
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        if isinstance(statement, ast.Assign):
            target = statement.targets[0]  # type: ignore[assignment]
        if not isinstance(target, ast.Name) or not isinstance(below, ast.Expr):
            continue
        if isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
            docs[target.id] = inspect.cleandoc(below.value.value)
    return docs


def doc(kind: type[Struct]) -> str:
    """What a message or record is for."""
    return inspect.getdoc(kind) or ""


def with_wire_names(text: str, union: Any) -> str:
    """A docstring that names messages as they are named on the wire, with references turned to plain code."""
    names = {kind.__name__: wire_name(kind) for kind in members(union)}

    def replace(match: re.Match[str]) -> str:
        name, attribute = match[1], match[2] or ""
        return f"`{names.get(name, name)}{attribute}`"

    return re.sub(r"``([^`]+)``()", replace, re.sub(r"(?<!`)`(\w+)(\.\w+)?`(?!`)", replace, text))


def limits(annotation: Any) -> str:
    """What the limits of a type say in words."""
    metas = (meta for option in options(annotation) for meta in unwrap(option)[1])
    return "; ".join(meta.description for meta in metas if meta.description)
