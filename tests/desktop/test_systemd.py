"""What systemd hears of the daemon, at the other end of its socket."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lanchatd.desktop import systemd
from lanchatd.desktop.systemd import Check, ServiceManager, standing
from lanchatd.health import links_answer, page_answers
from tests.process import PATIENCE, running, spawn

WATCHDOG = 0.3
"""Seconds after which systemd would end us."""


class Manager:
    """systemd's end of the socket."""

    def __init__(self, path: Path | str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))
        self.address = str(path)

    async def hear(self) -> list[str]:
        """The next notification, in lines."""
        async with asyncio.timeout(PATIENCE):
            return (await asyncio.get_running_loop().sock_recv(self._socket, 4096)).decode().splitlines()

    async def hear_until(self, line: str) -> list[str]:
        """Everything up to this line, without it."""
        heard = []
        while line not in (lines := await self.hear()):
            heard += lines
        return heard

    def forget(self) -> None:
        """What has been said so far."""
        while True:
            try:
                self._socket.recv(4096)
            except BlockingIOError:
                return

    def environment(self, **more: str) -> dict[str, str]:
        return {"NOTIFY_SOCKET": self.address.replace("\0", "@"), "HOME": "/", **more}


@pytest.fixture
def manager(tmp_path: Path) -> Manager:
    return Manager(tmp_path / "notify")


class Part:
    """A part that is well until it is told otherwise."""

    def __init__(self) -> None:
        self.well: Callable[[], Awaitable[bool]] = self._yes

    async def check(self) -> bool:
        return await self.well()

    async def _yes(self) -> bool:
        return True

    async def hang(self) -> bool:
        return await asyncio.Event().wait()

    async def fail(self) -> bool:
        raise ConnectionRefusedError

    async def deny(self) -> bool:
        return False


@asynccontextmanager
async def speaking(
    environment: dict[str, str], checks: dict[str, Check] | None = None, status: Callable[[], str] = str
) -> AsyncIterator[asyncio.Event]:
    """The part, running; yields what makes it end."""
    ending = asyncio.Event()
    part = ServiceManager(status, checks or {}, ending, environment)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(part.run())
        yield ending
        ending.set()


async def test_says_that_it_is_ready_how_it_is_and_that_it_ends(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systemd, "BEAT", 0.01)
    state = ["Nobody"]
    async with speaking(manager.environment(), status=lambda: state[0]) as ending:
        assert await manager.hear() == ["READY=1", "STATUS=Nobody"]
        state[0] = "1 person"
        assert await manager.hear() == ["STATUS=1 person"]
        ending.set()
        assert (await manager.hear())[0] == "STOPPING=1"


async def test_speaks_to_an_abstract_address_too(tmp_path: Path) -> None:
    manager = Manager(f"\0lanchat-test-{os.getpid()}")
    async with speaking(manager.environment()):
        assert (await manager.hear())[0] == "READY=1"


@pytest.mark.parametrize("sickness", [Part.hang, Part.fail, Part.deny], ids=["hangs", "fails", "says so"])
async def test_watchdog_is_fed_by_parts_that_are_well(
    manager: Manager, sickness: Callable[[Part], Awaitable[bool]], caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(systemd, "BEAT", 0.01)
    ill, well = Part(), Part()
    checks: dict[str, Check] = {"serves the page": ill.check, "finds other machines": well.check}
    async with speaking(manager.environment(WATCHDOG_USEC=str(int(WATCHDOG * 1e6))), checks):
        await manager.hear_until("WATCHDOG=1")
        await manager.hear_until("WATCHDOG=1")
        ill.well = lambda: sickness(ill)
        await manager.hear_until("STATUS=The part that serves the page does not answer.")
        await asyncio.sleep(WATCHDOG)
        manager.forget()
        await asyncio.sleep(WATCHDOG)
        ill.well = well.check
        assert await manager.hear_until("WATCHDOG=1") == [], "it was fed by a sick daemon"
        await manager.hear_until("STATUS=")
    complaints = [entry.getMessage() for entry in caplog.records if entry.levelno == logging.ERROR]
    assert len(complaints) == 1 and "serves the page" in complaints[0] and "finds" not in complaints[0]


async def test_one_check_that_hangs_is_forgiven(manager: Manager) -> None:
    part, period = Part(), 3.0
    clock = asyncio.get_running_loop().time

    async def hang_once() -> bool:
        part.well = lambda: well()
        return await part.hang()

    well = part.well
    async with speaking(manager.environment(WATCHDOG_USEC=str(int(period * 1e6))), {"hangs": part.check}):
        await manager.hear_until("WATCHDOG=1")
        fed, part.well = clock(), hang_once
        await manager.hear_until("WATCHDOG=1")
        assert period / 3 * 1.5 < clock() - fed < period


async def test_watchdog_of_another_process_is_none_of_ours(manager: Manager) -> None:
    part = Part()
    asked = asyncio.Event()

    async def check() -> bool:
        asked.set()
        return await part.check()

    environment = manager.environment(WATCHDOG_USEC="30000", WATCHDOG_PID="1")
    async with speaking(environment, {"is here": check}):
        await manager.hear_until("READY=1")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asked.wait(), 0.1)


async def test_children_do_not_inherit_the_socket(manager: Manager) -> None:
    environment = manager.environment(WATCHDOG_USEC="1000000", WATCHDOG_PID=str(os.getpid()))
    async with speaking(environment):
        assert environment == {"HOME": "/"}


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}], ids=["no systemd", "gone"])
async def test_without_systemd_nothing_happens(environment: dict[str, str]) -> None:
    async with speaking(environment, {"fails": Part().fail}):
        pass


def test_standing_is_a_sentence() -> None:
    assert standing(0, in_call=False) == "Nobody else is online"
    assert standing(1, in_call=False) == "1 person is online"
    assert standing(12, in_call=True) == "12 people are online; in a call"


# ---------------------------------------------------------------------------------------------------------- the checks


@pytest.mark.parametrize("answers", [page_answers, links_answer])
async def test_a_door_that_nobody_opens_is_not_well(answers: Callable[[int], Awaitable[bool]]) -> None:
    """The kernel makes the connection all the same."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(answers(port), 0.2)
    with pytest.raises(ConnectionRefusedError):
        await answers(port)


async def test_page_that_hangs_up_does_not_answer() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        assert not await page_answers(server.sockets[0].getsockname()[1])


async def test_real_daemon_speaks_and_knocks_at_its_own_doors(
    manager: Manager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in manager.environment(WATCHDOG_USEC="300000").items():
        monkeypatch.setenv(key, value)
    async with running(tmp_path / "home", "--log-level", "debug") as daemon:
        assert await manager.hear() == ["READY=1", "STATUS=Nobody else is online"]
        # So often that the listener stops letting in whoever knocks and says nothing: that is an answer too.
        for _ in range(40):
            await manager.hear_until("WATCHDOG=1")
        await daemon.stop(signal.SIGTERM)
        assert "STOPPING=1" in (await manager.hear())


async def test_systemd_hears_why_it_does_not_start(
    manager: Manager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    daemon = await spawn(tmp_path / "home", "--log-level", "loud")
    assert await daemon.process.wait() == 2
    (line,) = await manager.hear()
    assert line.startswith("STATUS=--log-level must be ")
