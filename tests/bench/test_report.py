"""What the document says is what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from bench import __main__ as benches
from bench import plots, report
from bench.result import RESULTS, Figure, Plot, Result, load, percentile, save

FASTER: Final = Figure("a message", "ms", 1.5, "a server", 6.0, 0.5)


FOUR: Final = Figure("a message", "ms", 4, "a server", 6, 0.5)
ALL: Final = Figure("all", "/s", 5000, "a server", 1000, 5, smaller=False)
ABSENT: Final = Figure("a message", "ms", 1.5, "a server", None, 0.5)


@pytest.mark.parametrize(
    ("figure", "row"),
    [
        (FASTER, "| a message | 1.5 ms | 6 ms (a server) | 0.25 × | ≤ 0.5 × | reached |"),
        (FOUR, "| a message | 4 ms | 6 ms (a server) | 0.667 × | ≤ 0.5 × | **missed** |"),
        (ALL, "| all | 5,000 /s | 1,000 /s (a server) | 5 × | ≥ 5 × | reached |"),
        (Figure("memory", "MiB", 61.04, limit=60), "| memory | 61 MiB | | | ≤ 60 MiB | **missed** |"),
        (Figure("wrong rows", "", 0, limit=0), "| wrong rows | 0 | | | ≤ 0 | reached |"),
        (ABSENT, "| a message | 1.5 ms | a server: not installed | | ≤ 0.5 × | |"),
        (Figure("a message", "ms", 1.5), "| a message | 1.5 ms | | | | |"),
    ],
)
def test_a_figure_is_a_row(figure: Figure, row: str) -> None:
    assert report.row(figure) == row


def test_a_reference_that_is_not_there_is_told_of_with_how_to_install_it(tmp_path: Path) -> None:
    result = Result("message", [FASTER], absent={"avahi": "sudo apt-get install avahi-daemon"}, machine="2 cores")
    save(result, tmp_path)
    text = report.document(
        "# T\n<!-- results: message -->\nold\n<!-- end -->\n<!-- results: call -->\n<!-- end -->\n", tmp_path
    )
    assert "Not on this machine: avahi (sudo apt-get install avahi-daemon)." in text
    assert "| a message |" in text
    assert "old" not in text
    assert text.endswith("<!-- results: call -->\n\nNo whole run of it is kept yet.\n\n<!-- end -->\n")
    assert report.document(text, tmp_path) == text


def test_the_summary_has_what_is_to_be_reached(tmp_path: Path) -> None:
    for name, figures in (("many", [ALL, Figure("time", "s", 1)]), ("call", [FOUR])):
        save(Result(name, figures, machine="2 cores"), tmp_path)
    places = "".join(f"<!-- results: {name} -->\n<!-- end -->\n" for name in ("call", "crowd", "many"))
    text = report.document(f"# T\n<!-- summary -->\nold\n<!-- end -->\n{places}", tmp_path)
    head, *rows = text.partition("<!-- end -->")[0].splitlines()[3:-1]
    assert head == "| bench | what | LanChat | reference | ratio | to reach | |"
    assert rows[0].count("|") == head.count("|")
    assert rows[1:] == [f"| {name} {report.row(figure)}" for name, figure in (("call", FOUR), ("many", ALL))]
    assert report.document(text, tmp_path) == text


def test_the_document_shows_the_results_and_the_plots_that_are_kept() -> None:
    text = report.DOCUMENT.read_text(encoding="utf-8")
    assert report.document(text) == text, "run: python -m bench.report"
    for name in benches.BENCHES:
        assert f"<!-- results: {name} -->" in text
    for path in RESULTS.glob("*.json"):
        result = load(path)
        assert not result.short, f"{path.name} means nothing"
        for plot in result.plots:
            assert f"../bench/results/{plot.name}.svg" in text


def test_a_plot_is_the_same_bytes_for_the_same_result(tmp_path: Path) -> None:
    curves: dict[str, Sequence[float | tuple[float, float]]] = {"LanChat": [1, 2, 3], "a server": [2, 4, 9]}
    pairs: dict[str, Sequence[float | tuple[float, float]]] = {"LanChat": [(1, 2), (10, 3)]}
    result = Result(
        "message",
        [],
        [
            Plot("one", "Time", "shares", "ms", curves, logarithmic=True),
            Plot("two", "Growth", "lines", "daemons", pairs, "s"),
            Plot("three", "Time", "bars", "ms", {"LanChat": [1], "a server": [4]}, logarithmic=True),
        ],
    )
    first = [path.read_bytes() for path in plots.draw(result, tmp_path)]
    assert first == [path.read_bytes() for path in plots.draw(result, tmp_path)]
    assert len(first) == 3


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 3), (100, 5), (95, 4.8)])
def test_percentiles_lie_between_the_samples(percent: float, value: float) -> None:
    assert percentile([5, 3, 1, 4, 2], percent) == pytest.approx(value)


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 50)
