"""Whether the doors of this daemon still open: it knocks at them itself, as others do."""

from __future__ import annotations

import asyncio
import errno
from contextlib import closing
from typing import Final

_SHORTAGES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_CLOSED: Final = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN})
"""The other side has slammed the door; so it is there."""


async def page_answers(port: int) -> bool:
    """Whether the page's server answers a request. Waits for as long as it takes.

    Raises:
        OSError: nobody listens.
    """
    request = f"GET /api/my-ip HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n"
    return await _reaction(port, request.encode()) != b""


async def links_answer(port: int) -> bool:
    """Whether the listener for other machines sees who comes. Waits for as long as it takes.

    It is left without a word, whereupon it closes the connection. The kernel alone would make it and keep it.

    Raises:
        OSError: nobody listens.
    """
    await _reaction(port, b"")
    return True


async def _reaction(port: int, words: bytes) -> bytes:
    """What comes back first; nothing if the connection is closed."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with closing(writer):
            if words:
                writer.write(words)
            else:
                writer.write_eof()
            return await reader.read(1)
    except OSError as error:
        if error.errno in _SHORTAGES:
            return b"?"  # that we can't knock says nothing about the door; `parts` tells of the shortage
        if error.errno in _CLOSED:
            return b""
        raise
