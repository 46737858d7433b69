"""What a process uses, as the kernel counts it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """``memory`` in MiB: resident; ``cpu``: seconds until now; ``wakeups``: how often it went to sleep until now."""

    memory: float
    cpu: float
    wakeups: int


def usage(pid: int) -> Usage:
    """Of a process and all its threads and children."""
    own = Path(f"/proc/{pid}")
    fields = (own / "stat").read_text().rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    wakeups = sum(_status(thread, "voluntary_ctxt_switches") for thread in (own / "task").iterdir())
    whole = Usage(_status(own, "VmRSS") / 1024, cpu, wakeups)
    for child in (own / f"task/{pid}/children").read_text().split():
        more = usage(int(child))
        whole = Usage(whole.memory + more.memory, whole.cpu + more.cpu, whole.wakeups + more.wakeups)
    return whole


def _status(process: Path, name: str) -> int:
    lines = (process / "status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))
