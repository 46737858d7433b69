"""An axe run over every state of the page finds nothing: wide and light as well as narrow and dark, in Chromium; and in
the two other engines over one state of each kind of screen, because they build the accessible names by themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.async_api import Browser

from . import all_states
from .engines import NAMES, Page
from .stage import open_page, perform, play, staged
from .states import State

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE: Final = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN: Final = "(only) => axe.run(document, {runOnly: only, resultTypes: ['violations']})"
ALL: Final = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLOURS: Final = {"type": "rule", "values": ["color-contrast"]}
"""All that another theme changes."""
LOOKS: Final[list[tuple[Literal["light", "dark"], int, dict[str, Any]]]] = [
    ("light", 1280, ALL),
    ("dark", 1280, COLOURS),
    ("dark", 390, ALL),
    ("light", 390, COLOURS),
]
CHOOSE: Final = "(theme) => { lanchat.store.dispatch({event: 'ui/preferences', preferences: {theme}}); }"
KINDS: Final = (
    "network-findings",
    "people",
    "conversation-menu",
    "request-incoming",
    "settings",
    "settings-block",
    "call-incoming-video",
)


async def violations(page: Page, only: dict[str, Any]) -> list[str]:
    """What axe finds, a line for each."""
    found: dict[str, Any] = await page.evaluate(RUN, only)
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("state", all_states.STATES, ids=lambda state: state.name)
async def test_axe_finds_nothing(chromium: Browser, state: State) -> None:
    context = await chromium.new_context(
        viewport={"width": 1280, "height": 844}, color_scheme="light", reduced_motion="reduce", timezone_id="UTC"
    )
    try:
        async with staged(state.snapshot) as stage:
            page = await context.new_page()
            await play(page, stage, state)
            await page.evaluate(AXE.read_text())
            for theme, width, only in LOOKS:
                await page.emulate_media(color_scheme=theme)
                await page.set_viewport_size({"width": width, "height": 844})
                assert await violations(page, only) == [], f"{theme}, {width} pixels wide"
    finally:
        await context.close()


@pytest.mark.parametrize("engine", [name for name in NAMES if name != "chromium"], indirect=True)
@pytest.mark.parametrize("name", KINDS)
async def test_axe_finds_nothing_in_the_other_engines(page: Page, name: str) -> None:
    (state,) = (state for state in all_states.STATES if state.name == name)
    async with staged(state.snapshot) as stage:
        stage.network = state.network
        await open_page(page, stage, state.opened)
        for step in state.steps:
            await perform(page, stage, step)
        await page.evaluate(f"() => {{ {AXE.read_text()} }}")
        for theme, only in (("light", ALL), ("dark", COLOURS)):
            await page.evaluate(CHOOSE, theme)
            assert await violations(page, only) == [], theme
