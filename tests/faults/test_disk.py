"""The disk: full, not to be written, cut off in the middle. Nothing that was saved is ever lost or overwritten."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.process import ADA, BOB, running, spawn, tab_of

from .rig import Disk, befriend, line, talk, until


def kept_name(path: Path) -> str:
    return str(json.loads((path / "state.json").read_text())["name"])


async def test_on_a_full_disk_the_page_is_told_once_and_all_is_saved_when_there_is_room(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "ada")
    async with (
        running(tmp_path / "bob", "--name", BOB) as bob,
        running(tmp_path / "ada", under=disk.under()) as ada,
        tab_of(ada) as page,
        tab_of(bob) as there,
    ):
        disk.of(ada)
        to_bob, _ = await befriend(page, there, BOB)
        await page.send("set_profile", name="Before")
        await until(lambda: (disk.path / "state.json").exists() and kept_name(disk.path) == "Before")
        disk.fill()
        await page.send("set_profile", name=ADA, ref="2")
        problem = await page.expect("error")
        assert problem["code"] == "not_saved"
        assert "the disk is full" in problem["message"]
        assert kept_name(disk.path) == "Before"
        # Bob notices nothing, and whoever opens the page later is told as well.
        await talk(page, there, to_bob, "all the same")
        async with tab_of(ada) as later:
            assert (await later.expect("error"))["message"] == problem["message"]
        disk.free()
        await line(ada, "saved again")
        assert kept_name(disk.path) == ADA
        assert to_bob in (disk.path / "state.json").read_text()
        await page.send("get_online_users", ref="last")
        told = []
        while not told or told[-1].get("ref") != "last":
            told.append(dict(await page.next()))
        assert [event for event in told if event["event"] == "error"] == []
        assert await ada.stop() == 0
        assert (await ada.errors()).count("the disk is full") == 0


async def test_a_disk_that_turns_read_only_is_told_and_written_again_when_it_can_be(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "ada")
    async with running(tmp_path / "ada", under=disk.under()) as ada, tab_of(ada) as page:
        disk.of(ada)
        await page.send("set_profile", name="Before")
        await until(lambda: (disk.path / "state.json").exists() and kept_name(disk.path) == "Before")
        disk.remount("ro")
        await page.send("set_profile", name="After")
        assert "the disk can only be read" in (await page.expect("error", code="not_saved"))["message"]
        assert kept_name(disk.path) == "Before"
        disk.remount("rw")
        await line(ada, "saved again")
        assert kept_name(disk.path) == "After"


async def test_who_has_a_key_starts_on_a_full_disk_and_who_has_none_is_told_why_not(tmp_path: Path) -> None:
    home = tmp_path / "ada"
    disk = Disk(home)
    newcomer = await spawn(home, under=disk.under("dd if=/dev/zero of=$0/filler bs=1k status=none 2>/dev/null || true"))
    assert await asyncio.wait_for(newcomer.process.wait(), 10) == 2
    sentence = await newcomer.errors()
    assert "No space left on device" in sentence
    assert len(sentence.splitlines()) == 1
    async with running(tmp_path / "bob") as bob:
        await bob.stop()
    key = tmp_path / "bob" / "state" / "identity.key"
    fill = f"cp {key} $0 && (dd if=/dev/zero of=$0/filler bs=1k status=none 2>/dev/null || true)"
    async with running(home, under=disk.under(fill)) as ada, tab_of(ada) as page:
        await page.send("set_profile", name=ADA)
        assert "the disk is full" in (await page.expect("error", code="not_saved"))["message"]
        assert await ada.stop() == 0


def read_only(home: Path) -> tuple[str, ...]:
    (home / "state").mkdir(mode=0o700)
    return Disk(home / "other").under(
        f"mount --bind {home}/state {home}/state", f"mount -o remount,bind,ro {home}/state"
    )


def of_somebody_else(home: Path) -> tuple[str, ...]:
    if os.getuid() == 0:
        (home / "state").mkdir()
        os.chown(home / "state", 4711, -1)
    else:
        (home / "state").symlink_to("/")
    return ()


def no_runtime_folder(home: Path) -> tuple[str, ...]:
    (home / "runtime").mkdir()
    return Disk(home / "other").under(
        f"mount --bind {home}/runtime {home}/runtime", f"mount -o remount,bind,ro {home}/runtime"
    )


def cut_off_key(home: Path) -> tuple[str, ...]:
    return key(home, b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI")


def empty_key(home: Path) -> tuple[str, ...]:
    return key(home, b"")


def key(home: Path, content: bytes) -> tuple[str, ...]:
    (home / "state").mkdir(mode=0o700)
    (home / "state" / "identity.key").write_bytes(content)
    (home / "state" / "identity.key").chmod(0o600)
    return ()


def unreadable_key(home: Path) -> tuple[str, ...]:
    (home / "state" / "identity.key").mkdir(parents=True, mode=0o700)
    return ()


def cut_off_state(home: Path) -> tuple[str, ...]:
    (home / "state").mkdir(mode=0o700)
    (home / "state" / "state.json").write_text('{"name": "Ada", "peop')
    return ()


def unreadable_state(home: Path) -> tuple[str, ...]:
    (home / "state" / "state.json").mkdir(parents=True, mode=0o700)
    return ()


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (read_only, "The state folder .* can't be used: Read-only file system; choose another folder with --state-dir"),
        (of_somebody_else, "The state folder .* belongs to another account; choose another folder with --state-dir"),
        (no_runtime_folder, "The runtime folder .* can't be used: Read-only file system; set XDG_RUNTIME_DIR"),
        (cut_off_key, "The identity .* is damaged; restore it from a backup"),
        (empty_key, "The identity .* is damaged; restore it from a backup"),
        (unreadable_key, "The identity .* can't be used"),
        (cut_off_state, r"The file .*state\.json is damaged .* restore it from a backup"),
        (unreadable_state, r"The file .*state\.json can't be read"),
    ],
)
async def test_what_can_not_be_used_is_one_sentence_and_left_as_it_is(
    tmp_path: Path, prepare: object, words: str
) -> None:
    home = tmp_path / "ada"
    home.mkdir()
    assert callable(prepare)
    under = prepare(home)
    before = contents(home)
    daemon = await spawn(home, under=under)
    assert await asyncio.wait_for(daemon.process.wait(), 10) == 2
    said = (await daemon.errors()).strip()
    assert len(said.splitlines()) == 1
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(said)
    after = contents(home)
    assert before.items() <= after.items()
    assert {path.name for path in after.keys() - before.keys()} <= {"lock", "identity.key", "state.json"}


def contents(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and not path.is_relative_to("/proc")}


async def test_the_next_start_sweeps_up_what_a_power_cut_has_left(tmp_path: Path) -> None:
    home = tmp_path / "ada"
    async with running(home) as ada, tab_of(ada) as page:
        await page.send("set_profile", name="Before", ref="1")
        await page.expect("ok", ref="1")
        await ada.stop()
    (home / "state" / "state.json.new").write_text('{"name": "half of wh')
    (home / "state" / "identity.new").write_text("-----BEGIN")
    shutil.copy(ada.home / "state" / "lock", home / "runtime" / "lanchat" / "daemon.json")
    async with running(home) as ada, tab_of(ada) as page:
        assert page.snapshot["me"]["name"] == "Before"
        await page.send("set_profile", name="After")
        await until(lambda: kept_name(home / "state") == "After")
        assert not (home / "state" / "state.json.new").exists()
        assert ada.told["pid"] == ada.process.pid


async def test_a_kill_at_any_moment_leaves_a_state_that_is_whole(tmp_path: Path) -> None:
    """Names come as fast as they can be saved, and the daemon is killed in the middle of it."""
    home = tmp_path / "ada"
    last = -1
    for attempt in range(3):
        async with running(home) as ada, tab_of(ada) as page:
            if attempt:
                assert int(page.snapshot["me"]["name"]) >= last
            for number in range(attempt * 1000, attempt * 1000 + 20 + 7 * attempt):
                await page.send("set_profile", name=str(number), ref="1")
                await page.expect("ok", ref="1")
                if number % 10 == 0:
                    await until(lambda at_least=number: saved(home) >= at_least)  # type: ignore[misc]
                    last = number
            assert await ada.stop(signal.SIGKILL) == -signal.SIGKILL


def saved(home: Path) -> int:
    """The number in the name; -1 before the first one, when only the people who were met are saved."""
    path = home / "state" / "state.json"
    name = kept_name(home / "state") if path.exists() else ""
    return int(name) if name.isdecimal() else -1
