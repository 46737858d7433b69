"""A call that the person has asked for from a command: the page that is told places it, in the conversation."""

from __future__ import annotations

import pytest

from lanchatd.protocol import ui
from tests.browsers.expectations import expect

from .call_states import INCOMING
from .company import ADA
from .engines import CALLING, Page
from .stage import Stage, open_page

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("engine", CALLING, indirect=True),
]


@pytest.mark.parametrize("video", [False, True])
async def test_the_page_that_is_told_calls_them(page: Page, stage: Stage, video: bool) -> None:
    await open_page(page, stage)
    stage.tell(ui.PlaceCall(person=ADA.id, video=video))
    (call,) = await stage.expect(ui.StartCall)
    assert (call.person, call.audio, call.video) == (ADA.id, True, video)
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()


async def test_whose_call_rings_already_is_answered(page: Page, stage: Stage) -> None:
    await open_page(page, stage)
    stage.tell(ui.IncomingCall(call=INCOMING))
    stage.tell(ui.PlaceCall(person=INCOMING.person))
    (accepted,) = await stage.expect(ui.AcceptCall)
    assert accepted.call == INCOMING.id
    assert not stage.sent(ui.StartCall)


async def test_an_address_alone_calls_nobody(page: Page, stage: Stage) -> None:
    """Any web site can lead to any address."""
    await open_page(page, stage, ADA.id)
    for address in (f"#/{ADA.id}/call", f"?call={ADA.id}#/{ADA.id}", f"#/{ADA.id}?video=1"):
        await page.goto(stage.url + address)
    await expect(page.get_by_role("list", name="People")).to_be_visible()
    assert not stage.sent(ui.StartCall)
