"""People appear by themselves, and go away as soon as they are gone."""

from __future__ import annotations

import asyncio
import time

from .lan import Lan
from .tab import befriend


async def test_three_people_see_each_other(lan: Lan) -> None:
    tabs = await lan.tabs("Anna", "Ben", "Cara")
    for tab in tabs:
        for other in tabs:
            if other is not tab:
                await tab.sees(other.id, presence="online", name=other.me["name"], machine=other.machine.name)
    assert all(len(tab.people) == 2 for tab in tabs)


async def test_a_newcomer_is_seen_within_two_seconds(lan: Lan) -> None:
    anna = await lan.tab("Anna")
    ben = await lan.daemon(await lan.machine("Ben"))
    assert await anna.sees(ben.peer_id, presence="online") - ben.ready_at < 2


async def test_the_first_page_has_the_people_in_it(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await anna.sees(ben.id, presence="online")
    session = await anna.daemon.http()
    async with session.get(anna.daemon.url) as answer:
        assert ben.id in await answer.text()


async def test_two_people_at_one_machine(lan: Lan) -> None:
    anna = await lan.tab("Anna")
    bob = await lan.tab(await lan.daemon(anna.machine, "--name", "Bob", account="bob"))
    cara = await lan.tab("Cara")
    assert (bob.daemon.port, bob.daemon.peer_port) != (anna.daemon.port, anna.daemon.peer_port)
    for tab in (anna, bob, cara):
        for other in {anna, bob, cara} - {tab}:
            await tab.sees(other.id, presence="online", name=other.me["name"])


async def test_without_options_people_have_the_name_of_their_account(lan: Lan) -> None:
    anna = await lan.tab("Anna")
    assert (anna.me["name"], anna.me["machine"]) == ("Anna", "anna")


async def test_a_new_name_and_status_reach_the_others(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await anna.sees(ben.id, presence="online")
    await ben.ask("set_profile", name="Benedikt", status="away")
    await anna.sees(ben.id, name="Benedikt", presence="away")
    await ben.ask("set_profile", status="dnd")
    await anna.sees(ben.id, name="Benedikt", presence="dnd")


async def test_a_crash_is_seen_at_once_and_a_restart_too(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await befriend(anna, ben)
    killed = await ben.daemon.kill()
    assert await anna.sees(ben.id, presence="offline") - killed < 1
    again = await lan.tab(await lan.daemon(ben.machine))
    assert again.id == ben.id
    await anna.sees(ben.id, presence="online")
    await again.sees(anna.id, presence="online", relation="contact")


async def test_a_power_cut_is_noticed_by_the_silence(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await befriend(anna, ben)
    async with lan.network.pulled(ben.machine):
        cut = time.monotonic()
        await ben.daemon.kill()
        assert await anna.sees(ben.id, presence="offline") - cut < 6


async def test_who_stops_is_offline_at_once(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await anna.sees(ben.id, presence="online")
    await ben.daemon.stop()
    await anna.sees(ben.id, seconds=0.5, presence="offline")


async def test_my_ip_and_status(lan: Lan) -> None:
    anna = await lan.tab("Anna")
    assert "10.77.0.1" in str(await anna.daemon.get("/api/my-ip"))
    assert await anna.daemon.get("/api/status")


async def test_interfaces_of_containers_are_left_out_unless_chosen(lan: Lan) -> None:
    machine = await lan.machine("Anna")
    inner = "link add docker0 type veth peer name inner\nlink set inner up\nlink set docker0 up\n"
    await machine.run("ip", "-batch", "-", input=f"{inner}address add 172.17.0.1/16 dev docker0\n")
    daemon = await lan.daemon(machine)
    assert "172.17.0.1" not in str(await daemon.get("/api/my-ip"))
    await daemon.stop()
    daemon = await lan.daemon(machine, "--interface", "docker0")
    addresses = str(await daemon.get("/api/my-ip"))
    assert "172.17.0.1" in addresses
    assert "10.77.0.1" not in addresses


async def test_ten_people_see_each_other(lan: Lan) -> None:
    machines = [await lan.machine(f"Person{number}") for number in range(10)]
    daemons = await asyncio.gather(*(lan.daemon(machine) for machine in machines))
    for daemon in daemons:
        tab = await lan.tab(daemon)
        for other in daemons:
            if other is not daemon:
                await tab.sees(other.peer_id, seconds=30, presence="online")
