"""WebKitGTK's MiniBrowser, driven over W3C WebDriver by plain HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from contextlib import AsyncExitStack
from glob import glob
from pathlib import Path
from typing import Any, Final

import aiohttp

from .host import Host, free_port
from .page import Page, Source, ViewportSize

_STILL: Final = "[Settings]\ngtk-enable-animations=false\n"
"""What WebKit takes for a wish for less motion, so that nothing moves away from under the pointer."""
_PLAIN: Final = {"NO_AT_BRIDGE": "1", "LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}


class WebKit:
    """A running WebKit on an X display of its own, with one session."""

    def __init__(self, http: aiohttp.ClientSession, port: int, stack: AsyncExitStack) -> None:
        self._http = http
        self._url = f"http://127.0.0.1:{port}"
        self._stack = stack
        self._session = ""
        self._first = self._window = ""
        self._turn = asyncio.Lock()

    @classmethod
    async def start(cls, host: Host) -> WebKit:
        """Start it with one empty window."""
        async with AsyncExitStack() as stack:
            display = await stack.enter_async_context(host.display())
            log = stack.enter_context((host.folder / "webkit.log").open("wb"))
            settings = host.folder / "webkit" / "gtk-3.0" / "settings.ini"
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text(_STILL)
            own = {**_PLAIN, "DISPLAY": display, "XDG_CONFIG_HOME": str(settings.parents[1])}
            port = free_port()
            driver = await host.spawn("WebKitWebDriver", f"--port={port}", stdout=log, stderr=log, environment=own)
            stack.push_async_callback(driver.wait)
            stack.callback(driver.terminate)
            webkit = cls(await host.http(port), port, stack)
            await webkit._begin(driver)
            webkit._stack = stack.pop_all()
            return webkit

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None, *, window: str = "") -> Any:
        """Send a command of the session, to one of its windows or to the one that had the last command.

        Raises:
            RuntimeError: it can't be done.
        """
        async with self._turn:
            if window not in ("", self._window):
                await self._request("POST", f"{self._session}/window", {"handle": window})
                self._window = window
            return await self._request(method, f"{self._session}{path}", body)

    async def new_page(self, viewport: ViewportSize) -> WebKitPage:
        """Open a page. It shares its storage with the other pages of its origin."""
        opened = await self.ask("POST", "/window/new", {"type": "window"}, window=self._first)
        page = WebKitPage(self, opened["handle"])
        await page.set_viewport_size(viewport)
        return page

    async def close(self) -> None:
        """End it."""
        await self.ask("DELETE", "", window=self._first)
        await self._stack.aclose()

    async def _begin(self, driver: asyncio.subprocess.Process) -> None:
        browsers = glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser") + glob("/usr/libexec/webkit2gtk-4.*/MiniBrowser")
        program = os.environ.get("MINIBROWSER") or next(iter(browsers), "")
        options = {"binary": program, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        async with asyncio.timeout(20):
            while driver.returncode is None:
                try:
                    answer = await self._request("POST", "/session", {"capabilities": wanted})
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):  # the driver doesn't listen yet
                    await asyncio.sleep(0.05)
                else:
                    self._session = f"/session/{answer['sessionId']}"
                    self._first = self._window = await self.ask("GET", "/window")
                    return
        raise RuntimeError("WebKitWebDriver ended at once")

    async def _request(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        patience = aiohttp.ClientTimeout(30)
        async with self._http.request(method, self._url + path, json=body, timeout=patience) as response:
            value = (await response.json())["value"]
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(f"{path}: {value['error']}: {value['message']}")
        return value


class WebKitPage(Page):
    """See `Page`. WebDriver has no way to the console, so `problems` stays empty."""

    def __init__(self, webkit: WebKit, window: str = "") -> None:
        self._webkit = webkit
        self._window = window

    async def goto(self, url: str) -> None:
        await self.ask("POST", "/url", url=url)

    async def reload(self) -> None:
        await self.ask("POST", "/refresh")

    async def run(self, expression: str) -> Any:
        script = f"return (async () => JSON.stringify((await ({expression})) ?? null))()"
        return json.loads(await self.ask("POST", "/execute/sync", script=script, args=[]))

    async def perform(self, source: Source) -> None:
        await self.ask("POST", "/actions", actions=[source])

    async def set_viewport_size(self, size: ViewportSize) -> None:
        width, height = size["width"], size["height"]
        # The window has a bar of its own, whose height only the difference tells.
        await self.ask("POST", "/window/rect", x=0, y=0, width=width, height=height)
        beside, above = await self.run(f"[{width} - innerWidth, {height} - innerHeight]")
        await self.ask("POST", "/window/rect", x=0, y=0, width=width + beside, height=height + above)

    async def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(await self.ask("GET", "/screenshot")))

    async def close(self) -> None:
        await self.ask("DELETE", "/window")

    async def clear(self) -> list[str]:
        problems = await super().clear()
        await self.ask("DELETE", "/actions")
        return problems

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        """A command about this page."""
        return await self._webkit.ask(method, path, body if method == "POST" else None, window=self._window)
