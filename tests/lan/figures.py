"""The figures that people feel, measured with real browsers: ``python -m tests.lan.figures [ROUNDS]``."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from playwright.async_api import Playwright, async_playwright

from .lan import Lan
from .person import befriend

APPEARS = "READY of a newcomer to its row on another machine's page"
VANISHES = "kill -9 to the row offline"
PULLED = "cable pulled to the row offline on another machine's page"
PICTURE = "Accept to the first decoded remote picture"


async def measure(folder: Path, playwright: Playwright) -> dict[str, float]:
    """One round: seconds, and for memory MiB."""
    async with Lan.open(folder, playwright) as lan:
        anna = await lan.person("Anna")
        result = {"resident memory, no peer (MiB)": anna.daemon.memory() / 1024}
        ben = await lan.person("Ben")
        await befriend(anna, ben)
        cara = await lan.daemon(await lan.machine("Cara"))
        row = f"document.querySelector('[data-person=\"{cara.peer_id}\"]')"
        result[APPEARS] = await anna.browser.until(f"{row} && Date.now()", "Cara's row") / 1000 - cara.ready_at_wall
        state = f"window.lanchat.store.state.people.get('{cara.peer_id}')"
        await anna.browser.until(f"{state}?.presence === 'online'", "Cara online")
        result["resident memory, two peers (MiB)"] = anna.daemon.memory() / 1024
        await anna.calls(ben, "video")
        accepted = await ben.accepts("video")
        result[PICTURE] = await ben.receives("camera", more=1) - accepted
        killed = await ben.daemon.kill()
        result[VANISHES] = await anna.sees(ben, "offline") - killed
        pulled = time.monotonic()
        async with lan.network.pulled(cara.machine):
            await anna.browser.until(f"{state}?.presence === 'offline'", "Cara offline")
            result[PULLED] = time.monotonic() - pulled
        return result


async def main(rounds: int) -> None:
    """Print the medians."""
    results = defaultdict(list)
    async with async_playwright() as playwright:
        for number in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                for name, value in (await measure(Path(folder) / str(number), playwright)).items():
                    results[name].append(value)
    for name, values in results.items():
        print(f"{name:60} {statistics.median(values):7.3f}  ({min(values):.3f} to {max(values):.3f}, n={len(values)})")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
