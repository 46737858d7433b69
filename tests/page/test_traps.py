"""Names, texts and signals as markup and script, in all places where the page shows them: nothing of it ever runs."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import IceCandidate, PeerId, TabId

from .call_states import INCOMING, OUTGOING
from .company import ADA, BRAM, GUS, ME, MINUTE, OLEG, PRIYA, SAM, called, peer, said, snapshot
from .stage import Stage, open_page, staged
from .traps import HARMLESS, RUNNING, TEXTS, Seen, difference, elements, served_elements, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")
replace = msgspec.structs.replace
OTHERS: Final = (SAM, PRIYA, OLEG, BRAM)
"""A stranger, two requests, and somebody who is blocked. Gus is a contact who can't be reached, for a reason."""


UNWATCHED: Final = """() => {
    window.lanchat.store.dispatch({ event: "ui/preferences", preferences: { notifications: true } });
    document.hasFocus = () => false;
    dispatchEvent(new Event("blur"));
}"""
"""From now on messages are told by notifications of the system, too."""


def called_so(person: ui.Person, number: int, text: str) -> ui.Person:
    """One of many who use this text for everything that they may say of themselves."""
    reason = text if person.reason else None
    return replace(person, id=peer(f"{person.name} {number}"), name=text, machine=text, reason=reason)


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
            await _open(page, person.id)
            assert await page.locator(".conversation-header [data-part=name]").text_content() == person.name
            seen.append((f"{person.relation}: {person.name!r}", await elements(page, "#main *")))
        for number, text in enumerate(texts[:RUNNING]):
            contact = shown.people[2 * number]
            await _open(page, contact.id)
            await _speak(page, stage, contact, 3 * number + 2)
            seen.append((f"spoken: {text!r}", await elements(page)))
            await _ask(page, stage, contact)
            await _call(page, stage, contact)
            seen.append((f"asked and called: {text!r}", await elements(page)))
    return seen


async def _open(page: Page, person: PeerId) -> None:
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
    await page.locator(".conversation-header").get_by_role("button", name="More").click()
    await page.get_by_role("button", name="Block", exact=True).click()
    question = page.locator("#confirm [data-part=title]")
    assert await question.text_content() == f"Block {person.name}?"
    await page.locator("#confirm [data-part=yes]").click()
    await expect(page.locator(".notice").first).to_be_attached()
    assert await page.locator(".notice [data-part=text]").first.text_content() == person.name
    # It goes by itself after a while; not to depend on when, it goes now.
    await page.evaluate("""() => window.lanchat.store.state.ui.notices.forEach(({ id }) =>
        window.lanchat.store.dispatch({ event: "ui/notice_gone", id }))""")


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


async def test_no_text_of_others_becomes_a_part_of_the_page(chromium: Browser) -> None:
    ordinary = await tour(chromium, [f"{HARMLESS} {number}" for number in range(len(TEXTS))])
    for (_, expected), (place, found) in zip(ordinary, await tour(chromium, list(TEXTS.values())), strict=True):
        assert found == expected, f"{place}: {difference(found, expected)}"


async def test_the_settings_and_the_welcome_show_texts_as_texts(chromium: Browser) -> None:
    made: list[Counter[str]] = []
    for texts in ([HARMLESS] * len(TEXTS), list(TEXTS.values())):
        async with staged(everywhere(texts)) as stage, watched(chromium, stage) as (page, _):
            stage.snapshot = replace(stage.snapshot, me=replace(ME, name=texts[0], machine=texts[1]))
            await open_page(page, stage)
            await page.get_by_role("button", name="Settings").click()
            listed = await page.locator("#settings [data-part=people] [data-part=name]").all_text_contents()
            assert set(listed) >= set(texts) - {""}
            made.append(await elements(page))
    assert made[0] == made[1], difference(made[1], made[0])


LINKS: Final = {
    "https://example.org/a?b=<script>__ran(1)</script>": "https://example.org/a?b=",
    "http://good.example@evil.example/x": "http://good.example@evil.example/x",
    "javascript:__ran(2)": None,
    "JaVaScRiPt:__ran(2)//https://": None,
    "java\tscript:__ran(2)": None,
    "javascript://https:/%0a__ran(2)": None,
    "data:text/html,<script>__ran(3)</script>": None,
    "file:///etc/passwd": None,
    "blob:null/x vbscript:x about:blank ftp://evil.example lanchat://x": None,
    "//evil.example/x \\\\evil.example\\x": None,
    "https:javascript:__ran(4)": None,
    "https:///": None,
    'http://" onmouseover="__ran(5)': None,
    "[x](javascript:__ran(6)) <https://example.org/b>": "https://example.org/b",
    "https://example.org/\u202egpj.exe": "https://example.org/%E2%80%AEgpj.exe",
}


async def test_only_web_addresses_become_links_and_lead_away_safely(chromium: Browser) -> None:
    entries = [said(number, text, MINUTE) for number, text in enumerate(LINKS)]
    shown = snapshot(conversations=[ui.Conversation(person=ADA.id, entries=entries)])
    async with staged(shown) as stage, watched(chromium, stage) as (page, watch):
        await open_page(page, stage, ADA.id)
        for number, (text, address) in enumerate(LINKS.items()):
            bubble = page.locator(f'[data-id="message-{number:04}"] .message-text')
            assert await bubble.text_content() == text
            addresses = await bubble.locator("a").evaluate_all(
                "(links) => links.map(({ href, target, rel }) => [href, target, rel])"
            )
            assert addresses == ([[address, "_blank", "noopener noreferrer"]] if address else []), text
            assert await bubble.locator("*").count() == len(addresses), text
        await page.mouse.move(700, 500)
        assert await watch.all(page) == []


SDPS: Final = [
    "<script>__ran(1)</script>",
    "v=0\r\no=<img src=x onerror=__ran(1)> 1 2 IN IP4 127.0.0.1\r\ns=</script><script>__ran(1)</script>\r\nt=0 0\r\n",
    "v=0\r\n\x00\x07\x1b[31m\u202e\r\n",
    "v=0\r\n" + "a=ice-ufrag:" + "x" * 60_000,
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=mid:<svg onload=__ran(1)>\r\n",
    "\u0001",
]
CANDIDATES: Final = [
    "candidate:1 1 udp 1 <img src=x onerror=__ran(1)>.local 9 typ host",
    "candidate:1 1 udp 1 trap.test 9 typ host",
    "candidate:" + "9" * 1_000,
    "javascript:__ran(2)",
    "\x00",
]


async def test_signals_of_an_evil_caller_break_nothing_but_the_call(chromium: Browser) -> None:
    async with staged(snapshot()) as stage, watched(chromium, stage) as (page, _):
        await open_page(page, stage, ADA.id)
        stage.tell(ui.IncomingCall(call=INCOMING))
        await page.get_by_role("button", name="Accept with audio").click()
        await stage.expect(ui.AcceptCall)
        tab = await page.evaluate("window.lanchat.store.state.tab")
        active = replace(INCOMING, state="active", owner=tab, polite=True)
        stage.tell(ui.CallAccepted(call=active))
        region = page.get_by_role("region", name=f"Call with {ADA.name}")
        await expect(region).to_be_visible()
        before = await elements(page)
        for text in CANDIDATES:
            ice = IceCandidate(text, text[:64], 0, text[:256])
            stage._hub.tell(TabId(tab), ui.WebrtcIceCandidate(call=active.id, generation=1, candidate=ice))
        for sdp in SDPS:
            for kind in (ui.WebrtcOffer, ui.WebrtcAnswer):
                stage._hub.tell(TabId(tab), kind(call=active.id, generation=1, sdp=sdp))
        await page.wait_for_function("() => window.lanchat.store.state.ui.call.live?.session === 'refused'")
        await expect(region).to_contain_text("The two browsers could not agree on this call.")
        assert {name for name in await elements(page) - before if "__ran" in name} == set()
        await page.get_by_role("button", name="End call").click()
        await stage.expect(ui.EndCall)


@pytest.mark.parametrize("width", [1440, 390])
async def test_no_name_and_no_message_leaves_its_place(chromium: Browser, width: int) -> None:
    """Long words, stacked marks and characters that turn the line around stay within their own box."""
    texts = [TEXTS[name] for name in ("one long word", "marks", "turned around", "nothing to see", "controls")]
    async with staged(everywhere(texts)) as stage, watched(chromium, stage) as (page, _):
        await page.set_viewport_size({"width": width, "height": 844})
        await open_page(page, stage)
        heights = await page.locator(".person").evaluate_all("(rows) => rows.map((row) => row.offsetHeight)")
        assert max(heights) - min(heights) <= 24, heights
        for person in stage.snapshot.people[::2]:
            await _open(page, person.id)
            await page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
        isolated = """(parts) => parts.every((part) => getComputedStyle(part).unicodeBidi.startsWith("isolate")
            || getComputedStyle(part).unicodeBidi === "plaintext")"""
        for place in (".message-text", ".person [data-part=name]", ".person-words"):
            assert await page.locator(place).evaluate_all(isolated), place
