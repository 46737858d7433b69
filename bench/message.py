"""From one person's tab to another's and back to ``delivered``, beside one Flask-SocketIO server with two clients."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from . import chats
from .result import Figure, Plot, Result, median, percentile
from .scale import Scale
from .talk import Talk

SERVER: Final = "Flask-SocketIO"
RELAY: Final = "bare relay"
_RATE: Final = "messages with all acknowledgements"
_CPU: Final = "processor time of the servers for one of them"
WINDOW: Final = 200
"""Messages on their way in a burst: less than a daemon lets wait for one person, more than any of the three needs."""


async def measure(scale: Scale) -> Result:
    """In turn, in many short rounds, so that whatever else the machine does falls on all."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            chats.over_daemons(Path(folder)) as ours,
            chats.over_a_server() as theirs,
            chats.over_a_relay(Path(folder)) as bare,
        ):
            for _ in range(scale.of(10, 1)):
                for talk in (ours, theirs, bare):
                    await _round(talk, scale)
                await ours.all_read()
            for count in scale.of((5000, 3000), (10, 10)):
                endless = await ours.burst(count, WINDOW, counts=False)
    figures = [*_figures(ours, theirs, bare), Figure("the same, when they do not stop", "/s", endless)]
    return Result("message", figures, _plots(ours, theirs, bare), short=scale.short)


async def _round(talk: Talk, scale: Scale) -> None:
    for _ in range(scale.of(20, 2)):
        await talk.once(counts=False)
    for _ in range(scale.of(500, 5)):
        await talk.once()
    await talk.burst(scale.of(2000, 20), WINDOW)


def _figures(ours: Talk, theirs: Talk, bare: Talk) -> list[Figure]:
    figures = []
    for what, of in (("in the other tab", _arrivals), ("delivered", _deliveries)):
        for percent in (50, 99):
            value, reference, bound = (percentile(of(talk), percent) for talk in (ours, theirs, bare))
            name = f"{what}, p{percent}"
            figures.append(Figure(name, "ms", value, SERVER, reference, 0.5))
            figures.append(Figure(name, "ms", value, RELAY, bound))
    value, reference, bound = (median(talk.rates) for talk in (ours, theirs, bare))
    figures.append(Figure(_RATE, "/s", value, SERVER, reference, 5, smaller=False))
    figures.append(Figure(_RATE, "/s", value, RELAY, bound, smaller=False))
    value, reference, bound = (median(talk.cpu) for talk in (ours, theirs, bare))
    figures.append(Figure(_CPU, "ms", value, SERVER, reference))
    figures.append(Figure(_CPU, "ms", value, RELAY, bound))
    return figures


def _plots(ours: Talk, theirs: Talk, bare: Talk) -> list[Plot]:
    talks = {"LanChat": ours, SERVER: theirs, RELAY: bare}
    return [
        Plot(
            f"message-{name}",
            title,
            "shares",
            "ms",
            {each: of(talk) for each, talk in talks.items()},
            logarithmic=True,
        )
        for name, title, of in (
            ("arrival", "From one tab to the other person's", _arrivals),
            ("delivery", "From sending to knowing that it is delivered", _deliveries),
        )
    ] + [
        Plot(
            "message-rate", "Messages in a second", "bars", "/s", {each: [median(t.rates)] for each, t in talks.items()}
        )
    ]


def _arrivals(talk: Talk) -> list[float]:
    return talk.arrivals


def _deliveries(talk: Talk) -> list[float]:
    return talk.deliveries
