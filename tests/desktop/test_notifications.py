"""Notifications over a real bus, with a scripted server in place of a desktop."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from lanchatd.desktop.notifications import DesktopEvents, Notifications, Times
from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import Media, PeerId, TabId

from .screen import PATIENCE, Screen, screen, session_bus

ADA, BOB = PeerId("a" * 52), PeerId("b" * 52)
NAMES: Final = {ADA: "Ada", BOB: "Bob"}
ENTRANCE: Final = "http://localhost:5262"
TIMES: Final = Times(pace=0.01, retry=0.02, retry_longest=0.1, opening=60, kept=120)
hasty = pytest.mark.parametrize("desk", [replace(TIMES, opening=0.2, kept=0.4)], indirect=True)
"""Who does not wait long for a page."""


def person(who: PeerId, relation: ui.Relation = "contact") -> ui.Person:
    return ui.Person(who, NAMES.get(who, f"Stranger {who[:3]}"), "den", "online", relation)


def wrote(who: PeerId, text: str, *, mine: bool = False) -> ui.Event:
    return ui.ReceivePrivateMessage(person=who, entry=ui.TextEntry(f"id-{text}", mine, text, 0, "delivered"))


def ring(who: PeerId, call: str = "call-0001", *, video: bool = True) -> ui.IncomingCall:
    offered = Media(video=video)
    return ui.IncomingCall(call=ui.Call(call, who, "incoming", "ringing", 0, False, offered))


class Daemon:
    """Writes down what is asked of it; ``folder``: where xdg-open writes down what it opens."""

    def __init__(self, folder: Path, times: Times = TIMES) -> None:
        self.requests: list[ui.TabRequest] = []
        self.told: list[tuple[TabId, ui.Event]] = []
        self.available: list[bool] = []
        self.refusal: BadRequest | None = None
        self.folder = folder
        self._news = asyncio.Event()
        events = DesktopEvents(self._request, self._tell, self._available, person)
        self.notifications = Notifications(events, ui.Preferences(), times)
        self.hear = self.notifications.hear

    def look(self, tab: int, *, focused: bool, person: PeerId | None = None) -> None:
        self.notifications.look(TabId(tab), ui.SetFocus(focused=focused, person=person))

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not what():
                self._news.clear()
                await self._news.wait()

    async def opened(self) -> list[str]:
        """The address and the token of the window that was opened."""
        async with asyncio.timeout(PATIENCE):
            while not (self.folder / "opened").exists():
                await asyncio.sleep(0.01)
        return (self.folder / "opened").read_text().split("\n")

    def _request(self, tab: TabId, request: ui.TabRequest) -> None:
        assert tab == 0, "no tab"
        self.requests.append(request)
        self._news.set()
        if self.refusal:
            raise self.refusal

    def _tell(self, tab: TabId, event: ui.Event) -> None:
        self.told.append((tab, event))
        self._news.set()

    def _available(self, available: bool) -> None:
        self.available.append(available)
        self._news.set()


@asynccontextmanager
async def running(daemon: Daemon) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(daemon.notifications.run(ENTRANCE))
        yield
        task.cancel()


def browser(folder: Path, monkeypatch: pytest.MonkeyPatch, *, works: bool = True) -> None:
    """Put an xdg-open in front of all others."""
    place = folder / "bin"
    place.mkdir()
    script = (
        f'#!/bin/sh\nprintf "%s\\n%s" "$1" "$XDG_ACTIVATION_TOKEN" > {folder}/new && mv {folder}/new {folder}/opened\n'
    )
    if works:
        (place / "xdg-open").write_text(script)
        (place / "xdg-open").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}" if works else str(place))


@pytest.fixture
async def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    async with session_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        browser(tmp_path, monkeypatch)
        yield address


@pytest.fixture
async def desk(bus: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Daemon, Screen]]:
    """A daemon whose notifications are shown."""
    daemon = Daemon(tmp_path, getattr(request, "param", TIMES))
    async with screen(bus) as server, running(daemon):
        await daemon.until(lambda: daemon.available == [True])
        yield daemon, server


Desk = tuple[Daemon, Screen]


# --------------------------------------------------------------------------------------------------- what is shown


async def test_a_message_is_shown_as_plain_text(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(wrote(ADA, "<b>5 < 6</b> & more"))
    _, card = await server.card("Ada")
    assert card.body == "&lt;b&gt;5 &lt; 6&lt;/b&gt; &amp; more"
    assert card.hints == {"category": "im.received", "desktop-entry": "lanchat", "urgency": 1}
    assert card.lasts == -1


async def test_a_server_without_markup_buttons_and_sound_gets_none(bus: str, tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    async with screen(bus, ["body"]) as server, running(daemon):
        daemon.hear(wrote(ADA, "5 < 6"))
        daemon.hear(ring(BOB))
        _, card = await server.card("Ada")
        assert (card.body, card.buttons) == ("5 < 6", {})
        _, card = await server.card("Bob is calling")
        assert (card.buttons, "sound-name" in card.hints) == ({}, False)


async def test_a_server_without_a_line_to_write_in_offers_none(bus: str, tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    async with screen(bus, ["actions", "body"]) as server, running(daemon):
        daemon.hear(wrote(ADA, "Lunch?"))
        _, card = await server.card("Ada")
        assert card.buttons == {"default": "Open"}


async def test_a_burst_is_one_notification_that_is_replaced(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(wrote(ADA, "one"))
    number, _ = await server.card("Ada", body="one")
    daemon.hear(wrote(ADA, "two"))
    again, card = await server.card("Ada · 2 new messages", body="one\ntwo")
    assert (again, card.replaces, len(server.shown)) == (number, number, 1)


async def test_a_thousand_messages_are_a_few_notifications(bus: str, tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, Times(pace=0.05, retry=0.02))
    async with screen(bus) as server, running(daemon):
        await daemon.until(lambda: daemon.available == [True])
        begin = asyncio.get_running_loop().time()
        for number in range(1000):
            daemon.hear(wrote(ADA, str(number)))
            if number % 10 == 0:
                await asyncio.sleep(0.002)
        await server.card("Ada · 1000 new messages", body="997\n998\n999")
        seconds = asyncio.get_running_loop().time() - begin
        assert len(server.ever) <= seconds / 0.05 + 2


async def test_what_is_read_or_answered_elsewhere_is_withdrawn(desk: Desk) -> None:
    daemon, server = desk
    for told, over in (
        (wrote(ADA, "one"), ui.ConversationSeen(person=ADA, unread=0)),
        (wrote(ADA, "two"), wrote(ADA, "an answer from a tab", mine=True)),
        (ui.IncomingChatRequest(person=person(BOB, "incoming")), ui.PersonChanged(person=person(BOB))),
        (ring(ADA), ui.CallEnded(call="call-0001", person=ADA, outcome="cancelled")),
    ):
        daemon.hear(told)
        await server.until(lambda: len(server.shown) == 1)
        daemon.hear(over)
        await server.empty()


async def test_a_ringing_call_stays_until_it_is_answered_and_sounds_only_without_a_page(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(ring(ADA))
    _, card = await server.card("Ada is calling")
    assert (card.hints["urgency"], card.hints["category"], card.lasts) == (2, "call.incoming", 45_000)
    assert card.hints["sound-name"] == "phone-incoming-call"
    daemon.look(1, focused=False)
    await server.until(lambda: all("sound-name" not in card.hints for card in server.shown.values()))
    daemon.look(1, focused=True)
    await server.empty()


# --------------------------------------------------------------------------------------------- what is done with it


async def test_an_answer_is_written_into_the_notification(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(wrote(ADA, "Lunch?"))
    number, card = await server.card("Ada")
    assert card.buttons["inline-reply"] == "Reply"
    server.reply(number, "At noon")
    await daemon.until(lambda: len(daemon.requests) == 2)
    seen, sent = daemon.requests
    assert seen == ui.MarkSeen(person=ADA, id="id-Lunch?")
    assert isinstance(sent, ui.SendPrivateMessage)
    assert (sent.person, sent.text) == (ADA, "At noon")
    await server.empty()


async def test_an_answer_that_can_not_be_sent_is_told(desk: Desk) -> None:
    daemon, server = desk
    daemon.refusal = BadRequest("not_contact", "You are not contacts any more.")
    daemon.hear(wrote(ADA, "Lunch?"))
    number, _ = await server.card("Ada")
    server.reply(number, "At noon")
    _, card = await server.card("Your reply to Ada was not sent")
    assert card.body == "You are not contacts any more."


async def test_pressing_a_message_opens_the_conversation_in_front(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(wrote(ADA, "Lunch?"))
    number, _ = await server.card("Ada")
    server.press(number, "default", "token-of-the-press")
    assert await daemon.opened() == [f"{ENTRANCE}#/{ADA}", "token-of-the-press"]
    await server.empty()


@pytest.mark.parametrize(
    ("label", "request_of"),
    [("Accept", ui.AcceptChatRequest(person=BOB)), ("Decline", ui.RejectChatRequest(person=BOB))],
)
async def test_a_request_is_answered_by_its_buttons(desk: Desk, label: str, request_of: ui.TabRequest) -> None:
    daemon, server = desk
    daemon.hear(ui.IncomingChatRequest(person=person(BOB, "incoming")))
    number, card = await server.card("Bob wants to chat")
    server.press(number, card.key(label))
    await daemon.until(lambda: daemon.requests == [request_of])


async def test_a_button_of_a_call_that_is_over_does_nothing_to_the_next(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(ring(ADA, "call-0001"))
    number, card = await server.card("Ada is calling")
    daemon.hear(ui.CallEnded(call="call-0001", person=ADA, outcome="cancelled"))
    daemon.hear(ring(BOB, "call-0002"))
    server.press(number, card.key("Decline"))
    number, card = await server.card("Bob is calling")
    assert daemon.requests == []
    server.press(number, card.key("Decline"))
    await daemon.until(lambda: daemon.requests == [ui.RejectCall(call="call-0002")])


async def test_what_the_person_puts_away_stays_away_until_there_is_more(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(wrote(ADA, "one"))
    number, _ = await server.card("Ada", body="one")
    server.dismiss(number)
    daemon.hear(wrote(BOB, "hello"))
    await server.card("Bob")
    assert [card.summary for card in server.shown.values()] == ["Bob"]
    daemon.hear(wrote(ADA, "two"))
    _, card = await server.card("Ada", body="two")
    assert (card.replaces, server.vain) == (0, 0), "the number may be another notification's by now"


async def test_a_server_may_put_away_what_is_pressed(desk: Desk) -> None:
    """Some do so by themselves, and say it right after."""
    daemon, server = desk
    daemon.hear(ui.IncomingChatRequest(person=person(BOB, "incoming")))
    number, card = await server.card("Bob wants to chat")
    server.press(number, card.key("Accept"))
    server.dismiss(number)
    await daemon.until(lambda: daemon.requests == [ui.AcceptChatRequest(person=BOB)])


async def test_what_comes_while_the_person_puts_the_last_one_away_is_shown(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(wrote(ADA, "one"))
    number, _ = await server.card("Ada", body="one")
    daemon.hear(wrote(ADA, "two"))
    server.dismiss(number)
    await server.card("Ada · 2 new messages")
    daemon.hear(wrote(BOB, "hello"))
    await server.card("Bob")
    assert len(server.shown) == 2


# ------------------------------------------------------------------------------------------------ accepting a call


async def test_a_call_is_taken_by_the_page_that_opens_for_it(desk: Desk) -> None:
    daemon, server = desk
    daemon.look(1, focused=False)
    daemon.hear(ring(ADA))
    number, card = await server.card("Ada is calling")
    server.press(number, card.key("Accept with video"))
    assert (await daemon.opened())[0] == f"{ENTRANCE}#/{ADA}", "an address that accepts nothing by itself"
    await server.empty()
    assert daemon.told == []
    daemon.look(2, focused=True, person=ADA)
    assert daemon.told == [(2, ui.TakeCall(call="call-0001", video=True))]
    daemon.look(3, focused=False)
    assert len(daemon.told) == 1, "one page, and once"


@hasty
async def test_where_no_page_opens_one_that_is_open_takes_the_call(desk: Desk) -> None:
    daemon, server = desk
    daemon.look(2, focused=False)
    daemon.look(1, focused=True)
    daemon.look(1, focused=False)
    daemon.hear(ring(ADA))
    number, card = await server.card("Ada is calling")
    server.press(number, card.key("Accept with audio"))
    await daemon.until(lambda: daemon.told == [(1, ui.TakeCall(call="call-0001", video=False))])


async def test_without_a_browser_an_open_page_takes_the_call_at_once(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, server = desk
    (tmp_path / "bin" / "xdg-open").unlink()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    daemon.look(1, focused=False)
    daemon.hear(ring(ADA))
    number, card = await server.card("Ada is calling")
    server.press(number, card.key("Accept with audio"))
    await daemon.until(lambda: daemon.told != [])


@hasty
async def test_a_call_that_no_page_takes_is_shown_again(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(ring(ADA))
    number, card = await server.card("Ada is calling")
    server.press(number, card.key("Accept with audio"))
    await server.empty()
    await server.card("Ada is calling")
    daemon.look(1, focused=False)
    assert daemon.told == [], "too late"


async def test_a_call_that_ended_meanwhile_is_taken_by_nobody(desk: Desk) -> None:
    daemon, server = desk
    daemon.hear(ring(ADA))
    number, card = await server.card("Ada is calling")
    server.press(number, card.key("Accept with audio"))
    await server.empty()
    daemon.hear(ui.CallEnded(call="call-0001", person=ADA, outcome="cancelled"))
    daemon.look(1, focused=True)
    assert daemon.told == []


# -------------------------------------------------------------------------------------------- the bus and the server


async def test_without_a_bus_that_is_said_once_and_nothing_else_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    caplog.set_level(logging.INFO)
    daemon = Daemon(tmp_path)
    async with running(daemon):
        daemon.hear(wrote(ADA, "one"))
        await asyncio.sleep(10 * TIMES.retry)
        said = [record.getMessage() for record in caplog.records]
        assert said == ["Notifications are not shown on the desktop for now: there is no session bus"]
        async with session_bus(tmp_path) as address, screen(address) as server:
            await server.card("Ada", body="one")
            await daemon.until(lambda: daemon.available == [True])


async def test_it_goes_on_with_the_next_bus_and_shows_what_still_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
    daemon = Daemon(tmp_path)
    async with running(daemon):
        async with AsyncExitStack() as first:
            address = await first.enter_async_context(session_bus(tmp_path))
            server = await first.enter_async_context(screen(address))
            daemon.hear(wrote(ADA, "one"))
            await server.card("Ada")
            await daemon.until(lambda: daemon.available == [True])
        await daemon.until(lambda: daemon.available == [True, False])
        async with session_bus(tmp_path) as address, screen(address) as server:
            _, card = await server.card("Ada")
            assert card.replaces == 0
            await daemon.until(lambda: daemon.available == [True, False, True])


async def test_a_server_that_starts_anew_is_shown_everything_again(bus: str, tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    async with running(daemon):
        async with screen(bus) as server:
            daemon.hear(wrote(ADA, "one"))
            await server.card("Ada")
            await daemon.until(lambda: daemon.available == [True])
        await daemon.until(lambda: daemon.available == [True, False])
        async with screen(bus, ["body"]) as server:
            _, card = await server.card("Ada")
            assert (card.replaces, card.buttons) == (0, {}), "this one has other capabilities"


async def test_a_bus_without_a_server_leaves_notifications_to_the_page(
    bus: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    daemon = Daemon(tmp_path)
    async with running(daemon):
        daemon.hear(wrote(ADA, "one"))
        while not caplog.records:
            await asyncio.sleep(0.01)
        assert daemon.available == []
        assert "no program of this session shows them" in caplog.records[-1].getMessage()


async def test_a_server_that_hangs_is_asked_one_thing_at_a_time(
    bus: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    daemon = Daemon(tmp_path, Times(pace=0.01, patience=0.5, retry=0.05, retry_longest=0.05))
    async with screen(bus) as server, running(daemon):
        daemon.hear(wrote(ADA, "before"))
        await server.card("Ada")
        server.mute, server.asked = True, 0
        begin = asyncio.get_running_loop().time()
        caplog.clear()
        for number in range(300):
            daemon.hear(wrote(ADA, str(number)))
            await asyncio.sleep(0.005)
        attempts = (asyncio.get_running_loop().time() - begin) / (0.5 + 0.05)
        assert 1 <= server.asked <= attempts + 1, "one question in each, whatever happens meanwhile"
        told = [record for record in caplog.records if "does not answer" in record.getMessage()]
        assert len(told) == 1
        server.mute = False
        await server.card("Ada · 301 new messages")


async def test_a_server_that_answers_nonsense_is_left_alone(bus: str, tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    async with screen(bus) as server, running(daemon):
        server.raving = True
        daemon.hear(wrote(ADA, "one"))
        await server.until(lambda: server.asked > 0)
        server.raving = False
        daemon.hear(wrote(ADA, "two"))
        await server.card("Ada · 2 new messages")


async def test_at_the_end_nothing_of_ours_is_left(bus: str, tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    async with screen(bus) as server:
        async with running(daemon):
            daemon.hear(wrote(ADA, "one"))
            daemon.hear(ring(BOB))
            await server.card("Bob is calling")
            await server.card("Ada")
        assert server.shown == {}
