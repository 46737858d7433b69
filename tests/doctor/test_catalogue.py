"""The catalogue of findings is complete, provoked, and written down."""

from __future__ import annotations

import re
from pathlib import Path

from lanchatd.doctor.catalogue import KINDS, SEVERITIES
from lanchatd.doctor.document import document

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def test_each_kind_is_provoked_on_a_machine() -> None:
    marks = re.findall(r"mark\.provokes\(([^)]*)\)", "".join(path.read_text() for path in HERE.glob("test_*.py")))
    assert set(re.findall(r'"(\w+)"', " ".join(marks))) == set(KINDS)


def test_the_code_tells_of_these_kinds_and_no_others() -> None:
    rules = "".join(path.read_text() for path in (ROOT / "lanchatd/doctor/rules").glob("*.py"))
    assert set(re.findall(r'finding\(\s*"(\w+)"', rules)) == set(KINDS)


def test_the_document_is_up_to_date() -> None:
    assert (ROOT / "docs/doctor.md").read_text(encoding="utf-8") == document(), (
        "run: python -m lanchatd.doctor.document > docs/doctor.md"
    )
    assert all(f"`{kind}`" in document() and each.severity in SEVERITIES for kind, each in KINDS.items())
