"""What is wrong with a machine itself: each provoked, and found by the command. On a sound one nothing is found."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.lan.avahi import Avahi
from tests.lan.machine import Machine

from .clinic import Clinic, command, eventually, examine, linked, network_of

DOCKER = ("link add docker0 type bridge", "address add 172.17.0.1/16 dev docker0", "link set docker0 up")
HOLD = """
import socket, sys, time
kind, port = sys.argv[1], int(sys.argv[2])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
sock.bind(("0.0.0.0", port))
if kind == "tcp":
    sock.listen()
print("ready", flush=True)
while True:
    time.sleep(60)
"""


@asynccontextmanager
async def held(machine: Machine, kind: str, port: int) -> Any:
    """Another program has this port and does not share it."""
    process = await machine.spawn(sys.executable, "-c", HOLD, kind, str(port))
    assert process.stdout and await process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_sound_pair_has_no_finding(clinic: Clinic) -> None:
    anna, ben = await clinic.people("Anna", "Ben")
    for daemon, other in ((anna, "Ben"), (ben, "Anna")):
        opinion = await examine(daemon.machine)
        assert (opinion.status, opinion.kinds) == (0, [])
        assert opinion.told["summary"].startswith(f"All is well: linked with “{other}” (10.77.0.")
    status, text = await command(anna.machine)
    assert status == 0 and "multicast leaves and returns" in text


async def test_avahi_and_docker_beside_us_are_no_finding(clinic: Clinic) -> None:
    anna, ben = await clinic.people("Anna", "Ben")
    await ip(anna.machine, *DOCKER)
    async with Avahi.running(anna.machine), Avahi.running(ben.machine):
        for daemon in (anna, ben):
            opinion = await examine(daemon.machine)
            assert (opinion.status, opinion.kinds) == (0, [])


async def test_two_people_at_one_machine_have_no_finding_that_hinders(clinic: Clinic) -> None:
    anna = await clinic.daemon(await clinic.machine("Anna"))
    bob = await clinic.daemon(anna.machine, "--name", "Bob", account="bob")
    await linked(anna, 1)
    opinion = await examine(anna.machine)
    assert (opinion.status, opinion.kinds) == (0, [])
    told = await bob.get("/api/findings")
    assert {each["kind"] for each in told["findings"]} == {"peer_port_moved", "page_port_moved"}
    assert {each["severity"] for each in told["findings"]} == {"note"}


async def test_loopback_beside_a_network_has_no_finding(clinic: Clinic) -> None:
    """What is said to all on lo has the address of the other interface as its source."""
    anna = await clinic.daemon(await clinic.machine("Anna"), "--interface", "lo")
    await asyncio.sleep(1)
    opinion = await examine(anna.machine)
    assert set(opinion.kinds) <= {"nobody_heard"}
    (fact,) = [each for each in opinion.told["machine"]["interfaces"] if each["use"] == "used"]
    assert (fact["name"], fact["neighbours"]) == ("lo", [])
    assert all(each["neighbours"] == 0 for each in opinion.told["daemon"]["hearing"])


async def test_the_page_gets_all_in_one_request(clinic: Clinic) -> None:
    anna, _ = await clinic.people("Anna", "Ben")
    told = await anna.get("/api/findings")
    assert (told["findings"], set(told)) == ([], {"summary", "findings", "machine", "daemon"})
    assert told["daemon"]["peers"][0]["name"] == "Ben"
    assert told["machine"]["interfaces"]


@pytest.mark.provokes("not_running")
async def test_no_daemon(clinic: Clinic) -> None:
    machine = await clinic.machine("Anna")
    opinion = await examine(machine)
    assert (opinion.status, opinion.kinds) == (1, ["not_running"])
    assert opinion["not_running"]["command"] == "lanchatd open"
    assert any(each["echoes"] for each in opinion.told["machine"]["interfaces"]), (
        "the machine is looked at all the same"
    )
    daemon = await clinic.daemon(machine)
    await daemon.kill()
    assert "without a word" in (await examine(machine))["not_running"]["sentence"]


@pytest.mark.provokes("daemon_silent")
async def test_a_daemon_that_hangs(clinic: Clinic) -> None:
    daemon = await clinic.daemon(await clinic.machine("Anna"))
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        opinion = await examine(daemon.machine)
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    assert (opinion.status, opinion.kinds) == (1, ["daemon_silent"])


@pytest.mark.provokes("only_machine")
async def test_as_root_the_machine_only(clinic: Clinic) -> None:
    machine = await clinic.machine("Anna")
    process = await machine.spawn(
        sys.executable, "-m", "lanchatd", "doctor", environment={"SUDO_UID": "1000"}, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0 and b"[only_machine]" in output and b"not_running" not in output


@pytest.mark.provokes("no_network")
async def test_no_network(clinic: Clinic) -> None:
    daemon = await clinic.daemon(await clinic.machine("Anna", plugged=False))
    assert "no network interface" in (await examine(daemon.machine))["no_network"]["sentence"]
    await ip(daemon.machine, *DOCKER)
    assert "--interface docker0" in (await examine(daemon.machine))["no_network"]["step"]


@pytest.mark.provokes("no_network")
async def test_the_cable_is_out(clinic: Clinic) -> None:
    daemon = await clinic.daemon(await clinic.machine("Anna"))
    async with clinic.network.pulled(daemon.machine):
        opinion = await examine(daemon.machine)
        assert opinion.status == 1
        assert "eth0 has no cable" in opinion["no_network"]["sentence"]
    await ip(daemon.machine, "link set eth0 down")
    assert "eth0 is switched off" in (await examine(daemon.machine))["no_network"]["sentence"]


@pytest.mark.provokes("no_network")
async def test_no_address(clinic: Clinic) -> None:
    daemon = await clinic.daemon(await clinic.machine("Anna"))
    await daemon.machine.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6")
    await ip(daemon.machine, "address flush dev eth0")
    assert "eth0 has no address" in (await examine(daemon.machine))["no_network"]["sentence"]


@pytest.mark.provokes("link_local_only")
async def test_an_address_that_the_machine_has_made_up(clinic: Clinic) -> None:
    daemon = await clinic.daemon(await clinic.machine("Anna"))
    await ip(daemon.machine, "address flush dev eth0 scope global", "address add 169.254.7.7/16 dev eth0")
    opinion = await examine(daemon.machine)
    assert opinion.status == 1 and "169.254.7.7" in opinion["link_local_only"]["sentence"]


@pytest.mark.provokes("interface_missing")
async def test_a_chosen_interface_is_missing(clinic: Clinic) -> None:
    daemon = await clinic.daemon(await clinic.machine("Anna"), "--interface", "eth7")
    found = (await examine(daemon.machine))["interface_missing"]
    assert "eth7 does not exist" in found["sentence"] and "eth0" in found["step"]


@pytest.mark.provokes("mdns_port_held")
async def test_another_program_keeps_port_5353(clinic: Clinic) -> None:
    machine = await clinic.machine("Anna")
    async with held(machine, "udp", 5353) as other:
        daemon = await clinic.daemon(machine)
        opinion = await examine(machine)
        assert opinion.status == 1
        assert f"python (process {other.pid})" in opinion["mdns_port_held"]["sentence"].replace("python3", "python")
        assert str(daemon.pid) not in opinion["mdns_port_held"]["sentence"]
        assert "discovery_fails" not in opinion.kinds and "nobody_heard" not in opinion.kinds, "the deepest cause only"


@pytest.mark.provokes("mdns_port_held")
async def test_an_avahi_that_wants_to_be_alone(clinic: Clinic) -> None:
    machine = await clinic.machine("Anna")
    async with Avahi.running(machine, "disallow-other-stacks=yes"):
        await clinic.daemon(machine)
        found = (await examine(machine))["mdns_port_held"]
        assert "avahi" in found["sentence"] and "disallow-other-stacks=no" in found["step"]


@pytest.mark.provokes("discovery_fails")
async def test_mdns_has_failed_and_is_tried_again_soon(clinic: Clinic) -> None:
    machine = await clinic.machine("Anna")
    async with held(machine, "udp", 5353) as other:
        daemon = await clinic.daemon(machine)
        await eventually(daemon, lambda told: told["discovery_problem"] is not None)
        other.kill()
        await other.wait()
        found = [each["kind"] for each in (await daemon.get("/api/findings"))["findings"]]
        assert found == ["discovery_fails"], "the port is free, and it is not yet in use again"
    await eventually(daemon, lambda told: told["discovery_problem"] is None)


@pytest.mark.provokes("multicast_blocked")
async def test_multicast_does_not_leave(clinic: Clinic) -> None:
    machine = await clinic.machine("Anna")
    await nft(machine, "chain out { type filter hook output priority 0; udp dport 5353 drop; }")
    await clinic.daemon(machine)
    found = (await examine(machine))["multicast_blocked"]
    assert "does not leave" in found["sentence"] and found["about"] == "eth0"


@pytest.mark.provokes("vpn_default", "vpn_takes_lan")
async def test_a_vpn(clinic: Clinic) -> None:
    anna, _ = await clinic.people("Anna", "Ben")
    await ip(anna.machine, "tuntap add dev tun7 mode tun", "address add 10.8.0.2/24 dev tun7", "link set tun7 up")
    await ip(anna.machine, "route add 0.0.0.0/1 dev tun7", "route add 128.0.0.0/1 dev tun7")
    opinion = await examine(anna.machine)
    assert (opinion.status, opinion.kinds) == (0, ["vpn_default"]), "the local network is left alone"
    await ip(anna.machine, "route add 10.77.0.0/25 dev tun7")
    opinion = await examine(anna.machine)
    assert opinion.status == 1 and "tun7" in opinion["vpn_takes_lan"]["sentence"]
    assert not {"vpn_default", "isolated", "one_way"} & set(opinion.kinds), "the deepest cause only"


@pytest.mark.provokes("peer_port_moved", "page_port_moved")
async def test_ports_are_taken(clinic: Clinic) -> None:
    machine = await clinic.machine("Anna")
    async with held(machine, "tcp", 5263) as one, held(machine, "tcp", 5262) as two:
        daemon = await clinic.daemon(machine)
        opinion = await examine(machine)
        assert opinion.status == 0, "people find each other all the same"
        assert f"(process {one.pid})" in opinion["peer_port_moved"]["sentence"]
        assert f"port {daemon.peer_port}" in opinion["peer_port_moved"]["sentence"]
        assert f"(process {two.pid})" in opinion["page_port_moved"]["sentence"]
        await nft(machine, "chain into { type filter hook input priority 0; tcp dport 22 drop; }")
        assert (await examine(machine))["peer_port_moved"]["severity"] == "warning", "a firewall knows the usual port"


@pytest.mark.provokes("page_by_address")
async def test_the_page_by_the_address_of_the_machine(clinic: Clinic) -> None:
    daemon = await clinic.daemon(await clinic.machine("Anna"))
    session = await daemon.http()
    async with session.get(daemon.url, headers={aiohttp.hdrs.HOST: "10.77.0.1:5262"}) as answer:
        assert answer.status == 403
    found = (await examine(daemon.machine))["page_by_address"]
    assert "10.77.0.1:5262" in found["sentence"] and "camera" in found["sentence"]


@pytest.mark.provokes("nobody_heard")
async def test_nobody_is_there(clinic: Clinic) -> None:
    daemon = await clinic.daemon(await clinic.machine("Anna"))
    opinion = await examine(daemon.machine)
    assert (opinion.status, opinion.kinds) == (0, ["nobody_heard"])
    assert "Nothing at all is heard" in opinion["nobody_heard"]["sentence"]
    printer = await clinic.machine("Printer")
    async with Avahi.running(printer) as avahi, avahi.publishing("Printer", "_ipp._tcp", 631):
        await asyncio.sleep(1)
        assert "Other machines are heard" in (await examine(daemon.machine))["nobody_heard"]["sentence"]
    assert (await network_of(daemon))["hearing"][0]["packets"] > 0


async def ip(machine: Machine, *commands: str) -> None:
    await machine.run("ip", "-batch", "-", input="\n".join(commands) + "\n")


async def nft(machine: Machine, chain: str) -> None:
    await machine.run("nft", "-f", "-", input=f"table inet t {{ {chain}\n}}\n")
