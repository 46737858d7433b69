"""``lanchatd send``: a message, and how far it has come."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
import uuid
from typing import TYPE_CHECKING, Final

from lanchatd.commands import who
from lanchatd.commands.arguments import Options, Parsers, add_command
from lanchatd.commands.errors import CommandError, Exit
from lanchatd.commands.terminal import Terminal, as_json, hint
from lanchatd.commands.words import HERE
from lanchatd.protocol import ui
from lanchatd.protocol.model import TEXT_BYTES

if TYPE_CHECKING:
    from lanchatd.commands.connection import Connection

TIMEOUT: Final = 10.0
"""Seconds until a message that is not delivered is left to the daemon."""

_ARRIVED: Final = ("delivered", "seen")


def add(commands: Parsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "send", _send,
        "Send a message to a contact, and wait until their machine has it. Without TEXT it is read from standard "
        "input, to the end. A message that can not be delivered in time waits in the daemon, as long as that runs, "
        "and goes out as soon as they can be reached; the exit status is 6 then.",
    )  # fmt: skip
    parser.add_argument("person", metavar="PERSON", help=who.HELP)
    parser.add_argument("text", metavar="TEXT", nargs="*", default=[], help="the message, in one word or more")
    parser.add_argument(
        "-t", "--timeout", metavar="SECONDS", type=float, default=TIMEOUT,
        help=f"how long to wait until it is delivered; 0: do not wait (default: {TIMEOUT:g})",
    )  # fmt: skip


def _send(options: Options) -> int:
    if not (0 <= options.timeout < math.inf):
        raise CommandError("--timeout must be a number of seconds, 0 or more.")
    return asyncio.run(_deliver(options, " ".join(options.text) if options.text else _read_input()))


def _read_input() -> str:
    if sys.stdin.isatty():
        hint("Write the message; Ctrl+D on a line of its own sends it.")
    # A message that is too long need not be read to its end to know that.
    data = sys.stdin.buffer.read(TEXT_BYTES + 2)
    try:
        return data.decode().rstrip("\n") if len(data) < TEXT_BYTES + 2 else data.decode(errors="ignore")
    except UnicodeDecodeError:
        raise CommandError("What stands on standard input is no text in UTF-8.") from None


async def _deliver(options: Options, text: str) -> int:
    from lanchatd.commands.connection import connected

    if not text.strip():
        raise CommandError("There is nothing to send: the message is empty.")
    async with connected(options) as connection:
        person = who.find_contact(connection.snapshot.people, options.person)
        message = ui.SendPrivateMessage(person=person.id, id=str(uuid.uuid4()), text=text)
        await connection.ask(message)
        status = await _delivery(connection, message, options.timeout)
    arrived = status in _ARRIVED
    if options.json:
        Terminal().say(as_json({"person": person.id, "id": message.id, "status": status}))
    elif arrived:
        Terminal().say(f"Delivered to {person.name}.")
    elif options.timeout:
        here = "has not confirmed it yet" if person.presence in HERE else "is not here"
        raise CommandError(f"{person.name} {here}; the message waits, and goes out as soon as it can.", Exit.WAITING)
    return Exit.DONE if arrived or not options.timeout else Exit.WAITING


async def _delivery(connection: Connection, message: ui.SendPrivateMessage, patience: float) -> ui.Delivery:
    """How far the message has come when it has arrived, or after so many seconds."""
    status: ui.Delivery = "waiting"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while status not in _ARRIVED:
                event = await connection.next(ui.MessageStatus)
                if message.id in event.ids:
                    status = event.status
    return status
