"""The switches for notifications are those of the person, and the words beside them say who shows these."""

from __future__ import annotations

from typing import Final

import pytest
from msgspec.structs import replace

from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from tests.browsers.expectations import expect

from .company import ADA, said
from .engines import Locator, Page
from .stage import Stage, open_page

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOW: Final = "Show notifications"
HIDE: Final = "Hide the text of messages in notifications"
SHOWN: Final = "[data-part=notifications]:checked"
HIDDEN: Final = "[data-part=hide-text]:checked"
PERMIT: Final = """() => {
    window.shown = [];
    window.Notification = class extends EventTarget {
        static permission = "default";
        static requestPermission = async () => (window.Notification.permission = window.answer);
        constructor(title, { body }) { super(); window.shown.push([title, body]); }
    };
}"""
"""A browser that is asked, and says what stands in `answer`."""


def switch(page: Page, name: str) -> Locator:
    return page.get_by_role("switch", name=name, exact=True)


async def open_settings(page: Page, stage: Stage, answer: str = "granted") -> None:
    await open_page(page, stage)
    await page.evaluate(PERMIT)
    await page.evaluate(f"() => {{ window.answer = '{answer}'; }}")
    await page.get_by_role("button", name="Settings").click()


async def test_the_switches_are_those_of_the_daemon(page: Page, stage: Stage) -> None:
    stage.snapshot = replace(stage.snapshot, desktop=True, preferences=ui.Preferences(False, True))
    await open_settings(page, stage)
    await expect(page.locator(SHOWN)).to_have_count(0)
    await expect(page.locator(HIDDEN)).to_have_count(1)
    await switch(page, SHOW).click()
    await switch(page, HIDE).click()
    asked = await stage.expect(ui.SetPreferences, 2)
    assert [(each.notifications, each.hide_text) for each in asked] == [(True, None), (None, False)]
    stage.tell(ui.PreferencesChanged(preferences=ui.Preferences(False, True)))
    await expect(page.locator(SHOWN)).to_have_count(0)
    await expect(page.locator(HIDDEN)).to_have_count(1)


async def test_what_the_daemon_refuses_is_as_it_was(page: Page, stage: Stage) -> None:
    stage.refusals[ui.SetPreferences] = BadRequest("bad_field", "Not now.")
    await open_settings(page, stage)
    await switch(page, HIDE).click()
    await expect(page.get_by_text("Not now.")).to_be_visible()
    await expect(page.locator(HIDDEN)).to_have_count(0)


async def test_the_words_say_who_shows_them(page: Page, stage: Stage) -> None:
    await open_settings(page, stage)
    await expect(page.get_by_text("This page can show them")).to_be_visible()
    stage.tell(ui.DesktopChanged(desktop=True))
    await expect(page.get_by_text("They appear on your desktop while you look at no page")).to_be_visible()
    await expect(page.get_by_role("button", name="Allow in this browser")).to_be_hidden()
    stage.tell(ui.PreferencesChanged(preferences=ui.Preferences(notifications=False)))
    await expect(page.get_by_text("on the page of LanChat only")).to_be_visible()


@pytest.mark.parametrize(
    ("answer", "words"), [("granted", "so this page shows them"), ("denied", "does not allow them")]
)
async def test_the_browser_is_asked_where_it_shows_them(page: Page, stage: Stage, answer: str, words: str) -> None:
    await open_settings(page, stage, answer)
    await page.get_by_role("button", name="Allow in this browser").click()
    await expect(page.get_by_text(words)).to_be_visible()
    await expect(page.locator(SHOWN)).to_have_count(1)


async def test_turning_them_on_asks_the_browser(page: Page, stage: Stage) -> None:
    stage.snapshot = replace(stage.snapshot, preferences=ui.Preferences(notifications=False))
    await open_settings(page, stage)
    await switch(page, SHOW).click()
    await expect(page.get_by_text("so this page shows them")).to_be_visible()


async def test_the_page_hides_the_text_as_well_and_shows_nothing_when_off(page: Page, stage: Stage) -> None:
    stage.snapshot = replace(stage.snapshot, preferences=ui.Preferences(hide_text=True))
    await open_page(page, stage)
    await page.evaluate(PERMIT)
    await page.evaluate("() => { Notification.permission = 'granted'; }")
    await page.evaluate("() => { document.hasFocus = () => false; dispatchEvent(new Event('blur')); }")
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(901, "a secret", 0)))
    stage.tell(ui.PreferencesChanged(preferences=ui.Preferences(notifications=False)))
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(902, "unannounced", 0)))
    stage.tell(ui.PreferencesChanged(preferences=ui.Preferences()))
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(903, "in the open", 0)))
    await page.wait_for_function("() => window.shown.length > 1")
    assert await page.evaluate("window.shown") == [[ADA.name, "New message"], [ADA.name, "in the open"]]
