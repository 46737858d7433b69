"""From exec to READY, beside an interpreter that only imports the two libraries that LanChat stands on."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

from tests.lan.daemon import Daemon
from tests.lan.network import Network

from .result import Figure, Plot, Result, median
from .scale import Scale
from .world import QUIETLY

LIBRARIES: Final = "python -c 'import aiohttp, zeroconf'"
_IMPORT: Final = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| (\s*)(\S+)")
_PARTS: Final = 12


async def measure(scale: Scale) -> Result:
    """Both in turn, so that whatever else the machine does falls on both."""
    ours, theirs, cpu = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        async with Network.open(Path(folder)) as network:
            machine = await network.machine("one")
            for _ in range(scale.of(20, 2)):
                began = time.monotonic()
                daemon = await Daemon.start(machine, *QUIETLY)
                ours.append(1000 * (daemon.ready_at - began))
                cpu.append(_cpu(daemon.pid))
                await daemon.stop()
                began = time.monotonic()
                await machine.run(sys.executable, "-c", "import aiohttp, zeroconf")
                theirs.append(1000 * (time.monotonic() - began))
    modules = await _imports()
    return Result(
        "start",
        [
            Figure("exec to READY, median", "ms", median(ours), LIBRARIES, median(theirs), 1.5),
            Figure("processor time of it, median", "ms", median(cpu)),
            Figure("the imports, each timed", "ms", sum(modules.values())),
        ],
        [
            Plot("start", "exec to READY", "shares", "ms", {"LanChat": ours, LIBRARIES: theirs}),
            Plot(
                "imports",
                "Time that each package takes to be imported",
                "bars",
                "ms, without what it imports of the others here",
                {name: [modules[name]] for name in sorted(modules, key=modules.__getitem__, reverse=True)[:_PARTS]},
            ),
        ],
        short=scale.short,
    )


def _cpu(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return 1000 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def _imports() -> dict[str, float]:
    """Milliseconds by package, of all that the daemon imports before it is ready."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "importtime", "-c", "import lanchatd.daemon, lanchatd.cli"),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    packages: dict[str, float] = defaultdict(float)
    for line in said.decode().splitlines():
        if found := _IMPORT.match(line):
            packages[found[3].partition(".")[0]] += int(found[1]) / 1000
    return packages
