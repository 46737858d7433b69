"""Calls between two machines, each with a real browser, a camera with test pictures and a microphone that beeps."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .daemon import PEER_PORT
from .lan import Lan
from .network import tcp_port
from .person import Person, befriend, in_video_call

pytestmark = pytest.mark.usefixtures("witnessed")

Pair = tuple[Person, Person]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def friends(shared_lan: Lan) -> Pair:
    """Two contacts with Chromium."""
    anna, ben = await shared_lan.people(Anna="chromium", Ben="chromium")
    await befriend(anna, ben)
    return anna, ben


@pytest_asyncio.fixture(loop_scope="session")
async def pair(friends: Pair) -> AsyncIterator[Pair]:
    """The two, in no call before and after."""
    yield friends
    for person in friends:
        if await person.browser.evaluate("window.lanchat.store.state.call !== null"):
            await person.browser.evaluate("window.lanchat.calls.end()")
        await person.is_in_no_call()


async def test_a_video_call(pair: Pair) -> None:
    anna, ben = pair
    await _video_call(anna, ben, ends=anna)


async def test_an_audio_call(pair: Pair) -> None:
    anna, ben = pair
    await anna.calls(ben, "audio")
    await ben.accepts("audio")
    for person in pair:
        await person.receives("microphone", more=50)
        await person.hears()
        await person.talks_directly()
        figures = await person.figures()
        assert not any(flow["frames"] for flow in figures["inbound"] if flow["role"] != "microphone")
    await ben.hangs_up()
    await anna.ended(ben, "ended")


async def test_a_video_call_accepted_with_audio_only(pair: Pair) -> None:
    anna, ben = pair
    await anna.calls(ben, "video")
    await ben.accepts("audio")
    await ben.receives("camera")
    await anna.hears()
    figures = await anna.figures()
    assert not any(flow["frames"] for flow in figures["inbound"] if flow["role"] == "camera")


async def test_a_call_that_is_declined(pair: Pair) -> None:
    anna, ben = pair
    await anna.calls(ben, "video")
    await ben.declines()
    for person, other in ((anna, ben), (ben, anna)):
        await person.ended(other, "declined")


async def test_a_call_that_is_cancelled(pair: Pair) -> None:
    anna, ben = pair
    await anna.calls(ben, "audio")
    await ben.hears_ringing()
    await anna.hangs_up()
    for person, other in ((anna, ben), (ben, anna)):
        await person.ended(other, "cancelled")
    await ben.browser.lacks("button", "Decline")


async def test_both_call_each_other_at_once(pair: Pair, shared_lan: Lan) -> None:
    anna, ben = pair
    async with shared_lan.network.fault(*tcp_port(PEER_PORT)):  # so that neither hears of the other's call too soon
        for person, other in ((anna, ben), (ben, anna)):
            await person.calls(other, "video")
            await person.browser.until("window.lanchat.store.state.call?.state === 'ringing'", "a call that rings")
    for person in pair:
        await person.is_in_call()
        await person.receives("camera")
    calls = [await person.browser.evaluate("window.lanchat.store.state.call.id") for person in pair]
    assert calls[0] == calls[1]


async def test_who_is_in_a_call_is_busy(pair: Pair, shared_lan: Lan) -> None:
    anna, ben = pair
    cara = await shared_lan.tab("Cara")
    await cara.sees(ben.id, presence="online")
    await cara.ask("send_chat_request", person=ben.id)
    await ben.browser.until(f"window.lanchat.store.state.people.get('{cara.id}')?.relation === 'incoming'", "a request")
    await ben.browser.click("link", "Cara", within="People", part=True)
    await ben.browser.click("button", "Accept")
    await cara.sees(ben.id, relation="contact")
    await in_video_call(anna, ben)
    await cara.sees(ben.id, presence="busy")
    await cara.ask("start_call", person=ben.id, video=True)
    await cara.expect("call_rejected", person=ben.id, outcome="busy")
    await ben.receives("camera")
    await cara.daemon.stop()


async def test_microphone_and_camera_can_be_turned_off(pair: Pair) -> None:
    anna, ben = pair
    await in_video_call(anna, ben)
    await anna.presses("Camera", on=False)
    await ben.browser.until("window.lanchat.store.state.call.peer_media.camera === false", "Anna's camera is off")
    await anna.presses("Microphone", on=False)
    await ben.browser.until("window.lanchat.store.state.call.peer_media.microphone === false", "Anna is muted")
    await anna.receives("camera")
    await anna.presses("Camera", on=True)
    await ben.receives("camera")


async def test_a_shared_screen_comes_beside_the_camera(pair: Pair) -> None:
    anna, ben = pair
    await in_video_call(anna, ben)
    await anna.presses("Share screen", on=True)
    await ben.receives("screen")
    await ben.receives("camera")
    await anna.presses("Share screen", on=False)
    await ben.browser.until("window.lanchat.store.state.call.peer_media.screen === false", "no screen any more")
    await ben.receives("camera")


async def test_a_call_outlives_the_link_of_the_daemons(pair: Pair, shared_lan: Lan) -> None:
    anna, ben = pair
    await in_video_call(anna, ben)
    async with shared_lan.network.fault(*tcp_port(PEER_PORT)):
        await anna.browser.until("window.lanchat.store.state.call?.linked === false", "the link is down", 15)
        await ben.receives("camera", more=40)
    await anna.browser.until("window.lanchat.store.state.call?.linked", "the link is back", 30)
    await anna.receives("camera", more=20)
    await anna.presses("Camera", on=False)
    await ben.browser.until("window.lanchat.store.state.call.peer_media.camera === false", "signals travel again")


async def test_a_call_outlives_a_pulled_cable(pair: Pair, shared_lan: Lan) -> None:
    anna, ben = pair
    await in_video_call(anna, ben)
    async with shared_lan.network.pulled(anna.daemon.machine):
        await ben.browser.until("window.lanchat.store.state.call?.linked === false", "the link is down", 15)
    for person in pair:
        await person.receives("camera", more=20, seconds=30)


async def test_a_call_follows_a_new_address(pair: Pair) -> None:
    anna, ben = pair
    await in_video_call(anna, ben)
    machine = anna.daemon.machine
    await machine.address(number=101)
    try:
        for person in pair:
            await person.receives("camera", more=40, seconds=40)
        pair_now = (await ben.figures())["pair"]
        assert pair_now["remote"]["address"] in ("10.77.0.101", "fd77::65", ""), pair_now
    finally:
        # The daemon follows a moment later, and then the link is new: what comes after this test waits for that.
        await anna.browser.evaluate(
            "void window.lanchat.store.subscribe((state) => { window.unlinked ||= state.call?.linked === false; })"
        )
        await machine.address(machine.number)
    await anna.browser.until("window.unlinked && window.lanchat.store.state.call.linked", "a link anew", 30)
    await ben.sees(anna, "busy", seconds=30)


async def test_a_reloaded_page_joins_again(pair: Pair) -> None:
    anna, ben = pair
    await in_video_call(anna, ben)
    await ben.browser.reload()
    await ben.is_connected()
    await ben.browser.click("button", "Rejoin")
    for person in pair:
        await person.receives("camera", more=20)
    await anna.hangs_up()
    await ben.ended(anna, "ended")


async def test_another_tab_stops_ringing_and_keeps_out(pair: Pair, shared_lan: Lan) -> None:
    anna, ben = pair
    tab = await shared_lan.tab(ben.daemon)
    await anna.calls(ben, "video")
    ringing = await tab.expect("incoming_call")
    await ben.accepts("video")
    taken = await tab.expect("call_accepted", call={"id": ringing["call"]["id"]})
    assert taken["call"]["owner"] not in (None, tab.snapshot["tab"])
    await anna.receives("camera")
    await tab.ask("end_call", call=ringing["call"]["id"])
    await anna.ended(ben, "ended")
    await tab.close()


@pytest.mark.parametrize("route", [True, False], ids=["router", "no-router"])
async def test_chromium_and_firefox_call_each_other(lan: Lan, route: bool) -> None:
    anna, ben = await lan.people(Anna="chromium", Ben="firefox", route=route)
    await befriend(anna, ben)
    await _video_call(anna, ben)
    await _video_call(ben, anna)


async def test_without_a_router(lan: Lan) -> None:
    anna, ben = await lan.people(Anna="chromium", Ben="chromium", route=False)
    await befriend(anna, ben)
    await _video_call(anna, ben)


async def test_a_call_without_camera_and_microphone(lan: Lan) -> None:
    """The browser that has none shows what the other one sends."""
    anna = await lan.person("Anna", "chromium", "--use-fake-ui-for-media-stream")
    ben = await lan.person("Ben")
    await befriend(anna, ben)
    await ben.calls(anna, "video")
    await anna.accepts("video")
    await anna.receives("camera", more=20)
    await anna.hears()


async def _video_call(caller: Person, callee: Person, *, ends: Person | None = None) -> None:
    """A call in which both see and hear each other; the callee hangs up unless somebody else ends it."""
    await in_video_call(caller, callee)
    for person in (caller, callee):
        await person.receives("camera", more=20)
        await person.hears()
        await person.talks_directly()
    await (ends or callee).hangs_up()
    for person, other in ((caller, callee), (callee, caller)):
        await person.ended(other, "ended")
