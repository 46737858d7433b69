"""Firefox, driven over WebDriver BiDi (W3C) by a plain WebSocket: no driver in between."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import aiohttp

from .host import Host
from .page import Page, Source, ViewportSize

PREFERENCES: Final[dict[str, str | int | bool]] = {
    # A camera and a microphone that make test pictures and beeps. Consent must come from the permission store: only
    # then does Firefox count the page as capturing, and offer the addresses of all interfaces.
    "media.navigator.streams.fake": True,
    "permissions.default.camera": 1,
    "permissions.default.microphone": 1,
    "permissions.default.desktop-notification": 2,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    # No words of its own with the world outside.
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.topsites.contile.enabled": False,
    "captivedetect.canonicalURL": "",
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "media.gmp-manager.url": "data:,",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.dns.localDomains": "firefox.settings.services.mozilla.com",
    "network.prefetch-next": False,
    "network.trr.mode": 5,
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "data:,",
}


_NO_CONNECTION: Final = "Firefox can.t establish a connection|The connection to .* was interrupted"
"""A closed WebSocket is no error of the page, though Firefox files it as one."""


class Firefox:
    """A running Firefox: commands go in, what its pages write to their consoles comes out."""

    def __init__(self, process: asyncio.subprocess.Process, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._process = process
        self._socket = socket
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())
        self.log: list[dict[str, Any]] = []
        """The entries of all consoles, as BiDi has them in ``log.entryAdded``."""

    @classmethod
    async def start(cls, host: Host, preferences: Mapping[str, str | int | bool] = MappingProxyType({})) -> Firefox:
        """Start it, without a window; ``preferences`` add to `PREFERENCES`."""
        profile = host.folder / "firefox"
        shutil.rmtree(profile, ignore_errors=True)
        profile.mkdir()
        wanted = {**PREFERENCES, **preferences}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items()]
        (profile / "user.js").write_text("".join(lines))
        program = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
        if not program:
            raise RuntimeError("Firefox is not installed: apt-get install firefox-esr")
        log = host.folder / "firefox.log"
        with log.open("wb") as stderr:
            command = (program, "--headless", "--no-remote", "--new-instance", "--profile", str(profile))
            process = await host.spawn(
                *command,
                "--remote-debugging-port=0",
                "about:blank",
                stdout=asyncio.subprocess.DEVNULL,
                stderr=stderr,
                environment={"MOZ_CRASHREPORTER_DISABLE": "1"},
            )
        port = await _debug_port(process, log)
        session = await host.http(port)
        socket = await session.ws_connect(f"ws://127.0.0.1:{port}/session", max_msg_size=0)
        firefox = cls(process, socket)
        await firefox.command("session.new", capabilities={})
        await firefox.command("session.subscribe", events=["log.entryAdded"])
        return firefox

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Do something and return the result.

        Raises:
            RuntimeError: it can't be done, or Firefox is gone.
        """
        if self._reader.done():
            raise RuntimeError("Firefox is gone")
        number = next(self._numbers)
        awaited = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_json({"id": number, "method": method, "params": parameters})
            answer = await asyncio.wait_for(awaited, 30)
        finally:
            del self._answers[number]
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
        return dict(answer["result"])

    async def new_page(self, viewport: ViewportSize) -> FirefoxPage:
        """Open a page with cookies and storage of its own."""
        profile = (await self.command("browser.createUserContext"))["userContext"]
        # In the tab that Firefox opens at its start, the address bar keeps the focus for ever.
        page = await self.command("browsingContext.create", type="window", userContext=profile)
        opened = FirefoxPage(self, page["context"])
        await opened.set_viewport_size(viewport)
        return opened

    def forget(self, context: str) -> None:
        """Drop what this page wrote to its console."""
        self.log = [entry for entry in self.log if entry["source"].get("context") != context]

    async def close(self) -> None:
        """End it."""
        try:
            await self.command("browser.close")
            await asyncio.wait_for(self._process.wait(), 5)
        except (RuntimeError, TimeoutError):
            self._process.kill()
            await self._process.wait()
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        async for frame in self._socket:
            message = json.loads(frame.data)
            if answer := self._answers.get(message.get("id")):
                answer.set_result(message)
            elif message.get("method") == "log.entryAdded":
                self.log.append(message["params"])
        for answer in self._answers.values():
            answer.cancel("Firefox is gone")


class FirefoxPage(Page):
    """See `Page`."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self._scripts: list[str] = []
        self.context = context

    async def goto(self, url: str) -> None:
        await self.command("browsingContext.navigate", url=url, wait="complete")

    async def reload(self) -> None:
        await self.command("browsingContext.reload", wait="complete")

    async def run(self, expression: str) -> Any:
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        target = {"context": self.context}
        script = {"expression": wrapped, "target": target, "awaitPromise": True}
        result = await self._firefox.command("script.evaluate", **script)
        if result["type"] == "exception":
            raise RuntimeError(result["exceptionDetails"]["text"])
        return json.loads(result["result"]["value"])

    async def add_init_script(self, script: str) -> None:
        """Run this before any script of the page, from now on."""
        function = f"() => {{ {script} }}"
        script = {"functionDeclaration": function, "contexts": [self.context]}
        self._scripts.append((await self._firefox.command("script.addPreloadScript", **script))["script"])

    async def clear(self) -> list[str]:
        problems = await super().clear()
        await self.command("input.releaseActions")
        while self._scripts:
            await self._firefox.command("script.removePreloadScript", script=self._scripts.pop())
        self._firefox.forget(self.context)
        return problems

    async def perform(self, source: Source) -> None:
        await self.command("input.performActions", actions=[source])

    async def set_viewport_size(self, size: ViewportSize) -> None:
        await self.command("browsingContext.setViewport", viewport=size)

    async def close(self) -> None:
        await self.command("browsingContext.close")

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command about this page."""
        return await self._firefox.command(method, context=self.context, **parameters)

    async def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode((await self.command("browsingContext.captureScreenshot"))["data"]))

    @property
    def _log(self) -> list[dict[str, Any]]:
        return [entry for entry in self._firefox.log if entry["source"].get("context") == self.context]

    @property
    def console(self) -> list[str]:
        return [f"{entry['level']}: {entry['text']}" for entry in self._log]

    @property
    def problems(self) -> list[str]:
        errors = [entry["text"] for entry in self._log if entry["type"] == "javascript"]
        return [text for text in errors if not re.match(_NO_CONNECTION, text)]


async def _debug_port(process: asyncio.subprocess.Process, log: Path) -> int:
    async with asyncio.timeout(30):
        while process.returncode is None:
            if told := re.search(r"WebDriver BiDi listening on ws://[^:]+:(\d+)", log.read_text(errors="replace")):
                return int(told[1])
            await asyncio.sleep(0.05)
    raise RuntimeError(f"Firefox ended at once; see {log}")
