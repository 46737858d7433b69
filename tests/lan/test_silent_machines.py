"""More machines than watch each other, and one of them falls silent without anybody seeing a cable go."""

from __future__ import annotations

import asyncio

from .lan import Lan
from .tab import Tab

NAMES = ("Anna", "Ben", "Cara", "Dan", "Eva", "Finn", "Gina", "Hugo")
NOTICED = 6.0
"""Seconds: four, and two for a machine that is busy with eight daemons. A link that nobody watches lasts a minute."""


async def test_all_others_notice_a_machine_that_falls_silent_and_it_notices_that_they_are_gone(lan: Lan) -> None:
    tabs = await lan.tabs(*NAMES)
    await all_see(tabs, tabs, "online")
    await asyncio.sleep(3)  # every new link is asked once, so only now most of them are watched by nobody
    silent, *others = tabs
    port = silent.machine.port
    async with lan.network.fault(f'iifname "{port}" drop', f'oifname "{port}" drop'):
        await asyncio.gather(
            all_see(others, [silent], "offline", NOTICED),
            all_see([silent], others, "offline", NOTICED),
        )
        for tab in others:
            known = {person["id"]: person["presence"] for person in tab.people.values()}
            assert all(known[other.id] == "online" for other in others if other is not tab)
    await all_see(tabs, tabs, "online", 30)


async def all_see(some: list[Tab], others: list[Tab], presence: str, seconds: float = 20) -> None:
    await asyncio.gather(
        *(one.sees(other.id, seconds, presence=presence) for one in some for other in others if one is not other)
    )
