"""The generated sections of ``docs/protocol.md``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from . import codes, peer, ui
from .catalogue import aliases, constants, doc, fields, members, options, records, unwrap, wire_name, with_wire_names
from .examples import example

_PLAIN: Final = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
_TABS: Final = ui.TabRequest | ui.TabEvent


def sections() -> dict[str, str]:
    """Every generated section by the name that stands in its marks."""
    writers: dict[str, Callable[[], Iterable[str]]] = {
        "limits": _limits,
        "link messages": lambda: _messages(peer.PeerMessage, peer.PeerMessage, lambda _: ""),
        "requests": lambda: _messages(ui.TabRequest, _TABS, _tab_direction),
        "events": lambda: _messages(_events_only(), _TABS, _tab_direction),
        "codes": _codes,
        "types": _types,
        "objects": _objects,
    }
    return {name: "\n".join(write()).strip() for name, write in writers.items()}


# ------------------------------------------------------------------------------------------------------ messages


def _tab_direction(kind: type[Struct]) -> str:
    asks, tells = kind in members(ui.TabRequest), kind in members(ui.TabEvent)
    if not asks:
        return "*Daemon to tab.* "
    direction = "*Tab to daemon, and daemon to tab.*" if tells else "*Tab to daemon.*"
    named = re.search(r"Answer: `(\w+)`", doc(kind))
    answer = wire_name(getattr(ui, named[1]) if named else ui.Ok)
    refusals = ", ".join(f"`{code}`" for code in codes.REFUSALS.get(kind, ()))
    return f"{direction} Answered by `{answer}`{f', or refused with {refusals}' if refusals else ''}.\n\n"


def _events_only() -> Any:
    return Union[tuple(kind for kind in members(ui.TabEvent) if kind not in members(ui.TabRequest))]  # noqa: UP007


def _messages(union: Any, namespace: Any, direction: Callable[[type[Struct]], str]) -> Iterator[str]:
    for kind in members(union):
        yield f"### `{wire_name(kind)}`\n"
        text = re.sub(r" Answer: `\w+`\.", "", doc(kind))
        yield direction(kind) + with_wire_names(text, namespace) + "\n"
        yield from _fields(kind)
        yield "```json"
        yield json.dumps(_plain(kind), ensure_ascii=False)
        yield "```\n"


def _plain(kind: type[Struct]) -> Any:
    message = msgspec.to_builtins(example(kind))
    if kind in members(ui.TabRequest) and kind not in members(ui.TabEvent):
        message["ref"] = "17"
    return message


def _fields(kind: type[Struct]) -> Iterator[str]:
    if not fields(kind):
        return
    yield "| field | type | default |"
    yield "| --- | --- | --- |"
    for field in fields(kind):
        default = "required" if field.required else f"`{msgspec.json.encode(field.default).decode()}`"
        yield f"| `{field.name}` | {type_text(field.type)} | {default} |"
    yield ""


# --------------------------------------------------------------------------------------------------------- types


def type_text(annotation: Any) -> str:
    """A type in words, with its limits; named types by their name."""
    if annotation in aliases():
        return f"[{aliases()[annotation].name}](#named-types)"
    base, metas = unwrap(annotation)
    if get_origin(base) in (Union, UnionType):
        return " or ".join(type_text(option) for option in options(base))
    return f"{_base_text(base)}{_limit_text(metas, chars=base is str)}"


def _base_text(base: Any) -> str:
    if get_origin(base) is Literal:
        return ", ".join(f'`"{word}"`' for word in get_args(base))
    if get_origin(base) is list:
        return f"list of {type_text(get_args(base)[0])}"
    if get_origin(base) is dict:
        return "object with values of " + type_text(get_args(base)[1])
    if isinstance(base, type) and issubclass(base, Struct):
        return f"[{base.__name__}](#{base.__name__.lower()})"
    return _PLAIN[base]


def _limit_text(metas: Iterable[Meta], *, chars: bool) -> str:
    unit = " characters" if chars else ""
    words = []
    for meta in metas:
        low, high = (meta.min_length, meta.max_length) if meta.ge is None and meta.le is None else (meta.ge, meta.le)
        if low is not None and high is not None:
            words.append(f"{low:,} to {high:,}{unit}")
        elif high is not None:
            words.append(f"at most {high:,}{unit}")
        elif low is not None:
            words.append(f"at least {low:,}{unit}")
        if meta.pattern:
            words.append(f"matches `{meta.pattern}`")
    return "".join(f", {word}" for word in words)


def _types() -> Iterator[str]:
    yield "| type | is | meaning |"
    yield "| --- | --- | --- |"
    for annotation, alias in aliases().items():
        if alias.name in ("PeerMessage", "TabRequest", "TabEvent"):
            continue
        base, metas = unwrap(annotation)
        union = get_origin(base) in (Union, UnionType)
        shown = " or ".join(type_text(option) for option in options(base)) if union else _base_text(base)
        meaning = with_wire_names(" ".join(alias.doc.split()), _TABS)
        yield f"| {alias.name} | {shown}{_limit_text(metas, chars=base is str)} | {meaning} |"


def _objects() -> Iterator[str]:
    for kind in records(peer.PeerMessage, ui.TabRequest, ui.TabEvent):
        yield f"### {kind.__name__}\n"
        yield with_wire_names(doc(kind), _TABS) + "\n"
        config = kind.__struct_config__
        if config.tag is not None:
            yield f'Told apart by `{config.tag_field}`, here `"{config.tag}"`.\n'
        yield from _fields(kind)


# ------------------------------------------------------------------------------------------------ limits and codes


def _limits() -> Iterator[str]:
    yield "| constant | value | meaning |"
    yield "| --- | --- | --- |"
    for name, value, meaning in constants():
        yield f"| `{name}` | {value:,} | {with_wire_names(' '.join(meaning.split()), _TABS)} |"


def _codes() -> Iterator[str]:
    yield "| code | meaning |"
    yield "| --- | --- |"
    for code, meaning in codes.MEANINGS.items():
        yield f"| `{code}` | {meaning} |"
