"""A newcomer, until somebody else's page shows them, beside what mDNS alone takes for that."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.lan.avahi import Avahi
from tests.lan.daemon import Daemon
from tests.lan.machine import Machine
from tests.lan.network import Network
from tests.lan.tab import Tab

from .lines import Lines
from .reference import absent
from .references import mdns
from .result import Figure, Plot, Result, median, percentile
from .scale import Scale
from .world import QUIETLY

AVAHI: Final = "avahi-publish to avahi-browse"
ZEROCONF: Final = "python-zeroconf, as it comes"


async def measure(scale: Scale) -> Result:
    """Newcomers with keys that nobody has seen, one after the other; the references between them."""
    theirs: dict[str, list[float]] = {}
    missing = absent("avahi-daemon", "avahi-browse", "avahi-publish")
    with tempfile.TemporaryDirectory() as folder:
        async with Network.open(Path(folder)) as network:
            here, there = await network.machine("here"), await network.machine("there")
            rows, online, whole = await _ours(here, there, scale.of(24, 2))
            theirs[ZEROCONF] = await _zeroconf(here, there, scale.of(10, 1))
            if missing is None:
                theirs[AVAHI] = await _avahi(here, there, scale.of(10, 1))
    return Result(
        "appear",
        [
            *_figures("READY to the row", rows, theirs),
            Figure("READY to the row with a link, p95", "ms", percentile(online, 95)),
            Figure("exec to the row, median", "ms", median(whole), limit=600),
            Figure("exec to the row, p95", "ms", percentile(whole, 95)),
        ],
        [
            Plot(
                "appear",
                "A newcomer is seen",
                "shares",
                "ms after it is ready",
                {"LanChat: a row, and one can talk": online, **theirs},
                logarithmic=True,
            )
        ],
        {AVAHI: missing} if missing else {},
        short=scale.short,
    )


def _figures(what: str, ours: list[float], theirs: dict[str, list[float]]) -> list[Figure]:
    figures = []
    for name in (AVAHI, ZEROCONF):
        reference = theirs.get(name)
        for words, percent, limit in (("median", 50, None), ("p95", 95, 0.1 if name == AVAHI else None)):
            value = percentile(reference, percent) if reference else None
            figures.append(Figure(f"{what}, {words}", "ms", percentile(ours, percent), name, value, limit))
    return figures


async def _ours(here: Machine, there: Machine, rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds from READY to the row, from READY to the link, and from exec to the row."""
    rows: list[float] = []
    online: list[float] = []
    whole: list[float] = []
    watcher = await Daemon.start(here, *QUIETLY)
    tab = await Tab.open(watcher)
    try:
        for number in range(rounds):
            began = time.monotonic()
            newcomer = await Daemon.start(there, *QUIETLY, account=f"n{number}")
            seen = await tab.sees(newcomer.peer_id)
            rows.append(1000 * (seen - newcomer.ready_at))
            whole.append(1000 * (seen - began))
            online.append(1000 * (await tab.sees(newcomer.peer_id, presence="online") - newcomer.ready_at))
            await newcomer.stop()
    finally:
        await tab.close()
        await watcher.kill()
    return rows, online, whole


async def _zeroconf(here: Machine, there: Machine, rounds: int) -> list[float]:
    seen = []
    program = (sys.executable, mdns.__file__)
    async with Lines.of(here, *program, "browse") as browser:
        await browser.until("ready")
        for number in range(rounds):
            async with Lines.of(there, *program, "announce", f"n{number}", "4500", "10.77.0.2") as newcomer:
                ready = json.loads(await newcomer.until("ready"))[-1]
                seen.append(1000 * (json.loads(await browser.until(f'"n{number}"'))[-1] - ready))
                await newcomer.finish()
    return seen


async def _avahi(here: Machine, there: Machine, rounds: int) -> list[float]:
    seen = []
    async with Avahi.running(here), Avahi.running(there):
        async with Lines.of(here, "stdbuf", "-oL", "avahi-browse", "-p", "_lanchat-bench._tcp") as browser:
            for number in range(rounds):
                began = time.monotonic()
                publish = ("avahi-publish", "-s", f"n{number}", "_lanchat-bench._tcp", "9")
                async with Lines.of(there, *publish):
                    await browser.until(f";n{number};")
                    seen.append(1000 * (time.monotonic() - began))
    return seen
