"""Names and keys that are not what they seem, as the page shows them; and words that a restart must not take away."""

from __future__ import annotations

import msgspec
import pytest

from lanchatd.protocol import ui
from tests.browsers.expectations import expect

from .company import ADA, JUN, ME, NOW, PEOPLE, SAM, said, snapshot
from .engines import Locator, NewPage, Page
from .stage import Stage, open_page, staged
from .test_people import ROWS
from .trust_states import CLONED, LIKE_ME, LOOKS_LIKE, ODD, PRETENDER, RENAMED, VERIFIED

pytestmark = pytest.mark.asyncio(loop_scope="session")

replace = msgspec.structs.replace


def row(page: Page, person: ui.Person) -> Locator:
    return page.locator(f'[data-person="{person.id}"]')


def sign(page: Page, person: ui.Person, words: str) -> Locator:
    return row(page, person).get_by_role("img", name=words, exact=True)


def become(stage: Stage, *people: ui.Person) -> None:
    for person in people:
        stage.tell(ui.PersonChanged(person=person))


@pytest.mark.parametrize(
    ("person", "mark", "words"),
    [
        (RENAMED, "New name", "Jun Watanabe is now called “Jun W.”."),
        (LOOKS_LIKE, "Name looks like somebody else's", "This name only looks like “Tomás Rivera”"),
        (LIKE_ME, "Same name as somebody else", "Mara Lindqvist has the same name as you."),
    ],
    ids=["renamed", "looks-like", "like-me"],
)
async def test_a_notice_about_a_name_is_shown_until_one_agrees(
    page: Page, stage: Stage, person: ui.Person, mark: str, words: str
) -> None:
    become(stage, person)
    await open_page(page, stage, person.id)
    await expect(page.get_by_text(words)).to_be_visible()
    await expect(sign(page, person, mark)).to_be_visible()
    await page.get_by_role("button", name="OK", exact=True).click()
    assert (await stage.expect(ui.KeepName))[0].person == person.id
    await expect(page.get_by_text(words)).to_be_hidden()
    await expect(sign(page, person, mark)).to_be_hidden()


async def test_from_a_look_alike_one_gets_to_the_real_person(page: Page, stage: Stage) -> None:
    become(stage, LOOKS_LIKE)
    await open_page(page, stage, LOOKS_LIKE.id)
    await page.get_by_role("button", name="Show Tomás Rivera").click()
    await expect(page.locator("#conversation-name")).to_contain_text("Tomás Rivera")


async def test_a_key_on_two_machines_can_not_be_waved_through(page: Page, stage: Stage) -> None:
    become(stage, CLONED)
    await open_page(page, stage, ADA.id)
    await expect(page.get_by_text("in use on two machines at once; the second one is at 192.168.1.77")).to_be_visible()
    await expect(sign(page, ADA, "Key in use on two machines")).to_be_visible()
    await expect(page.get_by_role("button", name="OK", exact=True)).to_be_hidden()


async def test_our_own_key_on_another_machine_is_an_alert(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    await expect(page.get_by_text("uses your key as well")).to_be_hidden()
    stage.tell(ui.ProfileChanged(me=replace(ME, clone="192.168.1.77")))
    await expect(page.get_by_role("alert").get_by_text("Another machine, at 192.168.1.77")).to_be_visible()


async def test_who_pretends_to_be_a_verified_person_is_held_back(page: Page, stage: Stage) -> None:
    become(stage, VERIFIED, PRETENDER)
    await open_page(page, stage)
    await expect(row(page, PRETENDER)).to_contain_text("Is this really them?")
    await expect(page).to_have_title("(4) LanChat")  # what Jun and Priya want; not the pretender
    await expect(sign(page, PRETENDER, "Not the person whom you have verified")).to_be_visible()
    await expect(sign(page, VERIFIED, "Verified")).to_be_visible()
    await row(page, PRETENDER).get_by_role("link").click()
    await expect(page.get_by_role("heading", name="Is this really Ada Okafor?")).to_be_visible()
    for name in ("Accept", "Decline", "Ask to chat"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_be_hidden()
    await expect(page.get_by_role("textbox", name="Message")).to_be_hidden()
    await page.get_by_role("button", name="Show Ada Okafor", exact=True).click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()


async def test_only_our_person_lets_a_held_person_in(page: Page, stage: Stage) -> None:
    become(stage, VERIFIED, PRETENDER)
    await open_page(page, stage, PRETENDER.id)
    await page.get_by_role("button", name="It’s fine, go on").click()
    assert (await stage.expect(ui.KeepName))[0].person == PRETENDER.id
    await expect(page.get_by_role("button", name="Accept", exact=True)).to_be_visible()


async def test_nothing_is_announced_of_a_held_person(page: Page, stage: Stage) -> None:
    become(stage, VERIFIED, PRETENDER)
    await open_page(page, stage)
    said_aloud = page.locator("#alerts [aria-live=polite]")
    stage.tell(ui.IncomingChatRequest(person=replace(SAM, relation="incoming")))
    await expect(said_aloud).to_have_text("Sam: Wants to chat with you")
    stage.tell(ui.IncomingChatRequest(person=PRETENDER))
    become(stage, RENAMED)
    await expect(row(page, RENAMED)).to_contain_text("Jun W.")
    await expect(said_aloud).to_have_text("Sam: Wants to chat with you")


async def test_the_marks_are_there_before_any_script(page: Page) -> None:
    async with staged(snapshot(ODD)) as stage:
        await open_page(page, stage)
        by_server = await page.evaluate(ROWS, await page.evaluate("async () => (await fetch('/')).text()"))
        await page.evaluate("() => window.lanchat.store.dispatch({event: 'online_users_list', people: []})")
        stage.tell(ui.OnlineUsersList(people=ODD))
        await expect(page.locator(".person")).to_have_count(len(ODD))
        assert await page.evaluate(ROWS) == by_server
    shown = "aria-label=Verified class=mark verified data-part=verified role"
    assert len([spelt for spelt in by_server if shown in spelt]) == 1
    assert "Not the person whom you have verified" in str(by_server)


# ------------------------------------------------------------------------------------ a daemon that starts anew


async def restart(stage: Stage, **fields: object) -> None:
    """The daemon ends and starts anew; it remembers people and no words."""
    await stage.leave()
    stage.snapshot = replace(stage.snapshot, run=stage.snapshot.run + "+", conversations=[], **fields)
    await stage.enter()


def texts(page: Page) -> Locator:
    return page.locator(".message .message-text")


async def test_a_restart_takes_no_word_away_and_sends_again_what_was_on_its_way(page: Page, stage: Stage) -> None:
    lines = [said(1, "theirs", 9000), said(2, "was sent", 8000, "sent"), said(3, "theirs again", 7000)]
    lines += [said(4, "has waited", 6000, "waiting"), said(5, "was delivered", 5000, "delivered")]
    stage.snapshot = replace(stage.snapshot, conversations=[ui.Conversation(ADA.id, lines)])
    await open_page(page, stage, ADA.id)
    shown = [line.text for line in lines]
    await restart(stage)
    again = await stage.expect(ui.SendPrivateMessage, 3)
    assert [(each.id, each.text) for each in again] == [(line.id, line.text) for line in (lines[1], *lines[3:])]
    await expect(page.locator(".message").last).to_contain_text("was delivered")
    await expect(page.get_by_role("img", name="Delivered")).to_have_count(3)
    assert await texts(page).all_text_contents() == shown
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(6, "new", 0)))
    await expect(texts(page)).to_have_count(6)
    await stage.leave()
    await stage.enter()
    await expect(page.get_by_text("Reconnecting")).to_be_hidden()
    await expect(texts(page)).to_have_count(6)
    assert await texts(page).all_text_contents() == [*shown, "new"]
    assert len(stage.sent(ui.SendPrivateMessage)) == 3


async def test_another_program_at_our_address_hears_nothing(page: Page, stage: Stage) -> None:
    stage.snapshot = replace(stage.snapshot, proof="of the daemon")
    await open_page(page, stage, ADA.id)
    await stage.leave()
    await page.get_by_role("textbox", name="Message").fill("my PIN is 4711")
    await page.keyboard.press("Enter")
    stage.snapshot = replace(stage.snapshot, run="another", proof="of another program")
    stage.requests.clear()
    await stage.enter()
    await expect(page.get_by_text("Another program answers")).to_be_visible()
    assert stage.requests == []


async def test_what_was_read_before_a_restart_is_not_news_and_is_told_as_seen_again(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await restart(stage)
    await page.wait_for_function("() => window.lanchat.store.state.run === 'first+'")
    await row(page, JUN).get_by_role("link").click()
    await stage.expect(ui.MarkSeen)
    before = len(stage.sent(ui.MarkSeen))
    read = said(9, "Sorry, was under a desk. North wall it is.", 0)
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=read))
    marks = await stage.expect(ui.MarkSeen, before + 1)
    assert (marks[-1].person, marks[-1].id) == (ADA.id, read.id)
    await expect(row(page, ADA).locator(".badge")).to_be_hidden()
    await expect(page.locator("#alerts [aria-live=polite]")).to_have_text("")


async def test_who_was_forgotten_during_a_restart_stays_forgotten(new_page: NewPage, stage: Stage) -> None:
    page = await new_page()
    await open_page(page, stage, ADA.id)
    stranger = replace(ADA, relation="none")
    await restart(stage, people=[stranger, *PEOPLE[1:]])
    await expect(page.get_by_role("button", name="Ask to chat")).to_be_visible()
    await expect(texts(page)).to_have_count(0)


async def test_two_tabs_send_one_message_again_once(new_page: NewPage, stage: Stage) -> None:
    lines = [ui.TextEntry("message-0001", True, "on its way", NOW, "sent")]
    stage.snapshot = replace(stage.snapshot, conversations=[ui.Conversation(ADA.id, lines)])
    here, there = await new_page(), await new_page()
    for page in (here, there):
        await open_page(page, stage, ADA.id)
    await restart(stage)
    for page in (here, there):
        await expect(page.get_by_role("img", name="Delivered")).to_have_count(1)
        await expect(texts(page)).to_have_count(1)
    assert {each.id for each in stage.sent(ui.SendPrivateMessage)} == {"message-0001"}
