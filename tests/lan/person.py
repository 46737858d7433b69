"""A person at a machine, with the page open in a browser: what people do there, and what they notice."""

from __future__ import annotations

import json
import time
from ipaddress import ip_address
from typing import Any, Literal

from .browser import Browser, found
from .daemon import Daemon
from .network import IPV4, IPV6

_STATE = "window.lanchat.store.state"
Role = Literal["microphone", "camera", "screen"]


class Person:
    """Acts by what the page shows; looks into its state only where a person would read a sign instead of words."""

    def __init__(self, name: str, daemon: Daemon, browser: Browser) -> None:
        self.name = name
        self.daemon = daemon
        self.browser = browser

    @property
    def id(self) -> str:
        """The peer id."""
        return self.daemon.peer_id

    async def open_page(self) -> None:
        """Open the page and wait until it is connected."""
        await self.browser.open(self.daemon.url)
        await self.is_connected()

    async def is_connected(self, seconds: float = 10) -> None:
        """Wait until the page talks with the daemon."""
        await self.browser.until(f"{_STATE}.connected && {_STATE}.tab > 0", "a page that is connected", seconds)

    # ------------------------------------------------------------------------------------------------ the people

    async def sees(self, other: Person, presence: str = "online", seconds: float = 15) -> float:
        """Wait for the other person's row in the list, and for this presence; returns the monotonic time."""
        await self.browser.until(
            f"{_person(other)}?.presence === {json.dumps(presence)}", f"{other.name} is {presence}", seconds
        )
        await self.browser.has("link", other.name, within="People", part=True)
        return time.monotonic()

    async def opens_chat_with(self, other: Person) -> None:
        """Click the other person's row."""
        await self.browser.click("link", other.name, within="People", part=True)

    async def asks_to_chat(self, other: Person) -> None:
        """Send a chat request."""
        await self.opens_chat_with(other)
        await self.browser.click("button", "Ask to chat")

    async def accepts_chat_with(self, other: Person) -> None:
        """Say yes to a chat request."""
        await self.browser.until(f"{_person(other)}?.relation === 'incoming'", f"a request from {other.name}")
        await self.opens_chat_with(other)
        await self.browser.click("button", "Accept")
        await self.is_contact_of(other)

    async def is_contact_of(self, other: Person) -> None:
        """Wait until the two may chat."""
        await self.browser.until(f"{_person(other)}?.relation === 'contact'", f"{other.name} is a contact")

    # ------------------------------------------------------------------------------------------------ messages

    async def says(self, text: str) -> None:
        """Write a message in the open conversation and send it with Enter."""
        await self.browser.type("Message", text)
        await self.reads(text)

    async def reads(self, text: str, seconds: float = 10) -> None:
        """Wait until the open conversation shows the text."""
        await self.browser.shows(text, within="Messages", seconds=seconds)

    async def knows_that(self, text: str, status: str, other: Person, seconds: float = 10) -> None:
        """Wait until our message has come this far: waiting, sent, delivered or seen."""
        line = f"entry.text === {json.dumps(text)} && entry.status === {json.dumps(status)}"
        talk = f"{_STATE}.conversations.get({json.dumps(other.id)})"
        await self.browser.until(f"{talk}?.entries.some((entry) => {line})", f"{text!r} is {status}", seconds)

    # ------------------------------------------------------------------------------------------------ calls

    async def calls(self, other: Person, media: Literal["audio", "video"] = "video") -> None:
        """Open the conversation and press the button for a call; the other person's machine rings."""
        await self.opens_chat_with(other)
        await self.browser.click("button", f"{media.capitalize()} call")

    async def hears_ringing(self) -> None:
        """Wait for the dialog of an incoming call."""
        await self.browser.has("button", "Decline")

    async def accepts(self, media: Literal["audio", "video"] = "video") -> float:
        """Take the incoming call; returns the monotonic time of the click."""
        await self.hears_ringing()
        moment = time.monotonic()
        await self.browser.click("button", f"Accept with {media}")
        return moment

    async def declines(self) -> None:
        """Refuse the incoming call."""
        await self.browser.click("button", "Decline")

    async def hangs_up(self) -> None:
        """End the call, or give up calling."""
        await self.browser.click("button", "End call")

    async def presses(self, name: str, *, on: bool) -> None:
        """Press a toggle of the call, and wait until it says that it is on or off."""
        await self.browser.click("button", name)
        pressed = f"{found('button', name)}?.ariaPressed === '{str(on).lower()}'"
        await self.browser.until(pressed, f"{name} {'on' if on else 'off'}")

    async def is_in_call(self, seconds: float = 10) -> None:
        """Wait until this page has the call and the other side has accepted it."""
        mine = f"{_STATE}.call?.state === 'active' && {_STATE}.call.owner === {_STATE}.tab"
        await self.browser.until(mine, "a call", seconds)

    async def is_in_no_call(self, seconds: float = 10) -> None:
        """Wait until there is no call, and no button to end one."""
        await self.browser.until(f"{_STATE}.call === null", "no call", seconds)
        await self.browser.lacks("button", "End call")

    async def ended(self, other: Person, outcome: str, seconds: float = 10) -> None:
        """Wait until the last call stands in the conversation with this outcome."""
        last = f"{_STATE}.conversations.get({json.dumps(other.id)})?.entries.findLast((entry) => entry.kind === 'call')"
        await self.browser.until(f"({last})?.outcome === {json.dumps(outcome)}", f"call {outcome}", seconds)
        await self.is_in_no_call()

    async def figures(self) -> dict[str, Any]:
        """What the browser counts: the candidate pair in use, and what comes in and goes out."""
        return dict(await self.browser.evaluate("window.lanchat.calls.stats()"))

    async def receives(self, role: Role, more: int = 10, seconds: float = 20) -> float:
        """Wait until more arrives: so many decoded pictures or packets of sound, beyond those until now.

        Returns the monotonic time. Pictures must also show in the element for them.
        """
        count = "packets" if role == "microphone" else "frames"
        now = f"calls.stats().then((it) => it.inbound.find((flow) => flow.role === '{role}')?.{count} ?? 0)"
        before = await self.browser.evaluate(f"window.lanchat.{now}")
        enough = f"window.lanchat.{now}.then((it) => it - (it < {before} ? 0 : {before}) >= {more})"
        await self.browser.until(enough, f"{more} more {count} of the other's {role}", seconds)
        moment = time.monotonic()
        if role != "microphone":
            video = f"document.querySelector('video[data-role=\"remote-{role}\"]')"
            shown = f"{video}?.checkVisibility() && {video}.videoWidth > 1"
            await self.browser.until(shown, f"the picture of the {role}")
        return moment

    async def hears(self, seconds: float = 20) -> None:
        """Wait until sound, not silence, comes from the other person."""
        energy = "it.inbound.find((flow) => flow.role === 'microphone')?.energy"
        await self.browser.until(f"window.lanchat.calls.stats().then((it) => {energy} > 0)", "sound", seconds)

    async def talks_directly(self) -> None:
        """The media's path: from an address of the test network straight to another one."""
        pair = await self.browser.until("window.lanchat.calls.stats().then((it) => it.pair)", "a candidate pair")
        for end in ("local", "remote"):
            if address := pair[end]["address"]:  # Firefox keeps back what it has learned from packets alone
                network = IPV4 if ip_address(address).version == 4 else IPV6
                assert ip_address(address) in network, f"the media goes over {address}: {pair}"
        assert pair["local"]["protocol"] == "udp", pair
        assert pair["local"]["type"] in ("host", "prflx"), pair


def _person(other: Person) -> str:
    return f"{_STATE}.people.get({json.dumps(other.id)})"


async def befriend(one: Person, other: Person) -> None:
    """One asks, the other accepts; both have the conversation open afterwards."""
    await one.sees(other)
    await other.sees(one)
    await one.asks_to_chat(other)
    await other.accepts_chat_with(one)
    await one.is_contact_of(other)
    await one.opens_chat_with(other)


async def in_video_call(one: Person, other: Person) -> None:
    """One calls, the other accepts, and both see each other."""
    await one.calls(other, "video")
    await other.accepts("video")
    for person in (one, other):
        await person.is_in_call()
        await person.receives("camera", more=1)
