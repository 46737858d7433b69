"""``lanchatd call``: a call to somebody, by the page, which alone has microphone and camera."""

from __future__ import annotations

import asyncio

from lanchatd.commands import who
from lanchatd.commands.arguments import Options, Parsers, add_command
from lanchatd.commands.browser import has_screen, no_screen, show_page
from lanchatd.commands.terminal import Terminal, as_json
from lanchatd.protocol import ui


def add(commands: Parsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "call", _call,
        "Call somebody. The page opens in the browser with the conversation, and rings them: a call needs its "
        "microphone. With --json it is one object, with person and video.",
    )  # fmt: skip
    parser.add_argument("person", metavar="PERSON", help=who.HELP)
    parser.add_argument("--video", action="store_true", help="with the camera; otherwise with sound only")


def _call(options: Options) -> int:
    return asyncio.run(_place(options))


async def _place(options: Options) -> int:
    from lanchatd.commands.connection import connected

    async with connected(options) as connection:
        person = who.find_contact(connection.snapshot.people, options.person)
        if not has_screen():
            raise no_screen(await connection.entrance(), f", and call {person.name} from there")
        # The daemon tells the page that opens. An address that calls somebody would do so for any web site, too.
        await connection.ask(ui.PlaceCall(person=person.id, video=options.video))
        await show_page(await connection.entrance(), person.id)
    told = as_json({"person": person.id, "video": options.video})
    Terminal().say(told if options.json else f"The page in your browser calls {person.name}.")
    return 0
