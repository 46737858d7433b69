"""Nothing leaves the local network, and nobody on it can read along."""

from __future__ import annotations

import sys

import pytest

from .capture import record
from .lan import Lan
from .person import Person, befriend, in_video_call

PROBE = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for end in (("192.0.2.1", 9), ("10.77.0.254", 53), ("239.255.255.250", 1900)):
    s.sendto(b"in the clear", end)
"""


async def test_the_capture_sees_what_wants_to_leave(lan: Lan) -> None:
    machine = await lan.machine("Anna")
    async with record(lan.network, b"in the clear") as capture:
        await machine.run(sys.executable, "-c", PROBE)
    assert [(flow.destination, flow.destination_port) for flow in capture.flows if not flow.stays] == [
        ("192.0.2.1", 9), ("10.77.0.254", 53), ("239.255.255.250", 1900)
    ]  # fmt: skip
    assert capture.overheard


async def test_the_page_is_for_its_own_machine_alone(lan: Lan) -> None:
    anna, ben = await lan.tabs("Anna", "Ben")
    await anna.sees(ben.id, presence="online")
    for address in ("10.77.0.1", "fd77::1"):
        knock = f"import socket; socket.create_connection(({address!r}, {anna.daemon.port}), 3)"
        with pytest.raises(RuntimeError, match="ConnectionRefusedError"):
            await ben.machine.run(sys.executable, "-c", knock)


async def test_a_stun_server_is_asked_only_if_the_person_has_set_one(lan: Lan) -> None:
    machine = await lan.machine("Anna")
    settings = machine.folder / "home/.config/lanchat/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('ice_servers = [{ urls = "stun:192.0.2.7:3478" }]\n')
    anna = Person("Anna", await lan.daemon(machine), await lan.browser(machine, "chromium"))
    ben = await lan.person("Ben")
    async with record(lan.network) as capture:
        await anna.open_page()
        await befriend(anna, ben)
        await in_video_call(anna, ben)
        await capture.sees("192.0.2.7")
    strays = {(flow.source, flow.destination) for flow in capture.flows if not flow.stays}
    assert strays == {("10.77.0.1", "192.0.2.7")}


async def test_a_chat_and_a_call_stay_on_the_network_and_private(lan: Lan) -> None:
    async with record(lan.network, b"Rhinozerosritt") as capture:
        anna, ben = await lan.people(Anna="chromium", Ben="firefox")
        await befriend(anna, ben)
        await anna.says("Rhinozerosritt")
        await ben.reads("Rhinozerosritt")
        await in_video_call(anna, ben)
        for person in (anna, ben):
            await person.receives("camera", more=30)
            await person.talks_directly()
        await ben.hangs_up()
        await anna.ended(ben, "ended")
        for person in (anna, ben):
            await person.daemon.stop()
    assert capture.dropped == 0
    assert len(capture.flows) > 4
    assert capture.strays() == []
    assert not capture.overheard
