"""From Accept to the other person's picture, beside a bare pair of RTCPeerConnections in the same two browsers."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.browsers import chromium

from . import call_pages
from .call_pages import Round
from .result import Figure, Plot, Result, median, percentile
from .scale import Scale

OURS: Final = "LanChat"
UNDRAWN: Final = "LanChat, hardly drawn"
BARE: Final = "a bare pair"
LIMIT: Final = 1.15
_WITHOUT_CHROMIUM: Final = {
    "Chromium, without which nothing here can be measured": "sudo apt-get install chromium (Ubuntu: chromium-browser)"
}
STEPS: Final[dict[str, Callable[[Round], float]]] = {
    "camera and microphone open": lambda it: it.callee["devices"],
    "an offer": lambda it: min(each["offer"] for each in it if "offer" in each),
    "its answer on both sides": lambda it: max(each["answer"] for each in it),
    "a way found (ICE)": lambda it: it.callee["ice"],
    "keys agreed (DTLS)": lambda it: it.callee["dtls"],
}
"""When each was done, counted from Accept."""

Rounds = dict[str, list[Round]]


async def measure(scale: Scale) -> Result:
    """In turn; each of the two calls every other time. The first rounds only warm up."""
    if chromium.program() is None:
        return Result("call", [], absent=_WITHOUT_CHROMIUM, short=scale.short)
    warm, count = scale.of((2, 14), (0, 1))
    rounds: Rounds = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        async with call_pages.ends(Path(folder)) as ends:
            for number in range(-warm, count):
                one, other = ends if number % 2 else reversed(ends)
                found = {
                    OURS: await call_pages.lanchat(one, other),
                    BARE: await call_pages.bare(one, other),
                    UNDRAWN: await call_pages.lanchat(one, other, drawn=False),
                }
                for name, each in found.items():
                    rounds[name] += [each] if number >= 0 else []
            carried = median(await call_pages.carried(ends[0], scale.of(50, 2)))
    figures = [*_pictures(rounds), *_steps(rounds), Figure("a signal from one bare page to the other", "ms", carried)]
    curves = {name: _accepting(each) for name, each in rounds.items()}
    plot = Plot("call", "Accepted, until the other person is seen", "shares", "ms", curves)
    return Result("call", figures, [plot], short=scale.short)


def _accepting(rounds: Sequence[Round]) -> list[float]:
    return [each.callee["picture"] for each in rounds]


def _calling(rounds: Sequence[Round]) -> list[float]:
    return [each.caller["picture"] for each in rounds]


def _pictures(rounds: Rounds) -> list[Figure]:
    figures = []
    for name, what, of, limit in (
        (OURS, "Accept to the first picture", _accepting, LIMIT),
        (OURS, "to the first picture of who called", _calling, None),
        (UNDRAWN, "to the first picture, hardly anything else drawn", _accepting, None),
    ):
        ours, bare = of(rounds[name]), of(rounds[BARE])
        figures.append(Figure(f"{what}, median", "ms", median(ours), BARE, median(bare), limit))
        figures.append(Figure(f"{what}, p95", "ms", percentile(ours, 95), BARE, percentile(bare, 95)))
    return figures


def _steps(rounds: Rounds) -> list[Figure]:
    def at(name: str, step: Callable[[Round], float]) -> float:
        return median([step(each) for each in rounds[name]])

    return [Figure(f"to {what}, median", "ms", at(OURS, step), BARE, at(BARE, step)) for what, step in STEPS.items()]
