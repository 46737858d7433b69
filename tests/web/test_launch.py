"""Where the kernel does not tell users apart: the address that works once, and the cookie."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, CookieJar, WSServerHandshakeError
from yarl import URL

from lanchatd.web.launch import Launch
from tests.web.site import Site, running_site
from tests.web.test_guard import ROUTES, assert_refused

PORT = 5262


@pytest.fixture
def door() -> Launch:
    return Launch(PORT)


@pytest.fixture
async def site(door: Launch) -> AsyncIterator[Site]:
    async with running_site(door) as running:
        yield running


async def enter(site: Site, client: ClientSession) -> None:
    async with client.get(site.entrance) as response:
        assert response.status == 200
        assert str(response.url) == f"{site.url}/", "the token does not stay in the address"


async def test_without_token_or_cookie_nothing_is_answered(site: Site) -> None:
    for route in [
        *ROUTES,
        "/?token=",
        "/?token=nonsense",
        "/?token=%C3%A9",
        "/api/status?" + URL(site.entrance).query_string,
    ]:
        async with site.client.get(site.url + route, allow_redirects=False) as response:
            assert_refused(response.status, response.content_type, await response.text())
    with pytest.raises(WSServerHandshakeError) as caught:
        await site.tab()
    assert caught.value.status == 403
    assert site.desk.opened == []


async def test_the_token_is_exchanged_for_a_cookie_that_opens_everything(site: Site) -> None:
    await enter(site, site.client)
    for route in ("/", "/api/status", "/api/my-ip"):
        async with site.client.get(site.url + route) as response:
            assert response.status == 200
    await site.shown_tab()


async def test_the_token_works_once(site: Site) -> None:
    await enter(site, site.client)
    async with ClientSession() as second, second.get(site.entrance) as response:
        assert_refused(response.status, response.content_type, await response.text())
    async with site.client.get(site.entrance) as response:
        assert response.status == 200, "a reload by who came first"


async def test_the_cookie_is_for_this_site_and_out_of_reach_of_scripts(site: Site) -> None:
    async with site.client.get(site.entrance, allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["Location"] == "/"
        cookie = response.cookies[f"lanchat-{PORT}"]
    assert cookie["samesite"] == "Strict"
    assert cookie["httponly"] is True
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert URL(site.entrance).query["token"] not in cookie.value


async def test_the_cookie_of_another_port_is_not_accepted(site: Site) -> None:
    async with running_site(Launch(PORT + 1)) as other:
        jar = CookieJar(unsafe=True)
        async with ClientSession(cookie_jar=jar) as client:
            await enter(other, client)
            (theirs,) = jar
            for name in (theirs.key, f"lanchat-{PORT}"):
                headers = {"Cookie": f"{name}={theirs.value}"}
                async with site.client.get(site.url + "/api/status", headers=headers) as response:
                    assert response.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    ],
)
async def test_who_breaks_another_rule_does_not_use_the_token_up(site: Site, headers: dict[str, str]) -> None:
    async with site.client.get(site.entrance, headers=headers) as response:
        assert_refused(response.status, response.content_type, await response.text())
    async with site.client.head(site.entrance) as response:
        assert response.status == 403
    await enter(site, site.client)


async def test_the_cookie_is_given_to_the_one_origin_of_the_page(site: Site) -> None:
    address = site.entrance.replace("localhost", "127.0.0.1")
    async with site.client.get(address, allow_redirects=False) as response:
        assert response.status == 302
        assert response.headers["Location"] == site.entrance
        assert not response.cookies
    await enter(site, site.client)


async def test_a_program_with_the_key_gets_in_and_a_new_address_for_a_browser(door: Launch, site: Site) -> None:
    program = {"Authorization": f"Bearer {door.key}"}
    for _ in range(2):
        async with site.client.get(site.url + "/api/status", headers=program) as response:
            assert response.status == 200
            assert not response.cookies
    await enter(site, site.client)
    async with site.client.get(site.url, headers=program, cookies={}, allow_redirects=False) as response:
        assert response.status == 200, "the browser that is in already is not sent away"
    async with ClientSession() as other:
        async with other.get(site.url, headers=program, allow_redirects=False) as response:
            new = response.headers["Location"]
        assert new.startswith("/?token=")
        assert new not in site.entrance
        async with other.get(site.url + new) as response:
            assert str(response.url) == f"{site.url}/"
            assert response.status == 200


@pytest.mark.parametrize("key", ["", "Bearer ", "Bearer None", "Bearer é"])
async def test_another_key_opens_nothing(site: Site, key: str) -> None:
    async with site.client.get(site.url + "/api/status", headers={"Authorization": key}) as response:
        assert response.status == 403
