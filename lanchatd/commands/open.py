"""``lanchatd open``: the page in the browser, and the daemon behind it if it does not run yet."""

from __future__ import annotations

import asyncio

from lanchatd.commands.arguments import Options, Parsers, add_command
from lanchatd.commands.browser import show_page
from lanchatd.commands.errors import NotRunning
from lanchatd.commands.running import find
from lanchatd.commands.start import start
from lanchatd.commands.terminal import Terminal, as_json


def add(commands: Parsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "open", _open,
        "Open the page in the browser. If lanchatd does not run yet it is started first: by systemd if its user unit "
        "is installed, else in the background.",
    )  # fmt: skip
    parser.add_argument("--no-browser", action="store_true", help="start what is needed, and only tell the address")


def _open(options: Options) -> int:
    return asyncio.run(_show(options))


async def _show(options: Options) -> int:
    from lanchatd.commands.connection import connected

    try:
        find(options)
    except NotRunning:
        start(options)
    async with connected(options) as connection:
        entrance = await connection.entrance()
    terminal = Terminal()
    if options.json:
        terminal.say(as_json({"url": entrance}))
    elif options.no_browser:
        terminal.say(entrance)
    if not options.no_browser:
        await show_page(entrance)
        if not options.json:
            terminal.say(f"LanChat is open in your browser: {connection.running.page}")
    return 0
