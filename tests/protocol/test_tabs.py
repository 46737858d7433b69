"""Every frame of every declared type, over a real WebSocket to a real switchboard: whatever it is, the tab stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSCloseCode, WSMsgType
from msgspec import UNSET, Struct

from lanchatd.core.effects import Moment
from lanchatd.protocol import codec
from lanchatd.protocol.catalogue import wire_name
from lanchatd.protocol.codes import ALWAYS, REFUSALS
from lanchatd.switchboard import Outlets
from lanchatd.web.app import WebEvents, application
from lanchatd.web.guard import Guard
from lanchatd.web.hub import Hub, HubEvents
from lanchatd.web.listen import listen
from lanchatd.web.server import serve

from .frames import TAB_TYPES, Frame, encode, frames
from .home import BOB, CALL, THEIRS, furnish, new_board

SOON: Final = 5.0
KNOWN: Final = {"person": BOB, "call": CALL, "id": THEIRS, "text": "Hello again"}


class House:
    """A real daemon's inside, with its page on a port."""

    def __init__(self) -> None:
        self.hub = Hub(HubEvents(lambda tab: self.board.snapshot(tab), self._request, lambda _tab: None))
        outlets = Outlets(self.hub.tell, self.hub.tell_all, lambda _person, _message: True, lambda: None)
        self.board = new_board(outlets, lambda: Moment(1.0, 1_000))
        furnish(self.board)
        self.faults: list[BaseException] = []
        self.url = ""

    def _request(self, *about: Any) -> None:
        self.board.request(*about)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[ClientSession]:
        port, sockets = listen(0)
        guard = Guard(port)
        self.url = guard.url
        events = WebEvents(self.board.snapshot, list, dict, self.faults.append)
        async with serve(application(self.hub, events, guard), sockets), ClientSession() as client:
            yield client
        assert self.faults == []

    async def tab(self, client: ClientSession) -> ClientWebSocketResponse:
        tab = await client.ws_connect(self.url + "/ws", headers={"Origin": self.url}, max_msg_size=0)
        assert (await tab.receive_json(timeout=SOON))["event"] == "snapshot"
        return tab


async def answers(tab: ClientWebSocketResponse, text: bytes, number: int) -> list[dict[str, Any]]:
    """What the tab is told after a frame, up to the answer to another one that is sent behind it."""
    await tab.send_frame(text, WSMsgType.TEXT)
    await tab.send_json({"event": "get_online_users", "ref": f"behind {number}"})
    told = []
    while (event := await tab.receive_json(timeout=SOON)).get("ref") != f"behind {number}":
        told.append(event)
    return told


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def assert_refused(told: list[dict[str, Any]], frame: Frame) -> None:
    """Told once, with the code and the sentence of the codec, and the ref where it could be read."""
    with pytest.raises(codec.BadRequest) as refused:
        codec.decode_tab(frame.text)
    ref = {} if refused.value.ref is UNSET else {"ref": refused.value.ref}
    expected = {"event": "error", "code": refused.value.code, "message": str(refused.value), **ref}
    assert told == [expected], frame.label


@pytest.mark.parametrize("kind", TAB_TYPES, ids=wire_name)
async def test_no_frame_ends_a_tab_and_what_is_refused_changes_nothing(kind: type[Struct]) -> None:
    house, allowed = House(), {*ALWAYS, *REFUSALS[kind]}
    async with house.open() as client:
        tab = await house.tab(client)
        for number, frame in enumerate(frames(kind, KNOWN)):
            if not is_utf8(frame.text):
                continue
            before = house.board.snapshot()
            told = await answers(tab, frame.text, number)
            errors = [event for event in told if event["event"] == "error"]
            if frame.fits is False:
                assert_refused(told, frame)
            if errors:
                assert house.board.snapshot() == before, frame.label
                assert errors[0]["code"] in allowed, frame.label
                assert len(told) == 1, frame.label
            else:
                refs = [event["ref"] for event in told if "ref" in event]
                assert len(refs) == ("ref" in codec_ref(frame.text)), frame.label
        assert not tab.closed


def codec_ref(text: bytes) -> dict[str, str]:
    ref = codec.decode_tab(text).ref
    return {} if ref is UNSET else {"ref": ref}


async def test_what_is_not_utf_8_ends_its_tab_alone_and_changes_nothing() -> None:
    house, number = House(), 0
    async with house.open() as client:
        bystander, before = await house.tab(client), house.board.snapshot()
        for kind in TAB_TYPES:
            for frame in list(frames(kind, KNOWN)):
                if is_utf8(frame.text) or "not UTF-8" not in frame.label:
                    continue
                tab, number = await house.tab(client), number + 1
                await tab.send_frame(frame.text, WSMsgType.TEXT)
                goodbye = await tab.receive(timeout=SOON)
                assert (goodbye.type, goodbye.data) == (WSMsgType.CLOSE, WSCloseCode.INVALID_TEXT), frame.label
        assert house.board.snapshot() == before
        assert await answers(bystander, encode({"event": "get_online_users", "ref": "still here"}), number)
    assert number > len(TAB_TYPES)
