"""What people call themselves, made fit to be shown, and told apart from what only looks the same.

A name is what somebody else has typed. It may hold characters that no one sees, that turn the line around, or that look
like others (Unicode Technical Reports 36 and 39).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from typing import Final

from lanchatd.protocol.model import NAME_LENGTH

_JOINERS: Final = "\u200c\u200d"
"""They shape Persian and Indic words and join emoji, so they stay, but only where there is something to join."""
_MARKS: Final = 3
"""So many marks on one letter are writing; more of them cover the lines around."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u180e\U0001d159")
"""Letters and marks, by their category, that show nothing."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufff0-\uffff]")
_SAME_IN_ASCII: Final = str.maketrans({"0": "o", "1": "l", "|": "l", "i": "l", "5": "s"})
_SAME_IN_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def clean(name: str) -> str:
    """The name without what can't be seen or would change the text around it; empty if nothing is left."""
    seen = "".join(_visible(name))
    return _few_marks(" ".join(seen.split()))[:NAME_LENGTH].strip()


def readable(text: str) -> str:
    """A message as it is shown: control characters become visible, all else stays, line breaks and tabs too."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n"))


@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """What a reader can't tell apart has one skeleton; never to be shown (UTS 39 section 4).

    Signs and pictures around a name, a check mark say, don't make it another name.
    """
    # Before anything else, because some letters decompose into ones that look different.
    plain = _plain(name if name.isascii() else _alike(unicodedata.normalize("NFC", name)))
    if not plain.isascii():
        # Twice, because some letters have look-alikes only among the capitals, and others only among the small ones.
        plain = _plain(_alike(plain)).casefold()
        plain = _plain(_alike(plain))
    plain = plain.casefold()
    for pair, single in _SAME_IN_PAIRS:
        plain = plain.replace(pair, single)
    letters = [each for each in plain.translate(_SAME_IN_ASCII) if each.isalnum()]
    return "".join(letters) or "".join(plain.split())


def _visible(name: str) -> list[str]:
    found: list[str] = []
    for place, each in enumerate(name):
        if each in _JOINERS:
            around = name[place - 1 : place] + name[place + 1 : place + 2]
            if len(around) == 2 and not around.isascii() and not any(map(str.isspace, around)):
                found.append(each)
        elif each.isspace():
            found.append(" ")
        elif unicodedata.category(each) not in _UNSEEN and each not in _BLANK:
            found.append(each)
    return found


def _few_marks(name: str) -> str:
    kept, marks = [], 0
    for each in unicodedata.normalize("NFC", name):
        marks = marks + 1 if unicodedata.combining(each) else 0
        if marks <= _MARKS:
            kept.append(each)
    return "".join(kept)


def _dropped(each: str) -> bool:
    return unicodedata.category(each) in _UNSEEN or unicodedata.category(each) == "Mn" or each in _BLANK


def _plain(name: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", name) if not _dropped(each))


def _alike(name: str) -> str:
    return "".join(each if each.isascii() else _prototypes().get(each, each) for each in name)


@lru_cache(maxsize=1)
def _prototypes() -> dict[str, str]:
    """Each character that has look-alikes, with the one that stands for them all: a Latin letter, if it can."""
    return {pair[0]: pair[1:] for pair in _pairs().split("\n")}


def _pairs() -> str:
    """The same as one string, so that nothing else stays of the large table that it is read from."""
    from confusable_homoglyphs import confusables  # type: ignore[import-untyped]

    table: dict[str, list[str]] = {
        each: [like["c"].strip("\u200e") for like in likes] for each, likes in confusables.confusables_data.items()
    }
    for module in [each for each in sys.modules if each.startswith("confusable_homoglyphs")]:
        del sys.modules[module]
    chosen = ((each, _representative(each, likes, table)) for each, likes in table.items() if len(each) == 1)
    return "\n".join(each + like for each, like in chosen if like != each)


def _representative(each: str, likes: list[str], table: dict[str, list[str]]) -> str:
    """Of a character and its look-alikes an ASCII one, else the one with most look-alikes of its own."""
    return min([each, *likes], key=lambda like: (not like.isascii(), -len(table.get(like, ())), like))
