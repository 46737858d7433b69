"""What the commands have in common on the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import TypeAlias

from lanchatd.config import Config, load

Options = argparse.Namespace
Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What ``add_subparsers`` returns; argparse has no public name for it."""
Call = Callable[[Options], int]
"""Carries a command out and returns its exit status."""

_WHERE = ("config", "state_dir")


def add_command(commands: Parsers, name: str, call: Call, text: str) -> argparse.ArgumentParser:
    """Add the parser of a command, with the options that all of them have.

    Args:
        commands: what the command is added to.
        name: of the command.
        call: carries it out.
        text: what it does, in sentences; the first one, without its full stop, stands in the list of all commands.
    """
    summary = text.partition(". ")[0].removesuffix(".")
    parser = commands.add_parser(
        name, help=summary[:1].lower() + summary[1:], description=text, allow_abbrev=False, add_help=False
    )
    parser.set_defaults(call=call)
    shared = parser.add_argument_group("common options")
    shared.add_argument("-h", "--help", action="help", help="show this help")
    shared.add_argument("--json", action="store_true", help="one JSON object per line, for scripts")
    shared.add_argument(
        "--state-dir", metavar="DIR", default=argparse.SUPPRESS, help="the state folder of the daemon that is meant"
    )
    shared.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="the settings of that daemon")
    return parser


def settings(options: Options) -> Config:
    """The settings of the daemon that is meant.

    Raises:
        ConfigError: a setting or a file can't be used.
    """
    return load({key: value for key, value in vars(options).items() if key in _WHERE}, os.environ)
