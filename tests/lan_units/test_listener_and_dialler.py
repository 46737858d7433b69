"""The port that everybody can reach, and the dialling of addresses that anybody may have named."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp import web

from lanchatd.identity.certificate import client_context, server_context
from lanchatd.lan import dialler as dialler_module
from lanchatd.lan import listener as listener_module
from lanchatd.lan.dialler import DialError, Dialler, explain, resolve
from lanchatd.lan.doorstep import Doorstep
from lanchatd.lan.interfaces import scan
from lanchatd.lan.listener import Listener, ListenError
from lanchatd.lan.mesh import Sighting

from .namespace import in_own_network, ip, plug_in
from .people import Person, new_identity, online


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async def accepted(web_socket: web.WebSocketResponse, recognised: Callable[[], None]) -> None:
        await web_socket.receive()

    listener = Listener(server_context(new_identity()), lambda _: True, accepted)
    yield listener
    await listener.stop()


@contextlib.asynccontextmanager
async def open_door(listener: Listener, port: int = 0) -> AsyncIterator[int]:
    """The listener lets visitors in; the port."""
    taken = await listener.start(port)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(listener.run())
        yield taken
        running.cancel()


async def test_the_next_port_is_used_when_the_wanted_one_is_taken(listener: Listener) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert taken < await listener.start(taken) <= taken + 32


async def test_ipv4_and_ipv6_share_the_port(listener: Listener) -> None:
    async with open_door(listener) as port:
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


@pytest.mark.parametrize("talk", ["asks for nothing", "does not encrypt"])
async def test_who_says_nothing_sensible_is_hung_up_on(
    listener: Listener, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener_module, "_VISIT", 0.2)
    monkeypatch.setattr(listener_module, "GREETING", 0.2)
    async with open_door(listener) as port:
        context = client_context(new_identity()) if talk == "asks for nothing" else None
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        async with asyncio.timeout(2):
            with contextlib.suppress(OSError):
                assert await reader.read() == b""
        writer.close()


async def test_without_file_descriptors_it_waits_and_says_so(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listener_module, "_RETRY", 0.05)
    loop = asyncio.get_running_loop()
    accept, failures = loop.sock_accept, [errno.EMFILE, errno.ECONNABORTED, errno.ENFILE]

    async def sock_accept(listening: socket.socket) -> object:
        if failures:
            raise OSError(failures[0], os.strerror(failures.pop(0)))
        return await accept(listening)

    monkeypatch.setattr(loop, "sock_accept", sock_accept)
    async with open_door(listener) as port:
        await asyncio.open_connection("127.0.0.1", port, ssl=client_context(new_identity()))
    warnings = [record.getMessage() for record in caplog.records]
    assert len([warning for warning in warnings if "Nobody can link with us" in warning]) == 2


async def test_a_crowd_at_the_door_does_not_stop_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepting does not wait while there is somebody to accept: here, a thousand in a row, who are all refused."""
    loop = asyncio.get_running_loop()
    turns, crowd, passed = 0, 1000, asyncio.Event()

    async def sock_accept(_: socket.socket) -> object:
        nonlocal crowd
        crowd -= 1
        if crowd == 0:
            passed.set()
            await asyncio.Event().wait()
        return socket.socket(), ("127.0.0.1", 1)

    async def count() -> None:
        nonlocal turns
        while not passed.is_set():
            turns += 1
            await asyncio.sleep(0)

    async def accepted(*_: object) -> None:
        pytest.fail("nobody was admitted")

    listener = Listener(server_context(new_identity()), lambda _: False, accepted)
    monkeypatch.setattr(loop, "sock_accept", sock_accept)
    async with open_door(listener):
        await count()
    await listener.stop()
    assert turns >= 60


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


@contextlib.asynccontextmanager
async def trap() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port that nobody should come to, and the first words of who did."""
    came: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(b"")
        came[-1] = await reader.read(1000)
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], came


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_leads_nowhere(status: int) -> None:
    """Somebody with a proper key answers, and sends us on to another address."""
    asked: list[str] = []
    async with trap() as (elsewhere, came):

        async def answer(request: web.Request) -> web.Response:
            asked.append(request.path)
            return web.Response(status=status, headers={"Location": f"https://127.0.0.1:{elsewhere}/link"})

        server = web.Server(answer)
        site = await asyncio.get_running_loop().create_server(
            server, "127.0.0.1", 0, ssl=server_context(new_identity())
        )
        ann, eve = Person(), new_identity().peer_id
        async with online(ann), site:
            ann.mesh.sight(Sighting(eve, ("127.0.0.1",), site.sockets[0].getsockname()[1], "mdns"))
            await ann.heard("unreachable", eve)
        await server.shutdown()
    assert set(asked) == {"/link"}
    assert came == []


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = Person(), Person()
    async with trap() as (proxy, came):
        for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
            monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{proxy}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with online(ann, bob):
            ann.sight(bob)
            await ann.linked_with(bob)
    assert came == []


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


async def test_a_machine_that_has_answered_has_time_for_its_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is busy, and would have to make a second one if another address of it was dialled."""
    monkeypatch.setattr(dialler_module, "_STAGGER", 0.05)
    monkeypatch.setattr(dialler_module, "_PATIENT", 0.6)
    ann, bob = Person(), Person()
    with socket.create_server(("127.0.0.2", 0)) as busy:
        port = busy.getsockname()[1]
        async with online(ann), Dialler(client_context(bob.identity), bob.id) as dialler:
            begun = asyncio.get_running_loop().time()
            link = await dialler.dial([("127.0.0.2", port), ("127.0.0.1", ann.mesh.port)], ann.id)
            assert asyncio.get_running_loop().time() - begun >= 0.6
            await link.discard("seen")


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


async def test_who_goes_while_being_served_leaves_no_traceback(
    listener: Listener, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Between the request and the answer: that moment is too short to be hit from outside.
    monkeypatch.setattr(Doorstep, "asked", Doorstep.hang_up)
    context = client_context(new_identity())
    async with open_door(listener) as port, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.ws_connect(f"https://127.0.0.1:{port}/link", ssl=context)
    assert "Error handling request" not in caplog.text
