"""A tab without a browser: the WebSocket of the page, spoken as docs/protocol.md has it."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp

from .daemon import Daemon
from .machine import Machine
from .waiting import becomes_true

Event = dict[str, Any]


class Refused(Exception):
    """The daemon answered with an error."""

    def __init__(self, error: Event) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]


class Tab:
    """Keeps what the daemon told: people, conversations and the call as they are now, and all its events."""

    def __init__(self, daemon: Daemon, socket: aiohttp.ClientWebSocketResponse, snapshot: Event) -> None:
        self._socket = socket
        self._answers: dict[str, asyncio.Future[Event]] = {}
        self._changed = asyncio.Condition()
        self.daemon = daemon
        self.snapshot = snapshot
        self.me: Event = snapshot["me"]
        self.id: str = self.me["id"]
        self.people: dict[str, Event] = {person["id"]: person for person in snapshot["people"]}
        self.entries: dict[str, list[Event]] = {talk["person"]: talk["entries"] for talk in snapshot["conversations"]}
        self.call: Event | None = snapshot["call"]
        self.events: deque[Event] = deque(maxlen=2000)
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, daemon: Daemon) -> Tab:
        """Connect as the page does, and take the snapshot."""
        session = await daemon.http()
        url = daemon.url.rstrip("/")
        socket = await session.ws_connect(f"{url}/ws", origin=url, max_msg_size=0)
        return cls(daemon, socket, json.loads(await socket.receive_str(timeout=10)))

    @property
    def machine(self) -> Machine:
        """Where it is."""
        return self.daemon.machine

    @property
    def connected(self) -> bool:
        """Whether the socket is up."""
        return not self._reader.done()

    async def ask(self, event: str, **fields: Any) -> Event:
        """Send a request and return its answer.

        Raises:
            Refused: the answer is an error.
        """
        ref = uuid.uuid4().hex
        self._answers[ref] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"event": event, "ref": ref, **fields})
        try:
            answer = await asyncio.wait_for(self._answers[ref], 10)
        finally:
            self._answers.pop(ref, None)
        if answer["event"] == "error":
            raise Refused(answer)
        return answer

    async def send(self, frame: str) -> None:
        """Send any text as it is."""
        await self._socket.send_str(frame)

    async def say(self, person: str, text: str) -> str:
        """Write a private message; returns its id."""
        ident = str(uuid.uuid4())
        await self.ask("send_private_message", person=person, id=ident, text=text)
        return ident

    async def expect(self, event: str, seconds: float = 10, **fields: Any) -> Event:
        """The first event, of those not yet given out, that has this name and these fields (in depth)."""
        wanted = {"event": event, **fields}
        found: list[Event] = []

        def look() -> bool:
            found.extend([candidate for candidate in self.events if _has(candidate, wanted)][:1])
            return bool(found)

        await self.until(look, f"event {wanted}", seconds)
        self.events.remove(found[0])
        return found[0]

    async def sees(self, person: str, seconds: float = 15, **fields: Any) -> float:
        """Wait until this person is in the list with these fields; returns the moment, by the monotonic clock."""
        wanted = {"id": person, **fields}
        await self.until(lambda: _has(self.people.get(person), wanted), f"a person with {wanted}", seconds)
        return time.monotonic()

    async def reads(self, person: str, text: str, seconds: float = 10, **fields: Any) -> Event:
        """Wait until a line of the conversation has this text and these fields."""
        wanted = {"text": text, **fields}
        await self.until(lambda: self.line(person, wanted) is not None, f"line {wanted}", seconds)
        line = self.line(person, wanted)
        assert line
        return line

    def line(self, person: str, wanted: Event) -> Event | None:
        """The first line of a conversation that has these fields."""
        return next((entry for entry in self.entries.get(person, []) if _has(entry, wanted)), None)

    async def until(self, condition: Callable[[], bool], what: str, seconds: float = 10) -> None:
        """Wait until what the daemon told makes a condition true.

        Raises:
            AssertionError: not in time, with what is known instead.
        """
        if not await becomes_true(condition, self._changed, self._reader, seconds):
            gone = "" if self.connected else "; the socket is closed"
            known = {"people": list(self.people.values()), "call": self.call, "events": list(self.events)[-30:]}
            raise AssertionError(
                f"{self.me['name']} waited {seconds} s for {what}{gone}\n{json.dumps(known, indent=1)}"
            )

    async def close(self) -> None:
        """Close the tab."""
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                event = json.loads(frame.data)
                self._take(event)
                answer = self._answers.get(event.get("ref"))
                if answer and not answer.done():
                    answer.set_result(event)
                async with self._changed:
                    self._changed.notify_all()
        finally:
            async with self._changed:
                self._changed.notify_all()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the daemon closed the socket"))

    def _take(self, event: Event) -> None:
        self.events.append(event)
        match event["event"]:
            case "online_users_list":
                self.people = {person["id"]: person for person in event["people"]}
            case "person_changed":
                self.people[event["person"]["id"]] = event["person"]
            case "person_removed":
                self.people.pop(event["person"], None)
                self.entries.pop(event["person"], None)
            case "profile_changed":
                self.me = event["me"]
            case "receive_private_message":
                self.entries.setdefault(event["person"], []).append(event["entry"])
            case "message_status":
                for entry in self.entries.get(event["person"], []):
                    if entry["id"] in event["ids"]:
                        entry["status"] = event["status"]
            case "incoming_call" | "call_started" | "call_accepted" | "call_changed":
                self.call = event["call"]
            case "call_rejected" | "call_ended":
                self.call = None


async def befriend(one: Tab, other: Tab) -> None:
    """They see each other, one asks, the other accepts: now they are contacts, and stay so after a crash."""
    await one.sees(other.id, presence="online")
    await other.sees(one.id, presence="online")
    await one.ask("send_chat_request", person=other.id)
    await other.sees(one.id, relation="incoming")
    await other.ask("accept_chat_request", person=one.id)
    await one.sees(other.id, relation="contact")
    await other.sees(one.id, relation="contact")
    await one.daemon.has_saved_contact(other.id)
    await other.daemon.has_saved_contact(one.id)


def _has(event: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(event == wanted)
    return isinstance(event, dict) and all(name in event and _has(event[name], each) for name, each in wanted.items())
