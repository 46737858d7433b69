"""What real networks do: no cable, new addresses, silent access points, firewalls, machines that part and meet."""

from __future__ import annotations

from .daemon import PEER_PORT
from .lan import Lan
from .network import NO_MDNS, between, tcp_port
from .tab import befriend


async def test_a_daemon_without_a_network_waits_for_one(lan: Lan) -> None:
    anna = await lan.tab("Anna")
    ben = await lan.tab(await lan.daemon(await lan.machine("Ben", plugged=False)))
    assert not ben.people
    await lan.network.plug(ben.machine)
    await anna.sees(ben.id, presence="online")
    await ben.sees(anna.id, presence="online")


async def test_a_new_address_is_followed(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await befriend(anna, ben)
    await ben.machine.address(number=77)
    await ben.expect("network_changed")
    assert "10.77.0.77" in str(await ben.daemon.get("/api/my-ip"))
    cara = await lan.tab("Cara")
    await cara.sees(ben.id, presence="online")
    await anna.sees(ben.id, presence="online")
    await anna.say(ben.id, "Have you moved?")
    await ben.reads(anna.id, "Have you moved?", seconds=20)


async def test_an_interface_can_go_and_come_back(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await befriend(anna, ben)
    await lan.network.unplug(ben.machine)
    await anna.sees(ben.id, presence="offline")
    await ben.sees(anna.id, presence="offline")
    await anna.say(ben.id, "for later")
    await lan.network.plug(ben.machine)
    await ben.reads(anna.id, "for later", seconds=20)
    await anna.reads(ben.id, "for later", status="delivered")


async def test_a_partition_is_noticed_and_heals(lan: Lan) -> None:
    anna, ben, cara = await lan.tabs("Anna", "Ben", "Cara")
    await befriend(anna, ben)
    await cara.sees(ben.id, presence="online")
    async with lan.network.fault(*between(anna.machine, ben.machine)):
        await anna.sees(ben.id, presence="offline")
        await anna.say(ben.id, "across the gap")
        assert cara.people[ben.id]["presence"] == "online"
    await ben.reads(anna.id, "across the gap", seconds=30)
    await anna.sees(ben.id, presence="online")


async def test_addresses_that_worked_before_need_no_multicast(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await befriend(anna, ben)
    await ben.daemon.stop()
    await anna.daemon.stop()
    async with lan.network.fault(*NO_MDNS):
        anna, ben = [await lan.tab(await lan.daemon(tab.machine)) for tab in (anna, ben)]
        await anna.sees(ben.id, presence="online")
        await ben.sees(anna.id, presence="online")


async def test_people_introduce_people(lan: Lan) -> None:
    machines = [await lan.machine(name) for name in ("Anna", "Ben", "Cara")]
    deaf = (f"{rule.removesuffix('drop')} udp dport 5353 drop" for rule in between(machines[0], machines[2]))
    async with lan.network.fault(*deaf):
        anna, ben, cara = [await lan.tab(await lan.daemon(machine)) for machine in machines]
        await ben.sees(anna.id, presence="online")
        await ben.sees(cara.id, presence="online")
        await anna.sees(cara.id, presence="online")
        await cara.sees(anna.id, presence="online")


async def test_a_peer_can_be_given_by_hand(lan: Lan) -> None:
    async with lan.network.fault(*NO_MDNS):
        anna = await lan.tab("Anna")
        ben = await lan.tab("Ben", "--peer", f"10.77.0.1:{PEER_PORT}")
        await ben.sees(anna.id, presence="online")
        await anna.sees(ben.id, presence="online")


async def test_who_is_announced_but_firewalled_is_shown_with_the_reason(lan: Lan) -> None:
    async with lan.network.fault(*tcp_port(PEER_PORT)):
        anna, ben = await lan.tabs("Anna", "Ben")
        await anna.sees(ben.id, seconds=30, presence="unreachable")
        assert "firewall" in anna.people[ben.id]["reason"]
    await anna.sees(ben.id, seconds=45, presence="online")
    assert anna.people[ben.id]["reason"] is None


async def test_without_a_default_route(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben", route=False)
    await befriend(anna, ben)
    await anna.say(ben.id, "no router here")
    await ben.reads(anna.id, "no router here")
