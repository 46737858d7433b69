"""Somebody who is no longer there, until the pages of all the others say so."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
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

OTHERS: Final = 7
TTL: Final = 15
"""Seconds that the records of the reference live; RFC 6762 section 10 has 4,500, for which nobody can wait here."""
MDNS: Final = f"mDNS alone, records of {TTL} s"
LIMITS: Final = {"SIGTERM": 50.0, "kill -9": 100.0, "cable pulled": 4000.0}


async def measure(scale: Scale) -> Result:
    """Each way in which one can go, in turn; what counts is the last one of the others to show it."""
    taken: dict[str, list[float]] = {}
    missing = absent("avahi-daemon", "avahi-browse")
    with tempfile.TemporaryDirectory() as folder:
        async with Network.open(Path(folder)) as network:
            others = [await network.machine(f"m{number}") for number in range(scale.of(OTHERS, 3))]
            daemons = await asyncio.gather(*(Daemon.start(machine, *QUIETLY) for machine in others))
            tabs = [await Tab.open(daemon) for daemon in daemons]
            leaving = await network.machine("leaving")
            taken["SIGTERM"] = await _ended(leaving, tabs, scale.of(16, 1), signal.SIGTERM)
            taken["kill -9"] = await _ended(leaving, tabs, scale.of(16, 1), signal.SIGKILL)
            here, there = [await network.machine(name) for name in ("here", "there")]
            # Side by side: both are waiting, almost all of the time.
            taken["cable pulled"], theirs = await asyncio.gather(
                _pulled(network, leaving, tabs, scale.of(8, 1)),
                _mdns(here, there, scale.of(3, 0) if missing is None else 0),
            )
            for tab in tabs:
                await tab.close()
            await asyncio.gather(*(daemon.stop() for daemon in daemons))
    figures = [
        figure
        for name, samples in taken.items()
        for figure in (
            Figure(f"{name}, median", "ms", median(samples)),
            Figure(f"{name}, p95", "ms", percentile(samples, 95), limit=LIMITS[name]),
        )
    ]
    crashed, pulled = percentile(taken["kill -9"], 95), percentile(taken["cable pulled"], 95)
    waited = max(theirs, default=None)
    if waited or missing:
        figures.append(Figure("kill -9, p95, beside", "ms", crashed, MDNS, waited))
        figures.append(Figure("cable pulled, p95, beside", "ms", pulled, MDNS, waited))
    curves = {f"LanChat: {name}": samples for name, samples in taken.items()}
    curves |= {MDNS: theirs} if theirs else {}
    title = f"Gone, until the last of {len(tabs)} others shows it"
    return Result(
        "vanish",
        figures,
        [Plot("vanish", title, "shares", "ms", curves, logarithmic=True)],
        {MDNS: missing} if missing else {},
        short=scale.short,
    )


async def _ended(machine: Machine, tabs: list[Tab], rounds: int, how: signal.Signals) -> list[float]:
    taken = []
    for _ in range(rounds):
        daemon = await _present(machine, tabs)

        async def end(daemon: Daemon = daemon) -> None:
            await (daemon.kill() if how is signal.SIGKILL else daemon.stop(how))

        taken.append(await _missed(tabs, daemon.peer_id, end))
    return taken


async def _pulled(network: Network, machine: Machine, tabs: list[Tab], rounds: int) -> list[float]:
    taken = []
    daemon = await _present(machine, tabs)
    for _ in range(rounds):
        async with network.pulled(machine):
            taken.append(await _missed(tabs, daemon.peer_id, _nothing))
        await _seen(tabs, daemon.peer_id)
    await daemon.kill()
    return taken


async def _nothing() -> None:
    """The cable is out already."""


async def _present(machine: Machine, tabs: list[Tab]) -> Daemon:
    daemon = await Daemon.start(machine, *QUIETLY)
    await _seen(tabs, daemon.peer_id)
    return daemon


async def _seen(tabs: list[Tab], who: str) -> None:
    await asyncio.gather(*(tab.sees(who, 60, presence="online") for tab in tabs))


async def _missed(tabs: list[Tab], who: str, end: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds until the last of the pages shows it."""

    async def missed(tab: Tab) -> float:
        await tab.until(lambda: tab.people.get(who, {}).get("presence") != "online", f"{who} offline", 30)
        return time.monotonic()

    looking = [asyncio.ensure_future(missed(tab)) for tab in tabs]
    began = time.monotonic()
    await end()
    return 1000 * (max(await asyncio.gather(*looking)) - began)


async def _mdns(here: Machine, there: Machine, rounds: int) -> list[float]:
    """Milliseconds. Told by avahi: python-zeroconf keeps whatever it has heard for a quarter of an hour at least."""
    taken: list[float] = []
    if not rounds:
        return taken
    browse = ("stdbuf", "-oL", "avahi-browse", "-p", mdns.KIND.removesuffix(".local."))
    announce = (sys.executable, mdns.__file__, "announce")
    async with Avahi.running(here), Lines.of(here, *browse) as browser:
        for number in range(rounds):
            async with Lines.of(there, *announce, f"n{number}", str(TTL), "10.77.0.2") as newcomer:
                await browser.until(f";n{number};")
                await asyncio.sleep(2)  # the second announcement has come
                newcomer.process.kill()
                began = time.monotonic()
                while not (await browser.until(f";n{number};", 60)).startswith("-"):
                    pass
                taken.append(1000 * (time.monotonic() - began))
    return taken
