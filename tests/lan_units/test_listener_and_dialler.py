"""The port that everybody can reach, and the dialling of addresses that anybody may have named."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from lanchatd.identity.certificate import client_context, server_context
from lanchatd.lan import listener as listener_module
from lanchatd.lan.dialler import DialError, Dialler, explain, resolve
from lanchatd.lan.interfaces import scan
from lanchatd.lan.listener import Listener, ListenError

from .namespace import in_own_network, ip, plug_in
from .people import Person, new_identity, online


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async def accepted(web_socket: web.WebSocketResponse) -> None:
        await web_socket.receive()

    listener = Listener(server_context(new_identity()), lambda _: True, accepted)
    yield listener
    await listener.stop()


async def test_the_next_port_is_used_when_the_wanted_one_is_taken(listener: Listener) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert taken < await listener.start(taken) <= taken + 32


async def test_ipv4_and_ipv6_share_the_port(listener: Listener) -> None:
    port = await listener.start(0)
    for host in ("127.0.0.1", "::1"):
        _, writer = await asyncio.open_connection(host, port, ssl=client_context(new_identity()))
        writer.close()


async def test_no_free_port_is_told_in_a_sentence(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "_PORTS_TRIED", 1)
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        with pytest.raises(ListenError, match="--peer-port"):
            await listener.start(other.getsockname()[1])


async def test_there_is_one_road_only(listener: Listener) -> None:
    port = await listener.start(0)
    context = client_context(new_identity())
    async with aiohttp.ClientSession() as session:
        for path, status in (("/", 404), ("/link/x", 404), ("/link", 400), ("/api/status", 404)):
            async with session.get(f"https://127.0.0.1:{port}{path}", ssl=context) as response:
                assert response.status == status
        async with session.post(f"https://127.0.0.1:{port}/link", ssl=context) as response:
            assert response.status == 405


@pytest.mark.parametrize("talk", ["asks for nothing", "does not encrypt"])
async def test_who_says_nothing_sensible_is_hung_up_on(
    listener: Listener, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener_module, "_REQUEST", 0.2)
    monkeypatch.setattr(listener_module, "GREETING", 0.2)
    port = await listener.start(0)
    context = client_context(new_identity()) if talk == "asks for nothing" else None
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    async with asyncio.timeout(2):
        with contextlib.suppress(OSError):
            assert await reader.read() == b""
    writer.close()


async def test_one_address_can_not_take_all_greetings() -> None:
    ann = Person()
    async with online(ann), aiohttp.ClientSession() as session:
        url = f"wss://127.0.0.1:{ann.mesh.port}/link"
        silent = [await session.ws_connect(url, ssl=client_context(new_identity())) for _ in range(16)]
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url, ssl=client_context(new_identity()))
        for web_socket in silent:
            web_socket._response.close()


async def test_greeted_links_from_one_address_are_no_longer_counted() -> None:
    people = [Person() for _ in range(18)]
    ann, *others = people
    async with online(*people):
        for other in others:
            other.sight(ann)
        await ann.linked_with(*others)


async def test_a_public_address_is_not_admitted() -> None:
    ann = Person()
    assert not ann.mesh._admits("198.51.100.7")
    assert ann.mesh._admits("192.168.0.7")


async def test_redirects_are_not_followed_and_proxies_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound("/elsewhere")

    runner = web.AppRunner(web.Application(middlewares=[]))
    runner.app.router.add_get("/{path:.*}", answer)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_context(new_identity()))
    await site.start()
    for variable in ("http_proxy", "https_proxy", "all_proxy", "wss_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    identity = new_identity()
    async with Dialler(client_context(identity), identity.peer_id) as dialler:
        with pytest.raises(DialError):
            await dialler.dial([("127.0.0.1", site.port)], None)
    await runner.cleanup()
    assert asked == ["/link"]


@in_own_network
async def test_an_address_that_is_silent_delays_the_next_one_only_a_little() -> None:
    ip("link", "set", "lo", "up")
    plug_in()
    ip("link", "set", "eth0", "up")
    ip("address", "add", "10.9.0.1/24", "dev", "eth0")
    ann, bob = Person(network=scan(["lo", "eth0"])), Person()
    async with online(ann, bob):
        begun = asyncio.get_running_loop().time()
        ann.sight(bob, "mdns", "10.9.0.99", "10.9.0.98", "127.0.0.1")
        await ann.linked_with(bob)
        assert 0.4 < asyncio.get_running_loop().time() - begun < 1.5


@in_own_network
async def test_link_local_ipv6_is_dialled_on_the_interface_it_is_on() -> None:
    ip("link", "set", "lo", "up")
    plug_in()
    ip("link", "set", "eth0", "up")
    ip("address", "add", "fe80::9/64", "dev", "eth0", "nodad")
    ann, bob = Person(network=scan()), Person(network=scan())
    async with online(ann, bob):
        ann.sight(bob, "mdns", "fe80::9")
        _, _, _, address = await ann.heard("linked", bob.id)
        assert address == "fe80::9%eth0"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ECONNREFUSED, ""), "refuses connections"),
        (OSError(errno.EHOSTUNREACH, ""), "same network"),
        (OSError(errno.ECONNRESET, ""), "broke the connection off"),
        (TimeoutError(), "client isolation"),
        (ssl.SSLError(1, "handshake"), "is not LanChat"),
    ],
)
def test_every_failure_has_its_sentence(error: Exception, words: str) -> None:
    sentence = str(explain(error, ("10.0.0.7", 5263)))
    assert words in sentence
    assert "10.0.0.7" in sentence
    assert sentence.endswith(".")


async def test_an_unknown_host_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await resolve("fe80::1%eth0", 7) == [("fe80::1%eth0", 7)]

    async def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fail)
    with pytest.raises(DialError, match="printer"):
        await resolve("printer", 7)


async def test_who_goes_while_being_served_leaves_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def accepted(web_socket: web.WebSocketResponse) -> None:
        pytest.fail("served somebody who is gone")

    def admits(_: str) -> bool:
        # Between the request and the answer: that moment is too short to be hit from outside.
        for protocol in listener._silent:
            protocol.transport.close()  # type: ignore[attr-defined]
        return True

    listener = Listener(server_context(new_identity()), admits, accepted)
    try:
        port = await listener.start(0)
        context = client_context(new_identity())
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await session.ws_connect(f"https://127.0.0.1:{port}/link", ssl=context)
    finally:
        await listener.stop()
    assert "Error handling request" not in caplog.text
