"""Writing and reading, in a real browser, with a stage in place of the daemon."""

from __future__ import annotations

import pytest

from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import TEXT_BYTES
from tests.browsers.expectations import expect

from .company import ADA, IMKE, JUN, NOW, said
from .engines import Locator, NewPage, Page
from .stage import Stage, open_page

pytestmark = pytest.mark.asyncio(loop_scope="session")


def bubbles(page: Page) -> Locator:
    return page.locator(".message .message-text")


async def write(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.keyboard.press("Enter")


async def test_a_message_is_sent_shown_and_delivered(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await page.get_by_role("textbox", name="Message").fill("On my way")
    await page.get_by_role("button", name="Send").click()
    (sent,) = await stage.expect(ui.SendPrivateMessage)
    assert (sent.person, sent.text) == (ADA.id, "On my way")
    last = page.locator(".message").last
    await expect(last).to_contain_text("On my way")
    await expect(last.get_by_role("img", name="Delivered")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("")


async def test_messages_keep_their_order(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    for number in range(5):
        await write(page, f"number {number}")
    sent = await stage.expect(ui.SendPrivateMessage, 5)
    assert [message.text for message in sent] == [f"number {number}" for number in range(5)]
    texts = await bubbles(page).all_text_contents()
    assert texts[-5:] == [f"number {number}" for number in range(5)]


async def test_shift_enter_breaks_the_line(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await page.get_by_role("textbox", name="Message").press_sequentially("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    assert stage.sent(ui.SendPrivateMessage) == []
    await page.keyboard.press("Enter")
    (sent,) = await stage.expect(ui.SendPrivateMessage)
    assert sent.text == "one\ntwo"


async def test_a_reload_shows_the_same_conversation(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await write(page, "still here")
    await expect(page.get_by_role("img", name="Delivered").last).to_be_visible()
    before = await bubbles(page).all_text_contents()
    await page.reload()
    await expect(page.get_by_role("heading", name=ADA.name)).to_be_visible()
    await expect(bubbles(page)).to_have_count(len(before))
    assert await bubbles(page).all_text_contents() == before


async def test_two_tabs_stay_in_step(new_page: NewPage, stage: Stage) -> None:
    one, other = await new_page(), await new_page()
    await open_page(one, stage, ADA.id)
    await open_page(other, stage, ADA.id)
    await stage.expect_tabs(2)
    await write(one, "seen in both")
    await expect(bubbles(other).last).to_have_text("seen in both")
    await expect(bubbles(one).filter(has_text="seen in both")).to_have_count(1)
    await expect(bubbles(other).filter(has_text="seen in both")).to_have_count(1)


async def test_every_person_has_a_draft_of_their_own(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    composer = page.get_by_role("textbox", name="Message")
    await composer.fill("for Ada")
    await page.get_by_role("link", name=JUN.name).click()
    await expect(composer).to_have_value("")
    await composer.fill("for Jun")
    await page.get_by_role("link", name=ADA.name).click()
    await expect(composer).to_have_value("for Ada")
    await page.get_by_role("link", name=JUN.name).click()
    await expect(composer).to_have_value("for Jun")


async def test_what_is_written_while_the_daemon_is_gone_is_sent_once_and_in_order(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await stage.leave()
    await expect(page.get_by_text("Reconnecting")).to_be_visible()
    await write(page, "first")
    await write(page, "second")
    await page.get_by_role("textbox", name="Message").fill("a draft")
    await expect(page.locator(".message").last.get_by_role("img", name="Waiting")).to_be_visible()
    await stage.enter()
    await stage.expect(ui.SendPrivateMessage, 2)
    await expect(page.get_by_text("Reconnecting")).to_be_hidden()
    await expect(page.locator(".message").last.get_by_role("img", name="Delivered")).to_be_visible()
    assert [message.text for message in stage.sent(ui.SendPrivateMessage)] == ["first", "second"]
    assert (await bubbles(page).all_text_contents())[-2:] == ["first", "second"]
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("a draft")


async def test_a_message_whose_answer_was_lost_is_not_shown_twice(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await stage.leave()
    await write(page, "did you get this?")
    waiting = await page.evaluate("(id) => window.lanchat.store.state.conversations.get(id).entries.at(-1).id", ADA.id)
    # The daemon had the message already when it went away: the next snapshot has it.
    stage.tell(
        ui.ReceivePrivateMessage(person=ADA.id, entry=ui.TextEntry(waiting, True, "did you get this?", NOW, "seen"))
    )
    await stage.enter()
    await expect(page.locator(".message").last.get_by_role("img", name="Seen")).to_be_visible()
    await expect(bubbles(page).filter(has_text="did you get this?")).to_have_count(1)
    assert stage.sent(ui.SendPrivateMessage) == []


async def test_a_refused_message_says_why_and_can_be_tried_again(page: Page, stage: Stage) -> None:
    stage.refusals[ui.SendPrivateMessage] = BadRequest("queue_full", "Too many messages wait for Ada already.")
    await open_page(page, stage, ADA.id)
    await write(page, "once more")
    await expect(page.get_by_text("Not sent. Too many messages wait for Ada already.")).to_be_visible()
    stage.refusals.clear()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".message").last.get_by_role("img", name="Delivered")).to_be_visible()
    first, second = stage.sent(ui.SendPrivateMessage)
    assert first.id == second.id


async def test_the_longest_text_is_sent_and_one_byte_more_is_not(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    longest = "é" * (TEXT_BYTES // 2)
    composer = page.get_by_role("textbox", name="Message")
    await write(page, longest + "x")
    await expect(page.get_by_text("1 byte too long")).to_be_visible()
    await expect(composer).to_have_value(longest + "x")
    await expect(page.get_by_role("button", name="Send")).to_have_attribute("aria-disabled", "true")
    await write(page, longest)
    (sent,) = await stage.expect(ui.SendPrivateMessage)
    assert len(sent.text.encode()) == TEXT_BYTES


async def test_typing_is_told_and_shown(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await page.get_by_role("textbox", name="Message").press_sequentially("hm")
    typing = await stage.expect(ui.Typing)
    assert (typing[0].person, typing[0].active) == (ADA.id, True)
    known = len(stage.sent(ui.Typing))
    await page.get_by_role("textbox", name="Message").fill("")
    assert not (await stage.expect(ui.Typing, known + 1))[-1].active
    stage.tell(ui.Typing(person=ADA.id, active=True))
    await expect(page.get_by_text(f"{ADA.name} is typing", exact=True)).to_be_attached()
    stage.tell(ui.Typing(person=ADA.id, active=False))
    await expect(page.get_by_text(f"{ADA.name} is typing", exact=True)).to_be_hidden()


async def test_a_conversation_that_is_looked_at_is_marked_as_seen(page: Page, stage: Stage) -> None:
    await open_page(page, stage, JUN.id)
    count = 1
    while (seen := (await stage.expect(ui.MarkSeen, count))[-1]).id != "message-0025":
        count += 1
    assert seen.person == JUN.id
    await expect(page.get_by_role("link", name=JUN.name).locator(".badge")).to_be_hidden()


async def test_nothing_is_seen_while_the_page_has_no_focus(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    await page.evaluate("() => { window.focused = false; document.hasFocus = () => window.focused; }")
    await page.evaluate("() => dispatchEvent(new Event('blur'))")
    await page.evaluate("(id) => { location.hash = `/${id}`; }", JUN.id)
    await expect(bubbles(page).last).to_be_visible()
    await expect(page).to_have_title("(4) Jun Watanabe – LanChat")
    await write(page, "a round trip later")
    await stage.expect(ui.SendPrivateMessage)
    assert stage.sent(ui.MarkSeen) == []
    await page.evaluate("() => { window.focused = true; dispatchEvent(new Event('focus')); }")
    await stage.expect(ui.MarkSeen)
    await expect(page).to_have_title("(1) Jun Watanabe – LanChat")


async def test_nothing_is_seen_under_a_dialog_or_beyond_the_edge(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await page.get_by_role("button", name="Settings").click()
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(901, "under the dialog", 0)))
    await expect(bubbles(page).last).to_have_text("under the dialog")
    await page.get_by_label("Your name").count()
    assert stage.sent(ui.MarkSeen) == []
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("log").evaluate("(log) => (log.scrollTop = 0)")
    for number in range(30):
        stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(910 + number, f"line {number}", 0)))
    await expect(page.get_by_role("button", name="Jump to the latest message")).to_be_visible()
    assert "message-0939" not in [seen.id for seen in stage.sent(ui.MarkSeen)]
    await page.get_by_role("button", name="Jump to the latest message").click()
    while "message-0939" not in [seen.id for seen in stage.sent(ui.MarkSeen)]:
        await stage.expect(ui.MarkSeen, len(stage.sent(ui.MarkSeen)) + 1)


async def test_the_end_stays_in_view_while_the_composer_grows(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await page.get_by_role("textbox", name="Message").press_sequentially("one")
    for _ in range(6):
        await page.keyboard.press("Shift+Enter")
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(960, "the latest", 0)))
    await expect(bubbles(page).last).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("button", name="Jump to the latest message")).to_be_hidden()


async def test_new_messages_are_announced_politely(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    stage.tell(ui.ReceivePrivateMessage(person=IMKE.id, entry=said(950, "Ahoy", 0)))
    await expect(page.locator("[data-part=polite]")).to_have_text("Imke de Vries: Ahoy")


async def test_no_word_is_kept_by_the_browser(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await write(page, "a secret")
    await page.get_by_role("textbox", name="Message").fill("a secret draft")
    await stage.expect(ui.SendPrivateMessage)
    kept = await page.evaluate(
        "() => JSON.stringify([{...localStorage}, {...sessionStorage}, history.state, document.cookie])"
    )
    assert "secret" not in kept
