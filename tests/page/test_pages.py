"""The page as it is served: no browser needed."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from lanchatd.web import pages

from .company import TRICKY, said, snapshot


@pytest.fixture
async def client() -> TestClient:  # type: ignore[type-arg]
    app = web.Application()
    nasty = said(1, "</script><script>alert(1)</script> & \u2028 <!--", 0)
    conversation = msgspec.structs.replace(snapshot().conversations[0], person=TRICKY.id, entries=[nasty])
    pages.setup(app, lambda: snapshot([TRICKY], [conversation]))
    client = TestClient(TestServer(app))
    await client.start_server()
    yield client
    await client.close()


class Scripts(HTMLParser):
    """Collects the scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.styles = 0
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs))
        self.styles += tag == "style" or "style" in dict(attrs)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self.scripts and self.scripts[-1].get("id") == "snapshot" and not self.data:
            self.data = data


async def test_the_snapshot_in_the_page_can_not_break_out(client: TestClient) -> None:  # type: ignore[type-arg]
    parser = Scripts()
    parser.feed(await (await client.get("/")).text())
    assert len(parser.scripts) == 4
    assert parser.styles == 0
    assert all("src" in script or script["type"] == "application/json" for script in parser.scripts)
    embedded = json.loads(parser.data)
    assert embedded["tab"] == 0
    assert embedded["people"][0]["name"] == TRICKY.name
    assert embedded["conversations"][0]["entries"][0]["text"].endswith("& \u2028 <!--")


async def test_static_files_are_kept_by_the_browser_under_their_version(client: TestClient) -> None:  # type: ignore[type-arg]
    static = pages.load_static(pages.find_webui() / "static")
    response = await client.get(static.url("js/main.js"))
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in response.headers["Cache-Control"]
    again = await client.get(static.url("js/main.js"), headers={"If-None-Match": response.headers["ETag"]})
    assert again.status == 304
    other = await client.get("/static/another-version/js/main.js")
    assert other.status == 200
    assert other.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["js/none.js", "../templates/page.html", "%2e%2e/templates/page.html", "/etc/passwd"])
async def test_nothing_else_is_served(client: TestClient, name: str) -> None:  # type: ignore[type-arg]
    assert (await client.get(f"/static/x/{name}")).status == 404


async def test_the_page_itself_is_never_kept(client: TestClient) -> None:  # type: ignore[type-arg]
    assert (await client.get("/")).headers["Cache-Control"] == "no-store"


def test_a_changed_file_changes_the_version(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("one")
    before = pages.load_static(tmp_path).version
    (tmp_path / "a.js").write_text("two")
    assert pages.load_static(tmp_path).version != before


def test_a_file_that_is_not_there_has_no_address(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match=r"a\.js"):
        pages.load_static(tmp_path).url("a.js")
