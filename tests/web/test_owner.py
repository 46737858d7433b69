"""Whose page it is: another user of the same machine gets nothing of it, on any route, however quick."""

from __future__ import annotations

import asyncio
import os
import socket
from asyncio.trsock import TransportSocket

import pytest
from aiohttp import ClientSession, TCPConnector

from lanchatd.web.guard import Guard
from lanchatd.web.owner import SameUser, client_uid, kernel_tells
from tests.web import stranger
from tests.web.site import Site, running_site
from tests.web.test_guard import ROUTES

HOSTS = ["127.0.0.1", "::1"]
SOON = 5.0


class Kernel:
    """The real kernel; it keeps what it has answered."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[int | None] = asyncio.Queue()

    def __call__(self, end: socket.socket | TransportSocket) -> int | None:
        answer = client_uid(end)
        self.answers.put_nowait(answer)
        return answer


def get(site: Site, route: str) -> bytes:
    return f"GET {route} HTTP/1.1\r\nHost: localhost:{site.port}\r\n\r\n".encode()


def listener(host: str) -> socket.socket:
    return socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def client_of(server: socket.socket, *, source: int = 0) -> socket.socket:
    client = socket.socket(server.family)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.bind((server.getsockname()[0], source))
    client.connect(server.getsockname())
    return client


# --------------------------------------------------------------------------------------------------- on the real page


@pytest.mark.parametrize("host", HOSTS)
async def test_another_user_is_refused_on_every_route(host: str) -> None:
    kernel = Kernel()
    async with running_site(SameUser(kernel, stranger.OWNER)) as site:
        for words in [*(get(site, route) for route in ROUTES), site.handshake()]:
            head, _, body = (await stranger.hear(host, site.port, words)).decode().partition("\r\n\r\n")
            assert head.startswith("HTTP/1.1 403 ")
            assert "content-type: text/plain" in head.lower()
            assert body == "This LanChat serves only the user who started it; start your own with lanchatd.\n"
            assert kernel.answers.get_nowait() == stranger.UID
        assert site.desk.opened == []


@pytest.mark.parametrize("host", HOSTS)
async def test_the_user_whose_page_it_is_is_answered(host: str) -> None:
    kernel = Kernel()
    async with running_site(SameUser(kernel)) as site:
        async with ClientSession() as client:
            url = f"http://[{host}]" if ":" in host else f"http://{host}"
            async with client.get(f"{url}:{site.port}/api/status") as response:
                assert response.status == 200
        assert kernel.answers.get_nowait() == os.getuid()


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("manner", ["close", "reset"])
async def test_who_has_closed_before_the_question_is_nobody(host: str, manner: str) -> None:
    """The kernel says of it that it was root's; here the page is that of root."""
    kernel = Kernel()
    async with running_site(SameUser(kernel, 0)) as site:
        stranger.hit(host, site.port, site.handshake(), manner)  # the server is at rest meanwhile
        async with site.client.get(site.url + "/api/status") as response:
            assert response.status == (200 if os.getuid() == 0 else 403)
        if manner == "close":
            assert await asyncio.wait_for(kernel.answers.get(), SOON) is None
        assert site.desk.opened == []


async def test_the_kernel_is_asked_once_per_connection() -> None:
    kernel = Kernel()
    async with running_site(SameUser(kernel)) as site, ClientSession(connector=TCPConnector(limit=1)) as client:
        for route in [*ROUTES, "/", "/api/status"]:
            async with client.get(site.url + route) as response:
                await response.read()
        assert kernel.answers.qsize() == 1
        await site.shown_tab()  # by a client of its own
        assert kernel.answers.qsize() == 2


async def test_a_refused_connection_is_closed() -> None:
    async with running_site(SameUser(lambda _end: None)) as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(get(site, "/") * 2)
        heard = await asyncio.wait_for(reader.read(), SOON)
        assert heard.count(b"HTTP/1.1 ") == heard.count(b" 403 ") == 1
        writer.close()


def test_where_the_kernel_tells_the_address_needs_no_token() -> None:
    assert kernel_tells()
    assert Guard(5262).entrance == "http://localhost:5262"


# ----------------------------------------------------------------------------------------------- what the kernel tells


@pytest.mark.parametrize("host", HOSTS)
def test_the_client_is_who_made_its_socket(host: str) -> None:
    with listener(host) as server, client_of(server), server.accept()[0] as end:
        assert client_uid(end) == os.getuid()


def test_a_client_that_speaks_ipv6_to_an_ipv4_address_is_known_too() -> None:
    with listener("127.0.0.1") as server, socket.socket(socket.AF_INET6) as client:
        client.connect((f"::ffff:{server.getsockname()[0]}", server.getsockname()[1]))
        with server.accept()[0] as end:
            assert client_uid(end) == os.getuid()


@pytest.mark.parametrize("host", HOSTS)
def test_a_client_that_has_closed_is_nobody(host: str) -> None:
    with listener(host) as server, client_of(server) as client, server.accept()[0] as end:
        client.close()
        assert client_uid(end) is None


@pytest.mark.parametrize("host", HOSTS)
def test_a_client_that_has_closed_one_way_is_nobody(host: str) -> None:
    with listener(host) as server, client_of(server) as client, server.accept()[0] as end:
        client.shutdown(socket.SHUT_WR)
        assert client_uid(end) is None


@pytest.mark.parametrize("host", HOSTS)
def test_a_port_that_changed_hands_vouches_for_nobody_before(host: str) -> None:
    """A stranger speaks and resets; then somebody else happens to connect from the same port."""
    with listener(host) as server:
        with client_of(server) as probe:
            source = probe.getsockname()[1]
        server.accept()[0].close()
        stranger.hit(host, server.getsockname()[1], b"words", "reset", source)
        with client_of(server, source=source), server.accept()[0] as first, server.accept()[0] as second:
            assert client_uid(second) == os.getuid()
            assert client_uid(first) is None


def test_a_closed_end_of_ours_is_a_doubt() -> None:
    with listener("127.0.0.1") as server, client_of(server):
        end = server.accept()[0]
        end.close()
        assert client_uid(end) is None
