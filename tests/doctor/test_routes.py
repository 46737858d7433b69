"""The two requests, on a page without a daemon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from lanchatd.web import server
from lanchatd.web.app import WebEvents, application
from lanchatd.web.guard import Guard
from lanchatd.web.listen import listen
from lanchatd.web.server import serve
from tests.web.site import Desk


@asynccontextmanager
async def page(examine: Callable[[], Awaitable[object]]) -> AsyncIterator[tuple[str, Guard]]:
    desk = Desk()
    port, sockets = listen(0)
    guard = Guard(port)
    events = WebEvents(
        desk.snapshot, list, dict, desk.faults.put_nowait, network=lambda: {"peers": []}, examine=examine
    )
    async with serve(application(desk.hub, events, guard), sockets):
        yield guard.url, guard
    assert desk.faults.empty()


async def test_both_answer_with_json() -> None:
    async def examine() -> object:
        return {"findings": []}

    async with page(examine) as (url, _), aiohttp.ClientSession() as client:
        for path, wanted in (("/api/network", {"peers": []}), ("/api/findings", {"findings": []})):
            async with client.get(url + path) as answer:
                assert await answer.json() == wanted
            async with client.get(url + path, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
                assert answer.status == 403, "no other web site learns who is on the network"


async def test_the_end_does_not_wait_for_an_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STOPPING", 60.0)
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    async def examine() -> object:
        begun.set()
        await asyncio.sleep(3600)
        return {}

    async with aiohttp.ClientSession() as client:
        async with page(examine) as (url, _), asyncio.timeout(10):
            asking = asyncio.ensure_future(client.get(f"{url}/api/findings"))
            await begun.wait()
            ending = loop.time()
        assert loop.time() - ending < 10
        assert isinstance((await asyncio.gather(asking, return_exceptions=True))[0], aiohttp.ClientError)


async def test_an_examination_that_fails_is_no_end_of_the_daemon(caplog: pytest.LogCaptureFixture) -> None:
    async def examine() -> object:
        raise ExceptionGroup("tasks", [StopIteration("odd\nrules")])

    async with page(examine) as (url, _), aiohttp.ClientSession() as client:
        for _ in range(2):
            async with client.get(f"{url}/api/findings") as answer:
                assert (answer.status, await answer.text()) == (
                    500,
                    "The examination has failed; see the log of LanChat.\n",
                )
        async with client.get(f"{url}/api/network") as answer:
            assert answer.status == 200
    said = [record.getMessage() for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    assert len(said) == 2 and all("examination has failed" in each and "\n" not in each for each in said)


async def test_the_page_by_another_name_is_remembered() -> None:
    async def examine() -> object:
        return {}

    async with page(examine) as (url, guard), aiohttp.ClientSession() as client:
        assert guard.foreign is None
        async with client.get(url, headers={"Host": "192.168.1.5:5262\u202e"}) as answer:
            assert answer.status == 403
        assert guard.foreign is not None and guard.foreign[0].startswith("192.168.1.5:5262")
        assert "\u202e" not in guard.foreign[0] and len(guard.foreign[0]) <= 64
