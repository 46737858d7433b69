"""Who may speak to the page: the browser of the person at this machine, showing this page, and nobody else.

Against other users of the machine: a door, which comes first (`owner`, `launch`).

Against other web sites: the names under which we are called (``Host``, DNS rebinding), who calls (``Origin``,
``Sec-Fetch-Site``), and headers that keep our page out of their frames and their scripts out of our page. There are no
CORS headers at all.
"""

from __future__ import annotations

import logging
import time
from typing import Final, Protocol

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from lanchatd.core.limits import Bucket
from lanchatd.core.names import clean
from lanchatd.web.launch import Launch
from lanchatd.web.owner import SameUser, kernel_tells

_HTTP_PORT: Final = 80
_READING: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_LINES: Final = (1.0, 20.0)
"""In the log, of requests that are refused: a second, and at once. Another user of the machine may make any number."""
_PURPOSES: Final = ("Sec-Purpose", "Purpose", "X-Moz")
"""Headers that say that a page is got before anybody asks for it: `prefetch`, or `prefetch;prerender`."""
_PATH: Final = 100
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [f"{feature}=(self)" for feature in ("camera", "microphone", "display-capture", "fullscreen")]
        + [f"{feature}=()" for feature in ("geolocation", "midi", "payment", "usb")]
    ),
    "Server": "LanChat",
}

_log = logging.getLogger(__name__)


class Door(Protocol):
    """How the user whose page this is gets in, and no other user of the machine."""

    @property
    def entrance(self) -> str:
        """What the user has to append to the address of the page for it."""

    @property
    def key(self) -> str:
        """What a program of the user shows as bearer token; empty if none is needed."""

    def refusal(self, request: web.Request) -> str | None:
        """Why this request is not answered, as one sentence for people, or None if it is."""

    def welcome(self, request: web.Request) -> web.Response | None:
        """What is answered, once all rules are kept, in place of what was asked for; None to go on."""


class Guard:
    """The rules for one port.

    Args:
        port: where the page is served.
        door: who gets in; by default whom the kernel tells to be the user of this process or, where it does not tell,
            who has the token.
    """

    def __init__(self, port: int, door: Door | None = None) -> None:
        self._hosts: Final = frozenset(_authority(host, port) for host in _LOOPBACK)
        self._origins: Final = frozenset(f"http://{host}" for host in self._hosts)
        self._canonical: Final = _authority("localhost", port)
        self._policy: Final = _content_security_policy(self._canonical)
        self.url: Final = f"http://{self._canonical}"
        """The one origin under which a person should see the page, so that the camera is allowed once."""
        self._door: Final = door or _front_door(port)
        self.entrance: Final = self.url + self._door.entrance
        """Where the person enters. Not for anybody else to read."""
        self.key: Final = self._door.key
        """How the person's programs enter, where they need to show something. Not for anybody else either."""

        self._lines: Final = Bucket(*_LINES)
        self.foreign: tuple[str, float] | None = None
        """Under what name of the machine the page was last asked for that is not ours, and when (`time.monotonic`)."""

    def install(self, app: web.Application) -> None:
        """Put every route of the application, also those that do not exist, behind the rules."""
        app.middlewares.append(self._middleware())
        app.on_response_prepare.append(self._add_headers)

    def refusal(self, request: web.Request) -> str | None:
        """Why this request is not answered, as one sentence for people, or None if it is."""
        sentence = self._door.refusal(request)
        if sentence is not None:
            return sentence
        headers = request.headers
        hosts = headers.getall(hdrs.HOST, [])
        # A target that names a host overrules the header (RFC 9112 section 3.2.2); browsers send such to proxies only.
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts or not request.raw_path.startswith("/"):
            self.foreign = (clean(hosts[0]) if hosts else "?", time.monotonic())
            return f"This page is only served as {self.url}, on the machine itself."
        if request.method not in _READING or hdrs.UPGRADE in headers:
            # A browser never leaves Origin out here (RFC 6455 section 10.2, Fetch section 3.2); a program of the person
            # may, and could write into it whatever it wants.
            origins = headers.getall(hdrs.ORIGIN, [])
            if len(origins) > 1 or not self._origins.issuperset(origins):
                return f"Only the page at {self.url} may do this; its Origin header is foreign."
        site = headers.get("Sec-Fetch-Site", "none")
        if site not in ("same-origin", "none") and not _is_visit(request):
            return f"Another web site may not use LanChat; open {self.url} yourself."
        return None

    def _middleware(self) -> Middleware:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            sentence = self.refusal(request)
            if sentence is not None:
                if self._lines.take(time.monotonic()):
                    _log.info("refused %s %r: %s", request.method, request.path[:_PATH], sentence)
                response = web.Response(status=403, text=sentence + "\n")
                response.force_close()
                return response
            if request.path == "/" and request.headers[hdrs.HOST].lower() != self._canonical:
                raise web.HTTPFound(self.url + request.path_qs)
            welcome = self._door.welcome(request)
            return await handler(request) if welcome is None else welcome

        return guard

    async def _add_headers(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_HEADERS)
        response.headers["Content-Security-Policy"] = self._policy
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")


def _front_door(port: int) -> Door:
    if kernel_tells():
        return SameUser()
    _log.warning("The kernel does not tell which user connects; the page is entered by a token")
    return Launch(port)


def _authority(host: str, port: int) -> str:
    return host if port == _HTTP_PORT else f"{host}:{port}"


def _content_security_policy(authority: str) -> str:
    # Not every browser takes 'self' to include WebSockets, hence the second source for connect-src.
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "media-src 'self'",
            "manifest-src 'self'",
            f"connect-src 'self' ws://{authority}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _is_visit(request: web.Request) -> bool:
    """A link somewhere else that leads to the page, opened in a tab of its own: its site learns and changes nothing.

    Not what the browser gets beforehand, in case that somebody goes there: nobody would see the page that it makes.
    """
    headers = request.headers
    return (
        request.method in _READING
        and request.path == "/"
        and not any("prefetch" in headers.get(name, "").lower() for name in _PURPOSES)
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )
