"""The WebSocket, over real sockets: answers, bad frames, tabs in step, tabs that do not read, the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType

from lanchatd.protocol import codec, ui
from lanchatd.web.app import WebEvents, application
from lanchatd.web.guard import Guard
from lanchatd.web.listen import listen
from lanchatd.web.server import serve
from lanchatd.web.socket import FRAME_CEILING
from tests.web.site import ME, PERSON, Desk, Site

SOON = 5.0


async def ask(tab: ClientWebSocketResponse, **request: Any) -> Any:
    await tab.send_json(request)
    return await tab.receive_json(timeout=SOON)


async def silent_tab(site: Site) -> socket.socket:
    """A tab that opens its WebSocket and never reads."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", site.port))
    before = len(site.desk.opened)
    await loop.sock_sendall(sock, site.handshake())
    while len(site.desk.opened) == before:
        await asyncio.sleep(0)
    return sock


def client_frame(text: bytes) -> bytes:
    """A text frame of up to 125 bytes, masked with zeros (RFC 6455 section 5.2)."""
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


async def test_a_tab_begins_with_a_snapshot_that_names_it(site: Site) -> None:
    first, second = await site.tab(), await site.tab()
    snapshots = [await tab.receive_json(timeout=SOON) for tab in (first, second)]
    assert [snapshot["event"] for snapshot in snapshots] == ["snapshot"] * 2
    assert [snapshot["tab"] for snapshot in snapshots] == site.desk.opened
    assert snapshots[0]["people"][0]["name"] == "Bo"


async def test_an_answer_repeats_the_ref(site: Site) -> None:
    tab = await site.shown_tab()
    assert (await ask(tab, event="get_online_users", ref="r1"))["ref"] == "r1"
    assert "ref" not in await ask(tab, event="get_online_users")


BAD_FRAMES = {
    "no JSON": ("hello", "bad_message", None),
    "empty": ("", "bad_message", None),
    "a list": ("[]", "bad_message", None),
    "no event": ('{"ref": "r"}', "bad_message", "r"),
    "unknown event": ('{"event": "sudo", "ref": "r"}', "unknown_event", "r"),
    "missing field": ('{"event": "typing", "ref": "r"}', "bad_field", "r"),
    "mistyped field": ('{"event": "typing", "person": 7, "active": true, "ref": "r"}', "bad_field", "r"),
    "ref too long": (json.dumps({"event": "get_online_users", "ref": "r" * 65}), "bad_field", None),
    "oversize field": (json.dumps({"event": "set_profile", "name": "n" * 65, "ref": "r"}), "bad_field", "r"),
    "half a surrogate": ('{"event": "set_profile", "name": "\\ud800"}', "bad_message", None),
    "nested too deep": ('{"event": ' + "[" * 100_000, "bad_message", None),
    "oversize": (json.dumps({"event": "typing", "person": "n" * ui.FRAME_BYTES}), "too_large", None),
    "refused": (json.dumps({"event": "block_user", "person": "b" * 52, "ref": "r"}), "unknown_person", "r"),
    "binary": (b'{"event": "get_online_users"}', "bad_message", None),
}


@pytest.mark.parametrize(("frame", "code", "ref"), BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
async def test_a_bad_frame_is_answered_and_the_socket_stays(
    site: Site, frame: str | bytes, code: str, ref: str | None
) -> None:
    tab = await site.shown_tab()
    await (tab.send_str(frame) if isinstance(frame, str) else tab.send_bytes(frame))
    answer = await tab.receive_json(timeout=SOON)
    assert (answer["event"], answer["code"], answer.get("ref")) == ("error", code, ref)
    assert answer["message"].endswith((".", "!"))
    assert (await ask(tab, event="get_online_users"))["event"] == "online_users_list"
    assert site.desk.faults.empty()


@pytest.mark.parametrize(
    ("frame", "code"),
    [(b"x" * (FRAME_CEILING + 1), WSCloseCode.MESSAGE_TOO_BIG), (b'{"event": "\xff"}', WSCloseCode.INVALID_TEXT)],
    ids=["far too long", "not UTF-8"],
)
async def test_a_frame_that_breaks_the_websocket_ends_this_tab_alone(site: Site, frame: bytes, code: int) -> None:
    other = await site.shown_tab()
    tab = await site.shown_tab()
    await tab.send_frame(frame, WSMsgType.TEXT)
    goodbye = await tab.receive(timeout=SOON)
    assert (goodbye.type, goodbye.data) == (WSMsgType.CLOSE, code)
    assert await asyncio.wait_for(site.desk.closed.get(), SOON) == site.desk.opened[1]
    assert (await ask(other, event="get_online_users"))["event"] == "online_users_list"
    assert site.desk.faults.empty()


async def test_what_is_told_at_once_arrives_whole_and_in_order(site: Site) -> None:
    tab = await site.shown_tab()
    empty = len(codec.encode(ui.Error(code="not_saved", message="")))
    sizes = [125, 126, 127, 1000, 65_535, 65_536, 65_537, 70_000, 126, 200_000, 125]
    for size in sizes:
        site.hub.tell_all(ui.Error(code="not_saved", message="x" * (size - empty)))
    assert [len(await tab.receive_str(timeout=SOON)) for _ in sizes] == sizes


async def test_two_tabs_stay_in_step(site: Site) -> None:
    tabs = [await site.shown_tab(), await site.shown_tab()]
    for turn in range(20):
        await tabs[turn % 2].send_json({"event": "set_profile", "name": f"Ada {turn}"})
    names: list[list[str]] = [[], []]
    for tab, seen in zip(tabs, names, strict=True):
        while len(seen) < 20:
            event = await tab.receive_json(timeout=SOON)
            if event["event"] == "profile_changed":
                seen.append(event["me"]["name"])
    assert names[0] == names[1]
    assert sorted(names[0]) == sorted(f"Ada {turn}" for turn in range(20))


async def test_a_flood_of_requests_is_answered_in_order_and_disturbs_nobody(site: Site) -> None:
    flooder, other = await site.shown_tab(), await site.shown_tab()
    number = 10_000

    async def flood() -> None:
        for ref in range(number):
            await flooder.send_str(f'{{"event":"get_online_users","ref":"{ref}"}}')

    async def read() -> list[str]:
        return [(await flooder.receive_json(timeout=SOON))["ref"] for _ in range(number)]

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(flood())
        answers = tasks.create_task(read())
        assert (await ask(other, event="get_online_users", ref="me"))["ref"] == "me"
        assert not answers.done()
    assert answers.result() == [str(ref) for ref in range(number)]


async def test_a_tab_that_does_not_read_is_dropped_and_comes_back_to_a_snapshot(site: Site) -> None:
    reader = await site.shown_tab()
    silent = await silent_tab(site)
    received = 0
    while site.desk.closed.empty():
        for _ in range(500):
            site.hub.tell_all(ui.ProfileChanged(me=ME))
        for _ in range(500):
            assert (await reader.receive_json(timeout=SOON))["event"] == "profile_changed"
        received += 500
    assert site.desk.closed.get_nowait() == site.desk.opened[1]
    assert received > 500, "dropped for what any tab may lag behind"
    assert (await ask(reader, event="get_online_users"))["event"] == "online_users_list"
    silent.close()
    await site.shown_tab()
    assert site.desk.faults.empty()


async def test_a_tab_that_floods_and_does_not_read_is_dropped(site: Site) -> None:
    silent = await silent_tab(site)
    frames = client_frame(b'{"event":"get_online_users"}') * 1000

    async def flood() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.get_running_loop().sock_sendall(silent, frames)

    # Once it is dropped its kernel still waits for a reader, and may let the flood stand.
    flooding = asyncio.create_task(flood())
    assert await asyncio.wait_for(site.desk.closed.get(), 2 * SOON) == site.desk.opened[0]
    flooding.cancel()
    await asyncio.wait([flooding])
    silent.close()


async def test_a_tab_that_goes_is_closed_once(site: Site) -> None:
    tab = await site.shown_tab()
    await tab.close()
    assert await asyncio.wait_for(site.desk.closed.get(), SOON) == site.desk.opened[0]
    silent = await silent_tab(site)
    silent.close()
    assert await asyncio.wait_for(site.desk.closed.get(), SOON) == site.desk.opened[1]
    site.hub.tell_all(ui.NetworkChanged())
    assert site.desk.closed.empty()
    assert site.desk.faults.empty()


async def test_what_a_dropped_tab_has_sent_before_is_no_fault(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    tab = await silent_tab(site)
    drop_me = json.dumps({"event": "unblock_user", "person": "b" * 52}).encode()
    ping = bytes([0x89, 0x80, 0, 0, 0, 0])
    await asyncio.get_running_loop().sock_sendall(tab, client_frame(drop_me) * 2 + ping * 9)
    assert await asyncio.wait_for(site.desk.closed.get(), SOON) == site.desk.opened[0]
    assert site.desk.faults.empty()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    tab.close()


async def test_a_fault_of_ours_ends_the_tab_and_is_reported(site: Site) -> None:
    tab = await site.shown_tab()
    await tab.send_json({"event": "forget_user", "person": "b" * 52})
    fault = await asyncio.wait_for(site.desk.faults.get(), SOON)
    assert isinstance(fault, ZeroDivisionError)
    assert (await tab.receive(timeout=SOON)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
    assert await asyncio.wait_for(site.desk.closed.get(), SOON) == site.desk.opened[0]


async def test_a_plain_request_is_no_tab(site: Site) -> None:
    async with site.client.get(site.url + "/ws") as response:
        assert response.status == 400
    assert site.desk.opened == []


async def test_the_end_of_the_daemon_says_goodbye_and_waits_for_nobody(site: Site) -> None:
    desk = Desk(limit=64 * 1024 * 1024)
    port, sockets = listen(0)
    events = WebEvents(desk.snapshot, list, dict, desk.faults.put_nowait)
    async with serve(application(desk.hub, events, Guard(port)), sockets):
        second = Site(port, desk, site.client)
        tab = await second.shown_tab()
        silent = await silent_tab(second)
        frame = ui.OnlineUsersList(people=[PERSON] * 5000)
        for _ in range(20):  # more than the buffers of the sockets hold, so that its writer waits
            desk.hub.tell(desk.opened[1], frame)
        begin = time.monotonic()
    assert time.monotonic() - begin < 2
    goodbye = await tab.receive(timeout=SOON)
    assert (goodbye.type, goodbye.data) == (WSMsgType.CLOSE, WSCloseCode.GOING_AWAY)
    assert {await asyncio.wait_for(desk.closed.get(), SOON) for _ in range(2)} == set(desk.opened)
    assert desk.faults.empty()
    silent.close()
