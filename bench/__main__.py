"""The command line of the benches."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import time
from pathlib import Path
from typing import Final

from . import plots, report
from .result import RESULTS, Result, save
from .scale import Scale

BENCHES: Final = ("start", "appear", "vanish", "message", "many", "call", "footprint", "crowd")
"""In the order of `docs/benchmarks.md`. Each is a module with ``async def measure(scale: Scale) -> Result``."""


async def run(name: str, scale: Scale) -> Result:
    """Run one bench."""
    result: Result = await importlib.import_module(f"bench.{name}").measure(scale)
    return result


def main() -> None:
    """Run, print, save and draw."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure LanChat beside reference programs.")
    parser.add_argument(
        "names", nargs="*", choices=[*BENCHES, []], metavar="NAME", help=f"of {', '.join(BENCHES)}; all"
    )
    parser.add_argument("--short", action="store_true", help="only see whether they work; the figures mean nothing")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR", help="where JSON and plots go")
    options = parser.parse_args()
    start = time.monotonic()
    for name in options.names or BENCHES:
        began = time.monotonic()
        result = asyncio.run(run(name, Scale(short=options.short)))
        save(result, options.results)
        plots.draw(result, options.results)
        print(f"\n{name} ({time.monotonic() - began:.0f} s)\n\n{report.table(result)}", flush=True)
    print(f"\nAll of it took {(time.monotonic() - start) / 60:.1f} minutes.")
    if options.results == RESULTS:
        report.main()


if __name__ == "__main__":
    main()
