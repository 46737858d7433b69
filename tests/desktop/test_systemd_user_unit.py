"""The text of the user unit, and what a person is told where there is no systemd."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from lanchatd.cli import main
from lanchatd.desktop.user_unit import ServiceError, unit_text

PUBLISHED = Path(__file__).resolve().parents[2] / "systemd/user/lanchatd.service"


def test_unit_is_the_published_one_with_this_interpreter() -> None:
    ours, published = unit_text(sys.executable).splitlines(), PUBLISHED.read_text().splitlines()
    (changed,) = ((one, other) for one, other in zip(ours, published, strict=True) if one != other)
    assert changed == (f'ExecStart="{sys.executable}" -P -m lanchatd run', "ExecStart=%h/.local/bin/lanchatd run")


@pytest.mark.parametrize("name", ['a "quote"', "a 'quote'", "back\\slash", "do$$ar"])
def test_interpreter_that_systemd_can_not_start_is_named(name: str) -> None:
    with pytest.raises(ServiceError, match=r"move LanChat: /home/"):
        unit_text(f"/home/{name}/bin/python")


@pytest.mark.parametrize("odd", ["\n", "\r", "\0", "\x1b", "\x85", "\udcff"])
def test_no_word_of_the_command_becomes_a_line_of_the_unit(odd: str) -> None:
    for words in (["/usr/bin/python", f"--name=Ada{odd}ExecStartPre=/bin/evil"], [f"/home/a{odd}b/bin/python"]):
        with pytest.raises(ServiceError, match=r"line break or control character in it: '[!-~ ]+'$"):
            unit_text(*words)


@pytest.mark.parametrize("action", ["install", "uninstall", "status"])
def test_without_systemd_it_is_one_sentence(
    action: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["service", action]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"lanchatd: This machine does not run systemd; [^\n]+\n", said.err)
    assert list(tmp_path.iterdir()) == []


def test_unknown_action_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "instal"]) == 2
    assert "install" in capsys.readouterr().err
