"""Chromium on a machine, driven by Playwright over the pipe that reaches through the namespaces."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser as Window
from playwright.async_api import Error, Page, Playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

from tests.browsers.chromium import FEWER_FEATURES, program
from tests.browsers.view import Missing

from .browser import Browser, found
from .machine import Machine

_MAKER: Final = (
    "accounts.google.com",
    "content-autofill.googleapis.com",
    "optimizationguide-pa.googleapis.com",  # after a minute
    "update.googleapis.com",
)
"""What it asks for by itself whatever it is told. Only these names, so that a page's questions are heard."""
QUIET: Final = (
    "--no-sandbox",
    FEWER_FEATURES,
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--host-resolver-rules=" + ",".join(f"MAP {host} ~NOTFOUND" for host in _MAKER),
)
"""No sandbox inside a user namespace; and no words of its own with the world outside."""
CAMERA: Final = ("--use-fake-device-for-media-stream",)
"""A camera and a microphone that make test pictures and beeps; also a screen, when consent is given."""
CONSENT: Final = ("--use-fake-ui-for-media-stream",)
"""Every question for camera, microphone or screen is answered with yes."""


class Chromium(Browser):
    """See `Browser`."""

    kind = "chromium"

    def __init__(self, window: Window, page: Page) -> None:
        self._window = window
        self.page = page
        self._console: list[str] = []
        page.on("console", lambda message: self._console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self._console.append(f"uncaught: {error}"))

    @classmethod
    async def start(cls, playwright: Playwright, machine: Machine, *flags: str) -> Chromium:
        """Open a window on a machine. Without ``flags``: with a camera, a microphone and consent to use them."""
        window = await playwright.chromium.launch(
            executable_path=_program(machine),
            args=[*QUIET, *(flags or CAMERA + CONSENT)],
            env={**machine.environment},
        )
        context = await window.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        return cls(window, await context.new_page())

    @property
    def console(self) -> list[str]:
        return self._console

    async def open(self, url: str) -> None:
        await self.page.goto(url)

    async def reload(self) -> None:
        await self.page.reload()

    async def evaluate(self, expression: str) -> Any:
        try:
            return await self.page.evaluate(f"() => ({expression})")
        except Error as error:
            raise RuntimeError(error.message) from None

    async def click(self, role: str, name: str, *, within: str = "", part: bool = False, seconds: float = 10) -> None:
        await self.has(role, name, within=within, part=part, seconds=seconds)
        handle = (await self.page.evaluate_handle(f"() => {found(role, name, within, part)}")).as_element()
        if not handle:
            raise Missing(f"{role} {name!r} went away")
        try:
            await handle.click(timeout=seconds * 1000)
        except PlaywrightTimeout as error:
            raise Missing(f"can't click {role} {name!r}: {error.message}") from None

    async def type(self, name: str, text: str) -> None:
        await self.click("textbox", name)
        await self.page.keyboard.insert_text(text)
        await self.page.keyboard.press("Enter")

    async def screenshot(self, path: Path) -> None:
        await self.page.screenshot(path=path)

    async def close(self) -> None:
        await self._window.close()


def _program(machine: Machine) -> Path:
    """A program for Playwright to start: it enters the machine, then becomes the browser."""
    chromium = program()
    if not chromium:
        raise RuntimeError("Chromium is not installed: apt-get install chromium")
    path = machine.folder / "chromium"
    path.write_text(f'#!/bin/sh\nexec {" ".join(machine.command(chromium))} "$@"\n')
    path.chmod(0o700)
    return path
