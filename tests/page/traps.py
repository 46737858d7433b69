"""What somebody may call themselves or write to make a page do more than show it, and what notices if it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page, Request, WebSocket

from .stage import Stage

HARMLESS: Final = "Ordinary name"
TEXTS: Final = {
    "image": "<img src=x onerror=__ran(1)>",
    "script": "<script>__ran(2)</script>",
    "out of an attribute": "\"><svg onload=__ran(3)>'><svg onload=__ran(3)>",
    "handler in an attribute": '" autofocus onfocus=__ran(4) x="\' onfocus=__ran(4) ',
    "end of a script": "</script><script>__ran(5)</script>",
    "end of everything": "--></title></style></textarea><img src onerror=__ran(6)>",
    "frame": '<iframe srcdoc="<script>parent.__ran(7)</script>">',
    "escaped already": "&lt;img src=x onerror=__ran(8)&gt;&#60;b&#62;",
    "template": "{{7*7}}{%print(7*7)%}{#x#}${7*7}<%=7*7%>",
    "script address": "javascript:__ran(9)//data:text/html,<script>__ran(9)</script>",
    "style": "</style><style>*{background:url(//trap.test/10)}</style>",
    "style value": "red;background:url(//trap.test/11)}*{color:red}",
    "JSON": '\\u003cscript>","event":"x"},{"\\u2028\u2028\u2029<!--<script>',
    "base and meta": '<base href=//trap.test><meta http-equiv=refresh content="0">',
    "form": "<form action=//trap.test><button autofocus>Accept</button>",
    "names of the page": '<b id=app data-part=name class=person>#call[x="',
    "prototype": "__proto__ constructor toString",
    "turned around": "\u202egpj.exe\u202d\u2066\u2067 \u061c\u200f",
    "nothing to see": "\u200b\u200c\u2060\ufeff\u00ad\u3164\u2800",
    "marks": "Z" + "\u0301\u0335\u0489" * 20,
    "controls": "\x00\x07\x1b[31m\x7f\x85\x9d\ufffe\uffff",
    "one long word": "W" * 64,
}
"""At most 64 characters each, as a name. `window.__ran` is what none of them may call."""

RUNNING: Final = 8
"""So many of them, the first ones, would run a script if they were read as markup; the others do other harm."""

HOOKS: Final = """
window.__hits = [];
window.__ran = (number) => window.__hits.push(`script ${number} ran`);
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
  window.__hits.push(`${violatedDirective} forbade ${blockedURI} of ${sourceFile}`));
window.Notification = class {
  static permission = "granted";
  constructor(title, { body }) { (window.__notifications ??= []).push(title, body); }
  addEventListener() {}
};
"""
ELEMENTS: Final = """([state, where]) => {
  const counts = {};
  for (const element of document.querySelectorAll(where)) {
    const names = element.getAttributeNames().filter((name) => !state.includes(name)).sort();
    const kind = [element.localName, ...names].join(" ");
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}"""
STATE: Final = ["style", "data-fresh", "data-first", "data-last", "open", "disabled", "data-unread"]
"""Attributes that come and go with time rather than with the texts."""


Seen = list[tuple[str, Counter[str]]]
"""Places in the page, and which elements it was made of there."""


class Watch:
    """Everything that a page does beside showing: it should be nothing."""

    def __init__(self, context: BrowserContext, stage: Stage) -> None:
        self.hits: list[str] = []
        self._own: Final = (stage.url, stage.url.replace("http", "ws"))
        context.on("request", self._asks)
        context.on("page", self._opens)
        context.on("weberror", lambda error: self.hits.append(f"an error: {error.error}"))

    def _asks(self, request: Request) -> None:
        if not request.url.startswith(self._own):
            self.hits.append(f"asked for {request.url}")

    def _opens(self, page: Page) -> None:
        page.on("dialog", lambda dialog: self.hits.append(f"a dialog: {dialog.message}"))
        page.on("popup", lambda other: self.hits.append(f"opened {other.url}"))
        page.on("websocket", self._connects)
        page.on("framenavigated", lambda frame: self._goes(frame.url))

    def _connects(self, socket: WebSocket) -> None:
        if not socket.url.startswith(self._own):
            self.hits.append(f"connected to {socket.url}")

    def _goes(self, url: str) -> None:
        if not url.startswith(self._own):
            self.hits.append(f"went to {url}")

    async def all(self, page: Page) -> list[str]:
        """What has happened until now."""
        return [*self.hits, *(await page.evaluate("window.__hits"))]


@asynccontextmanager
async def watched(browser: Browser, stage: Stage) -> AsyncIterator[tuple[Page, Watch]]:
    """A page under watch; at the end nothing must have happened."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    await context.add_init_script(HOOKS)
    watch = Watch(context, stage)
    page = await context.new_page()
    yield page, watch
    assert await watch.all(page) == []
    await context.close()


async def elements(page: Page, where: str = "*") -> Counter[str]:
    """Which elements with which attributes the page is made of: no text of anybody may change it."""
    return Counter(await page.evaluate(ELEMENTS, [STATE, where]))


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found[" ".join([tag, *sorted(name for name, _ in attributes)])] += 1

    def handle_comment(self, data: str) -> None:
        self.found[f"comment {data}"] += 1


def served_elements(html: str) -> Counter[str]:
    """The same of a page as it is served."""
    parser = _Elements()
    parser.feed(html)
    return parser.found


def difference(one: Counter[str], other: Counter[str]) -> dict[str, Any]:
    """What only one of two pages has."""
    return {"only here": dict(one - other), "missing here": dict(other - one)}
