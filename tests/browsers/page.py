"""One page of a browser that Playwright can not drive, in the part of its vocabulary that the tests use."""

from __future__ import annotations

import json
from abc import abstractmethod
from pathlib import Path
from typing import Any, Final

from .view import Missing, View, watched

FIND: Final = Path(__file__).with_name("find.js").read_text(encoding="utf-8")
"""A function: a list of steps -> the elements that they lead to."""
PATIENCE: Final = 10.0
"""Seconds after which what should be there will not come."""
KEYS: Final = {
    "ArrowDown": "\ue015",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "Control": "\ue009",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Shift": "\ue008",
    "Space": " ",
    "Tab": "\ue004",
}
"""W3C WebDriver, section 17.4.2."""
_READY: Final = """element => {
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
  const { left, top, width, height } = element.getBoundingClientRect();
  const middle = { x: Math.floor(left + width / 2), y: Math.floor(top + height / 2) };
  const hit = document.elementFromPoint(middle.x, middle.y);
  const labels = [element, ...(element.labels ?? [])];
  return width > 0 && labels.some((each) => each.contains(hit)) && !element.matches(":disabled") ? middle : null;
}"""
_FILL: Final = """element => {
  element.focus();
  element.select();
  return element.matches(":disabled") ? null : true;
}"""
_SELECT: Final = """(element, value) => {
  element.value = value;
  for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
  return true;
}"""

_FORGET: Final = "void (origin !== 'null' && [localStorage, sessionStorage].forEach((each) => each.clear()))"

Step = dict[str, Any]
Source = dict[str, Any]
ViewportSize = dict[str, int]


class Page(View):
    """A page. What it does not do here is done in Chromium alone."""

    @abstractmethod
    async def goto(self, url: str) -> None:
        """Load a page and wait for it."""

    @abstractmethod
    async def run(self, expression: str) -> Any:
        """The value of an expression (or what its promise gives) as JSON.

        Raises:
            RuntimeError: it threw, or there is no page to ask right now.
        """

    @abstractmethod
    async def perform(self, source: Source) -> None:
        """Real input, as WebDriver writes it (section 17.5); the origin of a pointer is the viewport."""

    @abstractmethod
    async def set_viewport_size(self, size: ViewportSize) -> None:
        """Give the page this ``width`` and ``height``, in CSS pixels."""

    @property
    def problems(self) -> list[str]:
        """Uncaught errors and breaches of the security policy, as far as the browser tells."""
        return []

    @property
    def keyboard(self) -> Keyboard:
        return Keyboard(self)

    @property
    def mouse(self) -> Mouse:
        return Mouse(self)

    async def clear(self) -> list[str]:
        """Make it as good as new, which is quicker than another one. Returns its `problems` until now."""
        await self.run(_FORGET)
        await self.mouse.perform(0, 0)
        await self.goto("about:blank")
        return self.problems

    async def evaluate(self, function: str, arg: Any = None) -> Any:
        """Call a function on the page, or take the value of an expression."""
        called = f"((it) => typeof it === 'function' ? it({json.dumps(arg)}) : it)({function})"
        return await self.run(called)

    async def wait_for_function(self, function: str, arg: Any = None) -> None:
        """Wait until a function gives something true."""
        await self.until(f"(({function})({json.dumps(arg)}))", function)

    async def until(self, condition: str, what: str) -> Any:
        """Wait until an expression is true and return its value.

        Raises:
            Missing: naming ``what`` was waited for, and what the page says instead.
        """
        try:
            if value := await self.run(watched(condition, PATIENCE)):
                return value
            problem = ""
        except RuntimeError as error:
            problem = f" ({error})"
        text = await self.run("document.body?.innerText.slice(0, 1500)")
        raise Missing(f"not in {PATIENCE} s: {what}{problem}. The page says: {' '.join((text or '').split())}")

    # -------------------------------------------------------------------------------------------------- finding

    def locator(self, css: str) -> Locator:
        return Locator(self, []).locator(css)

    def get_by_role(self, role: str, *, name: str | None = None, exact: bool = False) -> Locator:
        return Locator(self, []).get_by_role(role, name=name, exact=exact)

    def get_by_text(self, text: str, *, exact: bool = False) -> Locator:
        return Locator(self, []).get_by_text(text, exact=exact)

    def get_by_label(self, label: str, *, exact: bool = False) -> Locator:
        return Locator(self, []).get_by_label(label, exact=exact)


class Keyboard:
    """The keys, which go to what has the focus."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def press(self, combination: str) -> None:
        """Press a key, perhaps with others held: ``Shift+Enter``."""
        keys = [KEYS.get(key, key) for key in combination.split("+")]
        down = [{"type": "keyDown", "value": key} for key in keys]
        await self._perform([*down, *({"type": "keyUp", "value": key} for key in reversed(keys))])

    async def type(self, text: str) -> None:
        await self._perform([{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")])

    async def _perform(self, actions: list[dict[str, str]]) -> None:
        await self._page.perform({"type": "key", "id": "keyboard", "actions": actions})


class Mouse:
    """A mouse that is put down wherever it has to be."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def click(self, x: float, y: float) -> None:
        await self.perform(x, y, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0})

    async def perform(self, x: float, y: float, *presses: Source) -> None:
        move = {"type": "pointerMove", "duration": 0, "origin": "viewport", "x": int(x), "y": int(y)}
        pointer = {"pointerType": "mouse"}
        await self._page.perform({"type": "pointer", "id": "mouse", "parameters": pointer, "actions": [move, *presses]})


class Locator:
    """What a chain of steps leads to, whenever it is asked for; actions wait until it is exactly one element."""

    def __init__(self, page: Page, steps: list[Step]) -> None:
        self.page = page
        self.steps = steps

    @property
    def all(self) -> str:
        """The expression for all its elements."""
        return f"({FIND})({json.dumps(self.steps)})"

    def _then(self, **step: Any) -> Locator:
        return Locator(self.page, [*self.steps, step])

    def locator(self, css: str) -> Locator:
        return self._then(css=css)

    def get_by_role(self, role: str, *, name: str | None = None, exact: bool = False) -> Locator:
        return self._then(role=role, exact=exact, **({} if name is None else {"name": name}))

    def get_by_text(self, text: str, *, exact: bool = False) -> Locator:
        return self._then(text=text, exact=exact)

    def get_by_label(self, label: str, *, exact: bool = False) -> Locator:
        return self._then(label=label, exact=exact)

    def filter(self, *, has_text: str) -> Locator:
        return self._then(has=has_text)

    @property
    def first(self) -> Locator:
        return self._then(at=0)

    @property
    def last(self) -> Locator:
        return self._then(at=-1)

    # -------------------------------------------------------------------------------------------------- reading

    async def count(self) -> int:
        return int(await self.page.run(f"{self.all}.length"))

    async def all_text_contents(self) -> list[str]:
        return list(await self.page.run(f"{self.all}.map((each) => each.textContent)"))

    async def evaluate(self, function: str, arg: Any = None) -> Any:
        """Call a function with the element, once it is there."""
        return (await self._one(f"(element, arg) => [({function})(element, arg)]", arg))[0]

    async def get_attribute(self, name: str) -> str | None:
        return await self.evaluate("(element, name) => element.getAttribute(name)", name)  # type: ignore[no-any-return]

    async def bounding_box(self) -> dict[str, float]:
        return dict(await self._one("element => element.getBoundingClientRect().toJSON()"))

    # --------------------------------------------------------------------------------------------------- acting

    async def hover(self) -> None:
        middle = await self._one(_READY)
        await self.page.mouse.perform(**middle)

    async def click(self) -> None:
        middle = await self._one(_READY)
        await self.page.mouse.click(**middle)

    async def check(self) -> None:
        await self.click()

    async def focus(self) -> None:
        await self._one("element => (element.focus(), true)")

    async def press(self, key: str) -> None:
        await self.focus()
        await self.page.keyboard.press(key)

    async def press_sequentially(self, text: str) -> None:
        await self.focus()
        await self.page.keyboard.type(text)

    async def fill(self, text: str) -> None:
        """Write a text in the place of what stands there, as a paste would."""
        await self._one(_FILL)
        command = "insertText" if text else "delete"
        await self.page.run(f"document.execCommand('{command}', false, {json.dumps(text)})")

    async def select_option(self, value: str) -> None:
        await self._one(_SELECT, value)

    async def _one(self, function: str, arg: Any = None) -> Any:
        called = f"((found) => found.length === 1 ? ({function})(found[0], {json.dumps(arg)}) : null)({self.all})"
        return await self.page.until(called, f"one usable element at {self.steps}")
