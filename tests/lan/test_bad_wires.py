"""Wires that lose, delay, carry one way only, or nothing: what people see of it, and how soon."""

from __future__ import annotations

import asyncio
import time

import pytest

from .cable import BAD, PERFECT, Quality, Way
from .lan import Lan
from .network import NO_MULTICAST
from .tab import Tab, befriend

_ECHO = """
import socket
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("", 9000))
print("ready", flush=True)
while True:
    udp.sendto(*udp.recvfrom(2048))
"""
_ASK = """
import socket, time
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(0.08)
udp.connect(("10.77.0.2", 9000))
met = False
while not met:  # the neighbour is asked for first, and that can be lost as well
    try:
        udp.send(b"first")
        met = bool(udp.recv(2048))
    except TimeoutError:
        pass
for number in range(120):
    began = time.monotonic()
    udp.send(number.to_bytes(2, "big"))
    try:
        while udp.recv(2048) != number.to_bytes(2, "big"):
            pass
        print((time.monotonic() - began) * 1000)
    except TimeoutError:
        print("lost")
"""


async def test_the_cable_is_as_bad_as_it_is_told_to_be(lan: Lan) -> None:
    here, there = await lan.machine("Here"), await lan.machine("There")
    cable = await lan.network.replace_cable(here)
    echo = await there.spawn("python3", "-c", _ECHO)
    assert echo.stdout
    assert await echo.stdout.readline() == b"ready\n"

    async def trips() -> tuple[list[float], int]:
        lines = (await here.run("python3", "-c", _ASK, seconds=60)).split()
        return sorted(float(line) for line in lines if line != "lost"), lines.count("lost")

    times, lost = await trips()
    assert (times[len(times) // 2] < 5, lost) == (True, 0)
    await cable.becomes(Quality(loss=20, delay=10, jitter=5))
    times, lost = await trips()
    assert times[0] >= 10, "two ways of 5 to 15 ms"
    assert 18 < times[len(times) // 2] < 30
    assert 20 < lost < 70, "of 120, 36 % are to be expected"
    await cable.becomes(PERFECT)
    assert (await trips())[1] == 0


async def test_a_conversation_over_a_bad_wire(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await befriend(anna, ben)
    for tab in (anna, ben):
        cable = await lan.network.replace_cable(tab.machine)
        await cable.becomes(BAD)
    await anna.sees(ben.id, presence="online")
    texts = [f"number {number}" for number in range(30)]
    for text in texts:
        await anna.say(ben.id, text)
    await ben.reads(anna.id, texts[-1], seconds=20)
    assert [entry["text"] for entry in ben.entries[anna.id]] == texts


@pytest.mark.parametrize("victim", ["anna", "ben"])
async def test_a_pulled_cable_is_shown_to_both(lan: Lan, victim: str) -> None:
    anna, ben, cara = await lan.tabs("Anna", "Ben", "Cara")
    await befriend(anna, ben)
    await cara.sees(anna.id, presence="online")
    gone, stays = (anna, ben) if victim == "anna" else (ben, anna)
    await gone.sees(cara.id, presence="online")
    pulled = time.monotonic()
    async with lan.network.pulled(gone.machine):
        for tab, other in ((stays, gone), (cara, gone), (gone, stays), (gone, cara)):
            took = await tab.sees(other.id, presence="offline") - pulled
            print(f"cable of {gone.machine.name} pulled: {tab.machine.name} sees it after {took:.2f} s")
            assert took < 6
        await stays.say(gone.id, "when the cable is in again")
    await gone.reads(stays.id, "when the cable is in again", seconds=20)
    await _see_each_other(anna, ben, cara)


async def test_a_network_that_is_turned_off_and_on(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await befriend(anna, ben)
    await ben.machine.run("ip", "link", "set", "eth0", "down")
    await anna.sees(ben.id, presence="offline")
    await ben.sees(anna.id, presence="offline")
    await anna.say(ben.id, "from outside")
    await ben.say(anna.id, "from inside")
    await ben.machine.connect(ben.machine.number)
    await ben.reads(anna.id, "from outside", seconds=20)
    await anna.reads(ben.id, "from inside", seconds=20)


@pytest.mark.parametrize("way", ["up", "down"])
async def test_a_wire_that_carries_one_way_only(lan: Lan, way: Way) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await befriend(anna, ben)
    cable = await lan.network.replace_cable(ben.machine)
    await _see_each_other(anna, ben)
    async with cable.cut(way):
        for tab, other in ((anna, ben), (ben, anna)):
            await tab.until(lambda tab=tab, other=other: _is_away(tab, other), f"{other.me['name']} away")  # type: ignore[misc]
        await anna.say(ben.id, "both ways")
        await ben.say(anna.id, "both ways, too")
    await ben.reads(anna.id, "both ways", seconds=60)
    await anna.reads(ben.id, "both ways, too", seconds=60)
    await _see_each_other(anna, ben)


async def test_an_access_point_that_drops_multicast(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await befriend(anna, ben)
    await asyncio.gather(anna.daemon.stop(), ben.daemon.stop())
    async with lan.network.fault(*NO_MULTICAST):
        anna, ben = [await lan.tab(await lan.daemon(tab.machine)) for tab in (anna, ben)]
        await _see_each_other(anna, ben)  # as remembered
        cara = await lan.tab("Cara", "--peer", "10.77.0.1")
        await _see_each_other(anna, ben, cara)  # Ben and Cara as Anna introduces them
        await befriend(ben, cara)
        await ben.say(cara.id, "no multicast here")
        await cara.reads(ben.id, "no multicast here")


async def _see_each_other(*tabs: Tab) -> None:
    for tab in tabs:
        for other in tabs:
            if other is not tab:
                await tab.sees(other.id, seconds=60, presence="online")


def _is_away(tab: Tab, other: Tab) -> bool:
    """Shown as gone, or as announced but out of reach, and then with the reason."""
    person = tab.people[other.id]
    return person["presence"] == "offline" or (person["presence"] == "unreachable" and bool(person["reason"]))
