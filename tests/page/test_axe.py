"""An axe run over every state of the page, wide and light as well as narrow and dark, finds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.async_api import Browser, Page

from . import all_states
from .stage import play, staged
from .states import State

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE: Final = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN: Final = "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
LOOKS: Final[list[tuple[Literal["light", "dark"], int]]] = [
    ("light", 1280),
    ("dark", 1280),
    ("dark", 390),
    ("light", 390),
]


async def violations(page: Page) -> list[str]:
    """What axe finds, a line for each."""
    found: dict[str, Any] = await page.evaluate(RUN, TAGS)
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("state", all_states.STATES, ids=lambda state: state.name)
async def test_axe_finds_nothing(browser: Browser, state: State) -> None:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 844}, color_scheme="light", reduced_motion="reduce", timezone_id="UTC"
    )
    try:
        async with staged(state.snapshot) as stage:
            page = await context.new_page()
            await play(page, stage, state)
            await page.evaluate(AXE.read_text())
            for theme, width in LOOKS:
                await page.emulate_media(color_scheme=theme)
                await page.set_viewport_size({"width": width, "height": 844})
                assert await violations(page) == [], f"{theme}, {width} pixels wide"
    finally:
        await context.close()
