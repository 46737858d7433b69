"""Names are what somebody else has typed: cleaned before they are shown, and told apart from what looks the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchatd.core.names import clean, readable, skeleton
from lanchatd.protocol.model import NAME_LENGTH

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("\u202eadA\u202c", "adA"),
        ("\u2066Ada\u2069\u200f", "Ada"),
        ("A\u200bd\u2060a\ufeff", "Ada"),
        ("Ada\x00\x1b[31m\x07", "Ada[31m"),
        ("A\u00add\u034fa", "Ada"),
        ("\u3164\u200b\u2800", ""),
        ("\u202e\u200b\n", ""),
        ("Q" + "\u0301\u0302\u0303" + "\u0304" * 50, "Q\u0301\u0302\u0303"),
        ("نام\u200cخانوادگی", "نام\u200cخانوادگی"),
        ("A\u200dda", "Ada"),
        ("\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL} us", "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL} us"),
        ("小明", "小明"),
    ],
)
def test_what_can_not_be_seen_is_not_in_a_name(name: str, shown: str) -> None:
    assert clean(name) == unicodedata.normalize("NFC", shown)


@given(st.text(max_size=NAME_LENGTH))
def test_any_name_ends_up_short_visible_and_the_same_when_cleaned_again(name: str) -> None:
    shown = clean(name)
    assert len(shown) <= NAME_LENGTH
    assert shown == shown.strip() == clean(shown)
    joiners = {"\u200c", "\u200d"}
    assert not [each for each in shown if unicodedata.category(each) in UNSEEN and each not in joiners]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ada", "Аdа"),  # two Cyrillic letters
        ("Ada", "ＡＤＡ"),
        ("Ada", "𝓐𝓭𝓪"),
        ("Ada", "Ꭺda"),
        ("Ada", "A\u200bda"),
        ("Ada", "ada"),
        ("Ada", "Ädа\u0301"),
        ("Ada Lovelace", "AdaLovelace"),
        ("Modern", "Modem"),
        ("Bill", "BiII"),
        ("Bill", "Вi11"),
        ("Oskar", "0skar"),
        ("fin", "ﬁn"),
        ("love", "Løve"),
        ("Иван", "Ивaн"),
        ("Alice", "Ali\u03f2e"),
        ("Alice", "Alice \N{CHECK MARK}"),
        ("Alice", "Alice \N{SHIELD}\ufe0f"),
        ("Alice", "Alice\U0001d159"),
    ],
)
def test_what_looks_the_same_is_found(name: str, other: str) -> None:
    assert skeleton(name) == skeleton(clean(other))


@pytest.mark.parametrize(
    ("name", "other"),
    [("Ada", "Eda"), ("Иван", "Игорь"), ("小明", "小红"), ("José", "Josef"), ("Lucia", "Luda")],
)
def test_what_looks_different_stays_different(name: str, other: str) -> None:
    assert skeleton(name) != skeleton(other)


@given(st.text(max_size=NAME_LENGTH))
def test_any_name_has_a_skeleton_whatever_is_invisible_in_it(name: str) -> None:
    assert skeleton(clean(name)) == skeleton(clean(f"\u200b{name}\u202e"))


def test_control_characters_in_a_message_are_seen_and_its_lines_stay() -> None:
    assert readable("one\r\ntwo\n\tthree\x00\x1b[2J\x7f\x9b") == "one\ntwo\n\tthree\ufffd\ufffd[2J\ufffd\ufffd"
