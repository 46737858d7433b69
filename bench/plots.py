"""Draws results as SVG, the same bytes for the same result."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import LogLocator, NullFormatter

from .report import number
from .result import Plot, Result

OURS: Final = ("#4f46e5", "#0d9488", "#db2777", "#7c3aed")
THEIRS: Final = ("#94a3b8", "#b45309", "#64748b", "#d97706")
STYLE: Final[Any] = {
    "svg.hashsalt": "lanchat",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#94a3b8",
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "grid.color": "#e2e8f0",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


def draw(result: Result, folder: Path) -> list[Path]:
    """Draw every plot of a result into the folder; returns the files."""
    return [_draw(plot, folder / f"{plot.name}.svg") for plot in result.plots]


def _draw(plot: Plot, path: Path) -> Path:
    with matplotlib.rc_context(STYLE):
        canvas = Canvas(figsize=(7.2, 3.6), layout="constrained", facecolor="white")
        axes = canvas.add_subplot()
        axes.set_title(plot.title)
        axes.set_xlabel(plot.x)
        colours = _colours(list(plot.curves))
        {"shares": _shares, "lines": _lines, "bars": _bars}[plot.kind](axes, plot, colours)
        if plot.kind != "bars":
            axes.legend()
        canvas.savefig(path, format="svg", metadata={"Date": None})
    return path


def _colours(names: list[str]) -> dict[str, str]:
    if not any(name.startswith("LanChat") for name in names):
        return dict.fromkeys(names, OURS[0])  # parts of LanChat
    ours, theirs = iter(OURS * 4), iter(THEIRS * 4)
    return {name: next(ours if name.startswith("LanChat") else theirs) for name in names}


def _shares(axes: Any, plot: Plot, colours: dict[str, str]) -> None:
    for name, samples in plot.curves.items():
        axes.ecdf(samples, label=name, color=colours[name], linewidth=2)
    axes.set_ylabel("share")
    if plot.logarithmic:
        axes.set_xscale("log")
        _number(axes.xaxis)


def _lines(axes: Any, plot: Plot, colours: dict[str, str]) -> None:
    for name, points in plot.curves.items():
        axes.plot(*zip(*points, strict=True), label=name, color=colours[name], linewidth=2, marker="o", markersize=4)
    axes.set_ylabel(plot.y)
    if plot.logarithmic:
        axes.set_yscale("log")
        _number(axes.yaxis)
    else:
        axes.set_ylim(bottom=0)


def _bars(axes: Any, plot: Plot, colours: dict[str, str]) -> None:
    names = list(plot.curves)
    values: list[Any] = [plot.curves[name][0] for name in names]
    bars = axes.barh(names, values, color=[colours[name] for name in names])
    axes.bar_label(bars, labels=[number(value) for value in values], padding=4)
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    if plot.logarithmic:
        axes.set_xscale("log")
        _number(axes.xaxis)


def _number(axis: Any) -> None:
    """Numbers as people write them at a logarithmic axis, and not so many that they touch."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())
