"""Names and keys that are not what they seem, as the page shows them; and words that a restart must not take away."""

from __future__ import annotations

import re
from typing import Final

import msgspec
import pytest

from lanchatd.protocol import ui
from lanchatd.web.rows import short_key
from tests.browsers.expectations import expect

from .call_states import INCOMING
from .company import ADA, JUN, ME, NOW, PEOPLE, SAM, peer, said, snapshot
from .comparing import comparison
from .engines import Locator, NewPage, Page
from .stage import Stage, open_page, staged
from .test_people import ROWS
from .trust_states import (
    CLONED,
    FOREIGN,
    LIKE_ME,
    LOOKS_LIKE,
    NAMESAKE,
    ODD,
    PRETENDER,
    RENAMED,
    TOOK_HER_NAME,
    VERIFIED,
)

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
    await page.get_by_role("button", name="Show the Tomás Rivera you know").click()
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
    await page.get_by_role("button", name="Show the verified Ada Okafor", exact=True).click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()


async def test_the_two_keys_are_compared_and_a_request_is_told(page: Page, stage: Stage) -> None:
    become(stage, VERIFIED, PRETENDER)
    await open_page(page, stage, PRETENDER.id)
    keys = page.get_by_role("list", name="The two keys")
    await expect(keys.get_by_role("listitem").first).to_contain_text(f"kestrel · verified{short_key(ADA.id)}")
    await expect(keys.get_by_role("listitem").last).to_contain_text(f"laptop-7 · this one{short_key(PRETENDER.id)}")
    await expect(page.get_by_text("Somebody asks to chat under the name")).to_be_visible()
    become(stage, replace(PRETENDER, relation="none"))
    await expect(page.get_by_text("Somebody is on the network under the name")).to_be_visible()


async def test_only_our_person_lets_a_held_person_in_and_a_hint_stays(page: Page, stage: Stage) -> None:
    become(stage, VERIFIED, PRETENDER)
    await open_page(page, stage, PRETENDER.id)
    await page.get_by_role("button", name="Treat as somebody else").click()
    assert (await stage.expect(ui.KeepName))[0].person == PRETENDER.id
    await expect(page.get_by_text("This is not the Ada Okafor whom you have verified. If you accept")).to_be_visible()
    await page.get_by_role("button", name="Accept", exact=True).click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    await expect(sign(page, PRETENDER, "Same name as a verified person")).to_be_visible()
    await expect(row(page, PRETENDER)).to_contain_text(short_key(PRETENDER.id))
    header = page.locator("#conversation .conversation-presence")
    await expect(header).to_contain_text(f"Not the one you verified · {short_key(PRETENDER.id)}")
    await row(page, VERIFIED).get_by_role("link").click()
    await expect(header).to_have_text("Available · kestrel")


# ---------------------------------------------------------------- a contact with the name of a verified person

LOOKS_LIKE_HER: Final = replace(JUN, name="Аda Okafor", notices=[ui.Notice("looks_like", ADA.name, ADA.id)])
RINGS: Final = ui.IncomingCall(call=replace(INCOMING, person=JUN.id))
IMPOSTORS: Final = pytest.mark.parametrize(
    ("person", "words"),
    [
        (TOOK_HER_NAME, "This is not the Ada Okafor whom you have verified."),
        (NAMESAKE, "This is not the Ada Okafor whom you have verified."),
        (LOOKS_LIKE_HER, "This name only looks like “Ada Okafor”, whom you have verified."),
        (FOREIGN, "This name only looks like “Ada Okafor”, whom you have verified."),
    ],
    ids=["took", "kept", "looks-like", "looks-like-kept"],
)


@pytest.mark.parametrize(
    ("person", "mark"),
    [(NAMESAKE, "Same name as a verified person"), (FOREIGN, "Name looks like a verified person's")],
    ids=["same", "looks-like"],
)
async def test_of_a_name_to_which_one_has_agreed_a_quiet_hint_stays_as_long_as_the_other_is_verified(
    page: Page, stage: Stage, person: ui.Person, mark: str
) -> None:
    become(stage, VERIFIED, person)
    await open_page(page, stage, person.id)
    header = page.locator("#conversation .conversation-header")
    await expect(header).to_contain_text(f"Not the one you verified · {short_key(person.id)}")
    await expect(header.get_by_role("img", name=mark, exact=True)).to_be_visible()
    await expect(sign(page, person, mark)).to_be_visible()
    await expect(row(page, person)).to_contain_text(short_key(person.id))
    await expect(page.locator("[data-part=person-notices]")).to_be_hidden()
    await expect(page.get_by_role("button", name="OK", exact=True)).to_have_count(0)
    become(stage, ADA, replace(person, notices=[]))
    await expect(header.locator(".conversation-presence")).to_have_text("Away · studio")
    await expect(sign(page, person, mark)).to_be_hidden()


@IMPOSTORS
async def test_a_call_of_an_impostor_does_not_look_like_one_of_the_verified_person(
    page: Page, stage: Stage, person: ui.Person, words: str
) -> None:
    become(stage, VERIFIED, person)
    await open_page(page, stage)
    stage.tell(RINGS)
    dialog = page.get_by_role("alertdialog")
    await expect(dialog.get_by_text(words)).to_be_visible()
    await expect(dialog.get_by_role("heading")).to_contain_text(short_key(JUN.id))
    await expect(dialog.locator(".mark.verified")).to_be_hidden()
    await expect(dialog.locator("h2 .mark.caution")).to_be_visible()
    await expect(page).to_have_title(re.compile(f"{person.name} · {short_key(JUN.id)} is calling"))
    stage.tell(ui.CallEnded(call=INCOMING.id, person=JUN.id, outcome="cancelled", duration=0))
    await expect(page.get_by_text(f"You missed a call from {person.name} · {short_key(JUN.id)}")).to_be_visible()
    stage.tell(ui.IncomingCall(call=INCOMING))
    await expect(dialog.get_by_role("img", name="Verified", exact=True)).to_be_visible()
    await expect(dialog.locator(".incoming-warning")).to_be_hidden()
    await expect(dialog.get_by_role("heading")).to_have_text("Ada Okafor")


async def test_a_quiet_call_of_an_impostor_shows_the_key(page: Page, stage: Stage) -> None:
    become(stage, VERIFIED, TOOK_HER_NAME)
    stage.tell(ui.ProfileChanged(me=replace(ME, status="dnd")))
    await open_page(page, stage)
    stage.tell(RINGS)
    card = page.get_by_role("region", name="Call", exact=True)
    await expect(card).to_contain_text(f"Ada Okafor · {short_key(JUN.id)} is calling you.")
    await expect(card.locator(".mark.caution")).to_be_visible()


@IMPOSTORS
async def test_an_impostor_who_would_like_to_verify_is_shown_as_somebody_else(
    page: Page, stage: Stage, person: ui.Person, words: str
) -> None:
    become(stage, VERIFIED, person)
    await open_page(page, stage)
    stage.tell(ui.ComparisonChanged(comparison=comparison(JUN, "asking")))
    card = page.get_by_role("region", name="Verification")
    await expect(card).to_contain_text(f"{person.name} · {short_key(JUN.id)} would like to verify with you")
    await expect(card.get_by_text(words)).to_be_visible()
    await card.get_by_role("button", name="Accept").click()
    await expect(page.locator(".sign")).to_have_count(7)
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text(words)).to_be_visible()


NOTIFIED = """() => {
  window.told = [];
  window.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title, { body }) { super(); window.told.push([title, body]); }
  };
  lanchat.store.dispatch({event: "ui/attention", attentive: false});
}"""


@IMPOSTORS
async def test_a_notification_of_an_impostors_message_says_so(
    page: Page, stage: Stage, person: ui.Person, words: str
) -> None:
    become(stage, VERIFIED, person)
    await open_page(page, stage)
    await page.evaluate(NOTIFIED)
    for number, who in enumerate((ADA, JUN)):
        stage.tell(ui.ReceivePrivateMessage(person=who.id, entry=said(980 + number, "Lend me your keys", 0)))
    await page.wait_for_function("() => window.told.length === 2")
    assert await page.evaluate("window.told") == [
        ["Ada Okafor", "Lend me your keys"],
        [f"{person.name} · {short_key(JUN.id)}", f"{words} Lend me your keys"],
    ]


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
    settled = [replace(NAMESAKE, id=peer("a third Ada")), replace(FOREIGN, id=peer("a fourth one"))]
    same = replace(SAM, id=peer("another Sam"), name="SAM")
    async with staged(snapshot([*ODD, *settled, same])) as stage:
        await open_page(page, stage)
        by_server = await page.evaluate(ROWS, await page.evaluate("async () => (await fetch('/')).text()"))
        await page.evaluate("() => window.lanchat.store.dispatch({event: 'online_users_list', people: []})")
        stage.tell(ui.OnlineUsersList(people=stage.snapshot.people))
        await expect(page.locator(".person")).to_have_count(len(stage.snapshot.people))
        assert await page.evaluate(ROWS) == by_server
    shown = "aria-label=Verified class=mark verified data-part=verified role"
    assert len([spelt for spelt in by_server if shown in spelt]) == 1
    assert "Not the person whom you have verified" in str(by_server)
    assert "Same name as a verified person" in str(by_server)
    assert "Name looks like a verified person's" in str(by_server)


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
