"""The page and the desktop beside it: whether one looks at the page, and what was accepted in a notification."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lanchatd.protocol import ui
from tests.browsers.expectations import expect

from .call_states import INCOMING
from .company import ADA, JUN, said
from .engines import CALLING, Page
from .stage import Stage, open_page

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOK_AWAY = "() => { document.hasFocus = () => false; dispatchEvent(new Event('blur')); }"
LOOK = "() => { document.hasFocus = () => true; dispatchEvent(new Event('focus')); }"
WATCH = """() => {
    window.shown = [];
    window.Notification = class extends EventTarget {
        static permission = "granted";
        constructor(title) { super(); window.shown.push(title); }
    };
}"""


async def test_the_daemon_is_told_who_is_looked_at(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await page.evaluate(LOOK_AWAY)
    await page.evaluate(LOOK)
    await page.evaluate(f"location.hash = '#/{JUN.id}'")
    await page.evaluate(LOOK_AWAY)
    told = await stage.expect(ui.SetFocus, 4)
    while (told[-1].focused, told[-1].person) != (False, JUN.id):
        told = await stage.expect(ui.SetFocus, len(told) + 1)
    last = [(request.focused, request.person) for request in told[-4:]]
    assert last == [(False, ADA.id), (True, ADA.id), (True, JUN.id), (False, JUN.id)]


async def test_a_new_socket_is_told_anew(page: Page, stage: Stage) -> None:
    await open_page(page, stage, ADA.id)
    await page.evaluate(LOOK)
    await stage.expect(ui.SetFocus)
    await stage.leave()
    stage.requests.clear()
    await stage.enter()
    told = await stage.expect(ui.SetFocus)
    assert (told[0].focused, told[0].person) == (True, ADA.id)


@pytest.mark.parametrize("engine", CALLING, indirect=True)
@pytest.mark.parametrize("video", [True, False])
async def test_a_call_that_was_accepted_on_the_desktop_is_taken(page: Page, stage: Stage, video: bool) -> None:
    await open_page(page, stage)
    stage.tell(ui.TakeCall(call=INCOMING.id, video=video))
    stage.tell(ui.IncomingCall(call=INCOMING))
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    assert stage.sent(ui.AcceptCall) == [], "not before it rings"
    stage.tell(ui.TakeCall(call="another-call", video=video))
    stage.tell(ui.TakeCall(call=INCOMING.id, video=video))
    (accepted,) = await stage.expect(ui.AcceptCall)
    assert (accepted.call, accepted.video) == (INCOMING.id, video)


async def test_the_page_shows_notifications_only_where_the_daemon_does_not(page: Page, stage: Stage) -> None:
    stage.snapshot = replace(stage.snapshot, desktop=True)
    await open_page(page, stage)
    await page.evaluate(WATCH)
    await page.evaluate(LOOK_AWAY)
    stage.tell(ui.ReceivePrivateMessage(person=ADA.id, entry=said(901, "on the desktop", 0)))
    stage.tell(ui.DesktopChanged(desktop=False))
    stage.tell(ui.ReceivePrivateMessage(person=JUN.id, entry=said(902, "by the page", 0)))
    await page.wait_for_function("() => window.shown.length > 0")
    assert await page.evaluate("window.shown") == [JUN.name]
