"""Two daemons as they are, and dunst as the desktop of one of them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.process import ADA, BOB, Daemon, Tab, running, tab_of

from .dunst import Dunst, display, dunst, poll
from .screen import session_bus

XDG_OPEN = '#!/bin/sh\nprintf "%s" "$1" > {folder}/new && mv {folder}/new {folder}/opened\n'


class Home:
    """Ada's machine, with a desktop and perhaps a page; Bob, who has a page and is looked for."""

    def __init__(self, folder: Path, dunst: Dunst, ada: Daemon, bob: Tab, to_ada: str) -> None:
        self.folder, self.dunst, self.ada, self.bob, self.to_ada = folder, dunst, ada, bob, to_ada
        self.to_bob = str(bob.snapshot["me"]["id"])
        self.messages = 0

    async def opened(self) -> str:
        """The address that the browser was to open."""
        await poll((self.folder / "opened").exists)
        return (self.folder / "opened").read_text()

    async def befriend(self) -> None:
        await self.bob.send("send_chat_request", person=self.to_ada)
        await self.dunst.shows(f"{BOB} wants to chat")
        await self.dunst.press("Accept")
        await self.bob.expect("chat_request_accepted", person=self.to_ada)
        await self.dunst.displays(0)

    async def write(self, text: str) -> None:
        self.messages += 1
        await self.bob.send("send_private_message", person=self.to_ada, id=f"message-{self.messages}", text=text)


@pytest.fixture
async def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    place = tmp_path / "bin"
    place.mkdir()
    (place / "xdg-open").write_text(XDG_OPEN.format(folder=tmp_path))
    (place / "xdg-open").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    async with session_bus(tmp_path) as bus, display() as screen, dunst(tmp_path, bus, screen) as server:
        ada_home, at_desktop = tmp_path / "ada", ("env", f"DBUS_SESSION_BUS_ADDRESS={bus}")
        async with (
            running(ada_home, "--name", ADA, under=at_desktop) as ada,
            running(tmp_path / "bob", "--name", BOB) as bob,
            tab_of(bob) as page,
        ):
            to_ada = (await page.person(ADA, presence="online"))["id"]
            yield Home(tmp_path, server, ada, page, to_ada)


async def test_from_a_request_to_a_call_without_a_page(home: Home) -> None:
    await home.befriend()
    await home.write("5 < 6 & <b>bold</b>")
    await home.dunst.shows(BOB, "5 &lt; 6 &amp; &lt;b&gt;bold&lt;/b&gt;")
    await home.write("and one more")
    seen = await home.dunst.shows(f"{BOB} · 2 new messages", "5 &lt; 6 &amp; &lt;b&gt;bold&lt;/b&gt;\nand one more")
    assert {each.id for each in home.dunst.seen()[-2:]} == {seen.id}, "replaced"
    await home.dunst.displays(1)
    await home.dunst.control("action", "0")
    assert await home.opened() == f"{home.ada.url}#/{home.to_bob}"
    await home.dunst.displays(0)

    await home.bob.send("start_call", person=home.to_ada, video=True)
    ringing = await home.dunst.shows(f"{BOB} is calling", "Video call")
    assert ringing.urgency == "CRITICAL"
    await home.dunst.press("Accept with video")
    await home.dunst.displays(0)
    async with tab_of(home.ada) as page:
        await page.send("set_focus", focused=True, person=home.to_bob)
        take = await page.expect("take_call")
        await page.send("accept_call", call=take["call"], video=take["video"])
        accepted = await home.bob.expect("call_accepted")
        assert accepted["call"]["accepted"] == {"audio": True, "video": True}


async def test_a_call_is_declined_and_a_missed_one_is_told(home: Home) -> None:
    await home.befriend()
    await home.bob.send("start_call", person=home.to_ada)
    await home.dunst.shows(f"{BOB} is calling", "Audio call")
    await home.dunst.press("Decline")
    await home.bob.expect("call_rejected", outcome="declined")
    await home.dunst.displays(0)
    await home.bob.send("start_call", person=home.to_ada)
    call = (await home.bob.expect("call_started"))["call"]["id"]
    await home.dunst.shows(f"{BOB} is calling", "Audio call")
    await home.bob.send("end_call", call=call)
    await home.dunst.shows(BOB, "Missed call")
    await home.dunst.displays(1)


async def test_what_a_page_shows_is_not_shown_beside_it(home: Home) -> None:
    await home.befriend()
    async with tab_of(home.ada) as page:
        assert page.snapshot["desktop"] is True
        await page.send("set_focus", focused=False, ref="1")
        await page.expect("ok", ref="1")
        await home.write("seen later")
        await home.dunst.shows(BOB, "seen later")
        await home.dunst.displays(1)
        await page.send("mark_seen", person=home.to_bob, id="message-1")
        await home.dunst.displays(0)

        before = len(home.dunst.seen())
        await page.send("set_focus", focused=True, ref="2")
        await page.expect("ok", ref="2")
        await home.write("looked at")
        await page.expect("receive_private_message")
        await page.send("set_profile", status="dnd", ref="3")
        await page.send("set_focus", focused=False, ref="4")
        await page.expect("ok", ref="4")
        await home.write("do not disturb")
        await page.expect("receive_private_message")
        await page.send("set_profile", status="available", ref="5")
        await page.send("set_preferences", hide_text=True, ref="6")
        await page.expect("preferences_changed", preferences={"notifications": True, "hide_text": True})
        await home.write("a secret")
        await home.dunst.shows(BOB, "New message")
        assert len(home.dunst.seen()) == before + 1
    assert await home.ada.stop() == 0
    await home.dunst.displays(0)
    assert "secret" not in await home.ada.errors()


async def test_dunst_may_come_and_go(home: Home, tmp_path: Path) -> None:
    await home.befriend()
    async with tab_of(home.ada) as page:
        await home.write("still unread")
        await home.dunst.shows(BOB, "still unread")
        await home.dunst.displays(1)
        home.dunst.process.terminate()
        await page.expect("desktop_changed", desktop=False)
        other = tmp_path / "other"
        other.mkdir()
        async with display() as screen, dunst(other, home.dunst.bus, screen) as anew:
            await anew.shows(BOB, "still unread")
            await page.expect("desktop_changed", desktop=True)
