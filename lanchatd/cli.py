"""The command ``lanchatd``."""

from __future__ import annotations

import argparse
import asyncio
import difflib
import os
import re
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final, NoReturn

from lanchatd import __version__, config, logs
from lanchatd.commands import call, contacts, doctor, log, people, rename, send, service, status
from lanchatd.commands import open as open_
from lanchatd.commands.errors import CommandError, Exit
from lanchatd.commands.terminal import printable
from lanchatd.desktop import systemd
from lanchatd.errors import UserError
from lanchatd.process import give_up_unwritten, lasting_imports
from lanchatd.settings import SETTINGS

COMMANDS: Final = (open_, status, people, send, log, call, contacts, rename, service, doctor)
"""In the order of the help."""

_UNKNOWN_COMMAND: Final = re.compile(r"argument COMMAND: invalid choice: '(.*)' \(choose from (.*)\)")
_UNKNOWN_WORD: Final = re.compile(r"argument \S+: invalid choice: ('.*') \(choose from (.*)\)")
_MISSING: Final = re.compile(r"the following arguments are required: (.*)")
_WORD: Final = re.compile(r"[a-z]+")


class _UsageError(UserError):
    """An option that does not exist or is incomplete."""


class _Parser(argparse.ArgumentParser):
    _inside = False
    _given: Sequence[str] = ()

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Options may stand anywhere among the words of a command; by itself argparse wants these in one piece."""
        self._given = sys.argv[1:] if args is None else args
        if self._inside or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._inside = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._inside = False

    def error(self, message: str) -> NoReturn:
        option = self._given[0].partition("=")[0] if self._given else ""
        if unknown := _UNKNOWN_COMMAND.match(message):
            if option.startswith("-") and option not in self._option_string_actions:
                # The word after it was taken for the command.
                raise _UsageError(f"Unrecognized arguments: {option}; see lanchatd --help.")
            near = difflib.get_close_matches(unknown[1], _WORD.findall(unknown[2]), n=1)
            advice = f"did you mean {near[0]}?" if near else "see lanchatd --help."
            raise _UsageError(f"There is no command {unknown[1]!r}; {advice}")
        if other := _UNKNOWN_WORD.match(message):
            raise _UsageError(f"{other[1]} is none of {', '.join(_WORD.findall(other[2]))}; see {self.prog} --help.")
        if missing := _MISSING.match(message):
            raise _UsageError(f"This is missing: {missing[1]}; see {self.prog} --help.")
        raise _UsageError(f"{message[:1].upper()}{message[1:]}; see lanchatd --help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: without the name of the program; by default those of the process.
    """
    try:
        options = parser().parse_args(arguments)
        status = options.call(options) if "call" in options else _run(options)
        if sys.stdout is not None:  # it is, when it was closed before the start
            sys.stdout.flush()
        return int(status)
    except UserError as error:
        return _complain(error)
    except BaseExceptionGroup as group:
        # Task groups wrap what their tasks raise.
        mistakes, rest = group.split(UserError)
        if mistakes is None or rest is not None:
            raise
        return _complain(_first(mistakes))
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return Exit.READER_GONE
    finally:
        give_up_unwritten()


def _run(options: argparse.Namespace) -> int:
    read = partial(config.load, {key: value for key, value in vars(options).items() if key != "command"}, os.environ)
    settings = read()
    logs.set_up(settings.log_level, settings.log_format)
    with lasting_imports():
        from lanchatd.daemon import run  # slow to import, and not needed for anything else

    return asyncio.run(run(settings, read))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    options = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for each in SETTINGS:
        if each.option:
            action = "append" if each.several else "store"
            text = f"{each.text[:1].lower()}{each.text[1:]} (default: {each.otherwise})"
            options.add_argument(each.option, dest=each.key, action=action, metavar=each.kind, help=text)

    whole = _Parser(
        prog="lanchatd", parents=[options], allow_abbrev=False, argument_default=argparse.SUPPRESS,
        description="Chat and calls for the people on one local network. Open the page that it prints in a browser.",
        epilog="Every option can also be set as environment variable (LANCHAT_NAME, ...) or in the TOML file, "
        "where there are some more: man lanchatd tells them.",
    )  # fmt: skip
    whole.add_argument("--version", action="version", version=f"lanchatd {__version__}")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    commands.add_parser("run", parents=[options], allow_abbrev=False, help="run the daemon (without a command, too)")
    for command in COMMANDS:
        command.add(commands)
    return whole


def _complain(error: BaseException) -> int:
    sentence = printable(str(error))  # it may tell what others have written
    print(f"lanchatd: {sentence}", file=sys.stderr)
    systemd.complain(sentence)
    return error.status if isinstance(error, CommandError) else Exit.WRONG


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
