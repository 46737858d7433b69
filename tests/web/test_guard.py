"""Who is let in: attacks of other web sites, as their requests look on the wire."""

from __future__ import annotations

import asyncio
from itertools import product

import pytest
from aiohttp import ClientSession, WSServerHandshakeError, web

from lanchatd.web.guard import Guard
from tests.web.site import Site

HOME_HOSTS = ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}"]
FOREIGN_HOSTS = [
    "evil.example:{port}",
    "evil.example",
    "localhost",
    "localhost:1",
    "127.0.0.1",
    "0.0.0.0:{port}",
    "[::]:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "127.0.0.2:{port}",
    "127.1:{port}",
    "2130706433:{port}",
    "localhost.:{port}",
    "localhost.evil.example:{port}",
    "evil-localhost:{port}",
    "me@localhost:{port}",
    "192.0.2.7:{port}",
    "",
]
FOREIGN_ORIGINS = [
    "http://evil.example",
    "https://localhost:{port}",
    "http://localhost",
    "http://localhost:1",
    "http://0.0.0.0:{port}",
    "http://localhost:{port}.evil.example",
    "http://evil.example/http://localhost:{port}",
    "file://",
    "null",
    "",
]
CROSS_SITE_REQUESTS: list[dict[str, str]] = [
    {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
    {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Mode": "websocket", "Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "document"},
    {},
]
ROUTES = ["/", "/ws", "/api/my-ip", "/api/status", "/nothing"]


def assert_refused(status: int, content_type: str, text: str) -> None:
    assert status == 403
    assert content_type == "text/plain"
    assert text.count("\n") == 1, "one sentence"
    assert text.endswith(".\n")


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
async def test_a_foreign_host_name_is_refused(site: Site, host: str) -> None:
    headers = {"Host": host.format(port=site.port)}
    for route in ROUTES:
        async with site.client.get(site.url + route, headers=headers) as response:
            assert_refused(response.status, response.content_type, await response.text())


async def test_two_host_names_or_none_are_refused(site: Site) -> None:
    for lines in ([f"Host: localhost:{site.port}", "Host: evil.example"], ["X: y"]):
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write("\r\n".join(["GET /api/status HTTP/1.0", *lines, "", ""]).encode())
        status = await reader.readline()
        assert status.split()[1] in (b"400", b"403")
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("host", HOME_HOSTS)
async def test_our_own_names_are_answered(site: Site, host: str) -> None:
    headers = {"Host": host.format(port=site.port)}
    async with site.client.get(site.url + "/api/status", headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize("host", HOME_HOSTS[1:])
async def test_the_page_has_one_origin(site: Site, host: str) -> None:
    headers = {"Host": host.format(port=site.port)}
    async with site.client.get(site.url + "/?a=b", headers=headers, allow_redirects=False) as response:
        assert response.status == 302
        assert response.headers["Location"] == f"http://localhost:{site.port}/?a=b"
    async with site.client.get(site.url + "/", headers={"Host": f"LOCALHOST:{site.port}"}) as response:
        assert response.status == 200


@pytest.mark.parametrize("host", HOME_HOSTS)
async def test_the_websocket_takes_the_three_origins_of_the_page(site: Site, host: str) -> None:
    name = host.format(port=site.port)
    tab = await site.tab(Host=name, Origin=f"http://{name}", Sec_Fetch_Site="same-origin")
    assert (await tab.receive_json())["event"] == "snapshot"


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_a_websocket_of_another_origin_is_refused(site: Site, origin: str) -> None:
    with pytest.raises(WSServerHandshakeError) as caught:
        await site.tab(Origin=origin.format(port=site.port))
    assert caught.value.status == 403
    assert site.desk.opened == []


async def test_a_program_of_the_person_needs_no_origin(site: Site) -> None:
    async with site.client.ws_connect(site.url + "/ws") as socket:
        assert (await socket.receive_json())["event"] == "snapshot"


@pytest.mark.parametrize("site_header", ["cross-site", "same-site", "nonsense"])
async def test_a_request_of_another_site_is_refused(site: Site, site_header: str) -> None:
    for route, more in product(ROUTES, CROSS_SITE_REQUESTS):
        async with site.client.get(site.url + route, headers={"Sec-Fetch-Site": site_header} | more) as response:
            assert_refused(response.status, response.content_type, await response.text())
            assert not [name for name in response.headers if name.lower().startswith("access-control")]


async def test_a_link_on_another_site_may_lead_to_the_page(site: Site) -> None:
    visit = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with site.client.get(site.url + "/", headers=visit) as response:
        assert response.status == 200
    async with site.client.post(site.url + "/", headers=visit | {"Origin": site.url}) as response:
        assert response.status == 403


VISIT = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize("route", [route for route in ROUTES if route != "/"])
async def test_a_link_on_another_site_leads_nowhere_else(site: Site, route: str) -> None:
    async with site.client.get(site.url + route, headers=VISIT) as response:
        assert_refused(response.status, response.content_type, await response.text())


@pytest.mark.parametrize("purpose", [
    {"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-moz": "prefetch"},
])  # fmt: skip
async def test_another_site_can_not_have_the_page_got_beforehand(site: Site, purpose: dict[str, str]) -> None:
    async with site.client.get(site.url + "/", headers=VISIT | purpose) as response:
        assert_refused(response.status, response.content_type, await response.text())
    async with site.client.get(site.url + "/", headers=VISIT | purpose | {"Sec-Fetch-Site": "none"}) as response:
        assert response.status == 200, "the person's own browser may, from the address bar"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_what_could_change_something_needs_our_origin(site: Site, method: str) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}):
        async with site.client.request(method, site.url + "/api/status", headers=headers) as response:
            assert_refused(response.status, response.content_type, await response.text())
            assert not [name for name in response.headers if name.lower().startswith("access-control")]
    async with site.client.request(method, site.url + "/api/status", headers={"Origin": site.url}) as response:
        assert response.status == 405


async def test_every_answer_carries_the_headers(site: Site) -> None:
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    cases = [("/", {}, 200), ("/api/my-ip", {}, 200), ("/no", {}, 404), ("/", {"Host": "evil.example"}, 403)]
    cases.append(("/", {"Host": f"127.0.0.1:{site.port}"}, 302))
    for path, headers, status in cases:
        async with site.client.get(site.url + path, headers=headers, allow_redirects=False) as response:
            assert response.status == status
            assert {name: response.headers.get(name) for name in expected} == expected
            assert response.headers["Cache-Control"] == "no-store"
            assert "aiohttp" not in response.headers["Server"]
            policy = response.headers["Content-Security-Policy"]
            assert "unsafe" not in policy
            assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(
                policy.split("; ")
            )
            for feature in ("camera", "microphone", "display-capture", "fullscreen"):
                assert f"{feature}=(self)" in response.headers["Permissions-Policy"]


async def test_the_headers_of_a_route_are_kept(site: Site) -> None:
    async def asset(_request: web.Request) -> web.Response:
        return web.Response(text="x", headers={"Cache-Control": "no-cache"})

    app = web.Application()
    Guard(80).install(app)
    app.router.add_get("/x", asset)
    runner = web.AppRunner(app)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    url = f"http://127.0.0.1:{tcp.port}/x"
    async with ClientSession() as client, client.get(url, headers={"Host": "localhost"}) as response:
        assert response.status == 200, "on port 80 browsers leave the port out"
        assert response.headers["Cache-Control"] == "no-cache"
    await runner.cleanup()
