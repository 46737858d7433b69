"""Calls on the page: how they ring and end on every tab, and what happens between two real pages."""

from __future__ import annotations

import re

import msgspec
import pytest

from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import CallOutcome, MediaState
from tests.browsers.expectations import expect

from .call_states import ACTIVE, INCOMING, OUTGOING
from .company import ADA, JUN, LENA, ME
from .engines import CALLING, SHARING, Engine, Locator, NewPage, Page
from .exchange import two_ends
from .stage import Stage, open_page

pytestmark = pytest.mark.asyncio(loop_scope="session")

calling = pytest.mark.parametrize("engine", CALLING, indirect=True)
"""For the engines that have WebRTC; of the others see `test_a_browser_without_calls_says_so_and_offers_none`."""
FLOWS = """(role) => new Promise(async (resolve, reject) => {
    const flow = async () => (await window.lanchat.calls.stats()).inbound.find((each) => each.role === role);
    const count = async () => (await flow())?.frames ?? 0;
    const before = await count();
    for (let tries = 0; tries < 200; tries += 1) {
        if ((await count()) >= before + 5) return resolve(true);
        await new Promise((again) => setTimeout(again, 50));
    }
    reject(new Error(`no pictures from ${role}`));
})"""

SLOW_DEVICES = """() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const asked = new Promise((resolve) => (window.openDevices = resolve));
    window.order = [];
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        await asked;
        window.order.push("devices");
        return open(wanted);
    };
    window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(options) {
            super(options);
            window.order.push("connection");
        }
    };
}"""
"""They open only when the test says so."""


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


# ------------------------------------------------------------------------------------------------------ ringing


@calling
async def test_a_call_rings_in_every_tab_until_one_answers(new_page: NewPage, stage: Stage) -> None:
    here, there = await new_page(), await new_page()
    for page in (here, there):
        await open_page(page, stage)
    stage.tell(ui.IncomingCall(call=INCOMING))
    for page in (here, there):
        dialog = page.get_by_role("alertdialog", name="Ada Okafor")
        await expect(dialog).to_be_visible()
        await expect(dialog).to_contain_text("Video call · kestrel")
    await button(here, "Accept with audio").click()
    (accepted,) = await stage.expect(ui.AcceptCall)
    assert (accepted.call, accepted.video) == (INCOMING.id, False)
    owner = await here.evaluate("window.lanchat.store.state.tab")
    stage.tell(ui.CallAccepted(call=msgspec.structs.replace(INCOMING, state="active", owner=owner)))
    await expect(here.get_by_role("region", name="Call with Ada Okafor")).to_be_visible()
    await expect(there.get_by_role("alertdialog")).to_be_hidden()
    await expect(there.get_by_role("region", name="Call", exact=True)).to_contain_text("in another tab")


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
async def test_no_drawing_holds_up_an_answer(page: Page, stage: Stage) -> None:
    await page.emulate_media(reduced_motion="no-preference")
    await open_page(page, stage, ADA.id)
    stage.tell(ui.IncomingCall(call=INCOMING))
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    blur = """getComputedStyle(document.querySelector("[data-part=incoming]"), "::backdrop").backdropFilter"""
    assert await page.evaluate(blur) == "none"
    moving = """async () => {
        document.querySelector("[data-part=accept-video]").click();
        await new Promise(requestAnimationFrame);
        const stage = document.querySelector("[data-part=stage]");
        const later = stage.hidden;
        while (stage.hidden) await new Promise(requestAnimationFrame);
        return [later, stage.getAnimations().length];
    }"""
    assert await page.evaluate(moving) == [True, 0]
    assert (await stage.expect(ui.AcceptCall))[0].call == INCOMING.id


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
async def test_who_declines_right_after_accepting_hangs_up(page: Page, stage: Stage) -> None:
    """The dialog can be seen for a moment after Accept, and the daemon has accepted by then."""
    await open_page(page, stage, ADA.id)
    stage.tell(ui.IncomingCall(call=INCOMING))
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    await page.evaluate(
        """for (const name of ['accept-audio', 'decline'])
            document.querySelector(`[data-part=incoming] [data-part=${name}]`).click()"""
    )
    assert (await stage.expect(ui.EndCall))[0].call == INCOMING.id
    assert not stage.sent(ui.RejectCall)


async def test_a_key_that_was_meant_for_a_message_answers_no_call(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await page.get_by_role("textbox", name="Message").press_sequentially("I was just")
    stage.tell(ui.IncomingCall(call=INCOMING))
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    for key in ("Enter", "Space", "Escape", "Escape"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    await expect(button(page, "Silence the ringtone")).to_be_hidden()
    assert not stage.sent(ui.AcceptCall)
    assert not stage.sent(ui.RejectCall)
    await button(page, "Decline").click()
    assert (await stage.expect(ui.RejectCall))[0].call == INCOMING.id


@pytest.mark.parametrize(
    ("outcome", "ours", "theirs"),
    [
        ("declined", "Ada Okafor cannot talk right now", None),
        ("cancelled", None, "You missed a call from Ada Okafor"),
        ("no_answer", "Ada Okafor did not answer", "You missed a call from Ada Okafor"),
        ("busy", "Ada Okafor is in another call", None),
        ("peer_gone", "The connection to Ada Okafor was lost", "The connection to Ada Okafor was lost"),
        ("not_allowed", "Ada Okafor does not take calls from you at the moment", None),
        ("ended", "The call with Ada Okafor has ended · 1:05", "The call with Ada Okafor has ended · 1:05"),
    ],
)
async def test_each_outcome_is_said_on_both_sides(
    page: Page, stage: Stage, outcome: CallOutcome, ours: str | None, theirs: str | None
) -> None:
    await open_page(page, stage)
    card = page.get_by_role("region", name="Call", exact=True)
    for call, event, words in ((OUTGOING, ui.CallStarted, ours), (INCOMING, ui.IncomingCall, theirs)):
        stage.tell(event(call=msgspec.structs.replace(call, owner=None)))
        await page.wait_for_function("(id) => window.lanchat.store.state.call?.id === id", arg=call.id)
        stage.tell(ui.CallEnded(call=call.id, person=ADA.id, outcome=outcome, duration=65_000))
        if words is None:
            await expect(card).to_be_hidden()
        else:
            await expect(card).to_contain_text(words)


@calling
async def test_a_call_that_the_daemon_refuses_is_said_and_lets_the_devices_go(page: Page, stage: Stage) -> None:
    stage.refusals[ui.StartCall] = BadRequest("busy", "You are in a call already.")
    await open_page(page, stage, ADA.id)
    await button(page, "Video call").click()
    await expect(page.get_by_text("You are in a call already.")).to_be_visible()
    await expect(page.get_by_role("region", name="Call with")).to_be_hidden()
    await page.wait_for_function("() => window.lanchat.store.state.ui.call.live === null")


async def test_under_do_not_disturb_a_call_waits_in_a_quiet_line(engine: Engine, page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await page.get_by_label("Your status").first.select_option("dnd")
    await stage.expect(ui.SetProfile)
    await expect(page.locator(".notice")).to_contain_text("A call does not ring")
    await page.evaluate("() => { window.AudioContext = class { constructor() { window.heard = true; } }; }")
    stage.tell(ui.IncomingCall(call=INCOMING))
    line = page.get_by_role("region", name="Call", exact=True)
    await expect(line).to_contain_text("Ada Okafor is calling you.")
    why = "It makes no sound, because you do not want to be disturbed."
    await expect(line).to_contain_text(why if engine.name in CALLING else "This browser cannot make calls.")
    await expect(page.get_by_role("alertdialog")).to_be_hidden()
    await page.get_by_role("textbox", name="Message").fill("still writing")
    await expect(line.get_by_role("button", name="Accept with video")).to_have_count(int(engine.name in CALLING))
    await line.get_by_role("button", name="Decline").click()
    assert (await stage.expect(ui.RejectCall))[0].call == INCOMING.id
    assert not await page.evaluate("() => window.heard ?? false")


@calling
async def test_whoever_calls_somebody_who_must_not_be_disturbed_is_told_so(page: Page, stage: Stage) -> None:
    await open_page(page, stage, LENA.id)
    await button(page, "Audio call").click()
    await stage.expect(ui.StartCall)
    owner = await page.evaluate("window.lanchat.store.state.tab")
    stage.tell(ui.CallStarted(call=msgspec.structs.replace(OUTGOING, person=LENA.id, owner=owner)))
    status = page.locator(".stage-status")
    await expect(status).to_have_text("Calling… Lena Fischer does not want to be disturbed; it may not ring there.")
    stage.tell(ui.PersonChanged(person=msgspec.structs.replace(LENA, presence="online")))
    await expect(status).to_have_text("Calling…")


async def test_the_title_of_the_tab_says_who_calls(page: Page, stage: Stage) -> None:
    await open_page(page, stage, JUN.id)
    stage.tell(ui.IncomingCall(call=INCOMING))
    await expect(page).to_have_title(re.compile(r"^(\(\d+\) )?Ada Okafor is calling – LanChat$"))
    stage.tell(ui.CallEnded(call=INCOMING.id, person=ADA.id, outcome="cancelled", duration=0))
    await expect(page).to_have_title(re.compile(r"Jun Watanabe – LanChat$"))


async def test_who_talks_sees_that_others_see_it(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    me = page.locator("#me")
    await expect(me.get_by_text("In a call")).to_be_hidden()
    stage.tell(ui.CallChanged(call=msgspec.structs.replace(ACTIVE, owner=None)))
    await expect(me.get_by_text("In a call")).to_be_visible()
    await expect(me.locator(".presence")).to_have_attribute("data-presence", "busy")
    stage.tell(ui.CallEnded(call=ACTIVE.id, person=ADA.id, outcome="ended", duration=65_000))
    await expect(me.get_by_text("In a call")).to_be_hidden()


async def test_a_shared_screen_has_the_width_of_the_stage(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    shown = """() => {
      const stage = document.querySelector('[data-part=stage]');
      stage.hidden = false;
      Object.assign(stage.dataset, { size: "large", picture: "both" });
      for (const video of stage.querySelectorAll("video")) video.hidden = false;
      const box = (role) => stage.querySelector(`[data-role=${role}]`).getBoundingClientRect();
      const [screen, camera] = [box("remote-screen"), box("remote-camera")];
      const bar = stage.querySelector(".stage-bar").getBoundingClientRect();
      return [stage.clientWidth, screen.width, camera.width, bar.top - screen.bottom];
    }"""
    width, screen, camera, above_the_bar = await page.evaluate(shown)
    assert screen == width
    assert camera < width / 5
    assert above_the_bar >= 0


@calling
async def test_calling_somebody_whose_call_rings_here_takes_that_call(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    stage.tell(ui.IncomingCall(call=INCOMING))
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    # Both call at once: the press comes just before the dialog can be seen.
    await page.locator(".conversation-tools [data-part=audio]").evaluate("(button) => button.click()")
    (accepted,) = await stage.expect(ui.AcceptCall)
    assert (accepted.call, accepted.video) == (INCOMING.id, False)
    assert not stage.sent(ui.StartCall)


@calling
async def test_a_call_without_an_owner_can_be_rejoined_or_ended(page: Page, stage: Stage) -> None:
    stage.snapshot = msgspec.structs.replace(stage.snapshot, call=msgspec.structs.replace(ACTIVE, owner=None))
    await open_page(page, stage)
    await expect(page.get_by_text("You are still in a call with Ada Okafor.")).to_be_visible()
    await button(page, "End call").click()
    assert (await stage.expect(ui.EndCall))[0].call == ACTIVE.id
    await button(page, "Rejoin").click()
    assert (await stage.expect(ui.RejoinCall))[0].call == ACTIVE.id


async def test_a_browser_without_calls_says_so_and_offers_none(engine: Engine, page: Page, stage: Stage) -> None:
    if engine.name in CALLING:
        await page.add_init_script("delete window.RTCPeerConnection")
    await open_page(page, stage, ADA.id)
    await expect(button(page, "Video call")).to_be_disabled()
    await expect(button(page, "Video call")).to_have_attribute("title", re.compile("^This browser cannot make calls."))
    await button(page, "Video call").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".notice")).to_contain_text("Open this page in Firefox, Chromium or Chrome to call.")
    assert not stage.sent(ui.StartCall)
    stage.tell(ui.IncomingCall(call=INCOMING))
    await expect(page.get_by_role("alertdialog")).to_contain_text("This browser cannot make calls.")
    await expect(button(page, "Accept with video")).to_be_hidden()
    await expect(button(page, "Decline")).to_be_visible()


# ---------------------------------------------------------------------------------------------- two people talk


async def talking(new_page: NewPage, mara: Stage, ada: Stage) -> tuple[Page, Page]:
    """Mara has called Ada with video, and Ada has accepted it."""
    pages = (await new_page(), await new_page())
    await open_page(pages[0], mara, ADA.id)
    await open_page(pages[1], ada, ME.id)
    await button(pages[0], "Video call").click()
    await expect(pages[0].get_by_text("Calling…")).to_be_visible()
    await button(pages[1], "Accept with video").click()
    for page in pages:
        assert await page.evaluate(FLOWS, "camera")
    return pages


@calling
async def test_a_video_call_from_ring_to_end(engine: Engine, new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, there = await talking(new_page, mara, ada)
        for page in (here, there):
            await expect(page.locator('video[data-role="remote-camera"]')).to_be_visible()
            await expect(page.locator('video[data-role="local-camera"]')).to_be_visible()
        await here.get_by_role("region", name="Call with Ada Okafor").press("m")
        await expect(button(here, "Microphone")).to_have_attribute("aria-pressed", "false")
        await expect(there.get_by_text("has switched the microphone off")).to_be_attached()
        await button(here, "Camera").click()
        await expect(there.locator('video[data-role="remote-camera"]')).to_be_hidden()
        await button(here, "Share screen").click()
        if engine.name in SHARING:
            await expect(there.locator('video[data-role="remote-screen"]')).to_be_visible()
            assert await there.evaluate(FLOWS, "screen")
        else:
            await expect(here.get_by_text("There is no screen to share")).to_be_visible()
        changes = 2 + (engine.name in SHARING)
        assert len(mara.sent(ui.SetCallMedia)) == 1 + changes, "the beginning and the changes, each told once"
        assert len(ada.sent(ui.SetCallMedia)) == 1
        await button(there, "End call").click()
        for page, name in ((here, "Ada Okafor"), (there, "Mara Lindqvist")):
            await expect(page.get_by_text(f"The call with {name} has ended")).to_be_visible()
            await page.wait_for_function("() => window.lanchat.store.state.ui.call.live === null")


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
async def test_who_may_use_the_devices_anyhow_sees_the_other_while_they_are_opened(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, there = await new_page(), await new_page()
        await open_page(here, mara, ADA.id)
        await open_page(there, ada, ME.id)
        await there.evaluate(SLOW_DEVICES)
        await button(here, "Video call").click()
        await button(there, "Accept with video").click()
        assert await there.evaluate(FLOWS, "camera")
        assert not ada.sent(ui.SetCallMedia), "nobody is told of a camera that is off, because it is not open yet"
        await there.evaluate("() => window.openDevices()")
        assert await here.evaluate(FLOWS, "camera")
        assert await there.evaluate("window.order") == ["connection", "devices"]
        assert [each.media for each in ada.sent(ui.SetCallMedia)] == [MediaState(microphone=True, camera=True)]


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
async def test_before_the_person_has_let_the_page_use_the_devices_no_address_leaves(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, there = await new_page(), await new_page()
        await open_page(here, mara, ADA.id)
        await open_page(there, ada, ME.id)
        await there.evaluate(SLOW_DEVICES)
        await there.evaluate("() => { navigator.permissions.query = async () => ({ state: 'prompt' }); }")
        await button(here, "Video call").click()
        await button(there, "Accept with video").click()
        await mara.expect(ui.WebrtcOffer)
        await there.evaluate("() => window.openDevices()")
        for page in (here, there):
            assert await page.evaluate(FLOWS, "camera")
        assert await there.evaluate("window.order") == ["devices", "connection"]


@calling
async def test_reading_makes_the_call_small_and_keys_go_to_the_text(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, _ = await talking(new_page, mara, ada)
        region = here.get_by_role("region", name="Call with Ada Okafor")
        await here.get_by_role("link", name=JUN.name).click()
        await expect(region).to_have_attribute("data-size", "small")
        await here.get_by_role("textbox", name="Message").press_sequentially("mmm, vs")
        await expect(button(here, "Microphone")).to_have_attribute("aria-pressed", "true")
        await button(here, "Back to the call").click()
        await expect(region).to_have_attribute("data-size", "large")
        own = here.get_by_role("button", name="Your picture.")
        await own.press("ArrowLeft")
        await own.press("ArrowUp")
        await expect(here.locator(".own")).to_have_attribute("data-corner", "top-start")


@calling
async def test_a_reload_offers_to_rejoin_and_the_pictures_come_back(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, there = await talking(new_page, mara, ada)
        await here.reload()
        await expect(there.get_by_text("page is being loaded again")).to_be_visible()
        await button(here, "Rejoin").click()
        for page in (here, there):
            assert await page.evaluate(FLOWS, "camera")


@calling
@pytest.mark.parametrize(("name", "role"), [("Microphone", "microphone"), ("Camera", "camera")])
async def test_what_was_off_at_a_reload_stays_off(new_page: NewPage, name: str, role: str) -> None:
    async with two_ends() as (mara, ada):
        here, _ = await talking(new_page, mara, ada)
        await button(here, name).click()
        await expect(button(here, name)).to_have_attribute("aria-pressed", "false")
        await here.reload()
        await button(here, "Rejoin").click()
        await expect(here.get_by_role("region", name="Call with Ada Okafor")).to_have_attribute(
            "data-phase", "connected"
        )
        sending = await here.evaluate("window.lanchat.store.state.ui.call.live.sending")
        assert sending == {"microphone": True, "camera": True, "screen": False} | {role: False}
        assert mara.sent(ui.SetCallMedia)[-1].media == MediaState(**sending)
        await button(here, name).click()
        await expect(button(here, name)).to_have_attribute("aria-pressed", "true")


@calling
async def test_browsers_that_cannot_agree_end_the_call_and_both_are_told(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, there = await new_page(), await new_page()
        await there.add_init_script(
            "RTCPeerConnection.prototype.setRemoteDescription = () => Promise.reject(new Error('not like this'))"
        )
        await open_page(here, mara, ADA.id)
        await open_page(there, ada, ME.id)
        await button(here, "Video call").click()
        await button(there, "Accept with video").click()
        await expect(there.get_by_text("The two browsers could not agree on this call.")).to_be_visible()
        for page, name in ((here, "Ada Okafor"), (there, "Mara Lindqvist")):
            await expect(page.get_by_text(f"The connection to {name} could not be made")).to_be_visible()
            await expect(button(page, "Call again" if page is here else "Call back")).to_be_visible()
        assert len(ada.sent(ui.EndCall)) == 1


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
async def test_a_call_that_finds_no_way_says_what_may_be_in_it(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, there = await new_page(), await new_page()
        await there.add_init_script("RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => {})")
        await here.clock.install()
        await open_page(here, mara, ADA.id)
        await open_page(there, ada, ME.id)
        await button(here, "Video call").click()
        await button(there, "Accept with video").click()
        await mara.expect(ui.WebrtcOffer)
        await expect(here.get_by_text("Connecting…")).to_be_visible()
        await here.clock.run_for(25_000)
        await expect(here.get_by_text("Still no connection.")).to_contain_text("firewall")
        await button(here, "End call").click()
        for page, name in ((here, "Ada Okafor"), (there, "Mara Lindqvist")):
            await expect(page.get_by_text(f"The connection to {name} could not be made")).to_be_visible()


@calling
async def test_a_daemon_that_comes_back_finds_the_call_going_on(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, there = await talking(new_page, mara, ada)
        await mara.leave()
        await here.wait_for_function("() => !window.lanchat.store.state.connected")
        assert await there.evaluate(FLOWS, "camera"), "the pictures need no daemon"
        await mara.enter()
        await mara.expect(ui.RejoinCall)
        for page in (here, there):
            assert await page.evaluate(FLOWS, "camera")


@calling
async def test_a_call_survives_the_loss_of_the_link(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, there = await talking(new_page, mara, ada)
        mara.link(False)
        mara.tell(ui.NetworkChanged())
        await mara.expect(ui.WebrtcOffer, 2)
        assert await there.evaluate(FLOWS, "camera")
        mara.link(True)
        await mara.expect(ui.WebrtcOffer, 3)
        await ada.expect(ui.WebrtcAnswer, 2)
        for page in (here, there):
            assert await page.evaluate(FLOWS, "camera")
        for end in (mara, ada):
            assert len(end.sent(ui.SetCallMedia)) == 1, "the same is not said again"
