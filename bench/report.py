"""Writes the tables and plots of docs/benchmarks.md from ``bench/results``: ``python -m bench.report``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .result import RESULTS, Figure, Result, load

DOCUMENT: Final = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
_TABLE: Final = re.compile(r"(<!-- results: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_SUMMARY: Final = re.compile(r"(<!-- summary -->\n).*?(<!-- end -->)", re.DOTALL)
_NOTHING: Final = "\nNo whole run of it is kept yet.\n\n"
_HEAD: Final = "| what | LanChat | reference | ratio | to reach | |\n| --- | ---: | ---: | ---: | ---: | --- |\n"


def number(value: float) -> str:
    """With three digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _quantity(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".rstrip()


def _limit(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    sign = "≤" if figure.smaller else "≥"
    return f"{sign} {number(figure.limit)} ×" if figure.against else f"{sign} {_quantity(figure.limit, figure.unit)}"


def row(figure: Figure) -> str:
    """One line of the table."""
    if figure.reference is not None:
        reference = f"{_quantity(figure.reference, figure.unit)} ({figure.against})"
    else:
        reference = f"{figure.against}: not installed" if figure.against else ""
    ratio = "" if figure.ratio is None else f"{number(figure.ratio)} ×"
    reached = {None: "", True: "reached", False: "**missed**"}[figure.reached]
    cells = (figure.name, _quantity(figure.value, figure.unit), reference, ratio, _limit(figure), reached)
    return "|".join(["", *(f" {cell} " if cell else " " for cell in cells), ""])


def table(result: Result) -> str:
    """The figures, and beside what they were measured."""
    absent = "".join(f"\nNot on this machine: {name} ({how}).\n" for name, how in result.absent.items())
    rows = "".join(f"{row(figure)}\n" for figure in result.figures)
    return f"{_HEAD}{rows}\n{result.machine}.\n{absent}"


def _shown(result: Result) -> str:
    plots = "".join(f"![{plot.title}](../bench/results/{plot.name}.svg)\n" for plot in result.plots)
    return f"\n{table(result)}\n{plots}\n"


def summary(results: Iterable[Result]) -> str:
    """All figures that have something to reach, in one table."""
    rows = (
        f"| {result.bench} {row(figure)}\n"
        for result in results
        for figure in result.figures
        if figure.limit is not None
    )
    return _HEAD.replace("|", "| bench |", 1).replace("\n| ---", "\n| --- | ---", 1) + "".join(rows)


def document(text: str, folder: Path = RESULTS) -> str:
    """The text with the tables and plots of the results in their places; of some benches there may be none."""
    names = [place[2] for place in _TABLE.finditer(text)]
    results = {name: load(path) for name in names if (path := folder / f"{name}.json").exists()}

    def filled(place: re.Match[str]) -> str:
        result = results.get(place[2])
        return f"{place[1]}{_shown(result) if result is not None else _NOTHING}{place[3]}"

    text = _TABLE.sub(filled, text)
    return _SUMMARY.sub(lambda place: f"{place[1]}\n{summary(results.values())}\n{place[2]}", text)


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
