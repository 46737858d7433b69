"""Take pictures of the page, by default all: ``python -m tests.page.screenshots [--only STATE | --front] DIR``."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, async_playwright

from . import all_states
from .engines import launch
from .stage import VIEWPORTS, play, staged
from .states import State

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
FRONT: dict[str, tuple[str, Theme]] = {
    "conversation.png": ("conversation-typing", "light"),
    "call.png": ("call-video", "dark"),
    "network.png": ("network-findings", "light"),
}
"""The pictures of the README: the state of the page and the theme that each shows."""


async def take(browser: Browser, state: State, theme: Theme, size: tuple[int, int], folder: Path) -> Path:
    """One picture: a new page, the state played on it, all motion at its end."""
    width, height = size
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB", timezone_id="UTC"
    )
    try:
        async with staged(state.snapshot) as stage:
            page = await context.new_page()
            await play(page, stage, state)
            await page.wait_for_timeout(300)
            path = folder / f"{state.name}-{width}-{theme}.png"
            await page.screenshot(path=path, animations="disabled", caret="hide")
            return path
    finally:
        await context.close()


async def take_all(only: list[str], sizes: list[int], folder: Path) -> None:
    """Every state, or those whose name contains one of the given words, in all sizes and both themes."""
    states = [state for state in all_states.STATES if not only or any(word in state.name for word in only)]
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        for state in states:
            for size in VIEWPORTS:
                for theme in THEMES:
                    if not sizes or size[0] in sizes:
                        print(await take(browser, state, theme, size, folder), flush=True)
        await browser.close()


async def take_front(folder: Path) -> None:
    """The pictures of the README."""
    states = {state.name: state for state in all_states.STATES}
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        for name, (state, theme) in FRONT.items():
            taken = await take(browser, states[state], theme, VIEWPORTS[0], folder)
            print(taken.replace(folder / name))
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="STATE", help="part of a name; may be repeated")
    parser.add_argument("--width", action="append", type=int, default=[], help="1440, 1024 or 390; may be repeated")
    parser.add_argument("--front", action="store_true", help="only the pictures of the README, under their names")
    parser.add_argument("folder", type=Path, metavar="DIR")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    whole = take_front(options.folder) if options.front else take_all(options.only, options.width, options.folder)
    asyncio.run(whole)


if __name__ == "__main__":
    main()
