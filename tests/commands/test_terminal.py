"""What reaches a terminal: aligned, as wide as it is, and nothing in it that others could steer it with."""

from __future__ import annotations

import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lanchatd import cli
from lanchatd.commands.terminal import Terminal, as_json, columns, cut, printable

HARMFUL = [*map(chr, (*range(32), *range(127, 160))), "\u202e", "\u2066", "\u2028", "\ud800"]


class Screen(io.StringIO):
    """Standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


def window(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Terminal:
    """A terminal of 30 columns. Not as a fixture: pytest changes standard output between fixtures and test."""
    monkeypatch.setattr(sys, "stdout", Screen())
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm", "COLUMNS": "30", **variables}.items():
        monkeypatch.setenv(name, value)
    return Terminal()


@given(some.text(some.one_of(some.characters(codec="utf-8"), some.sampled_from(HARMFUL))))
def test_no_text_steers_the_terminal(text: str) -> None:
    assert not set(printable(text)) & set(HARMFUL) - {"\n"}


@given(some.text(some.characters(codec="utf-8")))
def test_json_is_one_harmless_line_and_loses_nothing(text: str) -> None:
    told = as_json({"text": text})
    assert not set(told) & set(HARMFUL)
    assert json.loads(told) == {"text": text}


def test_each_that_could_do_harm_is_made_visible() -> None:
    kept = "\t\n"
    assert {each: printable(each) for each in HARMFUL if each not in kept} == {
        each: "\ufffd" for each in HARMFUL if each not in kept
    }
    told = as_json("".join(HARMFUL[:-1]))
    assert told.isascii()
    assert json.loads(told) == "".join(HARMFUL[:-1])


def test_lines_of_a_message_stay_below_each_other() -> None:
    assert printable("one\r\ntwo\n\tthree", "  ") == "one\n  two\n      three"
    assert printable("\033]0;title\a\033[31mred\rover") == "�]0;title��[31mred�over"


@pytest.mark.parametrize(("text", "width"), [("Ada", 3), ("日本", 4), ("e\u0301", 1), ("👋", 2), ("", 0)])
def test_columns_are_those_of_the_terminal(text: str, width: int) -> None:
    assert columns(text) == width


def test_what_does_not_fit_is_cut_at_a_column() -> None:
    assert cut("Ada", 3) == "Ada"
    assert cut("日本語", 5) == "日本…"
    assert cut("日本語", 4) == "日…"
    assert cut("Ada", 0) == ""


def test_a_table_in_a_window_is_aligned_coloured_and_no_wider(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[("日本", "green"), ("", "plain"), ("x" * 40, "plain")], [("Ada", "bold"), ("", "plain"), ("y", "plain")]]
    first, second = window(monkeypatch).table(rows)
    assert first == f"\033[32m日本\033[0m  {'x' * 23}…"
    assert second == "\033[1mAda\033[0m   y"


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_who_wants_no_colours_gets_none(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    assert window(monkeypatch).paint("Ada", "green") == "\033[32mAda\033[0m"
    assert window(monkeypatch, **{variable: value}).paint("Ada", "green") == "Ada"


def test_a_file_gets_no_colours_and_all_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setenv("COLUMNS", "30")
    assert Terminal().table([[("x" * 40, "green")]]) == ["x" * 40]


def test_what_the_encoding_lacks_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    Terminal().say("Ada 👋")
    assert raw.getvalue() == b"Ada ?\n"


def test_what_went_wrong_is_told_without_steering(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["log", "Bob", "--\033[31m\x9b"]) == 2
    assert capsys.readouterr().err == "lanchatd: Unrecognized arguments: --\ufffd[31m\ufffd; see lanchatd --help.\n"
