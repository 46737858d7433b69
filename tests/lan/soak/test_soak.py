"""The soak in small: bad wires, flapping links and killed daemons."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from .saboteur import Kind
from .soak import Plan, Soak

FAULTS: Counter[Kind] = Counter({"kill": 2, "flap": 3, "cut": 1, "mute": 1})


async def test_every_message_is_shown_once_and_in_order(tmp_path: Path) -> None:
    async with Soak.prepare(Plan(300, FAULTS, window=100), tmp_path / "machines") as soak:
        tally = await soak.run()
    print(tally)
    assert not tally.wrong
    assert tally.sent == tally.received == 6 * 300
    assert set(tally.statuses) <= {"delivered", "seen"}
