"""``lanchatd doctor``: what keeps this machine and the others from seeing each other, and what to do about it."""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import TYPE_CHECKING

from lanchatd.commands.arguments import Options, Parsers, add_command, settings
from lanchatd.commands.errors import CommandError, NotOurs, NotRunning, Unannounced
from lanchatd.commands.terminal import Terminal, as_json, printable

if TYPE_CHECKING:
    from lanchatd.doctor.facts import Absence, DaemonFacts, Facts

_TEXT = (
    "Find out why machines do not see each other. Looks at the interfaces, multicast, the firewall, a VPN and the "
    "ports, and at everybody whom the running daemon knows of; without a daemon at this machine alone. With sudo it "
    "can read the rules of every firewall. Nothing is changed, and nothing leaves the local network. The exit status "
    "is 0 if nothing hinders, 1 if something does, and 2 for a mistake on the command line."
)
HINDERED = 1
"""Exit status when something keeps people from each other."""


def add(commands: Parsers) -> None:
    """Add the command."""
    parser = add_command(commands, "doctor", _call, _TEXT)
    parser.add_argument(
        "--interface", dest="interfaces", action="append", metavar="NAME", default=argparse.SUPPRESS,
        help="a network interface to look at when the daemon does not run (default: those of the local network)",
    )  # fmt: skip


def _call(options: Options) -> int:
    from lanchatd.doctor.findings import findings, hinders
    from lanchatd.doctor.picture import lines, summary

    facts = asyncio.run(_gather(options))
    found = findings(facts)
    terminal = Terminal()
    if options.json:
        told = {"summary": summary(facts, found), "findings": found, "machine": facts.machine, "daemon": facts.daemon}
        terminal.say(as_json(told))
    else:
        for line in lines(facts, found):
            terminal.say(printable(line))
    return HINDERED if hinders(found) else 0


async def _gather(options: Options) -> Facts:
    from lanchatd.doctor.gather import gather

    config = settings(options)
    daemon, absence = await _ask(options)
    chosen = tuple(getattr(options, "interfaces", ())) or config.interfaces
    return await gather(daemon, absence, chosen, config.ui_port)


async def _ask(options: Options) -> tuple[DaemonFacts | None, Absence | None]:
    """What the running daemon knows, or why it says nothing."""
    import msgspec

    from lanchatd.commands.connection import connected
    from lanchatd.commands.running import find, read
    from lanchatd.doctor.facts import DaemonFacts

    try:
        find(options)
    except NotOurs:
        return None, "other_user" if os.geteuid() == 0 else "not_running"
    except Unannounced:
        return None, "unannounced"
    except NotRunning:
        if os.geteuid() == 0 and os.environ.get("SUDO_UID", "0") != "0":
            return None, "other_user"
        return None, "not_running" if read(settings(options).runtime_dir) is None else "stale"
    try:
        async with connected(options) as connection:
            return msgspec.json.decode(await connection.network(), type=DaemonFacts), None
    except (CommandError, msgspec.DecodeError):
        return None, "silent"
