"""What a bench has found out: figures beside those of the references, curves to draw, and what was not there."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import msgspec

RESULTS: Final = Path(__file__).with_name("results")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity.

    Args:
        name: what was measured, in a few words.
        unit: of `value` and `reference`; empty for a plain number.
        value: LanChat's.
        against: the name of the reference; empty if the figure stands for itself.
        reference: the reference's; None if there is none or it is not on this machine.
        limit: what is to be reached: of the ratio to the reference where there is one, else of the value.
        smaller: whether less is better, so that the limit is the most it may be, and not the least.
    """

    name: str
    unit: str
    value: float
    against: str = ""
    reference: float | None = None
    limit: float | None = None
    smaller: bool = True

    @property
    def ratio(self) -> float | None:
        """Of LanChat's value to the reference's."""
        return self.value / self.reference if self.reference else None

    @property
    def judged(self) -> float | None:
        """What `limit` is about."""
        return self.ratio if self.against else self.value

    @property
    def reached(self) -> bool | None:
        """None if nothing is to be reached, or nobody to compare with."""
        if self.limit is None or self.judged is None:
            return None
        return self.judged <= self.limit if self.smaller else self.judged >= self.limit


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture of a result.

    Args:
        name: of the file, without its ending.
        title: says what is to be seen.
        kind: ``shares``: the share of all samples that is at most so much (each curve holds the samples);
            ``lines``: each curve holds pairs; ``bars``: each curve holds one number.
        x: the quantity and unit along the horizontal axis.
        y: the same of the vertical one; not for ``shares``.
        curves: by what they show; LanChat's own name begins with ``LanChat``.
        logarithmic: the horizontal axis of ``shares``, the vertical one of the others.
    """

    name: str
    title: str
    kind: Literal["shares", "lines", "bars"]
    x: str
    curves: Mapping[str, Sequence[float | tuple[float, float]]]
    y: str = ""
    logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """All of one run of one bench.

    Args:
        bench: its name.
        figures: in the order of the table.
        plots: what is drawn.
        absent: references that are not on this machine, and how to install each.
        machine: what it ran on.
        short: it was only tried whether the bench works; its figures mean nothing.
    """

    bench: str
    figures: list[Figure]
    plots: list[Plot] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    machine: str = field(default_factory=lambda: machine())
    short: bool = False


def machine() -> str:
    """What a reader has to know of this machine."""
    cores = f"{len(os.sched_getaffinity(0))} cores ({platform.machine()})"
    return f"{cores}, Linux {platform.release().partition('-')[0]}, Python {platform.python_version()}"


def save(result: Result, folder: Path = RESULTS) -> Path:
    """Write it as JSON, for machines and for `bench.report`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.bench}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")
    return path


def load(path: Path) -> Result:
    """Raises msgspec.ValidationError for what `save` has not written."""
    return msgspec.json.decode(path.read_bytes(), type=Result)


def percentile(samples: Iterable[float], percent: float) -> float:
    """The sample that so many percent of all are at most, between two of them interpolated.

    Raises:
        ValueError: there are no samples.
    """
    ordered = sorted(samples)
    if not ordered:
        raise ValueError("no samples")
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(samples: Sequence[float]) -> float:
    """The one in the middle."""
    return statistics.median(samples)
