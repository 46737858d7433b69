"""Beside the real avahi-daemon: it sees us, and what it announces for others does us no harm."""

from __future__ import annotations

import asyncio

from .avahi import Avahi, Service
from .lan import Lan
from .tab import Tab

KIND = "_lanchat._tcp"


async def test_avahi_sees_us_on_the_same_machine_and_on_another(lan: Lan) -> None:
    anna, ben = await lan.tab("Anna"), await lan.machine("Ben")
    async with Avahi.running(anna.machine) as here, Avahi.running(ben) as there:
        for avahi in (here, there):
            service = await _found(avahi, anna)
            assert service.port == anna.daemon.peer_port
            assert service.host.endswith(".local")
            assert service.host != "anna.local", "the machine's own host name belongs to avahi"
        addresses = {service.address for service in await there.browse(KIND)}
        assert addresses & {"10.77.0.1", "fd77::1"}


async def test_avahi_sees_our_new_address(lan: Lan) -> None:
    anna, ben = await lan.tab("Anna"), await lan.machine("Ben")
    async with Avahi.running(ben) as avahi:
        assert (await _found(avahi, anna, "10.77.0.1")).port == anna.daemon.peer_port
        await anna.machine.address(number=77)
        assert (await _found(avahi, anna, "10.77.0.77")).port == anna.daemon.peer_port
        assert "10.77.0.1" not in {service.address for service in await avahi.browse(KIND)}


async def test_foreign_services_do_not_disturb_us(lan: Lan) -> None:
    anna, machine = await lan.tab("Anna"), await lan.machine("Ben")
    async with (
        Avahi.running(anna.machine) as here,
        Avahi.running(machine) as there,
        here.publishing("A printer, by mistake", KIND, 9),
        there.publishing("Dr. Who v1.2 \N{SNOWMAN}", KIND, 5263, "v=\xff", "x" * 200),
        there.publishing("a" * 52, KIND, 9, "v=1", "name=Nobody"),
    ):
        ben = await lan.tab(await lan.daemon(machine))
        await anna.sees(ben.id, presence="online")
        await ben.sees(anna.id, presence="online")
        await _found(here, ben)
        await _found(there, anna)
        for tab, other in ((anna, ben), (ben, anna)):
            assert [person["id"] for person in tab.people.values() if person["presence"] == "online"] == [other.id]
        for tab in (anna, ben):
            assert "Traceback" not in tab.daemon.log.read_text()


async def _found(avahi: Avahi, tab: Tab, address: str = "") -> Service:
    async with asyncio.timeout(15):
        while True:  # avahi-browse -t ends as soon as what is known already has been told
            for service in await avahi.browse(KIND):
                if service.name == tab.id and address in ("", service.address):
                    return service
