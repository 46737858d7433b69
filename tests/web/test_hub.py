"""What tabs are told, in which order, and when one is dropped."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lanchatd.protocol import codec, ui
from lanchatd.protocol.model import TabId
from lanchatd.web.hub import Hub, HubEvents, Tab
from tests.web.site import Desk


def read(frame: bytes | None) -> Any:
    assert frame is not None
    return json.loads(frame)


async def told(tab: Tab) -> list[str]:
    """The events that wait for a tab which is ending."""
    events = []
    while (frame := await tab.next()) is not None:
        events.append(read(frame)["event"])
    return events


def never() -> None:
    raise AssertionError("this tab must not be dropped")


async def test_the_snapshot_comes_first_then_events_in_order() -> None:
    desk = Desk()
    tab = desk.hub.join(never)
    desk.hub.tell_all(ui.NetworkChanged())
    desk.hub.tell(tab.id, ui.Ok())
    desk.hub.close()
    assert await told(tab) == ["snapshot", "network_changed", "ok"]


async def test_the_snapshot_names_the_tab_and_no_tab_has_the_number_of_another() -> None:
    desk = Desk()
    first, second = desk.hub.join(never), desk.hub.join(never)
    desk.hub.leave(first)
    third = desk.hub.join(never)
    assert len({first.id, second.id, third.id}) == 3
    assert read(await third.next())["tab"] == third.id


async def test_what_is_told_while_a_tab_opens_reaches_only_the_others() -> None:
    desk = Desk()
    other = desk.hub.join(never)

    def opened(tab: TabId) -> ui.Snapshot:
        hub.tell_all(ui.NetworkChanged())
        hub.tell(tab, ui.Ok())
        return desk.snapshot(tab)

    hub = Hub(HubEvents(opened, desk.request, desk.closed.put_nowait))
    other = hub.join(never)
    tab = hub.join(never)
    hub.close()
    assert await told(tab) == ["snapshot"]
    assert await told(other) == ["snapshot", "network_changed"]


async def test_a_tab_that_has_gone_is_told_nothing_and_asks_nothing() -> None:
    desk = Desk()
    tab = desk.hub.join(never)
    desk.hub.leave(tab)
    desk.hub.tell(tab.id, ui.Ok())
    desk.hub.receive(tab, '{"event": "forget_user", "person": "%s"}' % ("b" * 52))
    desk.hub.close()
    tab.end()
    assert await told(tab) == ["snapshot"]
    assert desk.closed.get_nowait() == tab.id


async def test_a_tab_that_lags_too_far_behind_is_dropped_once_and_the_others_are_not() -> None:
    desk = Desk()
    dropped: list[str] = []
    hub = Hub(HubEvents(desk.open, desk.request, desk.closed.put_nowait), limit=200)
    slow = hub.join(lambda: dropped.append("slow"))
    quick = hub.join(never)
    await quick.next()
    for _ in range(20):
        hub.tell_all(ui.NetworkChanged())
        await quick.next()
    assert dropped == ["slow"]
    assert desk.closed.empty(), "a drop may happen in the middle of a request: closed comes with the end of the socket"
    hub.leave(slow)
    assert desk.closed.get_nowait() == slow.id


async def test_the_snapshot_may_be_longer_than_the_limit() -> None:
    desk = Desk()
    hub = Hub(HubEvents(desk.open, desk.request, desk.closed.put_nowait), limit=60)
    tab = hub.join(never)
    hub.tell(tab.id, ui.Ok())
    assert read(await tab.next())["event"] == "snapshot"
    hub.tell(tab.id, ui.Ok())
    hub.close()
    assert await told(tab) == ["ok", "ok"]


@pytest.mark.parametrize("inner", ["theirs", None])
async def test_a_refused_request_is_answered_with_its_ref(inner: str | None) -> None:
    desk = Desk()

    def refuse(_tab: TabId, _request: ui.TabRequest) -> None:
        raise codec.BadRequest("wrong_state", "Not now.", *([inner] if inner else []))

    hub = Hub(HubEvents(desk.open, refuse, desk.closed.put_nowait))
    tab = hub.join(never)
    await tab.next()
    hub.receive(tab, '{"event": "get_online_users", "ref": "mine"}')
    answer = read(await tab.next())
    assert answer == {"event": "error", "ref": inner or "mine", "code": "wrong_state", "message": "Not now."}


async def test_a_fault_of_ours_is_raised() -> None:
    desk = Desk()
    tab = desk.hub.join(never)
    with pytest.raises(ZeroDivisionError):
        desk.hub.receive(tab, json.dumps({"event": "forget_user", "person": "b" * 52}))
