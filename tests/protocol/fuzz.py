"""Throws frames at both codecs and the core behind them: ``python -m tests.protocol.fuzz --minutes 10``."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from random import Random
from typing import Final

from .world import World

STEPS: Final = 1500
CHECKED: Final = 250
"""Steps between two looks at everything that is kept."""


def play(seed: int) -> World:
    """One world from its beginning to its end; the same seed makes the same one."""
    world = World(Random(seed))
    for step in range(STEPS):
        world.step()
        if step % CHECKED == 0:
            world.check()
    world.check()
    return world


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.protocol.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="play this world alone, to see again what went wrong in it")
    options = parser.parse_args()
    if options.seed is not None:
        play(options.seed)
        return 0
    begin = told = time.monotonic()
    frames = read = worlds = 0
    seed = secrets.randbits(32)
    while time.monotonic() - begin < options.minutes * 60:
        try:
            world = play(seed + worlds)
        except BaseException:
            print(f"It went wrong in this world: python -m tests.protocol.fuzz --seed {seed + worlds}", file=sys.stderr)
            raise
        frames, read, worlds = frames + world.frames, read + world.read, worlds + 1
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(f"{frames} frames, {frames / (told - begin):.0f} a second", flush=True)
    seconds = time.monotonic() - begin
    print(
        f"{frames} frames in {worlds} worlds and {seconds:.0f} s, {frames / seconds:.0f} a second; {read} carried out"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
