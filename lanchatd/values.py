"""What may stand for a setting. The readers take it from any place, and raise ValueError with the end of a sentence."""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from lanchatd.protocol.model import NAME_LENGTH

PAGE_PORT: Final = 5262
PEER_PORT: Final = 5263

IceServer = dict[str, str | list[str]]
"""In the form of W3C ``RTCIceServer``: ``urls``, perhaps ``username`` and ``credential``."""

NO_NAME: Final = ("Cc", "Cs")
"""Unicode categories that names are without: control characters, and what stands for bytes that were no UTF-8."""


def read_name(value: object) -> str:
    """A name as the page shows it."""
    text = read_text(value).strip()
    if not 1 <= len(text) <= NAME_LENGTH:
        raise ValueError(f"must have 1 to {NAME_LENGTH} characters, not {len(text)}")
    if any(unicodedata.category(char) in NO_NAME for char in text):
        raise ValueError("must not contain control characters")
    return text


def read_port(value: object) -> int:
    """A TCP port, or 0 for any free one."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:6])
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 65535:
        raise ValueError(f"must be a port from 0 to 65535, not {value!r}")
    return value


def read_list(value: object) -> tuple[str, ...]:
    """Several texts: a list, or one text with commas between them."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Sequence):
        raise ValueError(f"must be a list of texts, not {value!r}")
    texts = tuple(read_text(item).strip() for item in items)
    if not all(texts):
        raise ValueError("must not contain an empty text")
    return texts


def read_peers(value: object) -> tuple[tuple[str, int], ...]:
    """Machines to dial: ``HOST``, ``HOST:PORT``, ``[IPV6]:PORT`` or a bare IPv6 address."""
    return tuple(_peer(text) for text in read_list(value))


def _peer(text: str) -> tuple[str, int]:
    if _is_ipv6(text):
        return text, PEER_PORT
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        host, port = text, str(PEER_PORT)
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    number = read_port(port) if port.isdigit() else 0
    if not host or not number or bracketed != _is_ipv6(host) or any(char in "[]/@ " for char in host):
        raise ValueError(f"must be HOST:PORT or [IPV6]:PORT, not {text!r}")
    return host, number


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def read_ice_servers(value: object) -> tuple[IceServer, ...]:
    """STUN and TURN servers: URLs, or tables in the form of ``RTCIceServer``."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Sequence):
        raise ValueError(f"must be a list of tables with urls, not {value!r}")
    return tuple(_ice_server(item if isinstance(item, Mapping) else {"urls": item}) for item in items)


def _ice_server(table: Mapping[str, object]) -> IceServer:
    urls = [url.strip() for url in read_list(table.get("urls", ()))]
    if not urls or not all(url.startswith(("stun:", "stuns:", "turn:", "turns:")) for url in urls):
        raise ValueError(f"must name urls that begin with stun:, stuns:, turn: or turns:, not {table.get('urls')!r}")
    server: IceServer = {"urls": urls}
    for key in table.keys() - {"urls"}:
        if key not in ("username", "credential"):
            raise ValueError(f"must contain nothing but urls, username and credential, not {key!r}")
        server[key] = read_text(table[key])
    return server


def read_word(*words: str) -> Callable[[object], str]:
    """One of these words, in capitals or not."""

    def read(value: object) -> str:
        text = read_text(value).lower()
        if text not in words:
            raise ValueError(f"must be {', '.join(words[:-1])} or {words[-1]}, not {value!r}")
        return text

    return read


def read_switch(value: object) -> bool:
    """True or false; in the environment as a word."""
    switch = {"true": True, "false": False}.get(str(value).lower())
    if switch is None:
        raise ValueError(f"must be true or false, not {value!r}")
    return switch


def read_text(value: object) -> str:
    """Some text, on one line or several."""
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {value!r}")
    if not value or "\0" in value:
        raise ValueError("must not be empty")
    return value
