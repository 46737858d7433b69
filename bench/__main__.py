"""The command line of the benches."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
import time
from pathlib import Path
from typing import Final

from . import plots, report
from .result import RESULTS, Result, save
from .scale import Scale
from .stop import Stopped, run_until_stopped

BENCHES: Final = ("start", "appear", "vanish", "message", "many", "call", "footprint", "crowd")
"""In the order of `docs/benchmarks.md`. Each is a module with ``async def measure(scale: Scale) -> Result``."""
_STOPPED: Final = 130  # as a shell says it of a program that SIGINT has ended


async def run(name: str, scale: Scale) -> Result:
    """Run one bench."""
    result: Result = await importlib.import_module(f"bench.{name}").measure(scale)
    return result


def keep(result: Result, folder: Path) -> bool:
    """Save and draw it; False if it has no figures, so that what was kept before stays."""
    if result.figures:
        save(result, folder)
        plots.draw(result, folder)
    return bool(result.figures)


def main() -> int:
    """Run, print, save and draw. Returns the exit status."""
    options = _parser().parse_args()
    # asyncio warns of programs that ended just before they were killed.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    folder: Path | None = options.results or (None if options.short else RESULTS)
    begun = time.monotonic()
    kept = False
    try:
        for name in options.names or BENCHES:
            kept = _one(name, Scale(short=options.short), folder) or kept
    except Stopped:
        print("\nStopped. What was measured before is kept.", file=sys.stderr)
        return _STOPPED
    finally:
        if kept and folder == RESULTS:
            report.main()
    print(f"\nAll of it took {(time.monotonic() - begun) / 60:.1f} minutes.")
    if kept and folder == RESULTS:
        print(f"Kept as {RESULTS}/*.json with the plots (*.svg), and shown in {report.DOCUMENT}.")
    return 0


def _one(name: str, scale: Scale, folder: Path | None) -> bool:
    print(f"\nMeasuring {name}", flush=True)
    began = time.monotonic()
    result = run_until_stopped(run(name, scale))
    print(f"{name} ({time.monotonic() - began:.0f} s)\n\n{report.table(result)}", flush=True)
    return folder is not None and keep(result, folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure LanChat beside reference programs.")
    parser.add_argument("names", nargs="*", type=_known, metavar="NAME", help=f"of {', '.join(BENCHES)}; all")
    parser.add_argument(
        "--short", action="store_true", help="only see whether they work; the figures mean nothing and are not kept"
    )
    parser.add_argument("--results", type=Path, metavar="DIR", help=f"where JSON and plots go, if not to {RESULTS}")
    return parser


def _known(name: str) -> str:
    if name not in BENCHES:
        raise argparse.ArgumentTypeError(f"there is no bench {name!r}; choose from {', '.join(BENCHES)}")
    return name


if __name__ == "__main__":
    sys.exit(main())
