"""Names, texts and signals as markup and script, in all places where the page shows them: nothing of it ever runs."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Final

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from lanchatd.protocol import ui
from lanchatd.protocol.model import IceCandidate, TabId

from .call_states import INCOMING
from .company import ADA, ME, MINUTE, said, snapshot
from .stage import Stage, open_page, play, staged
from .states import State
from .tour import everywhere, open_conversation, tour
from .traps import HARMLESS, RUNNING, TEXTS, difference, elements, watched
from .trust_states import TRUST_STATES

pytestmark = pytest.mark.asyncio(loop_scope="session")
replace = msgspec.structs.replace


async def test_no_text_of_others_becomes_a_part_of_the_page(chromium: Browser) -> None:
    ordinary = await tour(chromium, [f"{HARMLESS} {number}" for number in range(len(TEXTS))])
    for (_, expected), (place, found) in zip(ordinary, await tour(chromium, list(TEXTS.values())), strict=True):
        assert found == expected, f"{place}: {difference(found, expected)}"


WORDS: Final = """() => [...document.querySelectorAll("#app *, dialog *, #verify-card *")]
    .filter((each) => each.childElementCount === 0 && !each.closest(".avatar"))
    .map((each) => each.textContent)"""
"""All words of the page, in pieces that are made of texts alone."""


@pytest.mark.parametrize("state", TRUST_STATES, ids=lambda state: state.name)
async def test_no_name_becomes_a_part_of_verifying_somebody(chromium: Browser, state: State) -> None:
    """Everybody changes their name, again and again, while the page says of them whom it takes them for."""
    async with staged(state.snapshot) as stage, watched(chromium, stage) as (page, _):
        await play(page, stage, state)
        if state.name == "verify-scan":
            await page.wait_for_selector("video[data-mirror]", state="attached")  # the camera is open
        await _all_call_themselves(HARMLESS, page, stage)
        made, words = await elements(page), await page.evaluate(WORDS)
        with_names = [place for place, each in enumerate(words) if HARMLESS in each]
        assert with_names
        for trap, text in islice(TEXTS.items(), RUNNING):
            await _all_call_themselves(text, page, stage)
            found, shown = await elements(page), await page.evaluate(WORDS)
            assert found == made, f"{trap}: {difference(found, made)}"
            for place in with_names:
                assert shown[place] == words[place].replace(HARMLESS, text), trap


async def _all_call_themselves(text: str, page: Page, stage: Stage) -> None:
    people = [
        replace(person, name=text, machine=text, notices=[replace(notice, name=text) for notice in person.notices])
        for person in stage.snapshot.people
    ]
    stage.tell(ui.OnlineUsersList(people=people))
    me = stage.snapshot.me
    stage._hub.tell_all(ui.ProfileChanged(me=replace(me, name=text, machine=text, clone=me.clone and text)))
    await page.wait_for_function("(name) => window.lanchat.store.state.me.name === name", arg=text)


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
            await open_conversation(page, person.id)
            await page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
        isolated = """(parts) => parts.every((part) => getComputedStyle(part).unicodeBidi.startsWith("isolate")
            || getComputedStyle(part).unicodeBidi === "plaintext")"""
        for place in (".message-text", ".person [data-part=name]", ".person-words"):
            assert await page.locator(place).evaluate_all(isolated), place
