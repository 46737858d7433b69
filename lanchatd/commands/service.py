"""``lanchatd service``: LanChat as a service of systemd for the person who asks, there whenever they are logged in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lanchatd.commands.arguments import Options, Parsers, add_command
from lanchatd.commands.errors import CommandError, Exit
from lanchatd.commands.terminal import Terminal, as_json

if TYPE_CHECKING:
    from lanchatd.desktop.user_unit import State, UserUnit

_OWN = ("config", "state_dir")
_TEXT = (
    "Have systemd run LanChat for you. With install it is started now and whenever you log in, with uninstall it is "
    "stopped and nothing of the service is left, and status says how it is. Your key and your contacts stay as they "
    "are. The exit status of status is 0 if LanChat runs as a service, else 3."
)


def add(commands: Parsers) -> None:
    """Add the command."""
    parser = add_command(commands, "service", _service, _TEXT)
    parser.add_argument("action", choices=("install", "uninstall", "status"), help="what to do")


def _service(options: Options) -> int:
    actions = {"install": _install, "uninstall": _uninstall, "status": _status}
    return actions[options.action](options, _unit())


def _install(options: Options, unit: UserUnit) -> int:
    given = vars(options)
    unit.install(*(f"--{key.replace('_', '-')}={Path.cwd() / given[key]}" for key in _OWN if key in given))
    return _tell(options, unit.state(), "LanChat is a service now.")


def _uninstall(options: Options, unit: UserUnit) -> int:
    was_there = unit.uninstall()
    _tell(options, unit.state(), "The service is gone." if was_there else "There was no service.")
    return Exit.DONE


def _status(options: Options, unit: UserUnit) -> int:
    return _tell(options, unit.state())


def _tell(options: Options, state: State, done: str = "") -> int:
    terminal = Terminal()
    if options.json:
        terminal.say(as_json(state))
    else:
        terminal.say(" ".join(part for part in (done, *_sentences(state, bool(done))) if part))
    return Exit.DONE if state.active == "active" else Exit.NOT_RUNNING


def _sentences(state: State, brief: bool) -> list[str]:
    if state.unit is None:
        return [] if brief else ["LanChat is no service of yours; to make it one: lanchatd service install"]
    sentences = []
    if state.pid is not None:
        sentences.append(f"It runs as process {state.pid}{': ' if state.says else ''}{state.says}.")
    else:
        sentences.append(f"It does not run ({state.active}); see: journalctl --user --unit=lanchatd")
    if not state.ours:
        sentences.append(f"Its unit {state.unit} starts another LanChat; to have this one: lanchatd service install")
    if not state.enabled:
        sentences.append("It does not start by itself; to have that: lanchatd service install")
    elif state.lingers:
        sentences.append("It starts when the machine boots.")
    else:
        sentences.append("It starts when you log in; to have it from boot on: loginctl enable-linger")
    return sentences


def _unit() -> UserUnit:
    from lanchatd.desktop.user_unit import UserUnit

    base = os.environ.get("XDG_CONFIG_HOME", "")
    home = os.environ.get("HOME", "")
    if not Path(base).is_absolute() and not Path(home).is_absolute():
        raise CommandError("HOME is not set; set it to your home folder.")
    return UserUnit(Path(base) if Path(base).is_absolute() else Path(home) / ".config")
