"""Firefox on a machine, driven over WebDriver BiDi (W3C) by a plain WebSocket: no driver in between."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
from itertools import count
from pathlib import Path
from typing import Any, Final

import aiohttp

from .browser import Browser, Missing, found
from .machine import Machine

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


class Firefox(Browser):
    """See `Browser`."""

    kind = "firefox"

    def __init__(self, process: asyncio.subprocess.Process, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._process = process
        self._socket = socket
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())
        self._page = ""
        self.console = []

    @classmethod
    async def start(cls, machine: Machine, **preferences: str | int | bool) -> Firefox:
        """Open a window on a machine; ``preferences`` (with _ for .) add to `PREFERENCES`."""
        profile = machine.folder / "firefox"
        shutil.rmtree(profile, ignore_errors=True)
        profile.mkdir()
        wanted = PREFERENCES | {name.replace("_", "."): value for name, value in preferences.items()}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items()]
        (profile / "user.js").write_text("".join(lines))
        program = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
        if not program:
            raise RuntimeError("Firefox is not installed: apt-get install firefox-esr")
        log = machine.folder / "firefox.log"
        with log.open("wb") as stderr:
            command = (program, "--headless", "--no-remote", "--new-instance", "--profile", str(profile))
            process = await machine.spawn(
                *command,
                "--remote-debugging-port=0",
                "about:blank",
                stdout=asyncio.subprocess.DEVNULL,
                stderr=stderr,
                environment={"MOZ_CRASHREPORTER_DISABLE": "1"},
            )
        port = await _debug_port(process, log)
        session = await machine.http(port)
        socket = await session.ws_connect(f"ws://127.0.0.1:{port}/session", max_msg_size=0)
        firefox = cls(process, socket)
        await firefox._begin()
        return firefox

    async def open(self, url: str) -> None:
        await self._command("browsingContext.navigate", context=self._page, url=url, wait="complete")

    async def reload(self) -> None:
        await self._command("browsingContext.reload", context=self._page, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        return json.loads((await self._script(wrapped))["value"])

    async def click(self, role: str, name: str, *, within: str = "", part: bool = False, seconds: float = 10) -> None:
        await self.has(role, name, within=within, part=part, seconds=seconds)
        scroll = "(it) => { it?.scrollIntoView({ block: 'nearest' }); return it }"
        element = await self._script(f"({scroll})({found(role, name, within, part)})")
        if element["type"] != "node":
            raise Missing(f"{role} {name!r} went away")
        origin = {"type": "element", "element": {"sharedId": element["sharedId"]}}
        moves = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._perform({"type": "pointer", "id": "mouse", "actions": moves})

    async def type(self, name: str, text: str) -> None:
        await self.click("textbox", name)
        keys = [{"type": kind, "value": key} for key in [*text, "\ue007"] for kind in ("keyDown", "keyUp")]
        await self._perform({"type": "key", "id": "keyboard", "actions": keys})

    async def screenshot(self, path: Path) -> None:
        picture = await self._command("browsingContext.captureScreenshot", context=self._page)
        path.write_bytes(base64.b64decode(picture["data"]))

    async def close(self) -> None:
        try:
            await self._command("browser.close")
            await asyncio.wait_for(self._process.wait(), 5)
        except (RuntimeError, TimeoutError):
            self._process.kill()
            await self._process.wait()
        await self._socket.close()
        await self._reader

    async def _begin(self) -> None:
        await self._command("session.new", capabilities={})
        await self._command("session.subscribe", events=["log.entryAdded"])
        # In the tab that Firefox opens at its start, the address bar keeps the focus for ever.
        self._page = (await self._command("browsingContext.create", type="tab"))["context"]
        await self._command("browsingContext.setViewport", context=self._page, viewport={"width": 1280, "height": 800})

    async def _read(self) -> None:
        async for frame in self._socket:
            message = json.loads(frame.data)
            if answer := self._answers.pop(message.get("id"), None):
                answer.set_result(message)
            elif message.get("method") == "log.entryAdded":
                entry = message["params"]
                self.console.append(f"{entry['level']}: {entry['text']}")
        for answer in self._answers.values():
            answer.set_exception(RuntimeError("Firefox is gone"))

    async def _command(self, method: str, **parameters: Any) -> dict[str, Any]:
        if self._reader.done():
            raise RuntimeError("Firefox is gone")
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        answer = await asyncio.wait_for(self._answers[number], 30)
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
        return dict(answer["result"])

    async def _script(self, expression: str) -> dict[str, Any]:
        target = {"context": self._page}
        result = await self._command("script.evaluate", expression=expression, target=target, awaitPromise=True)
        if result["type"] == "exception":
            raise RuntimeError(result["exceptionDetails"]["text"])
        return dict(result["result"])

    async def _perform(self, source: dict[str, Any]) -> None:
        await self._command("input.performActions", context=self._page, actions=[source])


async def _debug_port(process: asyncio.subprocess.Process, log: Path) -> int:
    async with asyncio.timeout(30):
        while process.returncode is None:
            if told := re.search(r"WebDriver BiDi listening on ws://[^:]+:(\d+)", log.read_text(errors="replace")):
                return int(told[1])
            await asyncio.sleep(0.05)
    raise RuntimeError(f"Firefox ended at once; see {log}")
