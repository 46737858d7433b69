"""One daemon and fifty people who all talk to it: what each of them feels of the others, and of one who floods."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lanchatd.identity.keys import identity_of
from lanchatd.store.folder import open_folder
from lanchatd.store.state import State, Store, StoredPerson
from tests.process import Daemon, running, unique

from . import peers
from .peers import Peers, Told
from .process import usage
from .result import Figure, Plot, Result, median, percentile
from .scale import Scale
from .world import QUIETLY

ALONE: Final = "one peer"
CALM: Final = "without the flood"
RATE: Final = 200.0
"""Round trips in a second that are asked for, of fifty together; one alone asks for a fifth."""
WINDOW: Final = 4
_SEEN_AFTER: Final = 100


class Tab:
    """Answers everybody but the flooder, whose messages it only reads."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, flooder: str) -> None:
        self._socket: Final = socket
        self._flooder: Final = flooder
        self._heard: Final[Counter[str]] = Counter()

    @property
    def flooded(self) -> int:
        """How many messages have come from the flooder."""
        return self._heard[self._flooder]

    async def listen(self) -> None:
        """Until cancelled."""
        async for frame in self._socket:
            event = json.loads(frame.data)
            if event["event"] == "receive_private_message" and not event["entry"]["mine"]:
                await self._answer(event["person"], event["entry"])

    async def _answer(self, person: str, entry: dict[str, Any]) -> None:
        self._heard[person] += 1
        if person != self._flooder:
            answer = {"event": "send_private_message", "ref": entry["id"][:8], "person": person}
            await self._socket.send_str(json.dumps({**answer, "id": f"to-{entry['id']}", "text": entry["text"]}))
        if self._heard[person] % _SEEN_AFTER == 0:
            await self._socket.send_str(json.dumps({"event": "mark_seen", "person": person, "id": entry["id"]}))


@dataclass(frozen=True, slots=True)
class Phase:
    """What was measured while some people talked.

    Args:
        told: milliseconds of each round trip, for each person.
        share: of one core, that the daemon took.
        flood: messages in a second that were read of the flooder.
        seconds: it took.
    """

    told: Told
    share: float
    flood: float
    seconds: float

    @property
    def times(self) -> list[float]:
        """Of everybody."""
        return list(chain.from_iterable(self.told))

    @property
    def cpu(self) -> float:
        """Milliseconds of the daemon for a round trip."""
        return self.share * 1000 / max(1, self.rate)

    @property
    def rate(self) -> float:
        """Round trips in a second."""
        return len(self.times) / self.seconds

    @property
    def fairness(self) -> float:
        """Jain's index of how many answers each got: 1 if all got as many, 1/n if one got all."""
        got = [len(times) for times in self.told]
        return sum(got) ** 2 / max(1, len(got) * sum(each * each for each in got))


class World:
    """A daemon, its tab, and people, the last process of whom is one flooder."""

    def __init__(self, daemon: Daemon, tab: Tab, processes: Sequence[Peers]) -> None:
        self._daemon, self._tab = daemon, tab
        self._people, self._flooder = processes[:-1], processes[-1]

    async def phase(self, task: peers.Talk, *, flood: bool = False) -> Phase:
        """Let the people talk, and the flooder flood meanwhile."""
        heard, taken, began = self._tab.flooded, usage(self._daemon.process.pid).cpu, time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            if flood:
                tasks.create_task(self._flooder.do(peers.Flood(task.seconds)))
            told = [tasks.create_task(each.do(task)) for each in self._people]
        seconds = time.monotonic() - began
        share = (usage(self._daemon.process.pid).cpu - taken) / seconds
        flooded = (self._tab.flooded - heard) / seconds
        return Phase(list(chain.from_iterable(each.result() for each in told)), share, flooded, seconds)


async def measure(scale: Scale) -> Result:
    """One alone with a daemon, and many with another, in turn; then many and a flooder; then many without a pause."""
    count, seconds = scale.of(50, 4), scale.of(16.0, 0.6)
    rounds = scale.of(5, 1)
    lonely = peers.Talk(seconds / rounds, rate=RATE / 5)
    alone, calm = [], []
    async with _world(1) as one, _world(count) as all_of_them:
        await asyncio.sleep(scale.of(2.0, 0.0))  # until all have been told of all
        for _ in range(rounds):
            alone.append(await one.phase(lonely))
            calm.append(await all_of_them.phase(peers.Talk(seconds / rounds, rate=RATE / count)))
        flooded = await all_of_them.phase(peers.Talk(seconds, rate=RATE / count), flood=True)
        fast = await all_of_them.phase(peers.Talk(seconds / 2, window=WINDOW))
    phases = (_together(alone), _together(calm), flooded, fast)
    figures = [*_waits(count, alone, calm, [flooded]), *_figures(count, *phases)]
    return Result("many", figures, _plots(count, *phases), short=scale.short)


def _together(phases: Sequence[Phase]) -> Phase:
    share = sum(phase.share for phase in phases) / len(phases)
    return Phase(list(chain.from_iterable(phase.told for phase in phases)), share, 0, sum(p.seconds for p in phases))


def _waits(count: int, *kinds: Sequence[Phase]) -> list[Figure]:
    """Of each kind of phase the median of its rounds: a moment in which the machine stood still is in one of them."""
    p50, p99 = ([median([percentile(one.times, share) for one in phases]) for phases in kinds] for share in (50, 99))
    return [
        Figure(f"round trip with {count} peers, p50", "ms", p50[1], ALONE, p50[0]),
        Figure(f"round trip with {count} peers, p99", "ms", p99[1], ALONE, p99[0], 3),
        Figure("round trip while one more floods, p50", "ms", p50[2], CALM, p50[1]),
        Figure("round trip while one more floods, p99", "ms", p99[2], CALM, p99[1]),
    ]


def _figures(count: int, alone: Phase, calm: Phase, flooded: Phase, fast: Phase) -> list[Figure]:
    return [
        Figure("processor time for a round trip", "ms", calm.cpu, ALONE, alone.cpu),
        Figure(f"of one core, at {RATE:.0f} round trips in a second", "%", 100 * calm.share),
        Figure("messages of the flooder that are read", "/s", flooded.flood),
        Figure("of one core, with the flooder", "%", 100 * flooded.share),
        Figure(f"round trips when all {count} ask as fast as they can", "/s", fast.rate),
        Figure("fairness then, by Jain's index", "", fast.fairness),
    ]


def _plots(count: int, alone: Phase, calm: Phase, flooded: Phase, fast: Phase) -> list[Plot]:
    curves = {
        "LanChat, one peer": alone.times,
        f"LanChat, {count} peers": calm.times,
        f"LanChat, {count} peers and a flooder": flooded.times,
    }
    got = sorted(len(times) / fast.seconds for times in fast.told)
    return [
        Plot("many", "From a peer through the daemon to its tab, and back", "shares", "ms", curves, logarithmic=True),
        Plot(
            "many-fairness",
            "What each gets when all ask as fast as they can",
            "lines",
            "peers, by what they get",
            {"LanChat": [(float(number), rate) for number, rate in enumerate(got, 1)]},
            "round trips in a second",
        ),
    ]


@asynccontextmanager
async def _world(count: int) -> AsyncIterator[World]:
    """A daemon to which so many contacts and a flooder are linked."""
    keys = [Ed25519PrivateKey.generate() for _ in range(count + 1)]
    people = [identity_of(key).peer_id for key in keys]
    secrets = [key.private_bytes_raw().hex() for key in keys]
    half = (count + 1) // 2
    groups = [group for group in (secrets[:half], secrets[half:count], secrets[count:]) if group]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        contacts = [StoredPerson(id=person, name=f"Peer {person[:4]}", contact=True) for person in people]
        with open_folder(home / "state") as state:
            Store(state.path).save(State(people=contacts))
        async with (
            running(home, "--name", unique("Middle"), *QUIETLY) as daemon,
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{daemon.url}/ws", origin=daemon.url, max_msg_size=0) as socket,
            peers.processes(len(groups)) as processes,
            asyncio.TaskGroup() as tasks,
        ):
            tab = Tab(socket, people[-1])
            listening = tasks.create_task(tab.listen())
            for process, group in zip(processes, groups, strict=True):
                await process.do(peers.Link(daemon.told["peer_port"], group))
            yield World(daemon, tab, processes)
            listening.cancel()
