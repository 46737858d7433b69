"""`expect`, which waits until something is so: Playwright's own for its pages, and the same words for the others."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from playwright.async_api import expect as playwright_expect

from .page import Locator, Page

_SHOWN: Final = """const shown = (each) => {
  const { width, height } = each.getBoundingClientRect();
  return width > 0 && height > 0 && each.checkVisibility({ visibilityProperty: true });
};"""


def expect(target: Any) -> Any:
    """What is expected of a page or a locator, whoever drives it."""
    if isinstance(target, Locator):
        return LocatorExpectations(target)
    return PageExpectations(target) if isinstance(target, Page) else playwright_expect(target)


class PageExpectations:
    """Of a whole page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def to_have_title(self, title: str | re.Pattern[str]) -> None:
        await self._page.until(_like("document.title", title), f"the title {title!r}")


class LocatorExpectations:
    """Of what a locator leads to. All but those about a number of elements want exactly one."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator

    async def to_be_visible(self) -> None:
        await self._one("shown(it)", "visible")

    async def to_be_hidden(self) -> None:
        await self._all("found.length === 0 || (found.length === 1 && !shown(found[0]))", "hidden")

    async def to_be_attached(self) -> None:
        await self._one("true", "attached")

    async def to_be_disabled(self) -> None:
        await self._one('it.matches(":disabled, [aria-disabled=true]")', "disabled")

    async def to_be_focused(self) -> None:
        await self._one("it === document.activeElement", "focused")

    async def to_be_in_viewport(self, *, ratio: float) -> None:
        """Also not hidden by the edge of what scrolls around it: asked of the browser itself."""
        await self._one(
            f"""await new Promise((resolve) => new IntersectionObserver(([entry], observer) => {{
                observer.disconnect();
                resolve(entry.intersectionRatio >= {ratio});
            }}).observe(it))""",
            "in the viewport",
        )

    async def to_have_count(self, count: int) -> None:
        await self._all(f"found.length === {count}", f"{count} elements")

    async def not_to_have_count(self, count: int) -> None:
        await self._all(f"found.length !== {count}", f"not {count} elements")

    async def to_have_value(self, value: str) -> None:
        await self._one(f"it.value === {json.dumps(value)}", f"the value {value[:60]!r}")

    async def to_have_text(self, text: str) -> None:
        await self._one(f"squeezed(it) === squeeze({json.dumps(text)})", f"the text {text!r}")

    async def to_contain_text(self, text: str) -> None:
        await self._one(f"squeezed(it).includes(squeeze({json.dumps(text)}))", f"a text with {text!r}")

    async def to_have_attribute(self, name: str, value: str | re.Pattern[str]) -> None:
        await self._one(_like(f"it.getAttribute({json.dumps(name)})", value), f"{name}={value}")

    async def _one(self, condition: str, what: str) -> None:
        await self._all(f"(it && found.length === 1 && ({condition}))", what)

    async def _all(self, condition: str, what: str) -> None:
        asked = f"""(async (found) => {{
            {_SHOWN}
            const squeeze = (text) => text.replace(/\\s+/g, " ").trim();
            const squeezed = (each) => squeeze(each.textContent);
            const it = found[0];
            return {condition};
        }})({self._locator.all})"""
        await self._locator.page.until(asked, f"{self._locator.steps}: {what}")


def _like(found: str, wanted: str | re.Pattern[str]) -> str:
    """The condition that the value of an expression is a text, or has something that matches."""
    if isinstance(wanted, re.Pattern):
        return f"new RegExp({json.dumps(wanted.pattern)}).test({found} ?? '')"
    return f"{found} === {json.dumps(wanted)}"
