"""What goes wrong during a soak: which fault, on whose machine, when, and for how long. The seed decides all of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from .desk import Desk

Kind = Literal["kill", "flap", "pull", "cut", "deaf", "mute"]
KINDS: tuple[Kind, ...] = ("kill", "flap", "pull", "cut", "deaf", "mute")

_SECONDS: dict[Kind, tuple[float, float]] = {
    "kill": (0, 1),
    "flap": (0.2, 2),
    "pull": (0.2, 2),
    # Silence is noticed after three seconds: both what is and what is not must do no harm.
    "cut": (0.5, 5),
    "deaf": (0.5, 5),
    "mute": (0.5, 5),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that happens to one machine when this share of all messages has arrived."""

    kind: Kind
    victim: int
    seconds: float
    share: float

    async def happen(self, desk: Desk) -> None:
        """Let it happen, and pass."""
        async with desk.busy:
            match self.kind:
                case "kill":
                    await desk.kill(self.seconds)
                case "flap":
                    await desk.flap(self.seconds)
                case "pull":
                    await desk.pull(self.seconds)
                case "cut":
                    await desk.cut(self.seconds)
                case "deaf":
                    await desk.cut(self.seconds, "down")
                case "mute":
                    await desk.cut(self.seconds, "up")
                case _:
                    assert_never(self.kind)


def schedule(how_many: Counter[Kind], victims: int, seed: int) -> Sequence[Fault]:
    """Spread the faults over the messages, and over the machines."""
    chance = random.Random(seed)
    kinds = [kind for kind in KINDS for _ in range(how_many[kind])]
    chance.shuffle(kinds)
    faults = []
    for place, kind in enumerate(kinds, start=1):
        victim, seconds = chance.randrange(victims), round(chance.uniform(*_SECONDS[kind]), 2)
        faults.append(Fault(kind, victim, seconds, place / (len(kinds) + 1)))
    return faults
