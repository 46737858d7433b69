"""The command ``lanchatd``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from lanchatd import __version__, config
from lanchatd.errors import UserError

USER_ERROR: Final = 2
"""Exit status when the person can put it right."""
INTERRUPTED: Final = 130
"""Exit status after Ctrl+C before the daemon has taken over the signals: 128 + SIGINT, as shells have it."""


class _UsageError(UserError):
    """An option that does not exist or is incomplete."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message[:1].upper()}{message[1:]}; see lanchatd --help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: without the name of the program; by default those of the process.
    """
    try:
        options = vars(_parser().parse_args(arguments))
        options.pop("command", None)
        settings = config.load(options, os.environ)
        _log_to_stderr(settings.log_level)
        from lanchatd.daemon import run  # slow to import, and not needed for --help or a mistake

        return asyncio.run(run(settings))
    except UserError as error:
        return _complain(error)
    except BaseExceptionGroup as group:
        # Task groups wrap what their tasks raise.
        mistakes, rest = group.split(UserError)
        if mistakes is None or rest is not None:
            raise
        return _complain(_first(mistakes))
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    options = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    add = options.add_argument
    add("--name", help="your name, as others see it (default: the one chosen on the page, else that of the account)")
    add("--state-dir", metavar="DIR", help="where key and contacts are kept (default: $XDG_STATE_HOME/lanchat)")
    add("--ui-port", metavar="PORT", help=f"port of the page on localhost (default: {config.PAGE_PORT}; 0: any)")
    add("--peer-port", metavar="PORT", help=f"port for the other machines (default: {config.PEER_PORT}; 0: any)")
    add(
        "--interface", dest="interfaces", action="append", metavar="NAME",
        help="network interface to use, more than once for several (default: those of the local network)",
    )  # fmt: skip
    add(
        "--peer", dest="peers", action="append", metavar="HOST:PORT",
        help="a machine to connect to even if it is not found, more than once for several",
    )  # fmt: skip
    add("--config", metavar="FILE", help="settings in TOML (default: $XDG_CONFIG_HOME/lanchat/config.toml)")
    add("--log-level", metavar="LEVEL", help=f"{', '.join(config.LOG_LEVELS)} (default: info)")

    parser = _Parser(
        prog="lanchatd", parents=[options], allow_abbrev=False, argument_default=argparse.SUPPRESS,
        description="Chat and calls for the people on one local network. Open the page that it prints in a browser.",
        epilog="Every option can also be set as environment variable (LANCHAT_NAME, ...) or in the TOML file.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"lanchatd {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    commands.add_parser("run", parents=[options], allow_abbrev=False, help="run the daemon (without a command, too)")
    return parser


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


def _complain(error: BaseException) -> int:
    print(f"lanchatd: {error}", file=sys.stderr)
    return USER_ERROR


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
