"""Opens the WebSocket to another daemon: all its addresses raced, the first one that proves the right key wins."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
from yarl import URL

from lanchatd.identity.trust import TrustError
from lanchatd.protocol.model import PeerId

from . import tcp
from .addresses import parse
from .lanes import Lanes
from .link import CLOSING, LARGEST_MESSAGE, Link, LinkError
from .sighting import Endpoint, Failure
from .window import Window

_STAGGER: Final = 0.25  # RFC 8305 section 5
_PATIENT: Final = 5.0
"""Seconds for the handshake of a machine that has answered: it is busy, and would have to make a second one."""
_CONNECT: Final = 3.0
_ATTEMPT: Final = 10.0
_CANDIDATES: Final = 16
_TELLING: Final[tuple[Failure, ...]] = (
    *("own", "no_way", "unknown", "stranger", "broken", "refused", "silent", "another"),
)
"""Of several problems the last one in this order tells most."""
_HASTE: Final = 0.75
"""Seconds to connect while others wait for their turn: somebody may have named hundreds of silent addresses."""

_opened: Final[ContextVar[list[socket.socket]]] = ContextVar("opened")
"""The connections of an attempt: aiohttp shows them only when TLS has come to its end."""


class DialError(Exception):
    """Nobody was reached; the text says in plain words why, and what to do.

    ``problems``: of all addresses that were tried, this one included.
    """

    def __init__(self, sentence: str, kind: Failure = "unknown", endpoint: Endpoint | None = None) -> None:
        super().__init__(sentence)
        self.kind: Final = kind
        self.endpoint: Final = endpoint
        self.problems: list[DialError] = [self]


@dataclass(slots=True)
class _Race:
    runners: list[asyncio.Task[None]] = field(default_factory=list)
    problems: list[DialError] = field(default_factory=list)
    winner: Link | None = None


class Dialler:
    """Dials. No proxy from the environment, no redirect, no cookie, no name looked up: only the given addresses.

    Args:
        context: mutual TLS, as from `certificate.client_context`.
        own: our peer id.
    """

    def __init__(self, context: ssl.SSLContext, own: PeerId) -> None:
        self._context = context
        self._own = own
        self._lanes = Lanes()
        self._patient: aiohttp.ClientSession | None = None
        self._hasty: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Dialler:
        self._patient, self._hasty = self._open_session(_CONNECT), self._open_session(_HASTE)
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in (self._patient, self._hasty):
            assert session is not None
            await session.close()

    def _open_session(self, patience: float) -> aiohttp.ClientSession:
        trace = aiohttp.TraceConfig()
        trace.on_request_redirect.append(_refuse_redirect)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=self._context,
                limit=0,
                force_close=True,
                use_dns_cache=False,
                socket_factory=partial(_socket, int(patience * 1000)),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            trust_env=False,
            trace_configs=[trace],
        )

    async def dial(
        self,
        endpoints: Sequence[Endpoint],
        expected: PeerId | None,
        *,
        known: bool = False,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Link:
        """A link, not yet greeted, to the first endpoint where ``expected`` (or anybody, if None) answers.

        Endpoints are tried in their order, the next one as soon as the one before has failed, or after 250 ms, or
        after five seconds more if a machine has answered there.

        Args:
            known: they have been linked, or the person has named them: they do not wait behind those who were only
                heard of, however many there are.
            wanted: asked when it is their turn: whether there is still no link.

        Raises:
            DialError: none answered; of all problems the one that tells most.
        """
        endpoints = endpoints[:_CANDIDATES]
        while True:
            window = self._lanes.lane(endpoints, known=known)
            async with window.place():
                if not wanted():
                    raise DialError("They have come to us in the meantime.")
                if window is self._lanes.lane(endpoints, known=known):
                    return await self._race(endpoints, expected, window)

    async def _race(self, endpoints: Sequence[Endpoint], expected: PeerId | None, window: Window) -> Link:
        race = _Race()
        try:
            async with asyncio.TaskGroup() as tasks:
                for endpoint in endpoints:
                    failed = asyncio.Event()
                    opened: list[socket.socket] = []
                    attempt = self._attempt(endpoint, expected, window, opened)
                    race.runners.append(tasks.create_task(_run(race, attempt, failed)))
                    await _within(_STAGGER, failed)
                    if any(map(tcp.has_answered, opened)):
                        await _within(_PATIENT, failed)
                    if race.winner is not None:
                        break
        except asyncio.CancelledError:
            if race.winner is not None:
                await race.winner.discard("no longer wanted")
            raise
        if race.winner is not None:
            return race.winner
        worst = max(race.problems, key=lambda each: _TELLING.index(each.kind), default=None)
        if worst is None:
            raise DialError("No address of theirs is known.")
        worst.problems = race.problems
        raise worst

    async def _attempt(
        self, endpoint: Endpoint, expected: PeerId | None, window: Window, opened: list[socket.socket]
    ) -> Link:
        _opened.set(opened)
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout(_ATTEMPT):
                link = await self._connect(endpoint, hasty=window.full)
        except Exception as error:  # whatever the other side makes of it, it is no reason to stop
            # Where nobody is there nothing was worked at. Who begins and does not come to an end has too much to do.
            explained = explain(error, endpoint)
            begun_there = type(error) is TimeoutError or explained.kind == "broken"
            self._lanes.failed(endpoint[0], window, begun=begun_there)
            raise explained from None
        self._lanes.linked(endpoint[0], window, clock() - begun)
        if expected is not None and link.peer != expected:
            await link.discard("another key")
            if link.peer == self._own:
                raise DialError(f"{endpoint[0]} is an address of this machine, too.", "own", endpoint)
            raise DialError(
                f"At {endpoint[0]} another person's LanChat answers; their machine has a new address by now.",
                "another",
                endpoint,
            )
        return link

    async def _connect(self, endpoint: Endpoint, *, hasty: bool) -> Link:
        session = self._hasty if hasty else self._patient
        assert session is not None
        address, port = endpoint
        web_socket = await session.ws_connect(
            URL.build(scheme="wss", host=address, port=port, path="/link"),
            autoping=False,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSING),
            max_msg_size=LARGEST_MESSAGE,
        )
        try:
            return Link(web_socket, outgoing=True)
        except (LinkError, TrustError):
            await web_socket.close()
            raise


async def _run(race: _Race, attempt: Awaitable[Link], failed: asyncio.Event) -> None:
    try:
        race.winner = await attempt
    except DialError as error:
        race.problems.append(error)
    else:
        for runner in race.runners:
            if runner is not asyncio.current_task():
                runner.cancel()
    finally:
        failed.set()


async def resolve(host: str, port: int) -> list[Endpoint]:
    """The addresses of a host that a person has named.

    Raises:
        DialError: there are none.
    """
    if parse(host) is not None:
        return [(host, port)]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DialError(f"The name {host} is not known on this network; give the IP address instead.") from None
    return list(dict.fromkeys((str(address[0]), port) for *_, address in found))


def explain(error: Exception, endpoint: Endpoint) -> DialError:
    """What a failed attempt means for the person."""
    address, port = endpoint
    codes = {each.errno for each in _causes(error) if isinstance(each, OSError)}
    kind: Failure
    if errno.ECONNREFUSED in codes:
        kind, sentence = (
            "refused",
            f"{address} refuses connections: LanChat does not run there, or a firewall turns us away; "
            f"its owner can allow TCP port {port}.",
        )
    elif any(isinstance(each, ssl.SSLError | aiohttp.WSServerHandshakeError | TrustError) for each in _causes(error)):
        kind, sentence = (
            "stranger",
            f"What answers at {address}, port {port}, is not LanChat, or an unfit version of it.",
        )
    elif codes & {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL}:
        kind, sentence = (
            "no_way",
            f"There is no way to {address} from here; check that both machines are on the same network.",
        )
    elif any(isinstance(each, TimeoutError) for each in _causes(error)):
        kind, sentence = (
            "silent",
            f"{address} does not answer: a firewall drops the connection (its owner can allow TCP port {port}), or "
            f"the Wi-Fi keeps its devices apart (client isolation, guest network).",
        )
    else:
        kind, sentence = (
            "broken",
            f"{address} broke the connection off; a firewall may do that, or its LanChat is ending.",
        )
    return DialError(sentence, kind, endpoint)


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        os_error = getattr(error, "os_error", None)
        if isinstance(os_error, OSError) and os_error is not error:
            yield os_error
        error = error.__cause__


async def _within(seconds: float, event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


def _socket(patience: int, info: tuple[Any, ...]) -> socket.socket:
    """One that has to be connected after so many milliseconds; what TLS takes then is not the address's fault."""
    sock = socket.socket(*info[:3])
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience)
    _opened.get().append(sock)
    return sock


async def _refuse_redirect(_session: aiohttp.ClientSession, _context: SimpleNamespace, params: Any) -> None:
    raise aiohttp.ClientError(f"redirected from {params.url}")
