"""Two hundred daemons on one link: how soon all know all, what churn does to that, and what a crowd costs at rest."""

from __future__ import annotations

import asyncio
import random
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .crowd_world import Crowd
from .result import Figure, Plot, Result
from .scale import Scale

RATE: Final = 20.0
"""Daemons that are started in a second: two hundred within ten."""
CHURN: Final = 0.2
"""Of all, each minute: so many end, half of them by a crash, and are started again."""
AWAY: Final = 5.0
"""Seconds for which each of them is away."""
PATIENCE: Final = 240.0


@dataclass(frozen=True, slots=True)
class Gathering:
    """One crowd: how many, seconds from the last READY until all pages were right, and per daemon: seconds of processor
    time until then, multicast and other packets until then, and at rest percent of a core and packets a minute.
    """

    count: int
    settled: float
    wrong: int
    cpu: float
    multicast: float
    packets: float
    rest_cpu: float
    rest_packets: float


async def measure(scale: Scale) -> Result:
    """A crowd of each size, and churn in the last one."""
    gatherings = []
    sizes = scale.of((10, 50, 100, 200), (3, 5))
    for count in sizes:
        with tempfile.TemporaryDirectory() as folder:
            async with Crowd.open(Path(folder)) as crowd:
                gatherings.append(await _gather(crowd, count, scale))
                if count == sizes[-1]:
                    restarts, settled, wrong = await _churn(
                        crowd, scale.of(300.0, 2.0), scale.of(60 / CHURN / count, 1.0)
                    )
    whole = gatherings[-1]
    return Result(
        "crowd",
        [
            Figure(f"{whole.count} daemons: last READY until all know all", "s", whole.settled, limit=15),
            *(
                Figure(f"{each.count} daemons: last READY until all know all", "s", each.settled)
                for each in gatherings[:-1]
            ),
            Figure("rows that are wrong then", "", whole.wrong, limit=0),
            Figure("restarts in the churn", "", restarts),
            Figure("last of them until all know all", "s", settled),
            Figure("rows that are wrong at rest after it", "", wrong, limit=0),
            Figure("processor of a daemon at rest", "% of a core", whole.rest_cpu, limit=1),
            Figure("processor time of a daemon until all know all", "s", whole.cpu),
            Figure("multicast packets of a daemon until then", "", whole.multicast),
            Figure("packets of a daemon and minute at rest", "", whole.rest_packets),
        ],
        _plots(gatherings),
        short=scale.short,
    )


def _plots(gatherings: list[Gathering]) -> list[Plot]:
    def curve(name: str) -> list[tuple[float, float]]:
        return [(each.count, getattr(each, name)) for each in gatherings]

    return [
        Plot("crowd-settled", "Until all know all", "lines", "daemons", {"LanChat": curve("settled")}, "s"),
        Plot(
            "crowd-cost",
            "What one daemon does until all know all",
            "lines",
            "daemons",
            {"LanChat: processor time, ms per other": [(n, 1000 * y / max(1, n - 1)) for n, y in curve("cpu")]},
            "ms",
        ),
        Plot(
            "crowd-traffic",
            "Packets of one daemon",
            "lines",
            "daemons",
            {
                "LanChat: multicast, until all know all": curve("multicast"),
                "LanChat: of all kinds, a minute at rest": curve("rest_packets"),
            },
            "packets",
        ),
    ]


async def _gather(crowd: Crowd, count: int, scale: Scale) -> Gathering:
    await crowd.machines_on(count)
    before = await crowd.traffic()
    rate = scale.of(RATE, count)

    async def start(number: int, name: str) -> float:
        await asyncio.sleep(number / rate)
        return (await crowd.start(name)).at

    ready = await asyncio.gather(*(start(number, name) for number, name in enumerate(crowd.machines)))
    answer = await crowd.settled(scale.of(PATIENCE, 30.0))
    cpu, after = crowd.processor_time(), await crowd.traffic()
    await asyncio.sleep(scale.of(2, 1))
    rest_cpu, rest_packets = await _rest(crowd, scale.of(6, 2))
    return Gathering(
        count,
        answer.at - max(ready),
        answer.wrong,
        cpu / count,
        (after["multicast"][0] - before["multicast"][0]) / count,
        (after["all"][0] - before["all"][0]) / count,
        rest_cpu / count,
        rest_packets / count,
    )


async def _rest(crowd: Crowd, seconds: float) -> tuple[float, float]:
    """Percent of a core, and packets a minute, of all."""
    began, cpu, packets = time.monotonic(), crowd.processor_time(), (await crowd.traffic())["all"][0]
    await asyncio.sleep(seconds)
    passed = time.monotonic() - began
    return (
        100 * (crowd.processor_time() - cpu) / passed,
        60 * ((await crowd.traffic())["all"][0] - packets) / passed,
    )


async def _churn(crowd: Crowd, seconds: float, pause: float) -> tuple[int, float, int]:
    """How many came back, seconds from the last READY until all pages were right, and rows that are not."""
    choice = random.Random(5)
    names, last = sorted(crowd.machines), [0.0]

    async def restart(name: str) -> None:
        await crowd.end(name, choice.choice((signal.SIGTERM, signal.SIGKILL)))
        await asyncio.sleep(AWAY)
        last[0] = max(last[0], (await crowd.start(name)).at)

    until = time.monotonic() + seconds
    restarts = 0
    async with asyncio.TaskGroup() as tasks:
        while time.monotonic() < until:
            here = [name for name in names if name in crowd.pids]
            tasks.create_task(restart(choice.choice(here)))
            restarts += 1
            await asyncio.sleep(pause)
    answer = await crowd.settled(PATIENCE)
    return restarts, answer.at - last[0], answer.wrong
