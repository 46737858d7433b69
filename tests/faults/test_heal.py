"""A part that fails is named in the log, the others say goodbye, and the daemon ends, to be started again."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lanchatd.daemon import TICK
from lanchatd.parts import Parts
from tests.process import ADA, BOB, PATIENCE, running, spawn, tab_of

from .rig import breakable, line, said


@dataclass
class Fault:
    """What is done to the daemon, what the page does then, and the part that is named."""

    made: str
    named: str
    request: dict[str, str] = field(default_factory=dict)
    path: str = ""


# As soon as there are sockets: the daemon is ready a moment before.
ENGINE = "find = lambda: getattr(getattr(daemon._discovery._zeroconf, 'zeroconf', None), 'engine', None); "
SOCKETS = "(find() and find().senders + find().readers)"
NETWORK = "watches the network of this machine"
LINKS = "keeps the links to other machines"
FINDS = "finds other machines"
FAULTS = {
    "the kernel is silent about addresses": Fault(
        "import lanchatd.lan.rtnetlink as r; r.links = bug; daemon._watcher._stirred.set()", NETWORK
    ),
    "the links": Fault("i = daemon._mesh._introducer; i._introductions.due = bug; i._news.set()", LINKS),
    "no memory": Fault(
        "d = daemon._discovery; d._browse = lambda _: bytes(1 << 60); d._seeks = True; d._news.set()", FINDS
    ),
    "discovery": Fault("d = daemon._discovery; d._browse = bug; d._seeks = True; d._news.set()", FINDS),
    "asking who is there": Fault("import lanchatd.lan.browser as b; b.Browser.look = bug", FINDS),
    "discovery is cancelled": Fault("daemon._discovery._refresh = cancelled; daemon._discovery._news.set()", FINDS),
    "saving": Fault(
        "import os; os.fsync = bug", "saves contacts and settings", {"event": "set_profile", "name": "Countess"}
    ),
    "the clock": Fault("daemon._switchboard.tick = bug", "knows who is there and what is said"),
    "a timer of ours": Fault(
        "daemon._people.places = bug; loop.call_soon(daemon._dial_known_places)", "knows who is there"
    ),
    "a request of the page": Fault(
        "daemon._switchboard.request = bug", "serves the page", {"event": "get_online_users"}
    ),
    "a page": Fault("daemon._switchboard.core.roster.views = bug", "serves the page", path="/api/status"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_the_part_that_fails_is_named_and_the_daemon_ends_to_be_started_again(
    tmp_path: Path, fault: Fault
) -> None:
    async with running(tmp_path / "ada", "--name", ADA, program=breakable(fault.made)) as ada, tab_of(ada) as page:
        ada.process.send_signal(signal.SIGUSR1)
        await said(ada, "broken")
        begin = time.monotonic()
        if fault.request:
            await page.send(**fault.request)
        if fault.path:
            async with aiohttp.ClientSession() as session, session.get(ada.url + fault.path) as answer:
                assert answer.status == 500
        assert await asyncio.wait_for(ada.process.wait(), PATIENCE) == 1
        assert time.monotonic() - begin < 2 + TICK
        log = await ada.errors()
        (named,) = [line for line in log.splitlines() if "CRITICAL" in line]
        assert f"The part that {fault.named}" in named
        assert "has failed: " in named
        assert "Traceback" in log
        assert not ada.file.exists()


async def test_who_is_linked_with_a_daemon_that_fails_hears_goodbye(tmp_path: Path) -> None:
    broken = breakable(FAULTS["discovery"].made)
    async with (
        running(tmp_path / "bob", "--name", BOB) as bob,
        running(tmp_path / "ada", "--name", ADA, program=broken) as ada,
        tab_of(bob) as page,
    ):
        await page.person(ADA, presence="online")
        ada.process.send_signal(signal.SIGUSR1)
        await page.person(ADA, presence="offline")
        assert await asyncio.wait_for(ada.process.wait(), PATIENCE) == 1
        assert await bob.stop() == 0
        assert "bye: stopping" in await bob.errors()


async def test_a_fault_that_a_record_on_the_air_brings_up_is_one_of_ours(tmp_path: Path) -> None:
    async with running(tmp_path / "ada", "--name", ADA, program=breakable("daemon._discovery._tell = bug")) as ada:
        ada.process.send_signal(signal.SIGUSR1)
        await said(ada, "broken")
        async with running(tmp_path / "bob"):
            assert await asyncio.wait_for(ada.process.wait(), PATIENCE) == 1
        assert f"The part that {FINDS} has failed: ZeroDivisionError" in await ada.errors()


async def test_a_fault_at_the_start_ends_it_too(tmp_path: Path) -> None:
    program = (
        "import lanchatd.lan.rtnetlink as r, lanchatd.cli as c; r.subscribe = lambda: 1 / 0; raise SystemExit(c.main())"
    )
    daemon = await spawn(tmp_path / "ada", program=("-c", program))
    assert await asyncio.wait_for(daemon.process.wait(), PATIENCE) == 1
    assert daemon.process.stdout
    assert await daemon.process.stdout.read() == b""
    log = await daemon.errors()
    assert f"The part that {NETWORK} has failed: ZeroDivisionError" in log
    assert log.count("Traceback") == 1


async def test_what_hangs_in_a_daemon_that_has_failed_is_ended(tmp_path: Path) -> None:
    made = "daemon._mesh.stop = asyncio.Event().wait; daemon._switchboard.tick = bug"
    async with running(tmp_path / "ada", program=breakable(made)) as ada:
        ada.process.send_signal(signal.SIGUSR1)
        assert await asyncio.wait_for(ada.process.wait(), PATIENCE) == -signal.SIGALRM


MDNS = ("224.0.0.251", 5353)


async def test_nothing_that_a_stranger_sends_ends_it(tmp_path: Path) -> None:
    """Neither at the port of the page, nor at the one for machines, nor by multicast."""
    garbage = [b"\0" * 600, bytes(range(256)) * 4, b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n", b"\x16\x03\x01\xff\xff" * 9]
    async with running(tmp_path / "ada", "--name", ADA) as ada, running(tmp_path / "bob", "--name", BOB) as bob:
        async with tab_of(ada) as page:
            await page.person(BOB, presence="online")
            for port in (int(ada.url.rpartition(":")[2]), ada.told["peer_port"]):
                for nonsense in garbage:
                    with socket.create_connection(("127.0.0.1", port)) as connection:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        connection.sendall(nonsense)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as air:
                air.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
                for nonsense in (*garbage, b"\0\0\x84\0\0\0\0\1\0\0\0\0\xc0\x0c", b"\0\0\x84" + b"\xff" * 60):
                    air.sendto(nonsense, MDNS)
            await bob.stop()
            await page.person(BOB, presence="offline")
        assert await ada.stop() == 0
        log = await ada.errors()
        assert "CRITICAL" not in log
        assert "ERROR" not in log


def raised_through(*modules: str) -> ZeroDivisionError:
    """An exception that has come up through functions of these modules, the outermost first."""
    call = lambda: 1 // 0  # noqa: E731
    for module in reversed(modules):
        there: dict[str, Any] = {"__name__": module, "call": call}
        exec("def here(): call()", there)  # noqa: S102
        call = there["here"]
    try:
        call()
    except ZeroDivisionError as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("modules", "ours"),
    [
        (("asyncio", "lanchatd.lan.doorstep", "aiohttp.web_protocol"), False),
        (("asyncio", "aiohttp.web_protocol"), False),
        (("asyncio", "zeroconf._listener"), False),
        (("asyncio", "zeroconf._listener", "lanchatd.lan.discovery"), True),
        (("asyncio", "lanchatd.lan.doorstep", "asyncio"), True),
    ],
)
async def test_what_others_make_of_a_packet_is_no_fault_of_ours(modules: tuple[str, ...], ours: bool) -> None:
    parts = Parts()
    try:
        parts.judge(asyncio.get_running_loop(), {"exception": raised_through(*modules), "protocol": None})
    finally:
        signal.alarm(0)
    assert parts.failed is ours
    assert parts.ending.is_set() is ours


async def test_what_zeroconf_makes_of_what_was_sent_is_no_fault_of_ours_either() -> None:
    """Its timers work on what anybody has sent."""
    stumbled: list[BaseException] = []
    parts = Parts(stumbled.append)
    loop = asyncio.get_running_loop()
    error = raised_through("asyncio", "zeroconf._engine")
    parts.judge(loop, {"exception": error, "handle": loop.call_later(0, bool)})
    assert stumbled == [error]
    assert not parts.failed


async def test_who_has_thousands_of_connections_go_wrong_does_not_fill_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    parts, error = Parts(), raised_through("asyncio", "zeroconf._listener")
    for _ in range(1000):
        parts.judge(asyncio.get_running_loop(), {"exception": error, "protocol": None})
    assert 1 <= len(caplog.records) <= 9


async def test_what_zeroconf_makes_of_a_packet_is_no_reason_to_begin_anew() -> None:
    """Whoever sends packets could have it begin without end."""

    class Protocol(asyncio.DatagramProtocol):
        def come(self) -> None: ...

    stumbled: list[BaseException] = []
    parts, loop = Parts(stumbled.append), asyncio.get_running_loop()
    error = raised_through("asyncio", "zeroconf._listener")
    parts.judge(loop, {"exception": error, "protocol": None})
    parts.judge(loop, {"exception": error, "handle": loop.call_later(0, Protocol().come)})
    assert stumbled == []
    assert not parts.failed


async def test_a_daemon_whose_zeroconf_has_stumbled_finds_others(tmp_path: Path) -> None:
    stumble = "(setattr(find(), 'zc', None), find()._async_cache_cleanup())"
    made = f"{ENGINE}fall = lambda: {stumble} if {SOCKETS} else loop.call_later(0.02, fall); loop.call_soon(fall)"
    async with running(tmp_path / "ada", "--name", ADA, program=breakable(made)) as ada:
        ada.process.send_signal(signal.SIGUSR1)
        assert "could not be taken in (AttributeError)" in await line(ada, "Discovery does not work")
        async with running(tmp_path / "bob", "--name", BOB), tab_of(ada) as page:
            await page.person(BOB, presence="online")
        assert await ada.stop() == 0


@pytest.mark.parametrize(
    "made",
    [
        ENGINE
        + f"cut = lambda: [each.transport.close() for each in {SOCKETS} or ()] or loop.call_later(0.02, cut); cut()",
        ENGINE + f"cut = lambda: find()._async_shutdown() if {SOCKETS} else loop.call_later(0.02, cut); cut()",
    ],
)
async def test_discovery_without_sockets_is_named_and_not_limped_on_with(tmp_path: Path, made: str) -> None:
    async with running(tmp_path / "ada", program=breakable(made)) as ada:
        ada.process.send_signal(signal.SIGUSR1)
        await said(ada, "broken")
        assert await asyncio.wait_for(ada.process.wait(), PATIENCE) == 1
        assert "The part that finds other machines has failed" in await ada.errors()
