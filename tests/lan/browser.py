"""What the tests ask of any browser."""

from __future__ import annotations

import asyncio
import json
import time
from abc import abstractmethod
from typing import Any

from tests.browsers.page import FIND
from tests.browsers.view import Missing, View, watched


class Browser(View):
    """One window with one page, driven like a person would: by role and accessible name."""

    kind: str

    @abstractmethod
    async def open(self, url: str) -> None:
        """Load a page and wait for it."""

    @abstractmethod
    async def evaluate(self, expression: str) -> Any:
        """The value of an expression (or what its promise gives) as JSON."""

    @abstractmethod
    async def click(self, role: str, name: str, *, within: str = "", part: bool = False, seconds: float = 10) -> None:
        """Click, with a real pointer, what has this role and accessible name.

        Args:
            within: the accessible name of a list, dialog or region that it is in.
            part: whether ``name`` need only be a part of the accessible name.
            seconds: how long to wait for it to be there and enabled.
        """

    @abstractmethod
    async def type(self, name: str, text: str) -> None:
        """Write, with a real keyboard, into the text box with this accessible name, and press Enter."""

    async def until(self, condition: str, what: str, seconds: float = 10) -> Any:
        """Wait until an expression is true on the page, also across reloads, and return its value.

        Raises:
            Missing: naming ``what`` was waited for, and what the page said instead.
        """
        deadline = time.monotonic() + seconds
        problem = ""
        while (left := deadline - time.monotonic()) > 0:
            try:
                if value := await self.evaluate(watched(condition, min(left, 2))):
                    return value
            except RuntimeError as error:  # the page is being loaded: nothing to evaluate in
                problem = f" ({error})"
                await asyncio.sleep(0.05)
        text = await self.evaluate("document.body.innerText.slice(0, 1500)")
        console = "\n".join(self.console[-20:])
        raise Missing(f"not in {seconds} s: {what}{problem}. The page says:\n{text}\nIts console:\n{console}")

    async def shows(self, text: str, *, within: str = "", seconds: float = 10) -> None:
        """Wait until some visible text is on the page, or in the part of it with this accessible name."""
        where = found("", within) if within else "document.body"
        await self.until(f"{where}?.innerText?.includes({json.dumps(text)})", f"the text {text!r}", seconds)

    async def has(self, role: str, name: str, *, within: str = "", part: bool = False, seconds: float = 10) -> None:
        """Wait until something with this role and accessible name can be used."""
        await self.until(f"!!{found(role, name, within, part)}", f"{role} {name!r}", seconds)

    async def lacks(self, role: str, name: str, *, within: str = "", part: bool = False, seconds: float = 10) -> None:
        """Wait until nothing has this role and accessible name."""
        await self.until(f"!{found(role, name, within, part)}", f"no {role} {name!r} any more", seconds)


def found(role: str, name: str, within: str = "", part: bool = False) -> str:
    """The expression for the element with this role and accessible name, or null."""
    return f"(({FIND})({json.dumps(steps(role, name, within, part))})[0] ?? null)"


def steps(role: str, name: str, within: str = "", part: bool = False) -> list[dict[str, Any]]:
    """The way to what has this role and accessible name and can be used now."""
    around: list[dict[str, Any]] = [{"role": "", "name": within, "exact": True}, {"at": 0}] if within else []
    return [*around, {"role": role, "name": name, "exact": not part}, {"usable": True}, {"at": 0}]
