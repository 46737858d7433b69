"""What a process uses, as the kernel counts it."""

from __future__ import annotations

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
    threads = list((own / "task").iterdir())
    # Nanoseconds: of the ticks in `stat` an idle process uses too few to be counted.
    cpu = sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    wakeups = sum(_status(thread, "voluntary_ctxt_switches") for thread in threads)
    whole = Usage(_status(own, "VmRSS") / 1024, cpu, wakeups)
    for child in (own / f"task/{pid}/children").read_text().split():
        more = usage(int(child))
        whole = Usage(whole.memory + more.memory, whole.cpu + more.cpu, whole.wakeups + more.wakeups)
    return whole


def _status(process: Path, name: str) -> int:
    lines = (process / "status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))
