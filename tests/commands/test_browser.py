"""What the commands do with the browser of the person: here a program that writes down what it is to open."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from lanchatd.commands.errors import Exit
from tests.process import ADA, BOB, running, tab_of

from .shell import friends, lanchatd


class Desk:
    """A screen whose browser keeps the addresses in a file."""

    def __init__(self, folder: Path) -> None:
        self._opened = folder / "opened"
        programs = folder / "programs"
        programs.mkdir()
        opener = programs / "xdg-open"
        opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {self._opened}\n')
        opener.chmod(0o755)
        self.variables = {"DISPLAY": ":99", "PATH": f"{programs}:{os.environ['PATH']}"}

    async def opened(self) -> str:
        """The address that was opened last, once there is one."""
        async with asyncio.timeout(20):
            while not self._opened.exists():
                await asyncio.sleep(0.02)  # another program writes it
        return self._opened.read_text().splitlines()[-1]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_the_page_is_opened(tmp_path: Path, desk: Desk) -> None:
    async with running(tmp_path, "--name", ADA) as daemon:
        done = await lanchatd(tmp_path, "open", **desk.variables)
        assert (done.status, done.out) == (Exit.DONE, f"LanChat is open in your browser: {daemon.url}\n")
        assert await desk.opened() == daemon.url


async def test_without_a_screen_the_address_is_told(tmp_path: Path) -> None:
    async with running(tmp_path, "--name", ADA) as daemon:
        done = await lanchatd(tmp_path, "open")
        assert done.status == Exit.REFUSED
        assert done.err == f"lanchatd: There is no screen here; open this in a browser of this machine: {daemon.url}\n"
        done = await lanchatd(tmp_path, "open", "--no-browser")
        assert (done.status, done.out) == (Exit.DONE, f"{daemon.url}\n")


async def test_a_daemon_that_does_not_run_is_started_and_stays(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "config.toml").write_text('ui_port = 0\npeer_port = 0\ninterfaces = ["lo"]\n')
    config = {"LANCHAT_CONFIG": str(tmp_path / "config.toml"), **desk.variables}
    done = await lanchatd(tmp_path, "open", "--json", **config)
    assert done.status == Exit.DONE, done.err
    (status,) = (await lanchatd(tmp_path, "status", "--json", **config)).objects
    try:
        assert await desk.opened() == status["url"] == done.objects[0]["url"]
    finally:
        await ended(status["pid"])


async def test_the_user_unit_is_started_where_there_is_one(tmp_path: Path, desk: Desk) -> None:
    manager = tmp_path / "programs" / "systemctl"
    daemon = f"setsid -f {sys.executable} -m lanchatd --ui-port 0 --peer-port 0 --interface lo > /dev/null 2>&1"
    manager.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ntest "$2" != start || {daemon}\n')
    manager.chmod(0o755)
    done = await lanchatd(tmp_path, "open", "--json", **desk.variables)
    assert done.status == Exit.DONE, done.err
    (status,) = (await lanchatd(tmp_path, "status", "--json")).objects
    await ended(status["pid"])
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["--user cat lanchatd.service", "--user start lanchatd.service"]
    manager.write_text('#!/bin/sh\ntest "$2" = cat\n')
    done = await lanchatd(tmp_path, "open", **desk.variables)
    sentence = "lanchatd: systemd can't start lanchatd; see: journalctl --user -u lanchatd.service\n"
    assert (done.status, done.err) == (Exit.NOT_RUNNING, sentence)


async def ended(pid: int) -> None:
    """End a daemon that is no child of ours, and wait until it is gone."""
    os.kill(pid, signal.SIGTERM)
    async with asyncio.timeout(20):
        while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
            await asyncio.sleep(0.02)  # a process that is not ours tells nobody of its end


async def test_why_a_daemon_does_not_start_is_its_own_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    done = await lanchatd(tmp_path, "open", "--no-browser")
    assert done.status == Exit.NOT_RUNNING
    assert f"The state folder {tmp_path / 'state'} is not a folder; choose" in done.err
    assert done.err.count("\n") == 1


async def test_the_words_of_a_start_go_through_no_link_and_into_a_closed_folder(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    (tmp_path / "precious").write_text("keep me")
    folder = tmp_path / "runtime/lanchat"
    folder.mkdir(mode=0o700, parents=True)
    log = folder / "lanchatd.log"
    log.symlink_to(tmp_path / "precious")
    done = await lanchatd(tmp_path, "open", "--no-browser")
    assert "is not a folder; choose" in done.err
    assert (tmp_path / "precious").read_text() == "keep me"
    assert not log.is_symlink() and log.stat().st_mode & 0o777 == 0o600

    folder.chmod(0o755)
    await lanchatd(tmp_path, "open", "--no-browser")
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_call_is_placed_by_the_page_that_opens_and_by_no_address(tmp_path: Path, desk: Desk) -> None:
    async with friends(tmp_path) as pair:
        done = await lanchatd(pair.ada.home, "call", BOB, "--video", **desk.variables)
        assert (done.status, done.out) == (Exit.DONE, f"The page in your browser calls {BOB}.\n")
        assert (await desk.opened()).endswith(f"#/{pair.to_bob}"), "the conversation, and no word of a call"
        async with tab_of(pair.ada) as page:
            await page.send("set_focus", focused=True, person=pair.to_bob)
            await page.send("get_online_users")
            told = []
            while (event := await page.next())["event"] != "online_users_list":
                told.append(event)
            assert {"event": "place_call", "person": pair.to_bob, "video": True} in told, "at once"
            await page.send("start_call", person=pair.to_bob, video=True)
            await pair.there.expect("incoming_call")
        async with tab_of(pair.ada) as second:
            await second.send("set_focus", focused=True, person=pair.to_bob)
            await second.send("get_online_users")
            assert (await second.next())["event"] != "place_call", "once"


async def test_a_page_that_is_open_already_places_the_call_if_none_opens(tmp_path: Path, desk: Desk) -> None:
    async with friends(tmp_path) as pair:
        await pair.here.send("set_focus", focused=False)
        assert (await lanchatd(pair.ada.home, "call", BOB, **desk.variables)).status == Exit.DONE
        await pair.here.expect("place_call", person=pair.to_bob, video=False)


async def test_who_can_not_be_called_is_not(tmp_path: Path, desk: Desk) -> None:
    async with friends(tmp_path) as pair:
        await pair.bob.stop()
        await pair.here.person(BOB, presence="offline")
        done = await lanchatd(pair.ada.home, "call", BOB, **desk.variables)
        assert (done.status, done.err) == (Exit.REFUSED, f"lanchatd: {BOB} is not connected now.\n")
        assert not (tmp_path / "opened").exists()


async def test_without_a_screen_it_is_told_where_to_call_from(tmp_path: Path) -> None:
    async with friends(tmp_path) as pair:
        done = await lanchatd(pair.ada.home, "call", BOB)
        where = f"open this in a browser of this machine, and call {BOB} from there: {pair.ada.url}"
        assert (done.status, done.err) == (Exit.REFUSED, f"lanchatd: There is no screen here; {where}\n")


async def test_where_users_can_not_be_told_apart_the_told_address_lets_in(tmp_path: Path) -> None:
    async with friends(tmp_path) as pair:
        await pair.ada.stop()
        async with running(pair.ada.home, under=("unshare", "--user")) as daemon, aiohttp.ClientSession() as browser:
            done = await lanchatd(daemon.home, "call", BOB)
            assert done.status == Exit.REFUSED
            assert (await browser.get(done.err.split()[-1])).status == 200
