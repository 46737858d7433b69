"""The manual page and the completions: made from the command line, and as their readers want them."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from docs.manual.__main__ import ROOT, documents
from lanchatd.cli import parser
from lanchatd.commands.errors import MEANINGS, Exit

PAGE = ROOT / "share/man/man1/lanchatd.1"
READERS = (
    ("mandoc", "-Tlint", "share/man/man1/lanchatd.1"),
    ("man", "--warnings", "-l", "share/man/man1/lanchatd.1"),
    ("bash", "-n", "share/completions/lanchatd"),
    ("zsh", "-n", "share/completions/_lanchatd"),
    ("fish", "-n", "share/completions/lanchatd.fish"),
)
"""Those of them that this machine has are asked."""
NAMES = """#!/bin/sh
test "$*" = "people --names" && printf '%s\\n' Bob Barbara 2mnzfyo3
"""
EVIL = "$(touch owned) `touch owned` ; touch owned #"


def test_they_are_those_of_this_command_line() -> None:
    stale = [path.name for path, text in documents().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: make docs"


def test_every_command_and_option_and_exit_status_is_in_the_manual() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("\\-", "-")
    commands = next(each for each in parser()._actions if isinstance(each, argparse._SubParsersAction))
    for name, each in commands.choices.items():
        assert name == "run" or re.search(rf"^\.It Cm {name}\b", text, re.MULTILINE), name
        assert [option for action in each._actions for option in action.option_strings if option[1:] not in text] == []
    assert set(MEANINGS) == set(Exit)
    assert all(f".It Li {int(status)}\n" in text for status in Exit)


@pytest.mark.parametrize(
    "reader", [reader for reader in READERS if shutil.which(reader[0])], ids=lambda reader: reader[0]
)
def test_who_reads_them_finds_nothing_wrong(reader: tuple[str, ...]) -> None:
    done = subprocess.run(reader, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert reader[0] == "man" or done.stdout == ""


def complete(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    program = folder / "lanchatd"
    if not program.exists():
        program.write_text(NAMES)
        program.chmod(0o755)
    script = f"""source {ROOT / "share/completions/lanchatd"}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_shtab_lanchatd
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    environment = {"PATH": f"{folder}:/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True, env=environment, cwd=folder
    )
    return done.stdout.split()


def test_commands_options_and_people_are_completed(tmp_path: Path) -> None:
    assert complete(tmp_path, "lanchatd", "peop") == ["people"]
    assert complete(tmp_path, "lanchatd", "people", "--wa") == ["--watch"]
    assert complete(tmp_path, "lanchatd", "send", "B") == ["Bob", "Barbara"]
    assert complete(tmp_path, "lanchatd", "call", "2m") == ["2mnzfyo3"]


def test_a_name_is_never_run_by_the_shell(tmp_path: Path) -> None:
    """The daemon tells no such name for completion; should one come through all the same, it stays a text."""
    (tmp_path / "lanchatd").write_text(f"#!/bin/sh\ncat <<'END'\n{EVIL}\nEND\n")
    (tmp_path / "lanchatd").chmod(0o755)
    complete(tmp_path, "lanchatd", "send", "")
    assert not (tmp_path / "owned").exists()
