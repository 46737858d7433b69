"""A stage for the page: the real server, pages and codec, with a small company of players in place of the daemon.

It answers requests as a daemon would (so that a page can live on the events alone) and writes down what tabs send.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Literal, TypeVar

import msgspec
from aiohttp import web
from playwright.async_api import Page as PlaywrightPage

from lanchatd.doctor.desk import Examination
from lanchatd.protocol import ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import PeerId, TabId
from lanchatd.web.app import WebEvents, application
from lanchatd.web.guard import Guard
from lanchatd.web.hub import Hub, HubEvents
from lanchatd.web.listen import listen
from lanchatd.web.server import serve

from . import comparing
from .company import NOW
from .engines import Page
from .states import Fill, Hover, Leave, Pass, Press, Script, ScrollUp, State, Step, Tell

SOME = TypeVar("SOME", bound=ui.TabRequest)
PATIENCE: Final = 10.0
"""Seconds after which something that should have come will not come."""
VIEWPORTS: Final = ((1440, 900), (1024, 768), (390, 844))


class Stage:
    """Serves the page on a free port of this machine, until `leave`, and again after `enter`."""

    def __init__(self, snapshot: ui.Snapshot) -> None:
        self.snapshot = snapshot
        self.requests: list[ui.TabRequest] = []
        self.faults: list[BaseException] = []
        self.refusals: dict[type[ui.Request], BadRequest] = {}
        self.network: Examination | None = None
        """What is said about the network. Nothing is, as long as it is null."""
        self.looks = 0
        """How often it was asked what is wrong."""
        self.port = 0
        self._news: Final = asyncio.Event()
        self._stack: AsyncExitStack | None = None
        self._hub = self._new_hub()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    async def enter(self) -> None:
        """Begin to serve; a second time on the same port."""
        self._hub = self._new_hub()
        wanted = self.port
        self.port, sockets = listen(wanted)
        assert wanted in (0, self.port), "somebody else has taken the port"
        events = WebEvents(
            lambda: self.snapshot, tuple, dict, self.faults.append, network=self._known, examine=self._examine
        )
        self._stack = AsyncExitStack()
        await self._stack.enter_async_context(serve(application(self._hub, events, Guard(self.port)), sockets))

    async def leave(self) -> None:
        """The daemon stops."""
        if self._stack is not None:
            await self._stack.aclose()
            self._stack = None

    def tell(self, event: ui.Event) -> None:
        """Tell all tabs, and keep what a later snapshot must say."""
        self.snapshot = after(self.snapshot, event)
        self._hub.tell_all(event)

    def sent(self, kind: type[SOME]) -> list[SOME]:
        """The requests of this kind that have come until now."""
        return [request for request in self.requests if isinstance(request, kind)]

    async def expect(self, kind: type[SOME], count: int = 1) -> list[SOME]:
        """Wait until so many requests of this kind have come."""
        async with asyncio.timeout(PATIENCE):
            while len(self.sent(kind)) < count:
                self._news.clear()
                await self._news.wait()
        return self.sent(kind)

    async def expect_tabs(self, count: int) -> None:
        """Wait until so many tabs are open."""
        async with asyncio.timeout(PATIENCE):
            while self._open != count:
                self._news.clear()
                await self._news.wait()

    def _known(self) -> object:
        if self.network is None:
            raise web.HTTPServiceUnavailable
        return self.network.daemon

    async def _examine(self) -> object:
        self.looks += 1
        self._news.set()
        while self.network is None:
            await asyncio.sleep(PATIENCE)
        return self.network

    async def expect_looks(self, count: int) -> None:
        """Wait until it was asked so often what is wrong."""
        async with asyncio.timeout(PATIENCE):
            while self.looks < count:
                self._news.clear()
                await self._news.wait()

    def _new_hub(self) -> Hub:
        self._open = 0
        return Hub(HubEvents(self._opened, self._request, self._closed))

    def _opened(self, tab: TabId) -> ui.Snapshot:
        self._open += 1
        self._news.set()
        return msgspec.structs.replace(self.snapshot, tab=tab)

    def _closed(self, _tab: TabId) -> None:
        self._open -= 1
        self._news.set()

    def _request(self, tab: TabId, request: ui.TabRequest) -> None:
        self.requests.append(request)
        self._news.set()
        refusal = self.refusals.get(type(request))
        if refusal is not None:
            raise refusal
        for event in answers(self.snapshot, request):
            self.tell(event)
        self._hub.tell(tab, comparing.answer(self.snapshot, request))


def answers(snapshot: ui.Snapshot, request: ui.TabRequest) -> list[ui.Event]:
    """What a daemon tells all tabs after a request."""
    match request:
        case ui.SendPrivateMessage(person=person, id=message, text=text):
            if text == "refuse me":
                raise BadRequest("not_contact", "You are not contacts any more.")
            if any(entry.id == message for entry in _conversation(snapshot, person).entries):
                return []
            entry = ui.TextEntry(message, True, text, NOW, "sent")
            return [
                ui.ReceivePrivateMessage(person=person, entry=entry),
                ui.MessageStatus(person=person, ids=[message], status="delivered"),
            ]
        case ui.MarkSeen(person=person):
            return [ui.ConversationSeen(person=person, unread=0)]
        case ui.SetProfile(name=name, status=status):
            me = snapshot.me
            return [ui.ProfileChanged(me=ui.Me(me.id, name or me.name, me.machine, status or me.status))]
        case ui.SetPreferences(notifications=shown, hide_text=hidden):
            old = snapshot.preferences
            new = ui.Preferences(
                notifications=old.notifications if shown is None else shown,
                hide_text=old.hide_text if hidden is None else hidden,
            )
            return [ui.PreferencesChanged(preferences=new)]
        case ui.SendChatRequest(person=person):
            return [_related(snapshot, person, "outgoing")]
        case ui.AcceptChatRequest(person=person):
            return [_related(snapshot, person, "contact"), ui.ChatRequestAccepted(person=person)]
        case ui.RejectChatRequest(person=person):
            rejected = ui.ChatRequestRejected(person=person, mine=False, reason="declined")
            return [_related(snapshot, person, "none"), rejected]
        case ui.CancelChatRequest(person=person):
            cancelled = ui.ChatRequestRejected(person=person, mine=True, reason="cancelled")
            return [_related(snapshot, person, "none"), cancelled]
        case ui.BlockUser(person=person):
            return [_related(snapshot, person, "blocked")]
        case ui.UnblockUser(person=person):
            return [_related(snapshot, person, "none")]
        case ui.ForgetUser(person=person):
            return [ui.PersonRemoved(person=person)]
        case _:
            return comparing.answers(snapshot, request)


def after(snapshot: ui.Snapshot, event: ui.Event) -> ui.Snapshot:
    """What a snapshot says once this has been told."""
    replace = msgspec.structs.replace
    match event:
        case ui.PersonChanged(person=person):
            others = [other for other in snapshot.people if other.id != person.id]
            return replace(snapshot, people=[*others, person])
        case ui.PersonRemoved(person=gone):
            return replace(snapshot, people=[person for person in snapshot.people if person.id != gone])
        case ui.ProfileChanged(me=me):
            return replace(snapshot, me=me)
        case ui.PreferencesChanged(preferences=preferences):
            return replace(snapshot, preferences=preferences)
        case ui.DesktopChanged(desktop=desktop):
            return replace(snapshot, desktop=desktop)
        case ui.ReceivePrivateMessage(person=person, entry=entry):
            unread = isinstance(entry, ui.TextEntry) and not entry.mine
            return _with(
                snapshot, person, lambda old: replace(old, entries=[*old.entries, entry], unread=old.unread + unread)
            )
        case ui.ConversationSeen(person=person, unread=unread):
            return _with(snapshot, person, lambda old: replace(old, unread=unread))
        case ui.MessageStatus(person=person, ids=ids, status=status):
            return _with(snapshot, person, lambda old: replace(old, entries=[
                replace(entry, status=status) if isinstance(entry, ui.TextEntry) and entry.id in ids else entry
                for entry in old.entries
            ]))  # fmt: skip
        case _:
            return comparing.after(snapshot, event)


def _conversation(snapshot: ui.Snapshot, person: str) -> ui.Conversation:
    found = (conversation for conversation in snapshot.conversations if conversation.person == person)
    return next(found, ui.Conversation(PeerId(person), []))


def _with(snapshot: ui.Snapshot, person: str, change: Callable[[ui.Conversation], ui.Conversation]) -> ui.Snapshot:
    others = [conversation for conversation in snapshot.conversations if conversation.person != person]
    return msgspec.structs.replace(snapshot, conversations=[*others, change(_conversation(snapshot, person))])


def _related(snapshot: ui.Snapshot, person: str, relation: ui.Relation) -> ui.PersonChanged:
    known = next(known for known in snapshot.people if known.id == person)
    return ui.PersonChanged(person=msgspec.structs.replace(known, relation=relation))


# -------------------------------------------------------------------------------------------------- the audience


@asynccontextmanager
async def staged(snapshot: ui.Snapshot) -> AsyncIterator[Stage]:
    """A stage that serves until the end of the block."""
    stage = Stage(snapshot)
    await stage.enter()
    try:
        yield stage
    finally:
        await stage.leave()
    assert not stage.faults, stage.faults


async def open_page(page: Page, stage: Stage, opened: PeerId | Literal["network"] | None = None) -> None:
    """Visit the page, and wait until its socket has spoken."""
    await page.goto(stage.url + (f"#/{opened}" if opened else ""))
    await page.wait_for_function("() => window.lanchat?.store.state.connected")
    if opened == "network" and stage.network is not None:
        await page.wait_for_function("() => window.lanchat.store.state.ui.network.examination")


async def play(page: PlaywrightPage, stage: Stage, state: State) -> None:
    """Bring a page into a state. The page's clock stands at `NOW` and only moves with `Pass`."""
    await page.clock.install(time=NOW / 1000)
    stage.network = state.network
    await open_page(page, stage, state.opened)
    for step in state.steps:
        await perform(page, stage, step)


async def stop_clock(page: PlaywrightPage) -> None:
    """From now on time passes on the page by ``page.clock.run_for`` alone. For a page whose clock was installed."""
    await page.clock.pause_at(await page.evaluate("Date.now() + 1000") / 1000)


async def perform(page: Page, stage: Stage, step: Step) -> None:
    """Do one step of a state."""
    match step:
        case Press(role, name):
            await page.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]
        case Fill(label, text):
            await page.get_by_label(label, exact=True).fill(text)
        case Hover(who):
            await page.locator(f'[data-person="{who}"]').hover()
        case Tell(event):
            stage.tell(event)
        case Leave():
            await stage.leave()
            await page.wait_for_function("() => !window.lanchat.store.state.connected")
        case Script(function):
            await page.evaluate(function)
        case Pass(milliseconds):
            assert isinstance(page, PlaywrightPage), "only Playwright has a clock to turn"
            await page.clock.run_for(milliseconds)
        case ScrollUp():
            await page.get_by_role("log").evaluate("(log) => (log.scrollTop = 0)")
