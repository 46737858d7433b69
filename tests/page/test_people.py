"""People, requests, oneself, and what names can not do."""

from __future__ import annotations

import msgspec
import pytest

from lanchatd.protocol import ui
from lanchatd.web import rows
from tests.browsers.expectations import expect

from .company import ADA, BRAM, CALLS, IMKE, JUN, LENA, LONG, NOW, OLEG, PEOPLE, PRIYA, SAM, TRICKY, said, snapshot
from .engines import CALLING, SOUNDING, Engine, Page
from .stage import Stage, open_page, staged, stop_clock

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def say_yes(page: Page, action: str) -> None:
    """The question that comes before something that one may regret."""
    await page.get_by_role("alertdialog").get_by_role("button", name=action, exact=True).click()


calling = pytest.mark.parametrize("engine", CALLING, indirect=True)
ROWS = """(html) => {
  const page = html ? new DOMParser().parseFromString(html, "text/html") : document;
  const OWN = ["disabled", "aria-disabled", "title", "datetime"];  // only a script knows what this browser can do
  const spell = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data.trim();
    const attributes = [...node.attributes].filter(({ name }) => !OWN.includes(name));
    const open = [node.localName, ...attributes.map(({ name, value }) => `${name}=${value}`).sort()].join(" ");
    return `<${open}>${node.localName === "time" ? "" : [...node.childNodes].map(spell).join("")}`;
  };
  return [...page.querySelectorAll(".person")].map(spell);
}"""


async def test_the_list_is_there_before_any_script_and_scripts_draw_the_same(page: Page) -> None:
    strange = [LONG, TRICKY, msgspec.structs.replace(SAM, id="m" * 52, name="  ", machine="")]
    strange += [
        msgspec.structs.replace(SAM, id="n" * 52, name="حسن  علي"),
        msgspec.structs.replace(SAM, id="o" * 52, name="🦊 fox"),
    ]
    people = [*PEOPLE, *strange]
    async with staged(snapshot(people)) as stage:
        await open_page(page, stage)
        taken_over = await page.evaluate(ROWS)
        by_server = await page.evaluate(ROWS, await page.evaluate("async () => (await fetch('/')).text()"))
        await page.evaluate("() => window.lanchat.store.dispatch({event: 'online_users_list', people: []})")
        stage.tell(ui.OnlineUsersList(people=people))
        await expect(page.locator(".person")).to_have_count(len(people))
        by_scripts = await page.evaluate(ROWS)
    assert len(by_server) == len(people)
    assert by_server == taken_over == by_scripts


async def test_markup_in_names_and_messages_is_text(page: Page, stage: Stage) -> None:
    stage.tell(ui.PersonChanged(person=msgspec.structs.replace(TRICKY, relation="contact")))
    text = "<b>bold</b> <script>alert(1)</script> javascript:alert(1) https://example.org/a?b=c#d."
    stage.tell(ui.ReceivePrivateMessage(person=TRICKY.id, entry=said(970, text, 0)))
    await open_page(page, stage, TRICKY.id)
    await expect(page.get_by_role("heading", name=TRICKY.name)).to_have_text(TRICKY.name)
    await expect(page.locator(".message-text")).to_have_text(text)
    assert await page.locator(".message-text *").count() == 1
    link = page.locator(".message-text a")
    await expect(link).to_have_text("https://example.org/a?b=c#d")
    assert await link.get_attribute("rel") == "noopener noreferrer"
    assert await link.get_attribute("target") == "_blank"
    assert await page.locator(".person img, .conversation img").count() == 0


async def test_nothing_is_fetched_from_anywhere_else(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    asked = await page.evaluate("() => performance.getEntriesByType('resource').map(({name}) => name)")
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith(stage.url)] == []


async def test_the_page_fills_the_window_and_no_more(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(971, "announced", 0)))
    await expect(page.locator("[data-part=polite]")).to_contain_text("announced")
    sizes = await page.evaluate(
        "() => [document.documentElement, document.body].map((it) => [it.scrollWidth, it.scrollHeight])"
    )
    assert sizes == [await page.evaluate("() => [innerWidth, innerHeight]")] * 2


async def test_strangers_who_left_are_folded_away_until_one_looks_for_them(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    left = page.locator(".people-left")
    await expect(left).to_be_hidden()
    stage.tell(ui.PersonChanged(person=msgspec.structs.replace(SAM, presence="offline")))
    await expect(left.locator("summary")).to_have_text("Left recently 1")
    sam = left.locator(".person-link")
    await expect(sam).to_be_hidden()
    await expect(page.get_by_role("list", name="People").get_by_role("listitem")).to_have_count(len(PEOPLE) - 1)
    await left.locator("summary").click()
    await expect(sam).to_contain_text("kitchen")
    await left.locator("summary").click()
    await page.get_by_label("Search people").fill("kitchen")
    await page.keyboard.press("Enter")
    await expect(sam).to_be_visible()
    await expect(page.locator("#conversation-name")).to_contain_text("Sam")
    await page.get_by_label("Search people").fill("")
    await expect(sam).to_be_hidden()


async def test_the_keyboard_walks_to_nobody_who_is_folded_away(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    stage.tell(ui.PersonChanged(person=msgspec.structs.replace(SAM, presence="offline")))
    await expect(page.locator(".people-left")).to_be_visible()
    last = page.get_by_role("list", name="People").get_by_role("link").last
    await last.focus()
    await page.keyboard.press("ArrowDown")
    await expect(last).to_be_focused()


async def test_strangers_out_of_reach_stand_below_everybody_whom_one_knows(page: Page, stage: Stage) -> None:
    stage.tell(ui.PersonChanged(person=msgspec.structs.replace(SAM, name="Aaron", presence="unreachable")))
    await open_page(page, stage)
    names = await page.locator(".people-list .person-name bdi").all_text_contents()
    assert names[-5:] == ["Imke de Vries", "Gus", "Aaron", "Nova", "Bram"]


async def test_nothing_of_a_blocked_person_is_unread(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    await expect(page).to_have_title("(4) LanChat")
    stage.tell(ui.PersonChanged(person=msgspec.structs.replace(JUN, relation="blocked")))
    await expect(page.get_by_role("link", name=JUN.name).locator(".badge")).to_be_hidden()
    await expect(page).to_have_title("(1) LanChat")


async def test_a_call_is_called_the_same_in_the_list_and_in_the_conversation(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    row = page.get_by_role("list", name="People").get_by_role("link", name=ADA.name).locator(".person-words")
    for number, entry in enumerate(CALLS.entries):
        entry = msgspec.structs.replace(entry, id=f"call-{number:04}-again", at=NOW + number)
        stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=entry))
        line = page.locator(".call-line").last.locator("[data-part=words]")
        await page.wait_for_function(
            "(id) => [...lanchat.store.state.conversations.values()].some(({entries}) => entries.at(-1).id === id)",
            arg=entry.id,
        )
        words = (await line.all_text_contents())[0]
        await expect(row).to_have_text(words)
        assert rows.call_words(entry) == words


async def test_who_writes_rises_to_the_top(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    rows = page.get_by_role("list", name="People").get_by_role("listitem")
    await expect(rows.first).to_contain_text("Jun")
    stage.tell(
        ui.ReceivePrivateMessage(
            person=LENA.id, entry=ui.TextEntry("message-980", False, "Passed!", NOW + 1, "delivered")
        )
    )
    await expect(rows.first).to_contain_text("Passed!")
    await expect(rows.first).to_contain_text("1 unread")


async def test_a_row_can_be_pressed_wherever_no_button_is(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    row = page.locator(f'[data-person="{ADA.id}"]')
    await row.hover()
    button = await row.get_by_role("button", name="Chat").bounding_box()
    assert button is not None
    await page.mouse.click(button["x"] - 8, button["y"] + button["height"] / 2)
    await expect(page.get_by_role("heading", name=ADA.name)).to_be_visible()


async def test_the_filter_finds_by_name_and_machine(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    rows = page.get_by_role("list", name="People").get_by_role("listitem")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("SAM")
    await expect(rows).to_have_count(2)
    await page.keyboard.press("Escape")
    await expect(rows).to_have_count(len(PEOPLE))
    await page.keyboard.type("workshop")
    await expect(rows).to_have_count(1)


async def test_asking_waiting_and_being_declined(page: Page, stage: Stage) -> None:
    await open_page(page, stage, SAM.id)
    await page.get_by_role("button", name="Ask to chat").click()
    (asked,) = await stage.expect(ui.SendChatRequest)
    assert asked.person == SAM.id
    await expect(page.get_by_role("button", name="Cancel request")).to_be_focused()
    stage.tell(ui.PersonChanged(person=SAM))
    stage.tell(ui.ChatRequestRejected(person=SAM.id, mine=True, reason="declined"))
    await expect(page.get_by_text("Sam would rather not chat right now.")).to_be_visible()
    await page.get_by_role("button", name="Ask to chat").click()
    await page.get_by_role("button", name="Cancel request").click()
    await stage.expect(ui.CancelChatRequest)
    await expect(page.get_by_text("Ask Sam to chat.")).to_be_visible()


@pytest.mark.parametrize(
    ("button", "request_type"),
    [("Accept", ui.AcceptChatRequest), ("Decline", ui.RejectChatRequest), ("Block", ui.BlockUser)],
)
async def test_answering_a_request(
    page: Page, stage: Stage, button: str, request_type: type[ui.AcceptChatRequest]
) -> None:
    await open_page(page, stage, PRIYA.id)
    await expect(page.get_by_text("Priya Nair wants to chat")).to_be_visible()
    await page.get_by_role("button", name=button, exact=True).click()
    if button == "Block":
        await say_yes(page, "Block")
    (answer,) = await stage.expect(request_type)
    assert answer.person == PRIYA.id


@pytest.mark.parametrize("way", ["Escape", "Enter"])
@pytest.mark.parametrize(
    ("action", "words"),
    [("Block", "You can unblock them in Settings"), ("Forget", "Your conversation is deleted here")],
)
async def test_block_and_forget_ask_first(page: Page, stage: Stage, action: str, words: str, way: str) -> None:
    await open_page(page, stage, ADA.id)
    for _ in range(2):
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("button", name=action, exact=True).click()
        question = page.get_by_role("alertdialog", name=f"{action} {ADA.name}?")
        await expect(question).to_contain_text(words)
        await expect(question.get_by_role("button", name="Cancel")).to_be_focused()
        await page.keyboard.press(way)
        await expect(question).to_be_hidden()
        await expect(page.get_by_role("button", name="More")).to_be_focused()
    await page.get_by_role("textbox", name="Message").fill("a round trip later")
    await page.keyboard.press("Enter")
    await stage.expect(ui.SendPrivateMessage)
    assert stage.sent(ui.BlockUser) == []
    assert stage.sent(ui.ForgetUser) == []


async def test_block_unblock_and_forget_in_the_settings(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("button", name=f"Unblock {BRAM.name}").click()
    await stage.expect(ui.UnblockUser)
    await page.get_by_role("button", name=f"Block {ADA.name}").click()
    await say_yes(page, "Block")
    await stage.expect(ui.BlockUser)
    await page.get_by_role("button", name=f"Forget {ADA.name}").click()
    await say_yes(page, "Forget")
    (forgotten,) = await stage.expect(ui.ForgetUser)
    assert forgotten.person == ADA.id
    await expect(page.get_by_role("button", name=f"Forget {ADA.name}")).to_have_count(0)


async def test_the_name_is_changed_where_it_stands(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    name = page.get_by_role("textbox", name="Your name")
    await name.fill("  Mara   L. ")
    await name.press("Enter")
    (profile,) = await stage.expect(ui.SetProfile)
    assert profile.name == "Mara L."
    await expect(name).to_have_value("Mara L.")
    await name.fill("not this")
    await name.press("Escape")
    await expect(name).to_have_value("Mara L.")
    await page.get_by_label("Your status").select_option("dnd")
    assert (await stage.expect(ui.SetProfile, 2))[1].status == "dnd"


@calling
async def test_camera_and_microphone_can_be_tried_out(engine: Engine, page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("button", name="Try them out").click()
    await page.wait_for_function("() => document.querySelector('[data-part=preview]').videoWidth > 0")
    await expect(page.locator("#settings").get_by_label("Camera").locator("option")).not_to_have_count(1)
    if engine.name in SOUNDING:
        await page.wait_for_function(
            "() => Number(document.querySelector('.level-bar').style.getPropertyValue('--level')) > 0"
        )
    await page.evaluate("() => { window.trial = document.querySelector('[data-part=preview]').srcObject; }")
    await page.get_by_role("button", name="Close").click()
    await page.wait_for_function("() => window.trial.getTracks().every((track) => track.readyState === 'ended')")


async def test_a_chosen_theme_stays(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("radio", name="Dark").check()
    dark = await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    await page.reload()
    assert await page.evaluate("() => getComputedStyle(document.body).backgroundColor") == dark
    assert await page.evaluate("() => document.documentElement.dataset.theme") == "dark"


async def test_while_the_daemon_is_away_nobody_is_shown_as_present(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    sign = page.locator(f'[data-person="{ADA.id}"] .presence')
    colour = "(sign) => getComputedStyle(sign).color"
    present = await sign.evaluate(colour)
    await stage.leave()
    await expect(page.get_by_text("Reconnecting")).to_be_visible()
    assert await sign.evaluate(colour) != present
    assert await sign.evaluate(colour) == await page.locator(f'[data-person="{IMKE.id}"] .presence').evaluate(colour)
    await stage.enter()
    await expect(page.get_by_text("Reconnecting")).to_be_hidden()
    assert await sign.evaluate(colour) == present


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
async def test_a_daemon_that_stays_away_is_said_not_to_run(page: Page, stage: Stage) -> None:
    await page.clock.install()
    await open_page(page, stage, ADA.id)
    await stop_clock(page)
    await stage.leave()
    await page.wait_for_function("() => !lanchat.store.state.connected")
    await page.clock.run_for(9_000)
    await expect(page.get_by_text("Reconnecting")).to_be_visible()
    await page.clock.run_for(1_500)
    await expect(page.get_by_role("status").get_by_text("LanChat is not running on this machine.")).to_be_visible()
    await expect(page.get_by_text("Reconnecting")).to_be_hidden()
    await stage.enter()
    await page.clock.run_for(10_000)
    await expect(page.get_by_text("LanChat is not running on this machine.")).to_be_hidden()


async def test_an_error_is_told_in_words(page: Page, stage: Stage) -> None:
    await open_page(page, stage, OLEG.id)
    await stage.leave()
    await expect(page.get_by_role("button", name="Cancel request")).to_be_disabled()
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("button", name="Block", exact=True).click()
    await say_yes(page, "Block")
    await expect(page.get_by_text("LanChat is not running on this machine right now.")).to_be_visible()


async def test_a_trouble_that_no_request_has_caused_is_told_in_words(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    stage.tell(ui.Error(code="not_saved", message="The disk is full; make room."))
    await expect(page.get_by_text("The disk is full; make room.")).to_be_visible()


async def test_the_whole_way_by_keyboard(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the conversation")).to_be_focused()
    for _ in range(8):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement.matches('.person-link')"):
            break
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Priya Nair wants to chat")).to_be_visible()
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement.textContent === 'Accept'"):
            break
    await page.keyboard.press("Enter")
    await stage.expect(ui.AcceptChatRequest)
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await page.keyboard.type("Hello Priya")
    await page.keyboard.press("Enter")
    (sent,) = await stage.expect(ui.SendPrivateMessage)
    assert (sent.person, sent.text) == (PRIYA.id, "Hello Priya")


async def test_a_narrow_window_shows_the_list_or_the_conversation(page: Page, stage: Stage) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_page(page, stage)
    for name in ("Your name", "Your status"):
        box = await page.get_by_label(name).first.bounding_box()
        assert box is not None
        assert box["height"] >= 44, name
    people, heading = page.get_by_role("list", name="People"), page.get_by_role("heading", name=ADA.name)
    await page.get_by_role("link", name=ADA.name).click()
    await expect(heading).to_be_visible()
    await expect(people).to_be_hidden()
    await page.get_by_role("button", name="Back to people").click()
    await expect(people).to_be_visible()
    await expect(page.get_by_role("link", name=ADA.name)).to_be_focused()
    await page.evaluate("() => history.back()")
    await expect(heading).to_be_visible()
    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
