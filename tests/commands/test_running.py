"""Which daemon a command speaks to, and the one sentence when there is none."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from lanchatd.commands.errors import Exit
from tests.process import ADA, Daemon, running

from .shell import lanchatd

NOBODY = "a" * 52
START = "lanchatd: lanchatd is not running; start it with: lanchatd open.\n"


def announce(home: Path, pid: int, url: str = "http://localhost:1", peer: str = NOBODY) -> Path:
    file = home / "runtime" / "lanchat" / "daemon.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"pid": pid, "url": url, "peer_port": 1, "peer_id": peer, "proof": "0"}))
    return file


@pytest.mark.parametrize("command", [["status"], ["people", "--watch"], ["send", "Bob", "hello"], ["log", "Bob", "-f"]])
async def test_without_a_daemon_every_command_says_how_to_start_it(tmp_path: Path, command: list[str]) -> None:
    done = await lanchatd(tmp_path, *command)
    assert (done.status, done.out, done.err) == (Exit.NOT_RUNNING, "", START)


async def test_what_a_killed_daemon_has_left_behind_is_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, "--name", ADA) as daemon:
        daemon.process.kill()
        await daemon.process.wait()
        assert daemon.file.exists()
        done = await lanchatd(tmp_path, "people")
    assert (done.status, done.err) == (Exit.NOT_RUNNING, START)


async def test_a_process_that_happens_to_have_the_number_is_no_daemon(tmp_path: Path) -> None:
    announce(tmp_path, os.getpid())
    done = await lanchatd(tmp_path, "people")
    assert (done.status, done.err) == (Exit.NOT_RUNNING, START)


async def test_a_daemon_of_somebody_else_at_its_port_is_not_spoken_to(tmp_path: Path) -> None:
    async with running(tmp_path / "ada", "--name", ADA) as daemon:
        announce(tmp_path, os.getpid(), daemon.url)
        done = await lanchatd(tmp_path, "status")
    assert done.status == Exit.NOT_RUNNING
    assert done.err.startswith("lanchatd: Another program answers at http://localhost:")


async def test_a_daemon_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        announce(tmp_path, os.getpid(), f"http://127.0.0.1:{silent.getsockname()[1]}")
        done = await lanchatd(tmp_path, "status")
    assert done.status == Exit.NOT_RUNNING
    assert done.err == f"lanchatd: lanchatd (process {os.getpid()}) does not answer; stop it and start it again.\n"


async def test_a_file_that_is_cut_off_is_no_daemon(tmp_path: Path) -> None:
    announce(tmp_path, os.getpid()).write_text('{"pid": 1')
    assert (await lanchatd(tmp_path, "status")).err == START


async def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "runtime" / "lanchat" / "daemon.json"
    file.mkdir(parents=True)
    done = await lanchatd(tmp_path, "status")
    assert (done.status, done.err) == (Exit.WRONG, f"lanchatd: {file} can't be read: Is a directory.\n")


async def test_two_daemons_of_which_one_is_out_of_reach_are_both_named(tmp_path: Path) -> None:
    """Both share the runtime folder, so daemon.json tells of the later one only."""
    async with running(tmp_path, "--name", ADA) as first:
        async with running(tmp_path, "--name", ADA, "--state-dir", str(tmp_path / "other")) as second:
            done = await lanchatd(tmp_path, "send", "Bob", "hello")
            assert done.status == Exit.WRONG
            assert f"only process {second.process.pid} can be reached, not process {first.process.pid}" in done.err
            chosen = await lanchatd(tmp_path, "status", "--json", "--state-dir", str(tmp_path / "other"))
            assert chosen.objects[0]["pid"] == second.process.pid
            await second.stop()
        await until_announced(first)
        assert (await lanchatd(tmp_path, "status", "--json")).objects[0]["pid"] == first.process.pid


async def until_announced(daemon: Daemon) -> None:
    """Wait until its daemon.json is there; nobody tells."""
    async with asyncio.timeout(10):
        while not daemon.file.exists():
            await asyncio.sleep(0.05)


async def test_a_daemon_that_is_not_announced_is_named_also_by_the_doctor(tmp_path: Path) -> None:
    async with running(tmp_path, "--name", ADA) as daemon:
        daemon.process.send_signal(signal.SIGSTOP)  # it would announce itself again
        try:
            daemon.file.unlink()
            done = await lanchatd(tmp_path, "status")
            told = (await lanchatd(tmp_path, "doctor", "--json")).objects[0]
        finally:
            daemon.process.send_signal(signal.SIGCONT)
        assert done.status == Exit.NOT_RUNNING
        assert f"LanChat (process {daemon.process.pid}) is starting, or " in done.err
        (found,) = [each for each in told["findings"] if each["kind"] in ("not_running", "daemon_silent")]
        assert "it is not told where it can be asked" in found["sentence"]
        await until_announced(daemon)


async def test_a_daemon_with_another_state_folder_is_found_unless_a_folder_is_named(tmp_path: Path) -> None:
    async with running(tmp_path, "--name", ADA, "--state-dir", str(tmp_path / "other")) as daemon:
        assert (await lanchatd(tmp_path, "status", "--json")).objects[0]["pid"] == daemon.process.pid
        done = await lanchatd(tmp_path, "--state-dir", str(tmp_path / "third"), "status")
        assert (done.status, done.err) == (Exit.NOT_RUNNING, START)


async def test_a_daemon_without_session_is_found_by_its_state_folder(tmp_path: Path) -> None:
    async with running(tmp_path, "--name", ADA, under=("env", "-u", "XDG_RUNTIME_DIR")) as daemon:
        assert (await lanchatd(tmp_path, "status", "--json")).objects[0]["pid"] == daemon.process.pid


async def test_no_home_is_one_sentence(tmp_path: Path) -> None:
    done = await lanchatd(tmp_path, "people", HOME="", XDG_RUNTIME_DIR="", LANCHAT_STATE_DIR="")
    assert done.status == Exit.WRONG
    assert done.err == "lanchatd: HOME is not set; say with --state-dir in which folder LanChat may keep its state.\n"


async def test_a_wrong_key_in_the_settings_is_named_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("state_dri = '/tmp'\n")
    done = await lanchatd(tmp_path, "people", "--config", str(file))
    assert done.status == Exit.WRONG
    assert done.err == (
        f"lanchatd: The configuration file {file} has an unknown key 'state_dri'; did you mean 'state_dir'?\n"
    )


async def test_where_users_can_not_be_told_apart_commands_and_browser_both_get_in(tmp_path: Path) -> None:
    unknown = ("unshare", "--user")
    async with running(tmp_path, "--name", ADA, under=unknown) as daemon:
        assert daemon.told["key"]
        assert daemon.file.stat().st_mode & 0o077 == 0
        for _ in range(2):
            done = await lanchatd(tmp_path, "status", "--json", under=unknown)
            assert done.objects[0]["name"] == ADA, done.err
        entrances = [(await lanchatd(tmp_path, "open", "--no-browser", under=unknown)).out.strip() for _ in range(2)]
        async with aiohttp.ClientSession() as late, aiohttp.ClientSession() as mine:
            assert (await late.get(entrances[0])).status == 403, "only the newest lets in"
            assert ADA in await (await mine.get(entrances[1])).text()
