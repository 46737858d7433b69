"""Where the kernel does not tell users apart: an address that works once, then a cookie. Programs have a key.

Weaker than the kernel's word. The address stands where only the user can read it, and is worth nothing after its first
use. But a browser sends a cookie to all ports of a host, so a server of somebody else on this machine gets to see it if
the person goes there.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from aiohttp import hdrs, web

_SECRET_BYTES: Final = 32
_COOKIE_LASTS: Final = 400 * 24 * 3600
"""Seconds that the browser keeps the cookie, the most that browsers allow; it ends with the daemon in any case."""

_REFUSAL: Final = "LanChat lets you in once by the address that it told when it started; start it again for another."


class Launch:
    """Lets in the one browser that came first with the token, and programs that have the key.

    A program that asks for the page is told an address with a new token, for a browser.

    Args:
        port: where the page is served; the cookie has its name from it, as all ports of a host share their cookies.
    """

    def __init__(self, port: int) -> None:
        self._cookie: Final = f"lanchat-{port}"
        self._session: Final = secrets.token_urlsafe(_SECRET_BYTES)
        self._token: str | None = secrets.token_urlsafe(_SECRET_BYTES)
        self.entrance: Final = f"/?token={self._token}"
        """Path and query that let in, once."""
        self.key: Final = secrets.token_urlsafe(_SECRET_BYTES)
        """What a program shows, as a bearer token (RFC 6750 section 2.1): no browser sends it by itself."""

    def refusal(self, request: web.Request) -> str | None:
        """Why this request is not answered, as one sentence for people, or None if it is."""
        known = self._has_cookie(request) or self._has_key(request) or self._has_token(request)
        return None if known else _REFUSAL

    def welcome(self, request: web.Request) -> web.Response | None:
        """The exchange: takes the token and gives the cookie. None for who has the cookie already."""
        if self._has_cookie(request):
            return None
        if self._has_key(request):
            return self._new_entrance() if request.path == "/" else None
        self._token = None
        # Away from the address with the token, so that it is not kept among those that were visited.
        response = web.Response(status=303, headers={hdrs.LOCATION: "/"})
        response.set_cookie(
            self._cookie, self._session, max_age=_COOKIE_LASTS, path="/", httponly=True, samesite="Strict"
        )
        return response

    def _has_cookie(self, request: web.Request) -> bool:
        return _same(request.cookies.get(self._cookie, ""), self._session)

    def _new_entrance(self) -> web.Response:
        self._token = secrets.token_urlsafe(_SECRET_BYTES)
        return web.Response(status=303, headers={hdrs.LOCATION: f"/?token={self._token}"})

    def _has_key(self, request: web.Request) -> bool:
        return _same(request.headers.get(hdrs.AUTHORIZATION, ""), f"Bearer {self.key}")

    def _has_token(self, request: web.Request) -> bool:
        if self._token is None or request.method != hdrs.METH_GET or request.path != "/":
            return False
        return _same(request.query.get("token", ""), self._token)


def _same(given: str, secret: str) -> bool:
    """Compare in a time that tells nothing of the secret."""
    return hmac.compare_digest(given.encode(errors="replace"), secret.encode())
