"""Making sure whose key it is, in a real browser: the two ways, every end of them, and the marks."""

from __future__ import annotations

import msgspec
import pytest

from lanchatd.identity import qr
from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from tests.browsers.expectations import expect

from .company import ADA, JUN, ME, peer, said
from .comparing import SIGNS, code_of, comparison
from .engines import CALLING, Locator, NewPage, Page
from .exchange import End, two_ends
from .stage import Stage, open_page, stop_clock

pytestmark = pytest.mark.asyncio(loop_scope="session")

calling = pytest.mark.parametrize("engine", CALLING, indirect=True)
replace = msgspec.structs.replace
INVITED = ui.ComparisonChanged(comparison=comparison(ADA, "asking"))


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def verified(page: Page, where: str) -> Locator:
    """The mark, in the part of the page that this selector names."""
    return page.locator(where).get_by_role("img", name="Verified", exact=True)


async def verifying(page: Page, stage: Stage) -> None:
    """The dialog is open for Ada."""
    await open_page(page, stage, ADA.id)
    await button(page, "Verify").click()
    await expect(page.get_by_role("heading", name="Verify Ada Okafor")).to_be_visible()


def show_signs(stage: Stage, **more: object) -> None:
    stage.tell(ui.ComparisonChanged(comparison=comparison(ADA, "comparing", signs=SIGNS, **more)))


def end(stage: Stage, outcome: str, *, mine: bool = False) -> None:
    ended = ui.ComparisonEnded(comparison="comparison-1", person=ADA.id, outcome=outcome, mine=mine)  # type: ignore[arg-type]
    stage.tell(ended)


# ---------------------------------------------------------------------------------------------- comparing pictures


async def test_two_people_compare_pictures_and_the_mark_appears_everywhere(page: Page, stage: Stage) -> None:
    await verifying(page, stage)
    await expect(verified(page, "#conversation .conversation-header")).to_be_hidden()
    await button(page, "Compare pictures").click()
    assert (await stage.expect(ui.StartComparison))[0].person == ADA.id
    await expect(page.get_by_role("heading", name="Waiting for Ada Okafor")).to_be_focused()
    show_signs(stage)
    await expect(page.get_by_role("heading", name="Are they the same?")).to_be_focused()
    assert await page.locator("ol .sign-word").all_text_contents() == [sign.word for sign in SIGNS]
    assert await page.locator(".sign-picture[aria-hidden=true]").all_text_contents() == [sign.picture for sign in SIGNS]
    await button(page, "They match").click()
    assert (await stage.expect(ui.AnswerComparison))[0].match
    await expect(page.get_by_text("You have said that they match")).to_be_visible()
    end(stage, "matched")
    await expect(page.get_by_role("heading", name="Ada Okafor is verified")).to_be_visible()
    await button(page, "OK").click()
    await expect(dialog(page)).to_be_hidden()
    await expect(verified(page, "#conversation .conversation-header")).to_be_visible()
    await expect(verified(page, f'[data-person="{ADA.id}"]')).to_be_visible()
    await expect(verified(page, f'[data-person="{JUN.id}"]')).to_be_hidden()


async def test_pictures_that_differ_are_an_alarm_in_every_tab(new_page: NewPage, stage: Stage) -> None:
    here, there = await new_page(), await new_page()
    await verifying(here, stage)
    await open_page(there, stage, JUN.id)
    await button(here, "Compare pictures").click()
    await stage.expect(ui.StartComparison)
    show_signs(stage)
    await button(here, "They don’t match").click()
    assert not (await stage.expect(ui.AnswerComparison))[0].match
    for page in (here, there):
        await expect(page.get_by_role("heading", name="This may not be Ada Okafor")).to_be_visible()
        await expect(page.get_by_text("nothing private")).to_be_visible()
    await button(here, "Block this person").click()
    await here.get_by_role("alertdialog").get_by_role("button", name="Block", exact=True).click()
    assert (await stage.expect(ui.BlockUser))[0].person == ADA.id
    await expect(here.locator("#verify")).to_be_hidden()


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "narrow"])
async def test_after_an_alarm_the_pointer_rests_on_nothing_that_one_may_regret(
    page: Page, stage: Stage, size: tuple[int, int]
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await verifying(page, stage)
    await button(page, "Compare pictures").click()
    await stage.expect(ui.StartComparison)
    show_signs(stage)
    await expect(page.locator(".sign")).to_have_count(7)
    box = await button(page, "They don’t match").bounding_box()
    assert box is not None
    await button(page, "They don’t match").click()
    await expect(page.get_by_role("heading", name="This may not be Ada Okafor")).to_be_visible()
    await expect(dialog(page).get_by_text("face to face and verified again")).to_be_visible()
    below = """({x, y, width, height}) => [[0, 0], [1, 0], [0.5, 0.5], [0, 1], [1, 1]]
      .map(([right, down]) => document.elementFromPoint(x + right * width, y + down * height))
      .map((element) => element?.closest("button.danger")?.textContent ?? "")"""
    assert await page.evaluate(below, {**box}) == [""] * 5
    primary = """() => [...document.querySelectorAll("#verify .button.primary")]
      .filter((each) => each.checkVisibility()).map((each) => each.textContent)"""
    assert await page.evaluate(primary) == ["Verify again"]
    await button(page, "Not now").click()
    await expect(dialog(page)).to_be_hidden()


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("cancelled", "has closed the comparison"),
        ("declined", "would rather not compare right now"),
        ("timeout", "Nobody answered in time"),
        ("busy", "is verifying with somebody else"),
        ("broken", "The check has failed"),
        ("peer_gone", "The connection to Ada Okafor was lost"),
    ],
)
async def test_every_other_end_is_said(page: Page, stage: Stage, outcome: str, words: str) -> None:
    await verifying(page, stage)
    await button(page, "Compare pictures").click()
    await stage.expect(ui.StartComparison)
    end(stage, outcome)
    await expect(page.get_by_text(words)).to_be_visible()
    await button(page, "Verify again").click()
    await expect(button(page, "Compare pictures")).to_be_visible()


async def test_what_the_daemon_refuses_is_said_in_the_dialog(page: Page, stage: Stage) -> None:
    stage.refusals[ui.StartComparison] = BadRequest("busy", "Another comparison goes on; finish or close it first.")
    await verifying(page, stage)
    await button(page, "Compare pictures").click()
    await expect(dialog(page).get_by_text("Another comparison goes on")).to_be_visible()


# ------------------------------------------------------------------------------------------------- being invited


async def test_an_invitation_is_noticed_and_in_nobodys_way(page: Page, stage: Stage) -> None:
    await open_page(page, stage, JUN.id)
    await page.get_by_role("textbox", name="Message").press_sequentially("I am ")
    stage.tell(INVITED)
    card = page.get_by_role("region", name="Verification")
    await expect(card.get_by_text("Ada Okafor would like to verify with you")).to_be_visible()
    await page.keyboard.type("writing")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("I am writing")
    await card.get_by_role("button", name="Not now").click()
    await stage.expect(ui.CancelComparison)
    await expect(card).to_be_hidden()
    stage.tell(INVITED)
    await card.get_by_role("button", name="Accept").click()
    assert (await stage.expect(ui.AcceptComparison))[0].comparison == "comparison-1"
    await expect(page.locator(".sign")).to_have_count(7)


async def test_a_comparison_survives_a_reload_and_goes_on_in_any_tab(new_page: NewPage, stage: Stage) -> None:
    here, there = await new_page(), await new_page()
    await verifying(here, stage)
    await button(here, "Compare pictures").click()
    await stage.expect(ui.StartComparison)
    show_signs(stage)
    await here.reload()
    await open_page(there, stage)
    for page in (here, there):
        await expect(page.get_by_text("You are verifying with Ada Okafor.")).to_be_visible()
        await button(page, "Continue").click()
        await expect(page.locator(".sign")).to_have_count(7)
    await button(there, "They match").click()
    await expect(here.get_by_text("You have said that they match")).to_be_visible()
    end(stage, "matched")
    for page in (here, there):
        await expect(page.get_by_role("heading", name="Ada Okafor is verified")).to_be_visible()


async def test_escape_closes_the_dialog_and_not_the_comparison(page: Page, stage: Stage) -> None:
    await verifying(page, stage)
    await button(page, "Compare pictures").click()
    await expect(page.get_by_role("heading", name="Waiting for")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog(page)).to_be_hidden()
    await button(page, "Continue").click()
    await button(page, "Cancel").click()
    await stage.expect(ui.CancelComparison)
    await expect(dialog(page)).to_be_hidden()
    await expect(page.get_by_role("region", name="Verification")).to_be_hidden()


async def test_a_daemon_that_was_away_takes_its_comparison_along(page: Page, stage: Stage) -> None:
    await verifying(page, stage)
    await button(page, "Compare pictures").click()
    await expect(page.get_by_role("heading", name="Waiting for")).to_be_visible()
    await stage.leave()
    stage.snapshot = replace(stage.snapshot, run="second", comparison=None)
    await stage.enter()
    await expect(page.get_by_text("The connection to Ada Okafor was lost")).to_be_visible()


# ------------------------------------------------------------------------------------------------------- scanning

CAMERA = """(code) => {
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 480;
  const context = canvas.getContext("2d");
  const draw = () => {
    context.fillStyle = "#777";
    context.fillRect(0, 0, 640, 480);
    context.save();
    context.translate(150, 90);
    context.scale(300 / code.size, 300 / code.size);
    context.fillStyle = "#fff";
    context.fillRect(0, 0, code.size, code.size);
    context.fillStyle = "#000";
    context.fill(new Path2D(code.path));
    context.restore();
  };
  setInterval(draw, 50);
  navigator.mediaDevices.getUserMedia = async () => (window.filmed = canvas.captureStream(20));
}"""


async def hold(page: Page, text: str) -> None:
    """The camera of this page sees this code."""
    drawing = qr.draw(text)
    await page.evaluate(CAMERA, {"path": drawing.path, "size": drawing.size})


@calling
async def test_a_code_is_scanned_and_the_camera_goes_off(page: Page, stage: Stage) -> None:
    await verifying(page, stage)
    await hold(page, code_of(ADA.id, ME.id))
    await button(page, "Scan their code").click()
    assert (await stage.expect(ui.ScanCode))[0].code == code_of(ADA.id, ME.id)
    await expect(page.get_by_text("Tell them: yes.")).to_be_visible()
    await expect(verified(page, "#conversation .conversation-header")).to_be_attached()
    await page.wait_for_function("() => window.filmed.getTracks().every((each) => each.readyState === 'ended')")
    assert len(stage.sent(ui.ScanCode)) == 1


@calling
async def test_the_code_of_another_key_is_an_alarm(page: Page, stage: Stage) -> None:
    await verifying(page, stage)
    await hold(page, code_of(peer("somebody between"), ME.id))
    await button(page, "Scan their code").click()
    await expect(page.get_by_role("heading", name="This is not Ada Okafor's key")).to_be_visible()
    await expect(page.get_by_text("That screen shows another key")).to_be_visible()
    await expect(verified(page, "#conversation .conversation-header")).to_be_hidden()


@calling
async def test_a_code_of_something_else_is_no_alarm(page: Page, stage: Stage) -> None:
    await verifying(page, stage)
    await hold(page, "https://example.org/")
    await button(page, "Scan their code").click()
    await expect(page.get_by_text("That is no code of LanChat.")).to_be_visible()
    await expect(page.get_by_role("heading", name="Scan Ada Okafor's code")).to_be_visible()
    assert stage.sent(ui.ScanCode) == []


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
async def test_whoever_scans_nothing_for_a_while_gets_a_hint_and_can_compare_pictures(page: Page, stage: Stage) -> None:
    await page.clock.install()
    await verifying(page, stage)
    await page.evaluate(CAMERA, {"path": "", "size": 1})
    await stop_clock(page)
    await button(page, "Scan their code").click()
    await page.wait_for_function("() => document.querySelector('.verify-camera video').srcObject !== null")
    await page.clock.run_for(9_000)
    await expect(page.get_by_text("No code found yet.")).to_be_hidden()
    await page.clock.run_for(1_500)
    await expect(page.get_by_role("alert").get_by_text("No code found yet.")).to_be_visible()
    await button(page, "Compare pictures").click()
    assert (await stage.expect(ui.StartComparison))[0].person == ADA.id
    await page.wait_for_function("() => window.filmed.getTracks().every((each) => each.readyState === 'ended')")


async def test_a_browser_without_a_camera_says_so(page: Page, stage: Stage) -> None:
    await verifying(page, stage)
    refuse = "() => Promise.reject(new DOMException('no', 'NotFoundError'))"
    await page.evaluate(f"() => {{ if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = {refuse}; }}")
    await button(page, "Scan their code").click()
    await expect(page.get_by_text("No camera was found.")).to_be_visible()
    await button(page, "Back").click()
    await expect(button(page, "Compare pictures")).to_be_visible()


async def test_our_code_is_shown_and_the_person_is_asked_whether_it_worked(page: Page, stage: Stage) -> None:
    await verifying(page, stage)
    await button(page, "Show my code").click()
    await expect(page.get_by_role("img", name="Your code, to be scanned")).to_be_visible()
    drawing = qr.draw(code_of(ME.id, ADA.id))
    assert await page.locator(".code path").get_attribute("d") == drawing.path
    assert await page.locator(".code").get_attribute("viewBox") == f"0 0 {drawing.size} {drawing.size}"
    stage.tell(ui.ComparisonChanged(comparison=comparison(ADA, "comparing", theirs=True)))
    await expect(page.get_by_text("Does their screen say that you are verified?")).to_be_visible()
    await button(page, "Yes").click()
    assert (await stage.expect(ui.AnswerComparison))[0].match
    await expect(page.get_by_role("heading", name="Ada Okafor is verified")).to_be_visible()


async def test_a_code_that_was_lost_with_the_link_is_shown_anew(page: Page, stage: Stage) -> None:
    await verifying(page, stage)
    await button(page, "Show my code").click()
    await stage.expect(ui.ShowCode)
    stage.tell(ui.PersonChanged(person=replace(ADA, presence="offline")))
    await expect(page.get_by_text("Ada Okafor is not connected now.")).to_be_visible()
    await expect(page.locator(".code")).to_be_hidden()
    stage.tell(ui.PersonChanged(person=ADA))
    await stage.expect(ui.ShowCode, 2)
    await expect(page.get_by_role("img", name="Your code, to be scanned")).to_be_visible()


# ------------------------------------------------------------------------------------------------------- the mark


async def test_the_mark_can_be_taken_away(page: Page, stage: Stage) -> None:
    stage.tell(ui.PersonChanged(person=replace(ADA, verified=True)))
    await open_page(page, stage, ADA.id)
    await button(page, "Verify").click()
    await button(page, "Remove verification").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Remove", exact=True).click()
    assert (await stage.expect(ui.Distrust))[0].person == ADA.id
    await expect(page.get_by_role("heading", name="Verify Ada Okafor")).to_be_visible()
    await expect(verified(page, "#conversation .conversation-header")).to_be_hidden()


async def test_on_a_narrow_screen_the_shield_is_within_reach(page: Page, stage: Stage) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await verifying(page, stage)
    await button(page, "Close").click()
    stage.tell(ui.PersonChanged(person=replace(ADA, verified=True)))
    await expect(verified(page, "#conversation .conversation-header")).to_be_visible()
    await expect(button(page, "Verify")).to_be_hidden()
    await button(page, "More").click()
    await button(page, "Verify").click()
    await expect(page.get_by_role("heading", name="Ada Okafor is verified")).to_be_visible()


LAST_LINES = """() => [...document.querySelectorAll(".log-lines > :not(.day, .unread-line)")].slice(-3)
  .map((line) => line.querySelector("[data-part=words], [data-part=text]").textContent)"""


async def test_a_verification_is_noted_in_the_conversation(new_page: NewPage, stage: Stage) -> None:
    here, there = await new_page(), await new_page()
    for page in (here, there):
        await open_page(page, stage, ADA.id)
    stage.tell(ui.PersonChanged(person=replace(ADA, verified=True)))
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(990, "after that", -60_000_000_000)))
    stage.tell(ui.PersonChanged(person=ADA))
    for page in (here, there):
        await expect(page.locator(".message").last).to_contain_text("after that")
        await expect(page.get_by_text("Ada Okafor is not verified any more")).to_be_visible()
        assert await page.evaluate(LAST_LINES) == [
            "You verified Ada Okafor",
            "Ada Okafor is not verified any more",
            "after that",
        ]


async def test_people_can_be_verified_from_the_settings(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    await button(page, "Settings").click()
    await button(page, f"Verify {JUN.name}").click()
    await expect(page.get_by_role("heading", name=f"Verify {JUN.name}")).to_be_visible()


@calling
async def test_a_call_says_whether_it_is_with_a_verified_person_and_that_the_keys_match(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        mara.tell(ui.PersonChanged(person=replace(ADA, verified=True)))
        here, there = await talking(new_page, mara, ada)
        for page, mark, words in ((here, True, "with a verified person"), (there, False, "with an unverified person")):
            top = verified(page, ".stage-top")
            await (expect(top).to_be_visible() if mark else expect(top).to_be_hidden())
            await page.get_by_role("button", name="Show the figures").click()
            await expect(page.get_by_text(words)).to_be_visible()
        known = await here.evaluate("async () => (await window.lanchat.calls.stats()).keys")
        assert known == ("match" if "Chrome" in await here.evaluate("() => navigator.userAgent") else "unknown")


@calling
async def test_a_session_whose_fingerprint_was_changed_on_the_way_never_connects(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        for side in (mara, ada):
            side.carry = forged
        here, there = await new_page(), await new_page()
        await call(here, there, mara, ada)
        for page in (here, there):
            failed = "(window.lanchat.store.state.ui.call.live?.session ?? '') === 'reconnecting'"
            await page.wait_for_function(f"() => {failed}")
            assert await page.evaluate("() => window.lanchat.store.state.ui.call.live.remote.camera !== null")
            assert (await page.evaluate("async () => (await window.lanchat.calls.stats()).inbound")) == []


@calling
async def test_a_certificate_that_nobody_promised_ends_the_call(new_page: NewPage) -> None:
    async with two_ends() as (mara, ada):
        here, there = await new_page(), await new_page()
        await here.add_init_script(STRANGE_CERTIFICATE)
        await call(here, there, mara, ada)
        await mara.expect(ui.EndCall)
        await expect(here.get_by_text("another machine than the one that it was agreed with")).to_be_visible()


STRANGE_CERTIFICATE = """(() => {
  const real = RTCPeerConnection.prototype.getStats;
  RTCPeerConnection.prototype.getStats = async function () {
    const report = new Map(await real.call(this));
    for (const [id, stat] of report) if (stat.type === "transport") report.delete(id);
    report.set("T", { type: "transport", timestamp: 1, remoteCertificateId: "C" });
    report.set("C", { type: "certificate", timestamp: 1, fingerprint: "00:11", fingerprintAlgorithm: "sha-256" });
    return report;
  };
})()"""


def forged(signal: ui.TabRequest) -> ui.TabRequest:
    """The signal with the fingerprint of another certificate in it."""
    if not isinstance(signal, ui.WebrtcOffer | ui.WebrtcAnswer):
        return signal
    lines = signal.sdp.split("\r\n")
    false = "a=fingerprint:sha-256 " + ":".join(["A5"] * 32)
    return replace(signal, sdp="\r\n".join(false if line.startswith("a=fingerprint:") else line for line in lines))


async def call(here: Page, there: Page, mara: End, ada: End) -> None:
    """Mara calls Ada with video, and Ada accepts it."""
    await open_page(here, mara, ADA.id)
    await open_page(there, ada, ME.id)
    await button(here, "Video call").click()
    await button(there, "Accept with video").click()


async def talking(new_page: NewPage, mara: End, ada: End) -> tuple[Page, Page]:
    pages = (await new_page(), await new_page())
    await call(*pages, mara, ada)
    for page in pages:
        await page.wait_for_function("() => window.lanchat.store.state.ui.call.live?.session === 'connected'")
    return pages
