"""Each bench in its short form: it runs to its end, and what it says can be read, tabled and drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import __main__ as benches
from bench import plots, report, result
from bench.scale import Scale


@pytest.mark.parametrize("name", benches.BENCHES)
async def test_a_bench_works(name: str, tmp_path: Path) -> None:
    found = await benches.run(name, Scale(short=True))
    assert found.short
    assert found.bench == name
    assert result.load(result.save(found, tmp_path)) == found
    lines = report.table(found).splitlines()
    assert all(line.startswith(f"| {figure.name} |") for figure, line in zip(found.figures, lines[2:], strict=False))
    for picture in plots.draw(found, tmp_path):
        assert picture.read_text(encoding="utf-8").startswith("<?xml")
