"""The messages between tab and daemon as JSDoc types, so that the page is checked against the declarations."""

from __future__ import annotations

import textwrap
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from msgspec import Struct

from . import model, ui
from .catalogue import (
    Alias,
    Field,
    aliases,
    doc,
    fields,
    limits,
    members,
    options,
    records,
    unwrap,
    wire_name,
    with_wire_names,
)

BOTH: Final = ui.TabRequest | ui.TabEvent
_IDENTITIES: Final = (model.PeerIdField, model.MessageId, model.CallId)
# The browser declares this one itself.
_ICE_SERVERS: Final = "RTCIceServer[]"
_PLAIN: Final = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null"}

_HEAD: Final = """\
/**
 * The messages on the socket between this page and its daemon, and what they carry. Types only.
 *
 * Generated from lanchatd/protocol/ui.py by `python -m lanchatd.protocol.describe`: change it there.
 *
 * In what a tab sends, fields with a default may be left out; what the daemon sends is always complete.
 */

export {};
"""


def javascript() -> str:
    """The whole of ``messages.js``."""
    parts = [_HEAD]
    parts += [_alias(alias) for alias in _named().values()]
    parts += [_typedef(record) for record in records(ui.TabRequest, ui.TabEvent)]
    parts += [_typedef(message) for message in members(BOTH)]
    parts += [_union(name, getattr(ui, name)) for name in ("TabRequest", "TabEvent")]
    return "\n".join(parts)


def js_type(annotation: Any, *, partial: bool = False) -> str:
    """A type as TypeScript writes it. ``partial``: records with defaults may be incomplete, for a tab writes them."""
    if annotation in _named():
        return _named()[annotation].name
    base, _ = unwrap(annotation)
    if get_origin(base) is Literal:
        return " | ".join(f'"{word}"' for word in get_args(base))
    if get_origin(base) in (Union, UnionType):
        return " | ".join(js_type(choice, partial=partial) for choice in options(base))
    if get_origin(base) is list:
        inner = js_type(get_args(base)[0], partial=partial)
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if get_origin(base) is dict:
        return "Record<{}>".format(", ".join(js_type(part) for part in get_args(base)))
    if isinstance(base, type) and issubclass(base, Struct):
        defaults = partial and any(not field.required for field in fields(base))
        return f"Partial<{base.__name__}>" if defaults else base.__name__
    return _PLAIN[base]


@cache
def _named() -> dict[Any, Alias]:
    """The named types that stay named: identities, choices of words, and lines of a conversation."""
    return {
        annotation: alias
        for annotation, alias in aliases().items()
        if annotation in _IDENTITIES or annotation == ui.Entry or get_origin(annotation) is Literal
    }


def _alias(alias: Alias) -> str:
    shown = "string"
    if get_origin(alias.type) is Literal:
        shown = " | ".join(f'"{word}"' for word in get_args(alias.type))
    elif alias.type not in _IDENTITIES:
        shown = " | ".join(js_type(option) for option in options(alias.type))
    return _block(alias.doc, [f"@typedef {{{shown}}} {alias.name}"])


def _typedef(kind: type[Struct]) -> str:
    request = issubclass(kind, ui.Request)
    lines = [f"@typedef {{object}} {kind.__name__}"]
    config = kind.__struct_config__
    if config.tag is not None:
        lines.append(f'@property {{"{wire_name(kind)}"}} {config.tag_field}')
    lines += [_property(kind, field, request=request) for field in fields(kind)]
    if issubclass(kind, ui.Event):
        lines.append("@property {string} [ref] the answer repeats it")
    return _block(doc(kind), lines)


def _property(kind: type[Struct], field: Field, *, request: bool) -> str:
    ice_servers = kind is ui.Snapshot and field.name == "ice_servers"
    shown = _ICE_SERVERS if ice_servers else js_type(field.type, partial=request)
    name = f"[{field.name}]" if request and not field.required else field.name
    return f"@property {{{shown}}} {name} {limits(field.type)}".rstrip()


def _union(name: str, union: Any) -> str:
    text = "What a tab sends." if name == "TabRequest" else "What the daemon sends."
    return _block(text, [f"@typedef {{{' | '.join(kind.__name__ for kind in members(union))}}} {name}"])


def _block(text: str, tags: list[str]) -> str:
    lines = [
        wrapped
        for line in with_wire_names(text, ui.TabEvent | ui.TabRequest).splitlines()
        for wrapped in (textwrap.wrap(line, 115) or [""])
    ]
    if lines:
        lines.append("")
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in lines + tags), " */", ""])
