"""Microphone, camera and screen in a real browser: whatever is missing, the call goes on with the rest."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOTH = {"microphone": True, "camera": True, "screen": False}
VOICE = {"microphone": True, "camera": False, "screen": False}
PICTURE = {"microphone": False, "camera": True, "screen": False}
NOTHING = {"microphone": False, "camera": False, "screen": False}


async def run(page: Page, call: str) -> Any:
    return await page.evaluate(f"async () => (await import('/tests/devices.js')).{call}")


@pytest.mark.parametrize(
    ("asked", "sending", "problems"),
    [
        ("null", BOTH, []),
        ("constraints.video ? 'NotFoundError' : null", VOICE, ["camera missing"]),
        ("constraints.video ? 'NotReadableError' : null", VOICE, ["camera in_use"]),
        ("constraints.video ? 'NotAllowedError' : null", VOICE, ["camera refused"]),
        ("constraints.audio ? 'NotFoundError' : null", PICTURE, ["microphone missing"]),
        ("'NotAllowedError'", NOTHING, ["microphone refused", "camera refused"]),
        ("'NotFoundError'", NOTHING, ["microphone missing", "camera missing"]),
    ],
)
async def test_a_call_takes_what_there_is(page: Page, asked: str, sending: object, problems: list[str]) -> None:
    found = await run(page, f'open("{asked}")')
    assert found["sending"] == sending
    assert found["problems"] == problems
    assert found["requests"][0] == "audio+video", "the browser asks once, for both"


async def test_a_microphone_that_is_pulled_out(page: Page) -> None:
    assert await run(page, "unplug(true)") == {"kind": "switched", "other": True, "sending": True}
    assert await run(page, "unplug(false)") == {"kind": "unplugged", "other": True, "sending": False}


async def test_a_device_that_opens_after_the_end_is_let_go(page: Page) -> None:
    assert await run(page, "tooLate()") == "ended"


async def test_the_last_of_several_presses_counts(page: Page) -> None:
    assert await run(page, "hurried()") == {"off": True, "on": True}


async def test_who_closes_the_browsers_question_is_told_nothing(page: Page) -> None:
    assert await run(page, "share('NotAllowedError')") == []
    assert await run(page, "share('NotFoundError')") == ["missing"]
