"""Which interfaces are used, which addresses may be dialled, and whether a change is noticed."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from lanchatd.lan.interfaces import Interface, InterfaceWatcher, Network, is_used, scan
from lanchatd.lan.rtnetlink import IFF_BROADCAST, IFF_LOOPBACK, IFF_MULTICAST, IFF_POINTOPOINT, IFF_RUNNING, IFF_UP

from .namespace import in_own_network, ip, plug_in

LAN = IFF_UP | IFF_RUNNING | IFF_BROADCAST | IFF_MULTICAST


@pytest.mark.parametrize(
    ("name", "flags", "used"),
    [
        ("eth0", LAN, True),
        ("wlp2s0", LAN, True),
        ("br0", LAN, True),
        ("eth0", LAN & ~IFF_RUNNING, False),
        ("eth0", LAN & ~IFF_UP, False),
        ("eth0", LAN & ~IFF_MULTICAST, False),
        ("lo", LAN | IFF_LOOPBACK, False),
        ("ppp0", LAN | IFF_POINTOPOINT, False),
        *((name, LAN, False) for name in ("docker0", "br-1a2b3c", "vethab12", "virbr0", "tailscale0", "wg0", "vmnet8")),
    ],
)
def test_the_lan_is_used_and_containers_machines_and_tunnels_are_not(name: str, flags: int, used: bool) -> None:
    assert is_used(name, flags) is used


def test_chosen_interfaces_are_used_exactly() -> None:
    assert is_used("docker0", LAN, ("docker0",))
    assert is_used("lo", IFF_UP | IFF_RUNNING | IFF_LOOPBACK, ("lo",))
    assert not is_used("eth0", LAN, ("docker0",))
    assert not is_used("docker0", 0, ("docker0",))


def network(*addresses: str) -> Network:
    return Network((Interface("eth0", 2, tuple(ipaddress.ip_interface(address) for address in addresses)),))


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("10.1.2.3", True),
        ("172.31.0.1", True),
        ("172.32.0.1", False),
        ("192.168.1.1", True),
        ("169.254.3.4", True),
        ("fd12::1", True),
        ("fe80::1%eth0", True),
        ("::ffff:10.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("8.8.8.8", False),
        ("203.0.113.9", True),  # in the subnet of our own public address: a campus
        ("203.0.114.9", False),
        ("2001:db8:1::77", True),
        ("2001:db8:2::77", False),
        ("224.0.0.251", False),
        ("0.0.0.0", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("host.example", False),
        ("", False),
    ],
)
def test_only_local_addresses_may_be_dialled(address: str, local: bool) -> None:
    assert network("203.0.113.5/24", "2001:db8:1::5/64").is_local(address) is local


def test_loopback_is_local_if_chosen_or_given_by_hand() -> None:
    assert network("10.0.0.1/8").is_local("127.0.0.1", by_hand=True)
    assert not network("10.0.0.1/8").is_local("8.8.8.8", by_hand=True)
    assert network("127.0.0.1/8").is_local("127.0.0.1")


@contextlib.asynccontextmanager
async def watching(*chosen: str, slept: Callable[[], float] | None = None) -> AsyncIterator[asyncio.Queue[Network]]:
    heard: asyncio.Queue[Network] = asyncio.Queue()
    watcher = InterfaceWatcher(chosen, heard.put_nowait, slept)
    heard.put_nowait(watcher.network)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(watcher.run())
        async with asyncio.timeout(10):
            yield heard
        task.cancel()


@in_own_network
async def test_a_cable_an_address_and_its_end_are_noticed() -> None:
    plug_in()
    async with watching() as heard:
        assert (await heard.get()).interfaces == ()
        ip("link", "set", "eth0", "up")
        assert [address[:4] for address in (await heard.get()).addresses] == ["fe80"]
        ip("address", "add", "10.9.0.1/24", "dev", "eth0")
        ip("address", "add", "fd00:9::1/64", "dev", "eth0", "nodad")
        assert {"10.9.0.1", "fd00:9::1"} < set((await heard.get()).addresses), "one word for both: it waits a little"
        ip("link", "set", "xeth0", "down")
        assert (await heard.get()).interfaces == (), "no carrier, no network"
        ip("link", "set", "xeth0", "up")
        assert "10.9.0.1" in (await heard.get()).addresses
        ip("address", "del", "10.9.0.1/24", "dev", "eth0")
        assert "10.9.0.1" not in (await heard.get()).addresses
        ip("link", "del", "eth0")
        assert (await heard.get()).interfaces == ()
        assert heard.empty()


@in_own_network
async def test_an_address_is_used_only_when_it_is_no_longer_tentative() -> None:
    plug_in()
    Path("/proc/sys/net/ipv6/conf/eth0/accept_dad").write_text("1")
    ip("link", "set", "eth0", "up")
    ip("address", "add", "fd00:9::1/64", "dev", "eth0")
    assert "fd00:9::1" not in scan().addresses
    async with watching() as heard:
        while "fd00:9::1" not in (await heard.get()).addresses:
            pass


@in_own_network
async def test_waking_up_is_told_although_nothing_has_changed() -> None:
    ip("link", "set", "lo", "up")
    slept = iter([0.0, 0.0])
    async with watching("lo", slept=lambda: next(slept, 60.0)) as heard:
        before = await heard.get()
        assert before.has_loopback
        assert await heard.get() == before
        assert heard.empty()


async def test_a_chosen_interface_that_is_not_there_is_named(caplog: pytest.LogCaptureFixture) -> None:
    watching = asyncio.create_task(InterfaceWatcher(["lo", "nowhere0"], lambda _: None).run())
    await asyncio.sleep(0)
    watching.cancel()
    await asyncio.wait([watching])
    assert "interface nowhere0, which is not there" in caplog.text
    assert "lo" not in caplog.text.partition("interface ")[2].split(",")[0]
