"""A soak from beginning to end, and what it counted."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

from tests.lan.network import Network
from tests.lan.tab import Tab, befriend

from .desk import Desk
from .saboteur import Fault, Kind, schedule

NAMES = ("anna", "ben", "cara")
PATIENCE = 90.0
"""Seconds without any message arriving, after which nothing more is expected."""


class Stalled(Exception):
    """Nothing arrives any more."""


@dataclass(frozen=True)
class Plan:
    """How much. Everybody writes ``messages`` to each of the two others.

    Nobody is more than ``window`` ahead of what the other page has shown: a daemon keeps a thousand lines of a
    conversation for a page that is away, and takes a thousand that can not be delivered yet.
    """

    messages: int
    faults: Counter[Kind]
    window: int = 400
    seed: int = 1


@dataclass
class Tally:
    """What was counted. ``wrong``: sentences about messages that are missing, double, or out of order."""

    plan: Plan
    seconds: float = 0
    sent: int = 0
    received: int = 0
    merged: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    frames: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        faults = ", ".join(f"{count} x {kind}" for kind, count in self.plan.faults.items())
        statuses = ", ".join(f"{count} {status}" for status, count in self.statuses.items())
        return (
            f"sent {self.sent}, received {self.received}, doubled or out of order {len(self.wrong)}, "
            f"told again after a crash and merged {self.merged}; at the end {statuses}; faults: {faults}; "
            f"frames {self.frames['came']}, of which lost {self.frames['lost']}; {self.seconds:.0f} s"
        )


class Soak:
    """Three desks, everybody a contact of everybody."""

    def __init__(self, plan: Plan, desks: Sequence[Desk], changed: asyncio.Condition) -> None:
        self._plan = plan
        self._desks = desks
        self._changed = changed

    @classmethod
    @asynccontextmanager
    async def prepare(cls, plan: Plan, folder: Path) -> AsyncIterator[Soak]:
        """Build it all; the files of the machines go into the folder."""
        async with Network.open(folder) as network, AsyncExitStack() as stack:
            desks = [await Desk.furnish(network, name, plan.seed + place) for place, name in enumerate(NAMES)]
            for desk in desks:
                stack.push_async_callback(desk.leave)
            tabs = [await Tab.open(desk.daemon) for desk in desks]
            for one, other in combinations(tabs, 2):
                await befriend(one, other)
            for tab in tabs:
                await tab.close()
            changed = asyncio.Condition()
            for desk in desks:
                await desk.open_page(stack, changed)
            yield cls(plan, desks, changed)

    async def run(self) -> Tally:
        """Everybody writes, everything goes wrong; returns when all has arrived, or nothing arrives any more."""
        began = time.monotonic()
        faults = schedule(self._plan.faults, len(self._desks), self._plan.seed)
        tally = Tally(self._plan)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                for fault in faults:
                    await self._until(partial(self._has_come_to, fault.share * self._expected))
                    tasks.create_task(self._sabotage(fault, began))
            await self._until(self._done)
        except* Stalled:
            tally.wrong.append(f"{self._arrived()} of {self._expected} messages arrived, and then no more")
        tally.seconds = time.monotonic() - began
        await self._count(tally)
        return tally

    async def _write(self) -> None:
        written = dict.fromkeys(permutations(self._desks, 2), 0)
        while min(written.values()) < self._plan.messages:
            for (writer, reader), before in written.items():
                room = reader.page.talk(writer.page.id)["shown"] + self._plan.window
                last = written[writer, reader] = min(room, self._plan.messages)
                if last > before:
                    await writer.page.write(reader.page.id, last)
            async with self._changed:
                await self._changed.wait()

    async def _sabotage(self, fault: Fault, began: float) -> None:
        desk = self._desks[fault.victim]
        when = f"{time.monotonic() - began:6.1f} s, {self._arrived():6} arrived"
        print(f"{when}: {fault.kind} {desk.machine.name}, {fault.seconds} s", flush=True)
        await fault.happen(desk)

    @property
    def _expected(self) -> int:
        return self._plan.messages * len(list(permutations(self._desks, 2)))

    def _arrived(self) -> int:
        return sum(desk.page.talk(other.page.id)["shown"] for desk, other in permutations(self._desks, 2))

    def _has_come_to(self, messages: float) -> bool:
        return self._arrived() >= messages

    def _done(self) -> bool:
        talks = [desk.page.talk(other.page.id) for desk, other in permutations(self._desks, 2)]
        return all((talk["shown"], talk["waiting"]) == (self._plan.messages, 0) for talk in talks)

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for it, as long as messages arrive."""
        async with self._changed:
            arrived, since = self._arrived(), time.monotonic()
            while not condition():
                if self._has_come_to(arrived + 1):
                    arrived, since = self._arrived(), time.monotonic()
                try:
                    async with asyncio.timeout(PATIENCE - (time.monotonic() - since)):
                        await self._changed.wait()
                except TimeoutError:
                    raise Stalled from None

    async def _count(self, tally: Tally) -> None:
        ledgers = {desk.machine.name: await desk.page.ledger() for desk in self._desks}
        names = {desk.page.id: desk.machine.name for desk in self._desks}
        for reader, ledger in ledgers.items():
            for person, talk in ledger.items():
                self._take(tally, f"{names[person]} to {reader}", talk)
        for desk in self._desks:
            for way in (await desk.cable.frames()).values():
                tally.frames.update(way)

    def _take(self, tally: Tally, whose: str, talk: dict[str, Any]) -> None:
        tally.sent += talk["written"]
        tally.received += talk["shown"]
        tally.merged += talk["merged"]
        tally.statuses.update(talk["statuses"])
        tally.wrong.extend(f"{whose}: {fault}" for fault in talk["faults"])
        if (talk["shown"], talk["last"]) != (self._plan.messages, self._plan.messages):
            tally.wrong.append(f"{whose}: {json.dumps({key: talk[key] for key in ('shown', 'last', 'statuses')})}")
