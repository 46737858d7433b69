"""The soak in full, or as much as is asked for: ``python -m tests.lan.soak [MESSAGES [FAULTS_OF_A_KIND [SEED]]]``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from .saboteur import KINDS
from .soak import Plan, Soak

SHOWN = 20


async def main(messages: int, faults: int, seed: int) -> int:
    """Print what was counted; the exit code says whether anything was wrong."""
    plan = Plan(messages, Counter(dict.fromkeys(KINDS, faults)), seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        async with Soak.prepare(plan, Path(folder) / "machines") as soak:
            tally = await soak.run()
    print(tally)
    for sentence in tally.wrong[:SHOWN]:
        print("WRONG:", sentence)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    sys.exit(asyncio.run(main(*(given + [10_000, 8, 1][len(given) :]))))
