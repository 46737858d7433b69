"""The network screen: how one gets there, what it says and draws, that it lives, and that it rests."""

from __future__ import annotations

import re
from typing import Final

import pytest
from msgspec.structs import replace
from playwright.async_api import Page as PlaywrightPage

from lanchatd.doctor import catalogue
from lanchatd.doctor.catalogue import Finding
from lanchatd.lan.report import PeerState
from tests.browsers.expectations import expect

from .company import ADA, GUS, JUN, snapshot
from .engines import Locator, Page
from .network_states import (
    COMPANY,
    CROWD,
    FALSE_ADA,
    FIREWALL,
    FIVE,
    ISOLATED,
    NAMELESS,
    NOBODY,
    STRANGERS,
    TROUBLED,
    VPN,
    WELL,
    examined,
    seen,
)
from .stage import Stage, open_page, perform
from .states import Leave

pytestmark = pytest.mark.asyncio(loop_scope="session")

FACES: Final = ".net-face:not([data-state=own])"
SCREEN: Final = "#network"
NOT_WIDER: Final = """() => [document.documentElement, document.querySelector(".network-scroll")]
    .every((each) => each.scrollWidth <= each.clientWidth)"""


def row(page: Page, name: str) -> Locator:
    return page.locator("#network [data-part=list] > li").filter(has_text=name)


async def open_network(page: Page, stage: Stage, peers: list[PeerState], found: list[Finding] | None = None) -> None:
    stage.network = examined(peers, found or [])
    await open_page(page, stage, "network")
    await expect(page.locator(FACES)).not_to_have_count(0)


async def test_one_gets_there_from_the_head_of_the_list_and_back_by_the_browser(page: Page, stage: Stage) -> None:
    stage.network = WELL
    await open_page(page, stage, ADA.id)
    await page.get_by_role("link", name="Network", exact=True).click()
    await expect(page.get_by_role("heading", name="Network", exact=True)).to_be_focused()
    await expect(page).to_have_title("(4) Network – LanChat")
    await expect(page.locator("#conversation")).to_be_hidden()
    await page.evaluate("() => history.back()")
    await expect(page.locator(SCREEN)).to_be_hidden()
    await expect(page.locator("#conversation")).to_be_visible()


async def test_one_gets_there_from_the_settings_which_close(page: Page, stage: Stage) -> None:
    stage.network = WELL
    await open_page(page, stage)
    await page.get_by_role("button", name="Settings").click()
    await page.locator("#settings [data-part=network]").click()
    await expect(page.locator("#settings")).to_be_hidden()
    await expect(page.get_by_text("All is well", exact=True)).to_be_visible()


async def test_everybody_is_in_the_picture_and_in_words(page: Page, stage: Stage) -> None:
    await open_network(page, stage, TROUBLED, [ISOLATED])
    await expect(page.locator(FACES)).to_have_count(len(TROUBLED) - 1)
    await expect(row(page, ADA.name)).to_contain_text("Linked for 3 hours")
    await expect(row(page, ADA.name)).to_contain_text("192.168.1.31")
    await expect(row(page, ADA.name)).to_contain_text("0.6 ms")
    await expect(row(page, GUS.name)).to_contain_text(GUS.reason or "?")
    await expect(row(page, "Nova")).to_contain_text("Uses another version")
    await expect(row(page, "Lena Fischer")).to_contain_text("In sight, connecting")
    await expect(row(page, "Imke")).to_contain_text("Not here now")
    await expect(page.get_by_role("img", name="Linked with 3 machines, 1 connecting, 2 out of reach.")).to_be_visible()


async def test_what_this_machine_announces(page: Page, stage: Stage) -> None:
    await open_network(page, stage, FIVE)
    await expect(page.get_by_text("Others find it as Mara Lindqvist, at port 5263 (TCP)")).to_be_visible()
    ways = page.get_by_role("list", name="Network interfaces").locator("li")
    await expect(ways).to_have_count(2)
    await expect(ways.last).to_contain_text("wlan0")
    await expect(ways.last).to_contain_text("192.168.1.20")
    await expect(ways.last).to_contain_text("Multicast leaves and returns")
    await expect(ways.last).to_contain_text("5 other addresses heard")


async def test_findings_say_what_to_do_and_the_command_can_be_copied(page: Page, stage: Stage) -> None:
    await open_network(page, stage, TROUBLED, [FIREWALL, ISOLATED, VPN])
    cards = page.get_by_role("list", name="What was found").locator(".finding")
    await expect(cards).to_have_count(3)
    for number, (finding, severity) in enumerate([(FIREWALL, "Problem"), (ISOLATED, "Warning"), (VPN, "Good to know")]):
        card = page.locator(f".finding:nth-child({number + 1})")
        for words in (severity, finding.sentence, finding.step):
            await expect(card).to_contain_text(words)
    await expect(page.get_by_text("2 things hinder LanChat on this machine.")).to_be_visible()
    await page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    await page.get_by_role("button", name=f"Copy {FIREWALL.command}").click()
    await expect(page.get_by_text("The command is in the clipboard.")).to_be_attached()
    assert await page.evaluate("window.copied") == FIREWALL.command


async def test_a_command_that_may_not_be_copied_is_selected(page: Page, stage: Stage) -> None:
    await open_network(page, stage, FIVE, [FIREWALL])
    await page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error('no'); }; }")
    await page.get_by_role("button", name=f"Copy {FIREWALL.command}").click()
    await expect(page.get_by_text("Press Ctrl+C", exact=True)).to_be_visible()
    assert await page.evaluate("getSelection().toString()") == FIREWALL.command


async def test_the_picture_lives(page: Page, stage: Stage) -> None:
    await open_network(page, stage, COMPANY)
    await page.evaluate("() => { window.drawn = document.querySelector('.net-picture').firstElementChild; }")
    faster = replace(FIVE[0], link=replace(FIVE[0].link, round_trip=7.0))
    stage.network = examined([faster, *FIVE[1:]], [])
    await expect(row(page, ADA.name)).to_contain_text("7.0 ms")
    await expect(page.locator(".net-pill").filter(has_text="7.0 ms")).to_be_visible()
    # Only the figure has changed.
    assert await page.evaluate("window.drawn.isConnected")
    stage.network = examined(FIVE[1:], [])
    await expect(page.locator(FACES)).to_have_count(len(FIVE) - 1)


async def test_look_again_looks_again(page: Page, stage: Stage) -> None:
    await open_network(page, stage, FIVE)
    await expect(page.get_by_text("All is well", exact=True)).to_be_visible()
    stage.network = examined(FIVE, [FIREWALL])
    await page.get_by_role("button", name="Look again").click()
    await expect(page.get_by_text(FIREWALL.sentence)).to_be_visible()
    assert stage.looks == 2


async def test_a_look_that_fails_is_told_and_can_be_repeated(page: Page, stage: Stage) -> None:
    await open_network(page, stage, FIVE)
    await page.evaluate(
        "() => { window.kept = window.fetch; window.fetch = async () => new Response('', {status: 500}); }"
    )
    await page.get_by_role("button", name="Look again").click()
    await expect(page.get_by_text("LanChat could not look this time.")).to_be_visible()
    await expect(page.locator(FACES)).to_have_count(len(FIVE))
    await page.evaluate("() => { window.fetch = window.kept; }")
    await page.get_by_role("button", name="Look again").click()
    await stage.expect_looks(2)
    await expect(page.get_by_text("LanChat could not look this time.")).to_be_hidden()


COUNT: Final = """() => {
    window.asked = 0;
    const real = window.fetch;
    window.fetch = (...all) => { window.asked += 1; return real(...all); };
}"""
HIDE: Final = """(state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.mark.parametrize("engine", ["chromium"], indirect=True)
async def test_nothing_is_asked_while_nobody_looks(page: Page, stage: Stage) -> None:
    assert isinstance(page, PlaywrightPage)
    await page.clock.install()
    await open_network(page, stage, FIVE)
    await page.evaluate(COUNT)
    for leave, back in (
        ("() => { location.hash = ''; }", "() => { location.hash = '#/network'; }"),
        (f"() => ({HIDE})('hidden')", f"() => ({HIDE})('visible')"),
    ):
        await page.evaluate(leave)
        await page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
        await page.evaluate("() => { window.asked = 0; }")
        await page.clock.run_for(60_000)
        assert await page.evaluate("window.asked") == 0
        await page.evaluate(back)
        await page.wait_for_function("() => window.asked > 0")


WATCH: Final = """() => {
    const real = window.fetch;
    window.flying = 0;
    window.broken = "";
    window.fetch = async (path, ...more) => {
        window.flying += 1;
        try {
            if (window.broken && path.startsWith(window.broken)) return new Response("", { status: 500 });
            const answer = await real(path, ...more);
            await answer.clone().text();
            return answer;
        } finally {
            window.flying -= 1;
        }
    };
}"""


async def living(page: PlaywrightPage, seconds: int) -> None:
    """Let so much time pass on the page's clocks, and every answer come."""
    for _ in range(seconds // 2):
        await page.clock.run_for(2000)
        await page.wait_for_function("() => window.flying === 0")


async def watched(
    page: Page, stage: Stage, peers: list[PeerState], found: list[Finding] | None = None
) -> PlaywrightPage:
    """The screen, open for a while, on a page whose clocks stand."""
    assert isinstance(page, PlaywrightPage)
    await page.clock.install()
    stage.network = examined(peers, found or [])
    await open_page(page, stage, "network")
    await expect(page.locator("#network [data-part=verdict]")).not_to_have_attribute("data-verdict", "looking")
    await page.evaluate(WATCH)
    await living(page, 14)
    return page


only_chromium = pytest.mark.parametrize("engine", ["chromium"], indirect=True)


@only_chromium
async def test_opened_in_the_background_it_looks_when_it_comes_to_the_front(page: Page, stage: Stage) -> None:
    assert isinstance(page, PlaywrightPage)
    await page.add_init_script(
        "Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });"
    )
    await open_page(page, stage, "network")
    assert stage.looks == 0
    stage.network = examined([], [NOBODY])
    await page.evaluate(f"() => ({HIDE})('visible')")
    await expect(page.get_by_text("No other LanChat has been heard of.")).to_be_visible()


@only_chromium
@pytest.mark.parametrize("back", [f"() => ({HIDE})('visible')", "() => window.dispatchEvent(new Event('focus'))"])
async def test_what_was_mended_meanwhile_is_seen_on_coming_back(page: Page, stage: Stage, back: str) -> None:
    page = await watched(page, stage, FIVE, [FIREWALL])
    looks = stage.looks
    stage.network = examined(FIVE, [])
    await living(page, 20)
    assert stage.looks == looks, "nothing has happened that one could see"
    await page.evaluate(back)
    await expect(page.get_by_text("All is well", exact=True)).to_be_visible()
    await page.evaluate(back)
    await living(page, 4)
    assert stage.looks == looks + 1, "and not at once again"


@only_chromium
async def test_after_a_command_was_copied_its_effect_is_waited_for(page: Page, stage: Stage) -> None:
    page = await watched(page, stage, FIVE, [FIREWALL])
    await page.get_by_role("button", name=f"Copy {FIREWALL.command}").click()
    stage.network = examined(FIVE, [])
    await living(page, 16)
    await expect(page.get_by_text("All is well", exact=True)).to_be_visible()


@only_chromium
@pytest.mark.parametrize("peers", [FIVE, []])
async def test_a_look_that_fails_is_repeated_by_itself_and_less_and_less_often(
    page: Page, stage: Stage, peers: list[PeerState]
) -> None:
    page = await watched(page, stage, peers, [NOBODY])
    await page.evaluate(
        "() => { window.broken = '/api/findings'; window.tries = 0; const real = window.fetch; "
        "window.fetch = (path, ...more) => { window.tries += path === '/api/findings'; return real(path, ...more); }; }"
    )
    await page.get_by_role("button", name="Look again").click()
    await living(page, 120)
    assert 3 <= await page.evaluate("window.tries") <= 5
    await page.evaluate("() => { window.broken = ''; }")
    await living(page, 100)
    await expect(page.get_by_text("LanChat could not look this time.")).to_be_hidden()


@only_chromium
async def test_a_clock_that_is_set_back_stops_nothing(page: Page, stage: Stage) -> None:
    page = await watched(page, stage, FIVE)
    await page.clock.set_system_time(await page.evaluate("Date.now() - 3600000") / 1000)
    stage.network = examined(TROUBLED, [ISOLATED])
    await living(page, 6)
    await expect(page.get_by_text(ISOLATED.sentence)).to_be_visible()


@only_chromium
async def test_strangers_who_come_and_go_do_not_keep_it_looking(page: Page, stage: Stage) -> None:
    page = await watched(page, stage, FIVE)
    looks = stage.looks
    for number in range(20):
        stage.network = examined([*FIVE, seen(NAMELESS, "10.0.0.9")] if number % 2 == 0 else FIVE, [])
        await living(page, 12)
    assert 2 <= stage.looks - looks <= 7, "in four minutes"
    looks = stage.looks
    stage.network = examined([*FIVE[1:], seen(GUS, "192.168.1.61", GUS.reason)], [ISOLATED])
    await living(page, 14)
    assert stage.looks == looks + 1, "for a contact it does at once"


@only_chromium
async def test_old_figures_are_told_to_be_old(page: Page, stage: Stage) -> None:
    page = await watched(page, stage, FIVE)
    words = page.locator("#network [data-part=company]")
    await expect(words).to_have_text("Linked with 5 machines.")
    await page.evaluate("() => { window.broken = '/api/network'; }")
    await living(page, 2)
    await expect(words).to_have_text(re.compile(r"^As of .+: Linked with 5 machines\.$"))
    await expect(page.locator(SCREEN)).not_to_have_attribute("data-away", "")
    await living(page, 2)
    await expect(page.locator(SCREEN)).to_have_attribute("data-away", "")
    await page.evaluate("() => { window.broken = ''; }")
    await living(page, 2)
    await expect(words).to_have_text("Linked with 5 machines.")
    await expect(page.locator(SCREEN)).not_to_have_attribute("data-away", "")


async def test_the_focus_stays_where_it_is_when_others_come_and_go(page: Page, stage: Stage) -> None:
    await open_network(page, stage, FIVE, [FIREWALL])
    focused = "() => document.activeElement.closest('li')?.textContent ?? document.activeElement.tagName"
    await row(page, JUN.name).get_by_role("link").focus()
    gone = replace(FIVE[0], link=None, in_sight=False, told={})
    stage.network = examined([gone, *FIVE[1:]], [FIREWALL])
    await expect(page.locator("#network [data-part=list] > li").last).to_contain_text(ADA.name)
    assert JUN.name in await page.evaluate(focused)
    stage.network = examined([replace(FIVE[2], link=None), *FIVE[3:], *FIVE[:2]], [FIREWALL])
    await expect(page.locator("#network [data-part=list] > li").last).to_contain_text(JUN.name)
    assert JUN.name in await page.evaluate(focused), "also when it is who moves"
    await page.get_by_role("button", name=f"Copy {FIREWALL.command}").focus()
    worse = catalogue.finding("clone_self", "The key is in use.", "Stop one.", about="192.168.1.9")
    stage.network = examined([gone, *FIVE[1:]], [worse, FIREWALL])
    await page.evaluate("() => { document.querySelector('#network [data-part=look]').click(); }")
    await expect(page.locator(".finding")).to_have_count(2)
    assert FIREWALL.sentence in await page.evaluate(focused)


async def test_who_only_announces_a_name_is_marked(page: Page, stage: Stage) -> None:
    stage.snapshot = snapshot([ADA, FALSE_ADA])
    await open_network(page, stage, [FIVE[0], *STRANGERS, replace(FIVE[1], name="IT support")])
    false = page.locator(f'#network [data-key="{FALSE_ADA.id}"]')
    await expect(false.first).to_be_visible()
    listed = page.locator(f'#network li[data-key="{FALSE_ADA.id}"]')
    await expect(listed).to_contain_text(f"only announced · {FALSE_ADA.id[:4]} {FALSE_ADA.id[4:8]}")
    await expect(listed.get_by_role("img", name="Same name as somebody else")).to_be_visible()
    await expect(page.locator(f'{FACES}[data-key="{FALSE_ADA.id}"] .net-label-name')).to_have_text(f"“{ADA.name}”")


async def test_without_the_daemon_the_last_picture_stays_grey_and_comes_back(page: Page, stage: Stage) -> None:
    await open_network(page, stage, FIVE)
    await perform(page, stage, Leave())
    await expect(page.get_by_text("This is how it was then.")).to_be_visible()
    await expect(page.get_by_role("button", name="Look again")).to_be_disabled()
    await expect(page.locator(FACES)).to_have_count(len(FIVE))
    assert "grayscale" in await page.evaluate("getComputedStyle(document.querySelector('.network-picture')).filter")
    stage.network = examined(FIVE[:2], [])
    await stage.enter()
    await expect(page.locator(FACES)).to_have_count(2)
    await expect(page.get_by_text("This is how it was then.")).to_be_hidden()


async def test_people_without_names_long_names_and_long_addresses(page: Page, stage: Stage) -> None:
    await open_network(page, stage, STRANGERS)
    await expect(row(page, "Somebody (")).to_contain_text("[fd12:3456:789a:1::77]:5263")
    await expect(row(page, "nas.home.arpa")).to_contain_text("is not known on this network")
    await expect(row(page, "Wolfeschlegelsteinhausenbergerdorff")).to_contain_text(
        "fd12:3456:789a:1:9c2f:51ff:fe0e:aa10"
    )
    widths = "() => [...document.querySelectorAll('.net-label')].map((each) => each.getComputedTextLength())"
    assert max(await page.evaluate(widths)) <= 124
    await page.wait_for_function(NOT_WIDER)


async def test_two_hundred_people_are_faces_in_the_picture_and_names_in_the_list(page: Page, stage: Stage) -> None:
    await open_network(page, stage, CROWD)
    await expect(page.locator(FACES)).to_have_count(len(CROWD))
    await expect(page.locator(f"{FACES} text.net-label")).to_have_count(0)
    await expect(page.locator("#network [data-part=list] > li")).to_have_count(len(CROWD))
    shown = await page.locator(".net-picture").bounding_box()
    assert shown is not None
    assert shown["height"] <= 620


async def test_who_is_pressed_in_the_picture_is_found_in_the_list(page: Page, stage: Stage) -> None:
    stage.snapshot = snapshot()
    await open_network(page, stage, FIVE)
    await page.locator(f'{FACES}[data-key="{JUN.id}"] .net-letters').click()
    await expect(row(page, JUN.name)).to_be_focused()
    await row(page, JUN.name).get_by_role("link", name=JUN.name).click()
    await expect(page.locator(SCREEN)).to_be_hidden()
    await expect(page.locator("#conversation [data-part=name]").first).to_have_text(JUN.name)


async def test_on_a_telephone_it_takes_the_page_and_leads_back(page: Page, stage: Stage) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_network(page, stage, STRANGERS, [FIREWALL])
    await expect(page.locator(".sidebar")).to_be_hidden()
    await page.wait_for_function(NOT_WIDER)
    await page.get_by_role("button", name="Back to people").click()
    await expect(page.locator(".sidebar")).to_be_visible()


async def test_who_is_alone_is_led_there(page: Page, stage: Stage) -> None:
    stage.snapshot, stage.network = snapshot([], []), examined([], [])
    await open_page(page, stage)
    await page.evaluate("() => { document.querySelector('.welcome-checks').hidden = false; }")
    await page.get_by_role("link", name="See what is wrong").click()
    await expect(page.get_by_text("All is well, and nobody else is here yet")).to_be_visible()
    await expect(page.get_by_text("No other machine has been heard of yet.")).to_be_visible()
