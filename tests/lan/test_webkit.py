"""A third engine: WebKit shows the page and chats. Its build for Debian has no calls, and the page says so kindly."""

from __future__ import annotations

from .lan import Lan
from .person import befriend


async def test_webkit_chats_and_is_told_that_it_has_no_calls(lan: Lan) -> None:
    anna, ben = await lan.people(Anna="webkit", Ben="chromium")
    await befriend(anna, ben)
    await anna.says("Grüße from WebKit")
    await ben.reads("Grüße from WebKit")
    await ben.says("Hello Anna")
    await anna.reads("Hello Anna")
    await anna.knows_that("Grüße from WebKit", "seen", ben)
    assert await anna.browser.evaluate("typeof RTCPeerConnection") == "undefined"
    await anna.browser.lacks("button", "Video call")
    await ben.calls(anna, "video")
    await anna.browser.shows("This browser cannot make calls")
    await anna.declines()
    await ben.ended(anna, "declined")
