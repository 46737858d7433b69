"""What the peer port gives to those who have not said who they are: nothing, and not for long."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lanchatd.identity import certificate
from lanchatd.identity.certificate import client_context, issue
from lanchatd.identity.keys import Identity
from lanchatd.lan import link as link_module
from lanchatd.lan import listener as listener_module
from lanchatd.protocol import codec
from lanchatd.protocol.peer import FRAME_BYTES, HELLO_BYTES, Chat, Hello

from .people import Person, new_identity, online, visitor

EVE = "127.0.0.66"
UPGRADE = (
    b"GET /link HTTP/1.1\r\nHost: ann\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def ann() -> AsyncIterator[Person]:
    person = Person()
    async with online(person):
        yield person


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets of a third of a second, so that a test needs no more."""
    monkeypatch.setattr(listener_module, "GREETING", 0.3)
    monkeypatch.setattr(listener_module, "_VISIT", 0.6)
    monkeypatch.setattr(link_module, "GREETING", 0.3)


def visits(person: Person) -> int:
    return len(person.mesh._listener._doorkeeper._visits)


async def knock(person: Person, context: ssl.SSLContext | None = None, *, source: str = "127.0.0.1") -> Stream:
    address = "127.0.0.1", person.mesh.port
    return await asyncio.open_connection(*address, ssl=context, local_addr=(source, 0))


async def is_ended(stream: Stream, seconds: float = 2.0) -> bytes:
    """What the other side says until it ends the connection, which has to be soon."""
    said = b""
    async with asyncio.timeout(seconds):
        with contextlib.suppress(OSError):
            while data := await stream[0].read(4096):
                said += data
    stream[1].close()
    return said


# -- what there is to see ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [b"GET / HTTP/1.1\r\nHost: ann\r\n\r\n", b"\0" * 600, b"SSH-2.0-x\r\n"])
async def test_a_plain_connection_learns_nothing(ann: Person, request_: bytes) -> None:
    stream = await knock(ann)
    stream[1].write(request_)
    said = await is_ended(stream)
    assert said == b"" or (said[0] == 21 and len(said) == 7), "nothing, or the alert of a TLS record"


async def test_who_shows_no_certificate_learns_nothing(ann: Person) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    stream = await knock(ann, context)
    stream[1].write(b"GET / HTTP/1.1\r\nHost: ann\r\n\r\n")
    assert await is_ended(stream) == b""


async def test_tls_1_2_is_refused(ann: Person) -> None:
    context = client_context(new_identity())
    context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, OSError)):
        await knock(ann, context)


async def test_the_right_key_signed_by_another_root_is_nobody(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bob's real key, so that the peer id is right; only the signature is not the published root's."""
    bob = Person()
    async with online(bob):
        ann.sight(bob)
        await ann.linked_with(bob)
    await ann.heard("unlinked", bob.id)
    ann.clear()
    monkeypatch.setattr(certificate, "_ROOT_KEY", Ed25519PrivateKey.generate())
    theirs = client_context(bob.identity)
    monkeypatch.undo()
    theirs.verify_mode = ssl.CERT_NONE
    stream = await knock(ann, theirs)
    stream[1].write(UPGRADE)
    assert await is_ended(stream) == b""
    assert ann.kinds("linked") == []


def test_a_certificate_of_another_s_key_can_not_be_shown() -> None:
    """Anybody can issue one, the root is public; the handshake needs the key in it, which only its owner has."""
    bob, eve = new_identity(), new_identity()
    stolen = x509.load_der_x509_certificate(issue(bob)).public_bytes(Encoding.PEM)
    key = eve.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(ssl.SSLError, match="KEY_VALUES_MISMATCH"):
        load(context, key + stolen)


def load(context: ssl.SSLContext, pem: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(pem)
        file.flush()
        context.load_cert_chain(file.name)


async def test_no_route_of_the_page_is_there_even_for_a_proper_identity(ann: Person) -> None:
    answers = {"/": 404, "/ws": 404, "/api/status": 404, "/api/my-ip": 404, "/static/js/main.js": 404, "/link/x": 404}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=client_context(new_identity()))) as session:
        for path, status in {**answers, "/link": 400}.items():
            async with session.get(f"https://127.0.0.1:{ann.mesh.port}{path}") as response:
                assert response.status == status, path
                assert set(response.headers) == {"Content-Type", "Content-Length", "Date", "Connection"}
        async with session.post(f"https://127.0.0.1:{ann.mesh.port}/link", data=b"x") as response:
            assert response.status == 405
        for path in ("/ws", "/"):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(f"wss://127.0.0.1:{ann.mesh.port}{path}")


async def test_a_connection_is_good_for_one_request(ann: Person) -> None:
    stream = await knock(ann, client_context(new_identity()))
    stream[1].write(b"GET /x HTTP/1.1\r\nHost: ann\r\nConnection: keep-alive\r\n\r\n" * 3)
    said = await is_ended(stream)
    assert said.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in said


# -- how long ----------------------------------------------------------------------------------------------------------


async def silent(stream: Stream) -> None:
    await asyncio.sleep(3600)


def byte_by_byte(text: bytes) -> Callable[[Stream], Awaitable[None]]:
    async def talk(stream: Stream) -> None:
        for each in text:
            stream[1].write(bytes([each]))
            await asyncio.sleep(0.02)

    return talk


async def upgrade(stream: Stream) -> Stream:
    """The request has been made, and answered: a link on which nothing is said yet."""
    stream[1].write(UPGRADE)
    await stream[0].readuntil(b"\r\n\r\n")
    return stream


def client_hello() -> bytes:
    outgoing = ssl.MemoryBIO()
    tls = client_context(new_identity()).wrap_bio(ssl.MemoryBIO(), outgoing)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


@pytest.mark.usefixtures("_hasty")
@pytest.mark.parametrize(
    ("as_far_as", "talk"),
    [
        ("TCP", silent),
        ("TCP", byte_by_byte(client_hello())),
        ("TLS", silent),
        ("TLS", byte_by_byte(UPGRADE)),
        ("link", byte_by_byte(b"\x81\xfe\x0f\xa0" + bytes(4004))),
        ("link", byte_by_byte((b"\x89\x80" + bytes(4)) * 1000)),
    ],
    ids=["half open", "slow TLS", "TLS and silence", "slow request", "slow first frame", "pings for a hello"],
)
async def test_who_takes_too_long_is_hung_up_on(
    ann: Person, as_far_as: str, talk: Callable[[Stream], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if as_far_as == "TCP":
        monkeypatch.setattr(listener_module, "_VISIT", 60)  # the handshake has a bound of its own
    stream = await knock(ann, client_context(new_identity()) if as_far_as != "TCP" else None)
    if as_far_as == "link":
        await upgrade(stream)
    async with asyncio.TaskGroup() as tasks:
        talking = tasks.create_task(talk(stream))
        begun = time.monotonic()
        await is_ended(stream)
        assert time.monotonic() - begun < 1.0
        talking.cancel()
    await empties(ann)
    assert ann.entries == []


async def empties(person: Person) -> None:
    async with asyncio.timeout(2):
        while visits(person):
            await asyncio.sleep(0.01)


# -- how much ----------------------------------------------------------------------------------------------------------


async def test_a_request_of_many_headers_is_cut_off(ann: Person) -> None:
    stream = await knock(ann, client_context(new_identity()))
    stream[1].write(b"GET /link HTTP/1.1\r\nHost: ann\r\n" + b"X: " + b"y" * 5000 + b"\r\n\r\n")
    assert await is_ended(stream, 0.5) == b""


@pytest.mark.usefixtures("_hasty")
@pytest.mark.parametrize("frames", [b"\x81\xff" + (FRAME_BYTES - 1).to_bytes(8) + bytes(4), b"\x01\x80" + bytes(4)])
async def test_a_first_frame_beyond_its_limit_is_not_even_read(ann: Person, frames: bytes) -> None:
    """One long frame, or a great many that would make one. What is buffered is bounded, whatever is sent."""
    stream = await upgrade(await knock(ann, client_context(new_identity())))
    [(doorstep, _)] = ann.mesh._listener._visitors.values()
    stream[1].write((frames * 50_000)[:300_000] if len(frames) < 10 else frames + bytes(250_000))
    held = 0
    async with asyncio.timeout(2):
        while visits(ann):
            held = max(held, len(doorstep._held))
            await asyncio.sleep(0)
    assert doorstep._room == 0
    assert held < 128 * 1024
    assert ann.entries == []
    await is_ended(stream)


@pytest.mark.parametrize("wait", [False, True])
async def test_who_says_much_right_behind_a_hello_is_heard_to_the_end(ann: Person, wait: bool) -> None:
    """A peer that has messages for us does not wait for our hello; nothing of it may count against its greeting."""
    bob = new_identity()
    chats = [Chat(id="message-1", text=f"{number} " + "x" * 8000) for number in range(60)]
    async with visitor(ann, bob) as web_socket:
        await web_socket.send_str(codec.encode(Hello(id=bob.peer_id, protocol=1)))
        for number, chat in enumerate(chats):
            await web_socket.send_str(codec.encode(chat))
            if wait and number == 3:
                await ann.until(lambda: bool(ann.texts))
        await ann.until(lambda: len(ann.texts) == len(chats))
    assert ann.texts == [chat.text for chat in chats]


async def test_the_longest_hello_is_accepted_and_nothing_longer(ann: Person) -> None:
    for length, links in ((HELLO_BYTES, True), (HELLO_BYTES + 1, False)):
        bob = new_identity()
        hello = codec.encode(Hello(id=bob.peer_id, protocol=1))[:-1] + ',"padding":"'
        hello += "x" * (length - len(hello) - 2) + '"}'
        async with visitor(ann, bob) as web_socket:
            await web_socket.receive()
            await web_socket.send_str(hello)
            if links:
                await ann.heard("linked", bob.peer_id)
            else:
                assert (await web_socket.receive(timeout=3)).type is not aiohttp.WSMsgType.TEXT
                assert ("linked", bob.peer_id) not in [entry[:2] for entry in ann.entries]


# -- how many ----------------------------------------------------------------------------------------------------------


async def test_one_address_has_so_many_places_from_its_first_packet_on(ann: Person) -> None:
    streams = [await knock(ann, source=EVE) for _ in range(40)]
    async with asyncio.timeout(2):
        while visits(ann) < 32:
            await asyncio.sleep(0.01)
    ended = [asyncio.ensure_future(is_ended(stream, 1.0)) for stream in streams[32:]]
    await asyncio.gather(*ended)
    assert visits(ann) == 32, "those were refused, who came last"
    for _, writer in streams:
        writer.close()


async def throw_away_key(person: Person) -> bool:
    """A stranger who completes TLS, and the request as well, but never greets. Whether they were let in."""
    try:
        stream = await upgrade(await knock(person, client_context(new_identity()), source=EVE))
    except (OSError, EOFError):
        return False
    stream[1].close()
    return True


async def test_throw_away_keys_that_never_greet_are_refused_after_a_while(ann: Person) -> None:
    let_in = 0
    while let_in < 60 and await throw_away_key(ann):
        let_in += 1
        await empties(ann)
    assert 20 < let_in < 40
    with pytest.raises(OSError, match=r"(?i)reset"):
        stream = await knock(ann, source=EVE)
        stream[1].write(b"x")
        await stream[0].readexactly(1)
    bob = Person()
    async with online(bob):
        bob.sight(ann)
        await bob.linked_with(ann)


@contextlib.asynccontextmanager
async def storm(person: Person, sources: list[str], say: bytes = b"") -> AsyncIterator[list[int]]:
    """Connections from these addresses, as many as another thread can make; the last 300 are kept open."""
    over, made = threading.Event(), [0]

    def blow() -> None:
        kept: deque[socket.socket] = deque()
        for source in itertools.cycle(sources):
            with contextlib.suppress(OSError):
                kept.append(socket.create_connection(("127.0.0.1", person.mesh.port), 0.2, (source, 0)))
                made[0] += 1
                kept[-1].sendall(say)
            if len(kept) > 300:
                kept.popleft().close()
            if over.is_set():
                break
        for sock in kept:
            sock.close()

    blowing = asyncio.ensure_future(asyncio.to_thread(blow))
    try:
        yield made
    finally:
        over.set()
        await blowing


@pytest.mark.parametrize(
    ("sources", "say"),
    [
        ([EVE], b""),
        ([EVE], client_hello()),
        ([f"127.0.7.{number}" for number in range(1, 250)], b""),
        ([f"127.0.7.{number}" for number in range(1, 250)], client_hello()),
    ],
    ids=["one address", "one address with TLS", "many addresses", "many addresses with TLS"],
)
async def test_a_real_peer_links_through_a_storm_of_connections(ann: Person, sources: list[str], say: bytes) -> None:
    """Bob has been here before; Cat is new, and mDNS tells her of Ann and Ann of her."""
    bob, cat = Person(), Person()
    async with online(bob, cat):
        bob.sight(ann)
        await bob.linked_with(ann)
        async with storm(ann, sources, say) as made:
            begun = time.monotonic()
            async with asyncio.timeout(5):
                while made[0] < 300:
                    await asyncio.sleep(0.01)
            dropped = time.monotonic()
            pair = ann.mesh._pairs[bob.id]
            assert pair.current is not None
            pair.current.drop("cable pulled")
            cat.sight(ann)
            ann.sight(cat)
            await ann.times("linked", 3)
            now = time.monotonic()
        print(f"linked after {now - dropped:.3f} s; {made[0] / (now - begun):.0f} connections came in a second")
        assert visits(ann) <= 128
        await cat.linked_with(ann)


async def test_an_identity_is_known_by_its_key_and_not_by_what_it_once_said(ann: Person) -> None:
    """The replay of a recorded hello: Eve has Bob's first frame, byte by byte, and not his key."""
    bob, eve = Person(), new_identity()
    async with online(bob):
        recorded = await record_hello(bob)
        bob.sight(ann)
        await bob.linked_with(ann)
    await ann.heard("unlinked", bob.id)
    ann.clear()
    async with visitor(ann, eve) as web_socket:
        await web_socket.receive()
        await web_socket.send_str(recorded)
        assert (await web_socket.receive(timeout=3)).type is not aiohttp.WSMsgType.TEXT
    assert ann.kinds("linked", "sighted") == []
    assert ann.mesh.links() == {}


async def record_hello(person: Person, identity: Identity | None = None) -> str:
    async with visitor(person, identity or new_identity()) as web_socket:
        frame = await web_socket.receive()
        assert isinstance(frame.data, str)
        return frame.data


@pytest.mark.parametrize(
    "junk", [b"NOT HTTP AT ALL\r\n\r\n", b"GET /link HTTP/1.1\r\nHo st: ann\r\n\r\n", b"\x00\xff\r\n\r\n"]
)
async def test_what_is_no_request_leaves_no_traceback(
    ann: Person, caplog: pytest.LogCaptureFixture, junk: bytes
) -> None:
    reader, writer = await knock(ann, client_context(new_identity()))
    writer.write(junk)
    with contextlib.suppress(ConnectionError):
        assert b"101" not in await reader.read()
    writer.close()
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
