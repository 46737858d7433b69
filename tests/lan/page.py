"""A page without its picture: the modules that a browser would run, run by Node on the machine of a daemon."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from .daemon import Daemon
from .machine import Machine
from .waiting import becomes_true

_PROGRAM: Final = Path(__file__).with_name("page.js")
_LINE: Final = 4 * 1024 * 1024


class Page:
    """Stays open, as a page does, while its daemon comes and goes."""

    def __init__(
        self, machine: Machine, person: str, process: asyncio.subprocess.Process, changed: asyncio.Condition
    ) -> None:
        self._process = process
        self._changed = changed
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._refs = itertools.count(1)
        self.machine = machine
        self.id = person
        """Whose page it is."""
        self.state: dict[str, Any] = {"connected": False, "people": {}, "talks": {}}
        """What it shows: ``connected``, ``people`` by id, and of each conversation in ``talks`` the last lines."""
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, daemon: Daemon, changed: asyncio.Condition | None = None) -> Page:
        """Load the page of a daemon and wait until it is connected. ``changed`` is told of whatever it shows."""
        node = ("node", str(_PROGRAM), daemon.url)
        process = await asyncio.create_subprocess_exec(
            *daemon.machine.command(*node),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=daemon.machine.environment,
            cwd="/",
            limit=_LINE,
        )
        page = cls(daemon.machine, daemon.peer_id, process, changed or asyncio.Condition())
        await page.until(lambda: bool(page.state["connected"]), "its daemon")
        return page

    async def send(self, person: str, *texts: str) -> None:
        """Write messages, as if into the composer."""
        for text in texts:
            await self._command("send", person=person, text=text)

    async def write(self, person: str, last: int) -> None:
        """Write on, ``#1``, ``#2`` and so forth, up to the ``last``."""
        await self._command("write", person=person, last=last)

    async def look(self, looking: bool) -> None:
        """Whether somebody is in front of it, so that what it shows is seen."""
        await self._command("look", looking=looking)

    async def ledger(self) -> dict[str, Any]:
        """What it has shown so far, by person; see ledger.js."""
        ref = next(self._refs)
        answer = self._answers[ref] = asyncio.get_running_loop().create_future()
        await self._command("ledger", ref=ref)
        return dict(await asyncio.wait_for(answer, 30))

    def lines(self, person: str, *, mine: bool) -> list[str]:
        """The last lines of one side, oldest first."""
        return [line["text"] for line in self._lines(person) if line["mine"] is mine]

    def statuses(self, person: str) -> list[str]:
        """Of our own last lines, oldest first."""
        return [line["status"] for line in self._lines(person) if line["mine"]]

    def talk(self, person: str) -> dict[str, int]:
        """Counts of a conversation: ``shown`` of theirs, ``written`` and ``waiting`` of ours."""
        return dict(self.state["talks"].get(person, {"shown": 0, "written": 0, "waiting": 0}))

    async def shows(self, person: str, *texts: str, seconds: float = 20) -> None:
        """Wait until these, and no others, are their lines."""
        wanted = list(texts)
        await self.until(lambda: self.lines(person, mine=False) == wanted, f"{wanted} from {person[:8]}", seconds)

    async def delivers(self, person: str, *statuses: str, seconds: float = 20) -> None:
        """Wait until there are lines of ours, all of these statuses; without any, of delivered and seen."""
        wanted = set(statuses or ("delivered", "seen"))
        await self.until(
            lambda: bool(found := set(self.statuses(person))) and found <= wanted, f"{wanted} by {person[:8]}", seconds
        )

    async def until(self, condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
        """Wait until what it shows makes a condition true.

        Raises:
            AssertionError: not in time, with what it shows instead.
        """
        if not await becomes_true(condition, self._changed, self._reader, seconds):
            shown = json.dumps(self.state, indent=1, ensure_ascii=False)
            raise AssertionError(f"the page of {self.machine.name} waited {seconds} s for {what}; it shows {shown}")

    async def close(self) -> None:
        """Close it."""
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()
        await self._reader

    def _lines(self, person: str) -> list[dict[str, Any]]:
        return list(self.state["talks"].get(person, {"lines": []})["lines"])

    async def _command(self, do: str, **fields: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        await self._process.stdin.drain()

    async def _read(self) -> None:
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            said = json.loads(line)
            if "ref" in said:
                self._answers.pop(said["ref"]).set_result(said["ledger"])
                continue
            async with self._changed:
                self.state = said
                self._changed.notify_all()
        async with self._changed:
            self._changed.notify_all()
