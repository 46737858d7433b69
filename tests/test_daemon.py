"""The daemon as a person starts it: a real process, real mDNS and real links, all on loopback."""

from __future__ import annotations

import asyncio
import re
import signal
import stat
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from .process import ADA, BOB, PATIENCE, running, spawn, tab_of


async def test_it_says_where_the_page_is_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with running(tmp_path / "ada", "--name", ADA) as daemon:
        assert re.fullmatch(r"LanChat is ready: http://localhost:\d+", daemon.ready)
        told = daemon.told
        assert told["pid"] == daemon.process.pid
        assert told["url"] == daemon.url
        async with aiohttp.ClientSession() as session:
            status = await (await session.get(f"{daemon.url}/api/status")).json()
            mine = await (await session.get(f"{daemon.url}/api/my-ip")).json()
            page = await (await session.get(daemon.url)).text()
        assert (status["peer_id"], status["peer_port"], status["name"]) == (told["peer_id"], told["peer_port"], ADA)
        assert "127.0.0.1" in mine["addresses"]
        assert ADA in page
        assert await daemon.stop() == 0
        assert not daemon.file.exists()


async def test_where_users_can_not_be_told_apart_the_address_lets_in_once(tmp_path: Path) -> None:
    """In a user namespace that knows no user at all, everybody is the same nobody."""
    async with running(tmp_path / "ada", "--name", ADA, under=("unshare", "--user")) as daemon:
        assert re.fullmatch(r"LanChat is ready: http://localhost:\d+/\?token=[\w-]{43}", daemon.ready)
        assert daemon.told["url"] == daemon.url
        status = daemon.url.partition("?")[0] + "api/status"
        async with aiohttp.ClientSession() as mine, aiohttp.ClientSession() as other:
            assert (await other.get(status)).status == 403
            assert "Ada" in await (await mine.get(daemon.url)).text()
            assert (await mine.get(status)).status == 200
            assert (await other.get(daemon.url)).status == 403
        assert await daemon.stop() == 0
        assert daemon.url.partition("=")[2] not in await daemon.errors()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_within_two_seconds_and_says_goodbye(tmp_path: Path, number: signal.Signals) -> None:
    async with running(tmp_path / "ada", "--name", ADA) as ada, running(tmp_path / "bob", "--name", BOB) as bob:
        async with tab_of(ada) as page, tab_of(bob):
            await page.person(BOB, presence="online")
            begin = time.monotonic()
            assert await bob.stop(number) == 0
            assert time.monotonic() - begin < 2
            await page.person(BOB, presence="offline")
        assert "bye: stopping" in (await ada.stop() == 0 and await ada.errors())


async def test_two_people_meet_ask_accept_and_talk(tmp_path: Path) -> None:
    async with running(tmp_path / "ada", "--name", ADA) as ada, running(tmp_path / "bob", "--name", BOB) as bob:
        async with tab_of(ada) as here, tab_of(bob) as there:
            to_bob = (await here.person(BOB, presence="online"))["id"]
            to_ada = (await there.person(ADA, presence="online"))["id"]
            await here.send("send_chat_request", person=to_bob, ref="1")
            await here.expect("ok", ref="1")
            card = await there.expect("incoming_chat_request")
            assert card["person"]["id"] == to_ada
            await there.send("accept_chat_request", person=to_ada)
            await here.expect("chat_request_accepted", person=to_bob)
            await here.send("send_private_message", person=to_bob, id="message-1", text="Grüße 👋🏽")
            arrived = await there.expect("receive_private_message", person=to_ada)
            assert arrived["entry"]["text"] == "Grüße 👋🏽"
            await here.expect("message_status", ids=["message-1"], status="delivered")
            await there.send("mark_seen", person=to_ada, id="message-1")
            await here.expect("message_status", ids=["message-1"], status="seen")


async def test_contacts_last_and_what_was_written_meanwhile_arrives(tmp_path: Path) -> None:
    async with running(tmp_path / "ada", "--name", ADA) as ada, tab_of(ada) as here:
        async with running(tmp_path / "bob", "--name", BOB) as bob, tab_of(bob) as there:
            to_bob = (await here.person(BOB, presence="online"))["id"]
            to_ada = (await there.person(ADA, presence="online"))["id"]
            await here.send("send_chat_request", person=to_bob)
            await there.expect("incoming_chat_request")
            await there.send("accept_chat_request", person=to_ada)
            await here.expect("chat_request_accepted")
            await bob.stop()
            await here.person(BOB, presence="offline")
        for number in range(3):
            await here.send("send_private_message", person=to_bob, id=f"message-{number}", text=str(number))
            await here.expect("receive_private_message")
        async with running(tmp_path / "bob") as bob, tab_of(bob) as there:
            entries = [e for view in there.snapshot["conversations"] for e in view["entries"]]
            while len(entries) < 3:
                entries.append((await there.expect("receive_private_message"))["entry"])
            assert [entry["text"] for entry in entries] == ["0", "1", "2"]
            await here.expect("message_status", status="delivered")


async def test_the_name_chosen_on_the_page_is_kept_and_the_option_goes_before(tmp_path: Path) -> None:
    async with running(tmp_path / "ada") as daemon, tab_of(daemon) as page:
        await page.send("set_profile", name="Countess", ref="1")
        await page.expect("ok", ref="1")
        await daemon.stop()
    async with running(tmp_path / "ada") as daemon, tab_of(daemon) as page:
        assert page.snapshot["me"]["name"] == "Countess"
        await daemon.stop()
    async with running(tmp_path / "ada", "--name", ADA) as daemon, tab_of(daemon) as page:
        assert page.snapshot["me"]["name"] == ADA


async def test_what_was_chosen_for_notifications_is_kept_and_the_file_goes_before(tmp_path: Path) -> None:
    async with running(tmp_path / "ada") as daemon, tab_of(daemon) as page:
        assert page.snapshot["preferences"] == {"notifications": True, "hide_text": False}
        await page.send("set_preferences", hide_text=True, ref="1")
        await page.expect("ok", ref="1")
        await daemon.stop()
    settings = tmp_path / "settings.toml"
    settings.write_text("notifications = false")
    async with running(tmp_path / "ada", "--config", str(settings)) as daemon, tab_of(daemon) as page:
        assert page.snapshot["preferences"] == {"notifications": False, "hide_text": True}
        assert page.snapshot["desktop"] is False
        await daemon.stop()
        said = [line for line in (await daemon.errors()).splitlines() if "otifications" in line]
        assert len(said) == 1, "once that there is no bus"


async def test_on_sighup_the_settings_are_read_again(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('log_level = "error"')
    options = ("--config", str(settings))
    async with running(tmp_path / "ada", *options, under=("setsid",)) as daemon, tab_of(daemon) as page:
        settings.write_text('log_level = "info"\nhide_text = true\nname = "Countess"')
        daemon.process.send_signal(signal.SIGHUP)
        changed = await page.expect("preferences_changed")
        assert changed["preferences"] == {"notifications": True, "hide_text": True}
        assert (await page.expect("profile_changed"))["me"]["name"] == "Countess"
        settings.write_text("hide_txt = false")
        daemon.process.send_signal(signal.SIGHUP)
        log = daemon.process.stderr
        assert log is not None
        assert (await asyncio.wait_for(log.readline(), PATIENCE)).endswith(b"The settings were read again\n")
        mistake = await asyncio.wait_for(log.readline(), PATIENCE)
        assert b"Everything stays as it was set" in mistake
        assert b"did you mean 'hide_text'?" in mistake
        async with tab_of(daemon) as other:
            assert other.snapshot["preferences"]["hide_text"] is True
        assert await daemon.stop() == 0


ON_A_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
keeper, terminal = os.openpty()
os.set_inheritable(keeper, True)
fcntl.ioctl(terminal, termios.TIOCSCTTY)
os.execvp(sys.argv[1], sys.argv[1:])
"""


async def test_on_sighup_from_its_terminal_it_ends(tmp_path: Path) -> None:
    async with running(tmp_path / "ada", under=(sys.executable, "-c", ON_A_TERMINAL)) as daemon:
        assert await daemon.stop(signal.SIGHUP) == 0
        assert not daemon.file.exists()


async def test_the_key_is_private_and_stays_the_same(tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        async with running(tmp_path / "ada") as daemon:
            ids.append(daemon.told["peer_id"])
            await daemon.stop()
    assert ids[0] == ids[1]
    state = tmp_path / "ada" / "state"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in state.iterdir() if file.is_file()} == {0o600}


async def test_taken_ports_are_told_and_the_next_ones_used(tmp_path: Path) -> None:
    async with running(tmp_path / "ada") as ada:
        port, peers = int(ada.url.rpartition(":")[2]), ada.told["peer_port"]
        async with running(tmp_path / "bob", "--ui-port", str(port), "--peer-port", str(peers)) as bob:
            assert int(bob.url.rpartition(":")[2]) > port
            assert bob.told["peer_port"] > peers
            await bob.stop()
            errors = await bob.errors()
        assert f"Port {port} is taken; the page is" in errors
        assert f"Port {peers} is taken; other machines" in errors


async def test_nothing_of_what_was_said_reaches_the_disk(tmp_path: Path) -> None:
    secret = "the words that nobody else may read"
    async with running(tmp_path / "ada", "--name", ADA) as ada, running(tmp_path / "bob", "--name", BOB) as bob:
        async with tab_of(ada) as here, tab_of(bob) as there:
            to_bob = (await here.person(BOB, presence="online"))["id"]
            await here.send("send_chat_request", person=to_bob)
            card = await there.expect("incoming_chat_request")
            await there.send("accept_chat_request", person=card["person"]["id"])
            await here.expect("chat_request_accepted")
            await here.send("send_private_message", person=to_bob, id="message-1", text=secret)
            await there.expect("receive_private_message")
        await asyncio.gather(ada.stop(), bob.stop())
        assert secret not in await ada.errors() + await bob.errors()
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(secret.encode() in content for content in files)


def damage_key(home: Path) -> None:
    (home / "state").mkdir(mode=0o700, parents=True)
    (home / "state" / "identity.key").write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n")
    (home / "state" / "identity.key").chmod(0o600)


def damage_state(home: Path) -> None:
    (home / "state").mkdir(mode=0o700, parents=True)
    (home / "state" / "state.json").write_text('{"people": [{"id": "cut o')


def file_for_folder(home: Path) -> None:
    home.mkdir(parents=True)
    (home / "state").write_text("")


@pytest.mark.parametrize(
    ("prepare", "options", "sentence"),
    [
        (damage_key, (), "identity.key is damaged"),
        (damage_state, (), "state.json is damaged"),
        (file_for_folder, (), "not a folder"),
        (None, ("--ui-port", "70000"), "must be a port"),
        (None, ("--nonsense",), "nonsense"),
        (None, ("--config", "/nowhere/config.toml"), "no configuration file"),
    ],
)
async def test_what_a_person_can_put_right_is_one_sentence_and_exit_2(
    tmp_path: Path, prepare: object, options: tuple[str, ...], sentence: str
) -> None:
    home = tmp_path / "ada"
    if callable(prepare):
        prepare(home)
    daemon = await spawn(home, *options)
    assert await asyncio.wait_for(daemon.process.wait(), 10) == 2
    said = (await daemon.errors()).strip()
    assert sentence in said
    assert len(said.splitlines()) == 1
    assert "Traceback" not in said


async def test_a_state_folder_in_use_is_told_with_the_process_that_has_it(tmp_path: Path) -> None:
    async with running(tmp_path / "ada") as first:
        second = await spawn(tmp_path / "ada")
        assert await asyncio.wait_for(second.process.wait(), 10) == 2
        assert f"process {first.process.pid}" in await second.errors()
