"""Who can't be reached, and why: each provoked, and found by the command."""

from __future__ import annotations

import asyncio
import shutil
import sys

import pytest

from lanchatd.doctor.rules import multicast
from tests.lan.daemon import Daemon
from tests.lan.network import NO_MULTICAST, between

from .clinic import Clinic, command, eventually, examine, linked

CLOSED = """
table inet closed {
    chain input {
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        iifname lo accept
        meta l4proto { icmp, ipv6-icmp } accept
        udp dport 5353 accept
    }
}
"""
"""A stock firewall, in which mDNS is open and nothing else."""
OTHER_VERSION = """
import lanchatd.protocol.peer as peer
peer.PROTOCOL = peer.OLDEST_PROTOCOL = 99
from lanchatd.cli import main
main(["--log-level", "debug"])
"""


@pytest.mark.provokes("isolated")
async def test_the_network_keeps_two_machines_apart(clinic: Clinic) -> None:
    machines = [await clinic.machine(name) for name in ("Anna", "Ben", "Cara")]
    async with clinic.network.fault(*between(machines[0], machines[1])):
        daemons = [await clinic.daemon(machine) for machine in machines]
        await linked(daemons[2], 2)
        await eventually(daemons[0], lambda told: _peer(told, daemons[1])["attempts"])
        opinion = await examine(machines[0])
        assert opinion.status == 1
        assert "10.77.0.2" in opinion["isolated"]["sentence"] and opinion["isolated"]["about"] == daemons[1].peer_id
        assert opinion.kinds == ["isolated"]


@pytest.mark.provokes("one_way")
async def test_somebody_reaches_us_and_lets_nobody_in(clinic: Clinic) -> None:
    anna = await clinic.daemon(await clinic.machine("Anna"))
    machine = await clinic.machine("Ben")
    await machine.run("nft", "-f", "-", input=CLOSED)
    ben = await clinic.daemon(machine)
    await linked(anna, 1)
    opinion = await examine(anna.machine)
    assert (opinion.status, opinion.kinds) == (1, ["one_way"])
    assert "“Ben” (10.77.0.2) has reached this machine" in opinion["one_way"]["sentence"]
    assert (await examine(ben.machine)).kinds == ["firewall_closed"], "and there it is told how to open it"


@pytest.mark.provokes("peer_firewall", "firewall_closed")
async def test_two_closed_machines_never_meet(clinic: Clinic) -> None:
    daemons = []
    for name in ("Anna", "Ben"):
        machine = await clinic.machine(name)
        await machine.run("nft", "-f", "-", input=CLOSED)
        daemons.append(await clinic.daemon(machine))
    await eventually(daemons[0], lambda told: told["peers"] and told["peers"][0]["attempts"])
    opinion = await examine(daemons[0].machine)
    assert (opinion.status, opinion.kinds) == (1, ["firewall_closed", "peer_firewall"])
    assert "“Ben” (10.77.0.2) is there and does not answer" in opinion["peer_firewall"]["sentence"]


@pytest.mark.provokes("peer_firewall")
async def test_a_machine_that_refuses(clinic: Clinic) -> None:
    anna, ben = await clinic.people("Anna", "Ben")
    reject = "table inet r { chain i { type filter hook input priority 0; tcp dport 5263 reject with tcp reset; }\n}\n"
    for daemon in (anna, ben):
        await daemon.machine.run("nft", "-f", "-", input=reject)
    await eventually(anna, lambda told: told["peers"] and told["peers"][0]["link"] is None)
    await anna.machine.run("nft", "flush", "ruleset")
    await eventually(anna, lambda told: _peer(told, ben)["attempts"])
    again = await clinic.daemon(await clinic.machine("Cara"), "--peer", "10.77.0.2:5263")
    await eventually(again, lambda told: any(peer["attempts"] for peer in told["peers"]))
    assert "refuses" in (await examine(again.machine))["peer_firewall"]["sentence"]


@pytest.mark.provokes("peer_silent")
async def test_nobody_is_at_the_address_that_was_given(clinic: Clinic) -> None:
    daemon = await clinic.daemon(await clinic.machine("Anna"), "--peer", "10.77.0.99:5263")
    await eventually(daemon, lambda told: told["peers"] and told["peers"][0]["attempts"])
    opinion = await examine(daemon.machine)
    assert opinion.status == 1 and "10.77.0.99" in opinion["peer_silent"]["sentence"]


@pytest.mark.provokes("peer_unfit")
async def test_something_else_answers(clinic: Clinic) -> None:
    ben = await clinic.machine("Ben")
    server = await ben.spawn(sys.executable, "-m", "http.server", "8080", stderr=asyncio.subprocess.DEVNULL)
    anna = await clinic.daemon(await clinic.machine("Anna"), "--peer", "10.77.0.1:8080")
    kinds = {"stranger", "broken"}
    await eventually(anna, lambda told: any(each["kind"] in kinds for p in told["peers"] for each in p["attempts"]))
    opinion = await examine(anna.machine)
    assert opinion.status == 1 and "10.77.0.1" in opinion["peer_unfit"]["sentence"]
    server.kill()
    await server.wait()


@pytest.mark.provokes("incompatible")
async def test_another_version(clinic: Clinic) -> None:
    anna = await clinic.daemon(await clinic.machine("Anna"))
    ben = await clinic.machine("Ben")
    process = await ben.spawn(sys.executable, "-c", OTHER_VERSION, stderr=asyncio.subprocess.DEVNULL)
    await eventually(anna, lambda told: told["peers"] and told["peers"][0]["incompatible"])
    opinion = await examine(anna.machine)
    assert (opinion.status, opinion.kinds) == (1, ["incompatible"])
    assert "update this machine" in opinion["incompatible"]["sentence"]
    process.kill()
    await process.wait()


@pytest.mark.provokes("outgoing_blocked")
async def test_this_machine_forbids_it(clinic: Clinic) -> None:
    machine = await clinic.machine("Anna")
    await machine.run("ip", "route", "add", "prohibit", "10.77.0.2")
    await machine.run("ip", "-6", "route", "add", "prohibit", "fd77::2")
    ben = await clinic.machine("Ben")
    await ben.run("nft", "-f", "-", input=CLOSED)
    await clinic.daemon(ben)
    anna = await clinic.daemon(machine, "--peer", "10.77.0.2:5263")
    await eventually(anna, lambda told: any(peer["attempts"] for peer in told["peers"]))
    opinion = await examine(anna.machine)
    assert opinion.status == 1 and "outgoing_blocked" in opinion.kinds


@pytest.mark.provokes("multicast_unheard")
async def test_the_network_passes_no_multicast(clinic: Clinic) -> None:
    async with clinic.network.fault(*NO_MULTICAST):
        anna = await clinic.daemon(await clinic.machine("Anna"))
        ben = await clinic.daemon(await clinic.machine("Ben"), "--peer", "10.77.0.1:5263")
        for daemon in (anna, ben):
            await linked(daemon, 1)
            await eventually(daemon, lambda told: told["peers"][0]["link"]["since"] >= multicast.SETTLED)
            opinion = await examine(daemon.machine)
            assert (opinion.status, opinion.kinds) == (1, ["multicast_unheard"])
            assert "eth0" in opinion["multicast_unheard"]["sentence"]


@pytest.mark.provokes("clone_self", "clone_peer")
async def test_one_key_on_two_machines(clinic: Clinic) -> None:
    anna, cara = await clinic.people("Anna", "Cara")
    copy = await clinic.machine("Copy")
    state = copy.folder / "home/.local/state/lanchat"
    state.mkdir(parents=True, mode=0o700)
    shutil.copy(anna.folder / "home/.local/state/lanchat/identity.key", state)
    await clinic.daemon(copy)
    await eventually(anna, lambda told: told["clone"] is not None, 30)
    opinion = await examine(anna.machine)
    assert opinion.status == 1 and "10.77.0.3" in opinion["clone_self"]["sentence"]
    await eventually(cara, lambda told: told["clones"], 60)
    assert "one key on two machines" in (await examine(cara.machine))["clone_peer"]["sentence"]


async def test_who_has_gone_properly_is_no_finding(clinic: Clinic) -> None:
    anna, ben = await clinic.people("Anna", "Ben")
    await ben.stop()
    await eventually(anna, lambda told: not any(peer["link"] for peer in told["peers"]))
    opinion = await examine(anna.machine)
    assert opinion.status == 0 and set(opinion.kinds) <= {"nobody_heard"}


async def test_who_has_crashed_is_no_finding(clinic: Clinic) -> None:
    """The announcement of a killed daemon lives on for more than an hour; that is no reason to alarm anybody."""
    anna, ben = await clinic.people("Anna", "Ben")
    await ben.kill()
    await eventually(anna, lambda told: not any(peer["link"] for peer in told["peers"]))
    opinion = await examine(anna.machine)
    assert (opinion.status, opinion.kinds) == (0, [])


async def test_names_of_strangers_do_not_steer_the_terminal(clinic: Clinic) -> None:
    anna = await clinic.daemon(await clinic.machine("Anna"))
    await clinic.daemon(await clinic.machine("Ben"), "--name", "Ben \N{RIGHT-TO-LEFT OVERRIDE}2J")
    await linked(anna, 1)
    _, text = await command(anna.machine)
    assert "Ben 2J" in text and "\N{RIGHT-TO-LEFT OVERRIDE}" not in text


def _peer(told: dict[str, object], daemon: Daemon) -> dict[str, object]:
    peers = told["peers"]
    assert isinstance(peers, list)
    return next((dict(peer) for peer in peers if peer["id"] == daemon.peer_id), {"attempts": []})
