"""``lanchatd rename``: our own name. Other people choose theirs themselves."""

from __future__ import annotations

import asyncio

from lanchatd.commands.arguments import Options, Parsers, add_command
from lanchatd.commands.errors import CommandError
from lanchatd.commands.terminal import Terminal, as_json
from lanchatd.protocol import ui
from lanchatd.values import read_name


def add(commands: Parsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "rename", _rename,
        "Change your own name, as everybody sees it. It is remembered. Other people choose theirs themselves.",
    )  # fmt: skip
    parser.add_argument("name", metavar="NAME", nargs="+", help="your new name")


def _rename(options: Options) -> int:
    return asyncio.run(_change(options))


async def _change(options: Options) -> int:
    from lanchatd.commands.connection import connected

    try:
        name = read_name(" ".join(options.name))
    except ValueError as problem:
        raise CommandError(f"A name {problem}.") from None
    async with connected(options) as connection:
        await connection.ask(ui.SetProfile(name=name))
        me = (await connection.next(ui.ProfileChanged)).me
    Terminal().say(as_json(me) if options.json else f"You are {me.name} now.")
    return 0
