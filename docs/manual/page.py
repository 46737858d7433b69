"""The manual page, in mdoc(7): the commands from the parsers, the exit statuses from where they are declared."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from lanchatd.cli import parser
from lanchatd.commands.errors import MEANINGS
from lanchatd.settings import CHANGES, SETTINGS

DATE: Final = "November 23, 2026"
"""When the words of this file were last changed."""

_WIDTH: Final = 76
_SENTENCE: Final = re.compile(r"(?<=[.:;])\s+")

_DESCRIPTION: Final = """
Every machine runs one small daemon. The daemons find each other by themselves, and everybody uses the page of their own
one in a browser: there is no server, no account and nothing to configure. Without a command, and with run, lanchatd is
that daemon. With any other it speaks to the one that is running, and only the user whose daemon it is can do that.
"""
_PEOPLE: Final = """
PERSON is a name, name@machine, or the start of a key with at least eight characters; capitals make no difference, and
a name goes before the start of a key. Where a name may mean more than one, nothing is done and they are listed. A
message or a call is for contacts only, so a stranger who has taken the name of a contact is not in the way. Somebody
who has a new name or that of somebody else, or whose key is in doubt, has to be named by key for these, and for request
and accept.
"""
_JSON: Final = """
With --json every line is one object in UTF-8. People, messages and calls have the fields of Person, TextEntry and
CallEntry in docs/protocol.md; fields may be added, and none is taken away or changes its meaning. What went wrong
stands on standard error as always.
"""
_SETTINGS: Final = """
An option goes before the environment, where the name of a setting stands in capitals behind LANCHAT_, as in
LANCHAT_UI_PORT, and lists have commas between; the environment goes before the file, which is TOML. A daemon without a
terminal reads the file again on SIGHUP, which systemctl reload sends.
"""
_FILES: Final = (
    ("~/.config/lanchat/config.toml", "The settings."),
    ("~/.local/state/lanchat/", "The key, which is who you are, and the contacts. No message is ever written."),
    ("$XDG_RUNTIME_DIR/lanchat/daemon.json", "Where the running daemon is, for as long as it runs."),
)
_ENVIRONMENT: Final = (
    ("LANCHAT_NAME, ...", "Every setting."),
    ("XDG_RUNTIME_DIR", "Where daemon.json is looked for; without it also /run/user/UID is tried."),
    ("NO_COLOR", "Anything in it, and there are no colours."),
)
_EXAMPLES: Final = (
    ("Start LanChat and open the page:", "lanchatd open"),
    ("Tell somebody that a long job is done:", "make; lanchatd send Grace done"),
    ("Send the end of a log:", "tail log | lanchatd send --timeout 60 Grace"),
    ("Who is here, for a script:", "lanchatd people --json | jq -r 'select(.presence == \"online\").name'"),
)


def manual() -> str:
    """The whole page."""
    whole = parser()
    commands = next(each for each in whole._actions if isinstance(each, argparse._SubParsersAction))
    own = [each for each in whole._actions if each.option_strings]
    lines = [
        f".Dd {DATE}", ".Dt LANCHATD 1", ".Os",
        ".Sh NAME", ".Nm lanchatd", ".Nd chat and calls for the people on one local network",
        ".Sh SYNOPSIS", ".Nm", ".Op Ar options", ".Op Ar command Op Ar words",
        ".Sh DESCRIPTION", *_text(_DESCRIPTION),
        ".Sh OPTIONS OF THE DAEMON", *_options(own),
        ".Sh SETTINGS", *_text(_SETTINGS), *_list("Li", _settings()),
        ".Sh COMMANDS", *_commands(commands),
        ".Pp", "All commands have these options:", *_options(_shared(commands.choices["status"])),
        ".Sh PEOPLE", *_text(_PEOPLE),
        ".Sh OUTPUT FOR SCRIPTS", *_text(_JSON),
        ".Sh ENVIRONMENT", *_list("Ev", _ENVIRONMENT),
        ".Sh FILES", *_list("Pa", _FILES),
        ".Sh EXIT STATUS", *_list("Li", ((str(int(status)), text) for status, text in MEANINGS.items())),
        ".Sh EXAMPLES", *_examples(),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _settings() -> Iterator[tuple[str, str]]:
    for each in SETTINGS:
        if each.example is not None:
            text = f"{each.text}. Default: {each.otherwise}. A change holds {CHANGES[each.change]}."
            yield f"{each.key} = {each.example}", text


def _commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> Iterator[str]:
    yield ".Bl -tag -width Ds"
    for name, each in commands.choices.items():
        if name == "run":
            continue
        shared = _shared(each)
        own = sorted((action for action in each._actions if action not in shared), key=_is_word)
        yield " ".join([f".It Cm {name}", *(_usage(action) for action in own)])
        yield from _text(each.description or "")
        if options := [action for action in own if action.option_strings]:
            yield from _options(options)
    yield ".El"


def _is_word(action: argparse.Action) -> bool:
    return not action.option_strings


def _shared(each: argparse.ArgumentParser) -> list[argparse.Action]:
    return next(group._group_actions for group in each._action_groups if group.title == "common options")


def _usage(action: argparse.Action) -> str:
    if action.option_strings:
        return f"Oo {_flag(action.option_strings[0])}{_value(action)} Oc"
    if action.choices:
        return " | ".join(f"Cm {each}" for each in action.choices)
    word = f"Ar {_escape(str(action.metavar))}"
    return f"Oo {word} ... Oc" if action.nargs == "*" else f"{word} ..." if action.nargs == "+" else word


def _flag(option: str) -> str:
    return f"Fl {_escape(option[1:])}"


def _value(action: argparse.Action) -> str:
    return f" Ar {_escape(str(action.metavar or action.dest.upper()))}" if action.nargs != 0 else ""


def _options(actions: Iterable[argparse.Action]) -> Iterator[str]:
    yield ".Bl -tag -width Ds"
    for action in actions:
        names = " , ".join(_flag(option) for option in action.option_strings)
        yield f".It {names}{_value(action)}"
        yield from _text((action.help or "").replace("%%", "%") + ".")
    yield ".El"


def _list(macro: str, items: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield ".Bl -tag -width Ds"
    for name, text in items:
        yield f".It {macro} {_escape(name)}"
        yield from _text(text)
    yield ".El"


def _examples() -> Iterator[str]:
    for text, command in _EXAMPLES:
        yield from (text, f".Dl {_escape(command)}", ".Pp")
    yield from ("To see why somebody is not there:", ".Dl lanchatd doctor")


def _text(text: str) -> Iterator[str]:
    """Prose: every sentence begins a line (mdoc(7)), and none begins with what would be a macro."""
    for sentence in _SENTENCE.split(" ".join(text.split())):
        yield from textwrap.wrap(_escape(sentence), _WIDTH, break_on_hyphens=False)


def _escape(text: str) -> str:
    plain = text.replace("\\", "\\e").replace("…", "...").replace("-", "\\-").replace("~", "\\(ti")
    plain = plain.replace("'", "\\(aq").replace('"', "\\(dq")
    return f"\\&{plain}" if plain.startswith(".") else plain
