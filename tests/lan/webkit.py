"""WebKitGTK's MiniBrowser on a machine, driven over W3C WebDriver by plain HTTP."""

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

from .browser import Browser, Missing, found
from .machine import Machine

_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
_PORT: Final = 4444
_PLAIN: Final = {"NO_AT_BRIDGE": "1", "LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}


class WebKit(Browser):
    """See `Browser`. WebDriver has no way to the console of the page, so `console` stays empty."""

    kind = "webkit"

    def __init__(self, http: aiohttp.ClientSession, stack: AsyncExitStack) -> None:
        self._http = http
        self._stack = stack
        self._session = ""
        self.console = []

    @classmethod
    async def start(cls, machine: Machine) -> WebKit:
        """Open a window on a machine, on an X display of its own."""
        async with AsyncExitStack() as stack:
            display = await stack.enter_async_context(machine.display())
            log = stack.enter_context((machine.folder / "webkit.log").open("wb"))
            own = {**_PLAIN, "DISPLAY": display}
            driver = await machine.spawn("WebKitWebDriver", f"--port={_PORT}", stdout=log, stderr=log, environment=own)
            stack.push_async_callback(driver.wait)
            stack.callback(driver.terminate)
            webkit = cls(await machine.http(_PORT), stack)
            await webkit._begin(driver)
            webkit._stack = stack.pop_all()
            return webkit

    async def open(self, url: str) -> None:
        await self._post("/url", url=url)

    async def reload(self) -> None:
        await self._post("/refresh")

    async def evaluate(self, expression: str) -> Any:
        script = f"return (async () => JSON.stringify((await ({expression})) ?? null))()"
        return json.loads(await self._post("/execute/sync", script=script, args=[]))

    async def click(self, role: str, name: str, *, within: str = "", part: bool = False, seconds: float = 10) -> None:
        await self._post(f"/element/{await self._element(role, name, within, part, seconds)}/click")

    async def type(self, name: str, text: str) -> None:
        element = await self._element("textbox", name, "", False, 10)
        await self._post(f"/element/{element}/value", text=f"{text}\ue007")

    async def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(await self._request("GET", f"{self._session}/screenshot")))

    async def close(self) -> None:
        await self._request("DELETE", self._session)
        await self._stack.aclose()

    async def _element(self, role: str, name: str, within: str, part: bool, seconds: float) -> str:
        await self.has(role, name, within=within, part=part, seconds=seconds)
        element = await self._post("/execute/sync", script=f"return {found(role, name, within, part)}", args=[])
        if not element:
            raise Missing(f"{role} {name!r} went away")
        return str(element[_ELEMENT])

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
                    return
        raise RuntimeError("WebKitWebDriver ended at once")

    async def _post(self, path: str, **parameters: Any) -> Any:
        return await self._request("POST", f"{self._session}{path}", parameters)

    async def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        url = f"http://127.0.0.1:{_PORT}{path}"
        async with self._http.request(method, url, json=body, timeout=aiohttp.ClientTimeout(30)) as response:
            value = (await response.json())["value"]
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(f"{path}: {value['error']}: {value['message']}")
        return value
