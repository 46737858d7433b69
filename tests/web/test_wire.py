"""Attacks on the page's port, byte by byte: targets, framing, sizes and methods that no browser sends by itself."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from tests.web.site import Site
from tests.web.test_guard import ROUTES, assert_refused

SOON: Final = 5.0
SECRET: Final = b"192.0.2.7"
"""What only an answer to ``/api/my-ip`` says."""
SMUGGLED: Final = "GET /api/my-ip HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"


async def exchange(site: Site, text: str) -> tuple[list[int], bytes]:
    """Everything that a connection answers to these bytes: the status of each response, and all of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(text.replace("{port}", str(site.port)).encode("latin-1"))
    async with asyncio.timeout(SOON):
        heard = await reader.read()
    writer.close()
    lines = [line for line in heard.split(b"\r\n") if line.startswith(b"HTTP/")]
    return [int(line.split()[1]) for line in lines], heard


def get(target: str, *headers: str, method: str = "GET", host: str = "localhost:{port}") -> str:
    return "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""])


FOREIGN_TARGETS: Final = [
    "http://evil.example/api/my-ip",
    "http://evil.example:{port}/api/my-ip",
    "http://localhost:{port}@evil.example/api/my-ip",
    "https://localhost:{port}/api/my-ip",
    "http://localhost:{port}/api/my-ip",
    "ws://evil.example/ws",
]


@pytest.mark.parametrize("target", FOREIGN_TARGETS)
async def test_a_target_with_a_host_of_its_own_is_refused(site: Site, target: str) -> None:
    statuses, heard = await exchange(site, get(target))
    assert statuses in ([403], [400])
    assert SECRET not in heard


@pytest.mark.parametrize("target", ["//evil.example/api/my-ip", "/\\evil.example/", "/%2fapi/my-ip", "/api/my-ip/../x"])
async def test_a_target_that_only_looks_like_another_host_leads_nowhere(site: Site, target: str) -> None:
    statuses, heard = await exchange(site, get(target))
    assert statuses == [404]
    assert b"location:" not in heard.lower()
    assert SECRET not in heard


HOSTS: Final = {
    "none": "GET /api/my-ip HTTP/1.1\r\nConnection: close\r\n\r\n",
    "none, old": "GET /api/my-ip HTTP/1.0\r\n\r\n",
    "two": get("/api/my-ip", "Host: evil.example"),
    "two, ours last": get("/api/my-ip", "Host: localhost:{port}", host="evil.example"),
    "a list": get("/api/my-ip", host="localhost:{port}, evil.example"),
    "a tab behind": get("/api/my-ip", host="localhost:{port}\tevil.example"),
    "a space in the name": get("/api/my-ip").replace("Host:", "Host :"),
    "folded": get("/api/my-ip", " evil.example"),
    "only forwarded": get("/api/my-ip", "X-Forwarded-Host: localhost:{port}", host="evil.example"),
    "forwarded": get("/api/my-ip", "Forwarded: host=localhost:{port};for=127.0.0.1", host="evil.example"),
}


@pytest.mark.parametrize("text", HOSTS.values(), ids=HOSTS.keys())
async def test_a_host_that_is_not_said_once_and_clearly_is_refused(site: Site, text: str) -> None:
    statuses, heard = await exchange(site, text)
    assert statuses in ([403], [400])
    assert SECRET not in heard


FRAMINGS: Final = {
    "length and chunks": ["Content-Length: 4", "Transfer-Encoding: chunked"],
    "chunks and length": ["Transfer-Encoding: chunked", "Content-Length: 4"],
    "two lengths": ["Content-Length: 0", "Content-Length: 60"],
    "two lengths in one": ["Content-Length: 0, 60"],
    "a length below zero": ["Content-Length: -1"],
    "a length with a sign": ["Content-Length: +5"],
    "a length in hexadecimal": ["Content-Length: 0x3c"],
    "a length beyond all": ["Content-Length: " + "9" * 30],
    "unknown coding": ["Transfer-Encoding: xchunked"],
    "coding twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    "coding with a tab": ["Transfer-Encoding:\tchunked\x0b"],
    "NUL in a header": ["X: a\x00b"],
    "a bare line feed": ["X: a\nContent-Length: 60"],
    "a bare carriage return": ["X: a\rContent-Length: 60"],
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("headers", FRAMINGS.values(), ids=FRAMINGS.keys())
async def test_no_second_request_is_smuggled_in(site: Site, headers: list[str], method: str) -> None:
    """Whatever a front end might take for a body, we answer once, with a refusal, and hang up."""
    request = get("/api/status", *headers, method=method).replace("Connection: close", "Connection: keep-alive")
    statuses, heard = await exchange(site, request + "0\r\n\r\n" + SMUGGLED)
    assert statuses == [400]
    assert SECRET not in heard


SIZES: Final = {
    "a long target": get("/" + "x" * 9_000),
    "a long header": get("/api/my-ip", "X: " + "x" * 9_000),
    "a long header name": get("/api/my-ip", "X" * 9_000 + ": x"),
    "many headers": get("/api/my-ip", *(f"X-{number}: x" for number in range(4_000))),
    "a long method": get("/api/my-ip", method="G" * 9_000),
    "no HTTP": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\r\n" * 3,
    "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": "GET /api/my-ip\r\n\r\n",
}


@pytest.mark.parametrize("text", SIZES.values(), ids=SIZES.keys())
async def test_what_is_too_large_or_no_request_is_refused(site: Site, text: str) -> None:
    statuses, heard = await exchange(site, text)
    assert statuses in ([400], [403])
    assert SECRET not in heard


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND", "get", "X"])
async def test_other_methods_do_nothing(site: Site, method: str) -> None:
    for route in ROUTES:
        statuses, heard = await exchange(site, get(route, "Cookie: secret=1", method=method))
        assert statuses in ([405], [404], [400]), route
        assert b"secret=1" not in heard
        assert b"access-control-" not in heard.lower()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "https://localhost:{port}"])
async def test_a_preflight_is_refused_and_gets_no_permission(site: Site, origin: str) -> None:
    asking = ["Access-Control-Request-Method: POST", "Access-Control-Request-Private-Network: true"]
    for route in ROUTES:
        statuses, heard = await exchange(site, get(route, f"Origin: {origin}", *asking, method="OPTIONS"))
        assert statuses == [403]
        assert b"access-control-" not in heard.lower()


@pytest.mark.parametrize("site_header", ["cross-site", "same-site", "same-origin", "none", "", "x"])
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "application/json"])
async def test_a_form_of_another_site_is_refused(site: Site, site_header: str, content_type: str) -> None:
    """Whatever a browser says of itself: the origin is foreign."""
    sent = {"Origin": "http://evil.example", "Sec-Fetch-Site": site_header, "Content-Type": content_type}
    for route in ROUTES:
        async with site.client.post(site.url + route, headers=sent, data=b'{"event":"block_user"}') as response:
            assert_refused(response.status, response.content_type, await response.text())
    assert site.desk.opened == []


OUTSIDE: Final = [
    "/static/x/../../../../etc/passwd",
    "/static/x/..%2f..%2f..%2fetc%2fpasswd",
    "/static/x/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/static/x//etc/passwd",
    "/static/x/....//....//etc/passwd",
    "/static/x/..\\..\\templates\\page.html",
    "/static/../templates/page.html",
    "/static/x/../templates/page.html",
    "/static/x/js/main.js%00.html",
    "/static/x/js/",
    "/static/x/js",
    "/static/x/",
    "/static/",
    "/templates/page.html",
    "/identity.key",
]


@pytest.mark.parametrize("target", OUTSIDE)
async def test_static_files_are_the_only_files(site: Site, target: str) -> None:
    statuses, heard = await exchange(site, get(target))
    assert statuses == [404]
    assert b"root:" not in heard
    assert b"{%" not in heard


async def test_broken_requests_leave_no_traceback_and_the_page_stays(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    for text in [*SIZES.values(), *HOSTS.values()]:
        await exchange(site, text)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
    async with site.client.get(site.url + "/api/status") as response:
        assert response.status == 200
    assert site.desk.faults.empty()
