"""What bash, zsh and fish complete. shtab makes it from the parsers; people are asked of the running daemon."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Final

import shtab

from lanchatd.cli import parser

FILES: Final = {"bash": "lanchatd", "zsh": "_lanchatd", "fish": "lanchatd.fish"}
"""The name under which each shell looks for it."""

# Everybody chooses their own name. The daemon tells names for this that mean nothing to a shell, and keys for the rest.
_ASK: Final = "lanchatd people --names 2>/dev/null"
_PEOPLE: Final = {
    "bash": "_lanchatd_people",
    "zsh": "_lanchatd_people",
    "fish": f"({_ASK})",
    "preamble": {
        "bash": f"""_lanchatd_people() {{
  local name
  while IFS= read -r name; do
    [[ $name == "$1"* ]] && printf '%s\\n' "$name"
  done < <({_ASK})
}}
""",
        "zsh": f"""_lanchatd_people() {{
  local -a names
  names=("${{(@f)$({_ASK})}}")
  compadd -a names
}}
""",
    },
}
_KINDS: Final = {"person": _PEOPLE, "config": shtab.FILE, "state_dir": shtab.DIRECTORY}


def completion(shell: str) -> str:
    """The script for a shell."""
    whole = parser()
    for action in _actions(whole):
        if action.dest in _KINDS:
            action.complete = _KINDS[action.dest]  # type: ignore[attr-defined]
    return str(shtab.complete(whole, shell)).rstrip() + "\n"


def _actions(each: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in each._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _actions(inner)
