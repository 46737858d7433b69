"""Who may speak to the page: the browser of the person at this machine, showing this page, and nobody else.

Against other web sites: the names under which we are called (``Host``, DNS rebinding), who calls (``Origin``,
``Sec-Fetch-Site``), and headers that keep our page out of their frames and their scripts out of our page. There are no
CORS headers at all.
"""

from __future__ import annotations

import logging
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

_HTTP_PORT: Final = 80
_READING: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
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


class Guard:
    """The rules for one port.

    Args:
        port: where the page is served.
    """

    def __init__(self, port: int) -> None:
        self._hosts: Final = frozenset(_authority(host, port) for host in _LOOPBACK)
        self._origins: Final = frozenset(f"http://{host}" for host in self._hosts)
        self._canonical: Final = _authority("localhost", port)
        self._policy: Final = _content_security_policy(self._canonical)
        self.url: Final = f"http://{self._canonical}"
        """The one origin under which a person should see the page, so that the camera is allowed once."""

    def install(self, app: web.Application) -> None:
        """Put every route of the application, also those that do not exist, behind the rules."""
        app.middlewares.append(self._middleware())
        app.on_response_prepare.append(self._add_headers)

    def refusal(self, request: web.Request) -> str | None:
        """Why this request is not answered, as one sentence for people, or None if it is."""
        headers = request.headers
        hosts = headers.getall(hdrs.HOST, [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
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
                _log.info("refused %s %r: %s", request.method, request.path, sentence)
                return web.Response(status=403, text=sentence + "\n")
            if request.path == "/" and request.headers[hdrs.HOST].lower() != self._canonical:
                raise web.HTTPFound(self.url + request.path_qs)
            return await handler(request)

        return guard

    async def _add_headers(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_HEADERS)
        response.headers["Content-Security-Policy"] = self._policy
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")


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
    """A link somewhere else that leads to the page, opened in a tab of its own: its site learns and changes nothing."""
    headers = request.headers
    return (
        request.method in _READING
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )
