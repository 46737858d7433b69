"""The daemon ends when it is told to: soon, politely, and tidily."""

from __future__ import annotations

import signal

import pytest

from .lan import Lan
from .tab import befriend


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_goodbye_within_two_seconds(lan: Lan, how: signal.Signals) -> None:
    anna, ben, cara = await lan.tabs("Anna", "Ben", "Cara")
    await befriend(anna, ben)
    await ben.sees(cara.id, presence="online")
    code, took = await ben.daemon.stop(how)
    assert (code, took < 2) == (0, True), f"exit {code} after {took:.1f} s"
    await anna.sees(ben.id, seconds=0.5, presence="offline")
    assert not list((ben.machine.folder / "runtime").rglob("daemon.json"))
    assert "Traceback" not in ben.daemon.log.read_text()


async def test_it_ends_also_when_the_network_is_gone(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await anna.sees(ben.id, presence="online")
    async with lan.network.pulled(ben.machine):
        code, took = await ben.daemon.stop()
        assert (code, took < 2) == (0, True), f"exit {code} after {took:.1f} s"
