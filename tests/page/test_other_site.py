"""Another web site in the same browser, even one on this very machine, gets nothing of the page, whatever it tries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from aiohttp import web
from playwright.async_api import Browser

from lanchatd.protocol import ui

from .company import ADA
from .stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

TRIES: Final = """async (target) => {
  const got = {};
  const attempt = async (name, what) => {
    try { got[name] = await Promise.race([what(), new Promise((done) => setTimeout(done, 3000, "nothing"))]); }
    catch { got[name] = "refused"; }
  };
  const read = async (answer) => (answer.type === "opaque" ? "opaque" : await answer.text());
  const inside = (frame) => {
    try { return frame.contentDocument?.body.innerText || "refused"; } catch { return "refused"; }
  };
  for (const path of ["", "api/status", "api/my-ip", "static/x/js/main.js"]) {
    await attempt(`fetch /${path}`, async () => read(await fetch(target + path)));
    await attempt(`fetch /${path} with cookies`, async () =>
      read(await fetch(target + path, { credentials: "include" })));
    await attempt(`fetch /${path} without answer`, async () => read(await fetch(target + path, { mode: "no-cors" })));
  }
  await attempt("fetch by POST", async () => read(await fetch(target + "ws", { method: "POST", body: "{}" })));
  await attempt("fetch with a preflight", async () =>
    read(await fetch(target + "api/status", { method: "PUT", headers: { "X-A": "b" } })));
  await attempt("beacon", async () => (navigator.sendBeacon(target + "ws", "x"), "nothing"));
  await attempt("socket", () => new Promise((done) => {
    const socket = new WebSocket(target.replace("http", "ws") + "ws");
    socket.onmessage = ({ data }) => done(data);
    socket.onclose = () => done("refused");
  }));
  await attempt("events", () => new Promise((done) => {
    const source = new EventSource(target + "api/status");
    source.onopen = () => done("opened");
    source.onerror = () => (source.close(), done("refused"));
  }));
  const loaded = (tag, fields) => new Promise((done) => {
    const element = Object.assign(document.createElement(tag), fields);
    element.onload = () => done("loaded");
    element.onerror = () => done("refused");
    document.body.append(element);
  });
  await attempt("script", () => loaded("script", { src: target + "api/status" }));
  await attempt("picture", () => loaded("img", { src: target + "static/x/icon.svg" }));
  await attempt("style", () => loaded("link", { rel: "stylesheet", href: target + "static/x/css/base.css" }));
  await attempt("frame", async () => {
    const frame = Object.assign(document.createElement("iframe"), { src: target });
    const done = new Promise((resolve) => { frame.onload = resolve; });
    document.body.append(frame);
    await done;
    return inside(frame);
  });
  await attempt("form", () => new Promise((done) => {
    const form = Object.assign(document.createElement("form"), { action: target + "ws", method: "post", target: "in" });
    const frame = Object.assign(document.createElement("iframe"), { name: "in" });
    document.body.append(frame, form);
    frame.onload = () => done(inside(frame));
    form.submit();
  }));
  return got;
}"""
OPEN: Final = """(target) => {
  window.answers = [];
  addEventListener("message", ({ data }) => window.answers.push(data));
  window.other = open(target);
}"""
REACH: Final = """async () => {
  for (let tries = 0; tries < 5; tries += 1) {
    window.other?.postMessage({ event: "block_user" }, "*");
    await new Promise((done) => setTimeout(done, 50));
  }
  let read = "refused";
  try { read = window.other.document.body.innerText || "refused"; } catch {}
  return { answers: window.answers, read, closed: window.other === null || window.other.closed };
}"""


@asynccontextmanager
async def other_site() -> AsyncIterator[str]:
    """A page on another port of localhost."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>other</title><body>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://localhost:{site.port}/"  # type: ignore[attr-defined]
    await runner.cleanup()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_another_site_gets_nothing(chromium: Browser, stage: Stage, host: str) -> None:
    context = await chromium.new_context()
    page = await context.new_page()
    async with other_site() as address:
        await page.goto(address)
        got: dict[str, Any] = await page.evaluate(TRIES, f"http://{host}:{stage.port}/")
    opaque = {name: result for name, result in got.items() if result not in ("refused", "nothing")}
    assert all(name.endswith("without answer") and result == "opaque" for name, result in opaque.items()), opaque
    assert len(got) > 20
    assert stage.requests == []
    await context.close()


async def test_a_window_that_another_site_opens_is_out_of_its_reach(chromium: Browser, stage: Stage) -> None:
    context = await chromium.new_context()
    page = await context.new_page()
    async with other_site() as address:
        await page.goto(address)
        async with context.expect_page() as opened:
            await page.evaluate(OPEN, stage.url)
        ours = await opened.value
        await ours.wait_for_function("() => window.lanchat?.store.state.connected")
        got = await page.evaluate(REACH)
    assert got == {"answers": [], "read": "refused", "closed": True}, "Cross-Origin-Opener-Policy cuts the tie"
    assert await ours.evaluate("window.opener") is None
    assert ADA.name in await ours.locator("body").inner_text(), "the person sees it, and nobody else"
    assert {type(request) for request in stage.requests} <= {ui.SetFocus}, "the page tells whether it is looked at"
    await context.close()
