"""A tour of the page in which all others use traps as their names and words, to see of what the page is made then."""

from __future__ import annotations

from typing import Final, get_args, get_type_hints

import msgspec
from playwright.async_api import Browser, Page, expect

from lanchatd.doctor.catalogue import Finding
from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import PeerId

from .call_states import INCOMING, OUTGOING
from .company import BRAM, GUS, ME, MINUTE, OLEG, PRIYA, SAM, called, peer, said, snapshot
from .network_states import WLAN, away, examined, linked, seen
from .stage import Stage, open_page, staged
from .traps import RUNNING, Seen, elements, served_elements, watched

replace = msgspec.structs.replace
OTHERS: Final = (SAM, PRIYA, OLEG, BRAM)
"""A stranger, two requests, and somebody who is blocked. Gus is a contact who can't be reached, for a reason."""
UNWATCHED: Final = """() => {
    document.hasFocus = () => false;
    dispatchEvent(new Event("blur"));
}"""
"""From now on messages are told by notifications of the system, too."""
CLEAR: Final = """() => window.lanchat.store.state.ui.notices.forEach(({ id }) =>
    window.lanchat.store.dispatch({ event: "ui/notice_gone", id }))"""
"""Notices go by themselves after a while; not to depend on when, they go now."""
VERIFY: Final = "(verify) => window.lanchat.store.dispatch({ event: 'ui/verify', verify })"
NOTICES: Final = get_args(get_type_hints(ui.Notice)["kind"])


def called_so(person: ui.Person, number: int, text: str) -> ui.Person:
    """One of many who use this text for everything that they may say of themselves."""
    return replace(
        person,
        id=peer(f"{person.name} {number}"),
        name=text,
        machine=text,
        reason=text if person.reason else None,
        notices=[] if person is GUS else [ui.Notice(NOTICES[number % len(NOTICES)], text, peer(f"{GUS.name} 0"))],
        held=person.relation == "incoming" and number % 8 == 1,
    )


def everywhere(texts: list[str]) -> ui.Snapshot:
    """A snapshot that says these wherever somebody else could have written it."""
    people, conversations = [], []
    for number, text in enumerate(texts):
        people += [called_so(person, number, text) for person in (GUS, OTHERS[number % len(OTHERS)])]
        entries = [
            said(3 * number, text, 9 * MINUTE),
            called(number, "ended", 8 * MINUTE, mine=False),
            said(3 * number + 1, text, MINUTE, "seen"),
        ]
        conversations.append(ui.Conversation(person=people[-2].id, entries=entries, unread=1))
    return snapshot(people, conversations)


async def tour(browser: Browser, texts: list[str]) -> Seen:
    """Go everywhere in the page, and note of what it is made there."""
    seen: Seen = []
    shown = everywhere(texts)
    async with staged(shown) as stage, watched(browser, stage) as (page, _):
        for text in texts:
            stage.snapshot = replace(shown, me=replace(ME, name=text, machine=text))
            html = await (await page.request.get(stage.url)).text()
            seen.append((f"served: {text!r}", served_elements(html)))
        await open_page(page, stage)
        await page.evaluate(UNWATCHED)
        for person in shown.people:
            await open_conversation(page, person.id)
            header = page.locator("#conversation .conversation-header")
            assert await header.locator("[data-part=name]").text_content() == person.name
            seen.append((f"{person.relation}: {person.name!r}", await elements(page, "#main *")))
        for number, text in enumerate(texts[:RUNNING]):
            contact = shown.people[2 * number]
            await open_conversation(page, contact.id)
            await _speak(page, stage, contact, 3 * number + 2)
            seen.append((f"spoken: {text!r}", await elements(page)))
            await _ask(page, stage, contact)
            await _verify(page, stage, contact)
            seen.append((f"verified: {text!r}", await elements(page, "dialog *")))
            await page.evaluate(VERIFY, None)
            await _call(page, stage, contact)
            seen.append((f"asked and called: {text!r}", await elements(page)))
        for text in texts:
            await _look_at_the_network(page, stage, text)
            seen.append((f"on the network: {text!r}", await elements(page, "#network *")))
    return seen


async def open_conversation(page: Page, person: PeerId) -> None:
    """Go to where the conversation with somebody is."""
    await page.evaluate("(id) => { location.hash = `#/${id}`; }", person)
    await page.wait_for_function("(id) => window.lanchat.store.state.ui.selected === id", arg=person)


async def _speak(page: Page, stage: Stage, person: ui.Person, number: int) -> None:
    """A new name of ours, messages, requests and notifications."""
    text = person.name
    stage.tell(ui.ProfileChanged(me=replace(ME, name=text, machine=text)))
    stage.tell(ui.IncomingChatRequest(person=person))
    stage.tell(ui.Typing(person=person.id, active=True))
    stage.tell(ui.ReceivePrivateMessage(person=person.id, entry=said(number, text, 0)))
    shown = page.locator(f'[data-id="message-{number:04}"] .message-text')
    await expect(shown).to_be_attached()
    assert await shown.text_content() == text
    assert f"{text}: {text}" in await page.locator("[aria-live=polite]").all_text_contents()
    assert (await page.evaluate("window.__notifications.slice(-2)")) == [text, text]


async def _ask(page: Page, stage: Stage, person: ui.Person) -> None:
    """The question that comes before a block, and the words when the daemon refuses it."""
    stage.refusals[ui.BlockUser] = BadRequest("wrong_state", person.name)
    await page.locator("#conversation .conversation-header").get_by_role("button", name="More").click()
    await page.get_by_role("button", name="Block", exact=True).click()
    question = page.locator("#confirm [data-part=title]")
    assert await question.text_content() == f"Block {person.name}?"
    await page.locator("#confirm [data-part=yes]").click()
    await expect(page.locator(".notice").first).to_be_attached()
    assert await page.locator(".notice [data-part=text]").first.text_content() == person.name
    await page.evaluate(CLEAR)


async def _verify(page: Page, stage: Stage, person: ui.Person) -> None:
    """The question before a mark is taken away, a comparison that ends unseen, and what the daemon refuses."""
    stage.tell(ui.PersonChanged(person=replace(person, presence="online", verified=True)))
    await page.evaluate(VERIFY, {"person": person.id, "way": "about"})
    await page.locator("#verify [data-part=remove]").click()
    assert person.name in (await page.locator("#confirm [data-part=title]").text_content() or "")
    await page.keyboard.press("Escape")
    await page.evaluate(VERIFY, None)
    stage.tell(ui.ComparisonEnded(comparison="comparison-1", person=person.id, outcome="declined", mine=False))
    await expect(page.locator(".notice")).to_be_attached()
    assert person.name in (await page.locator(".notice [data-part=text]").text_content() or "")
    await page.evaluate(CLEAR)
    stage.refusals[ui.StartComparison] = BadRequest("busy", person.name)
    await page.evaluate(VERIFY, {"person": person.id, "way": "choose"})
    await page.locator("#verify [data-part=compare]").click()
    await expect(page.locator("#verify [data-part=problem]")).to_be_visible()
    assert await page.locator("#verify [data-part=problem-words]").text_content() == person.name
    await page.evaluate(VERIFY, {"way": "scan", "over": "wrong_code", "problem": person.name})
    assert person.name in await page.locator("#verify [data-part=words] p").all_text_contents()


async def _look_at_the_network(page: Page, stage: Stage, text: str) -> None:
    """Names, addresses, reasons, interfaces and findings, all of them this text."""
    strange = replace(GUS, name=text)
    stage.network = examined(
        [
            linked(strange, text, 5, 1.5),
            seen(replace(SAM, name=text), text, text),
            away(replace(BRAM, name=text), text),
        ],
        [Finding("strange", "problem", text, text, text)],
        [replace(WLAN, name=text, addresses=[text])],
    )
    stage.network = replace(stage.network, daemon=replace(stage.network.daemon, name=text, discovery_problem=text))
    await page.evaluate("() => { location.hash = '#/'; }")
    await page.wait_for_function("() => window.lanchat.store.state.ui.screen === 'people'")
    await page.evaluate("() => { location.hash = '#/network'; }")
    await page.wait_for_function(
        "(text) => window.lanchat.store.state.ui.network.examination?.findings[0].sentence === text", arg=text
    )
    await page.wait_for_function("(text) => window.lanchat.store.state.ui.network.daemon.name === text", arg=text)
    for part in ("sentence", "step", "command", "own-name", "silent-why"):
        assert await page.locator(f"#network [data-part={part}]").text_content() == text, part
    assert await page.locator("#network [data-part=list] [data-part=reason]").all_text_contents() == ["", text, ""]


async def _call(page: Page, stage: Stage, person: ui.Person) -> None:
    """A call that comes in, one in another tab, and how both end."""
    incoming = replace(INCOMING, id=f"in-{person.id}", person=person.id)
    stage.tell(ui.IncomingCall(call=incoming))
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    assert await page.locator("[data-part=incoming-name]").text_content() == person.name
    stage.tell(ui.CallEnded(call=incoming.id, person=person.id, outcome="cancelled"))
    outgoing = replace(OUTGOING, id=f"out-{person.id}", person=person.id, owner=99)
    stage.tell(ui.CallStarted(call=outgoing))
    words = page.locator("[data-part=card-words]")
    await expect(words).to_contain_text("in another tab")
    assert person.name in (await words.text_content() or "")
    stage.tell(ui.CallEnded(call=outgoing.id, person=person.id, outcome="peer_gone"))
    await expect(words).to_contain_text("was lost")
