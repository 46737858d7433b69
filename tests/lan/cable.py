"""A cable that can be made bad, and worse, while it is in use."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

Way = Literal["up", "down"]
"""``up``: from the machine into the network."""

BOTH: Final[tuple[Way, Way]] = ("up", "down")
_WIRE = Path(__file__).with_name("wire.py")


@dataclass(frozen=True, slots=True)
class Quality:
    """How a cable carries frames: the share that gets lost in per cent; delay and its deviation in ms.

    The order is kept, as real wires keep it.
    """

    loss: float = 0
    delay: float = 0
    jitter: float = 0


PERFECT: Final = Quality()
BAD: Final = Quality(loss=5, delay=20, jitter=10)
NOTHING_PASSES: Final = Quality(loss=100)


class Cable:
    """A cable in user space; `Network.replace_cable` lays it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._talk = asyncio.Lock()
        self.quality: dict[Way, Quality] = dict.fromkeys(BOTH, PERFECT)

    @classmethod
    async def lay(cls, switch: list[str], machine: str, bridge: str, seed: int = 1) -> Cable:
        """Begin to carry frames between two interfaces at the switch; ``seed`` decides which get lost."""
        process = await asyncio.create_subprocess_exec(
            *(*switch, sys.executable, "-I", str(_WIRE), machine, bridge, str(seed)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        if await process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"no cable between {machine} and {bridge}")
        return cls(process)

    async def becomes(self, quality: Quality, *ways: Way) -> None:
        """Change the quality of these ways, or of both."""
        for way in ways or BOTH:
            self.quality[way] = quality
        await self._say({way: asdict(quality) for way in ways or BOTH})

    @asynccontextmanager
    async def cut(self, *ways: Way) -> AsyncIterator[None]:
        """Nothing passes these ways, or both, and neither end notices."""
        before = self.quality.copy()
        await self.becomes(NOTHING_PASSES, *ways)
        try:
            yield
        finally:
            for way in ways or BOTH:
                await self.becomes(before[way], way)

    async def frames(self) -> dict[str, dict[str, int]]:
        """How many frames came and got lost so far, by way."""
        return await self._say({})

    async def close(self) -> None:
        """Carry nothing any more."""
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()

    async def _say(self, command: dict[Way, dict[str, float]]) -> dict[str, dict[str, int]]:
        assert self._process.stdin and self._process.stdout
        async with self._talk:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            answer = await self._process.stdout.readline()
        return dict(json.loads(answer))
