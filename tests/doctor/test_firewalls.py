"""Real firewalls as they come: found closed, opened by the one command that is told, and open then by every measure."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from tests.lan.machine import ROOT, Machine

from . import firewalls
from .clinic import Clinic, Opinion, examine, linked

NFT = """
table inet filter {
    set trusted { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 }; }
    chain lan { tcp dport 22 accept; }
    chain input {
        type filter hook input priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        iifname "lo" accept
        ip saddr @trusted accept
        meta l4proto vmap { icmp : accept, ipv6-icmp : accept }
        iifname "eth*" jump lan
    }
}
"""
IPTABLES = """
iptables -P INPUT DROP
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A INPUT -p tcp -m multiport --dports 22,8000:8080 -m comment --comment "ssh and more" -j ACCEPT
iptables -A INPUT ! -i eth0 -j ACCEPT
"""
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], 5263), 2).close()"
WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--")


@asynccontextmanager
async def nftables(machine: Machine) -> AsyncIterator[None]:
    await machine.run("nft", "-f", "-", input=NFT)
    yield


@asynccontextmanager
async def iptables(machine: Machine) -> AsyncIterator[None]:
    await machine.run("sh", "-euc", IPTABLES)
    yield


@asynccontextmanager
async def ufw(machine: Machine) -> AsyncIterator[None]:
    await firewalls.ufw(machine)
    yield


@asynccontextmanager
async def ufw_with_profile(machine: Machine) -> AsyncIterator[None]:
    await firewalls.ufw(machine)
    await machine.run("cp", str(ROOT / "share/ufw/lanchat"), "/etc/ufw/applications.d/")
    yield


@asynccontextmanager
async def firewalld_with_service(machine: Machine) -> AsyncIterator[None]:
    async with firewalls.firewalld(machine, service=ROOT / "share/firewalld/lanchat.xml"):
        yield


SORTS: dict[str, Callable[[Machine], AbstractAsyncContextManager[None]]] = {
    "nftables": nftables,
    "iptables": iptables,
    "ufw": ufw,
    "firewalld": firewalls.firewalld,
    "ufw with our profile": ufw_with_profile,
    "firewalld with our service": firewalld_with_service,
}


@pytest.mark.provokes("firewall_closed")
@pytest.mark.parametrize("sort", SORTS)
async def test_the_one_command_opens_it(clinic: Clinic, sort: str) -> None:
    anna, ben = await clinic.machine("Anna"), await clinic.machine("Ben")
    async with SORTS[sort](anna):
        await clinic.daemon(anna)
        with pytest.raises(RuntimeError, match=r"[Tt]imed? ?out|unreachable|No route|refused"):
            await ben.run(sys.executable, "-c", CONNECT, "10.77.0.1")
        opinion = await examine(anna)
        found = opinion["firewall_closed"]
        assert opinion.status == 1 and sort.split()[0] in found["sentence"] and "eth0" in found["sentence"]
        assert ("anchat" in found["command"].lower()) == ("our" in sort), "by name, where it is known by name"
        await firewalls.obey(anna, found["command"])
        await ben.run(sys.executable, "-c", CONNECT, "10.77.0.1")
        assert "firewall_closed" not in (await examine(anna)).kinds
        assert _verdicts(await examine(anna)) == {"open"}
        cara = await clinic.daemon(await clinic.machine("Cara"))
        await linked(cara, 1)


@pytest.mark.provokes("firewall_unread")
async def test_without_the_right_to_read_the_rules(clinic: Clinic) -> None:
    anna = await clinic.machine("Anna")
    await firewalls.ufw(anna)
    await clinic.daemon(anna)
    opinion = await examine(anna, under=WITHOUT_RIGHTS)
    assert opinion.status == 0, "it may be open"
    assert "ufw" in opinion["firewall_unread"]["sentence"] and "5263/tcp" in opinion["firewall_unread"]["sentence"]
    assert "firewall_closed" not in opinion.kinds


async def test_who_has_come_in_proves_that_it_is_open(clinic: Clinic) -> None:
    anna = await clinic.machine("Anna")
    await firewalls.ufw(anna)
    await anna.run("ufw", "allow", "5263/tcp")
    daemon = await clinic.daemon(anna)
    ben = await clinic.machine("Ben")
    await ben.run("nft", "-f", "-", input=NFT)
    await clinic.daemon(ben, "--peer", "10.77.0.1:5263")
    await linked(daemon, 1)
    opinion = await examine(anna, under=WITHOUT_RIGHTS)
    assert "firewall_unread" not in opinion.kinds


def _verdicts(opinion: Opinion) -> set[str]:
    return {gate["verdict"] for firewall in opinion.told["machine"]["firewalls"] for gate in firewall["gates"]}
