"""The routes, as a person's browser or a program on this machine asks them."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tests.web.site import Site, running_site


async def test_my_ip(site: Site) -> None:
    async with site.client.get(site.url + "/api/my-ip") as response:
        assert response.content_type == "application/json"
        assert await response.json() == {"addresses": ["192.0.2.7", "fd00::7"]}


async def test_status(site: Site) -> None:
    async with site.client.get(site.url + "/api/status") as response:
        assert response.content_type == "application/json"
        assert await response.json() == {"version": "1", "links": 0}


async def test_the_page_is_there_before_any_script(site: Site) -> None:
    async with site.client.get(site.url + "/") as response:
        assert response.content_type == "text/html"
        assert "Bo" in await response.text()


async def test_both_loopback_addresses_are_served(site: Site) -> None:
    for address in ("127.0.0.1", "[::1]"):
        async with site.client.get(f"http://{address}:{site.port}/api/status") as response:
            assert response.status == 200


async def test_a_fault_of_ours_is_reported_and_answered_with_500(site: Site) -> None:
    site.desk.addresses.clear()
    async with site.client.get(site.url + "/api/status") as response:
        assert response.status == 500
    assert isinstance(site.desk.faults.get_nowait(), ZeroDivisionError)


async def test_a_client_that_leaves_early_is_no_fault(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(site.handshake())
        if number % 2:
            await writer.drain()
            writer.transport.abort()
        else:
            writer.close()
    async with site.client.get(site.url + "/api/status") as response:
        assert response.status == 200
    assert site.desk.faults.empty()
    assert caplog.records == []


async def test_who_asks_for_nothing_is_hung_up_on_and_who_asks_is_not() -> None:
    async with running_site(patience=0.5) as site:
        await hang_up_on_the_silent(site)


async def hang_up_on_the_silent(site: Site) -> None:
    silent, _writer = await asyncio.open_connection("127.0.0.1", site.port)
    trickling, trickle = await asyncio.open_connection("127.0.0.1", site.port)
    trickle.write(b"GET / HT")
    async with site.client.ws_connect(site.url + "/ws", origin=site.url) as tab:
        assert (await tab.receive_json())["event"] == "snapshot"
        async with asyncio.timeout(5):
            for ended in (silent, trickling):
                with contextlib.suppress(ConnectionError):
                    assert await ended.read() == b""
        await tab.send_json({"event": "get_online_users", "ref": "1"})
        assert (await tab.receive_json())["ref"] == "1"
