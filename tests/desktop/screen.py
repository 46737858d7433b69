"""A session bus, and on it a notification server that writes down what it shows and presses what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

NAME: Final = "org.freedesktop.Notifications"
PATH: Final = "/org/freedesktop/Notifications"
PATIENCE: Final = 10.0
"""Seconds after which what should have come will not come."""
CONFIGURATION: Final = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  {services}
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""


@asynccontextmanager
async def session_bus(folder: Path, services: Path | None = None) -> AsyncIterator[str]:
    """A bus on which nobody is; ``services``: who may be started by it. Yields its address."""
    socket, configuration = folder / "bus", folder / "bus.conf"
    socket.unlink(missing_ok=True)
    started = f"<servicedir>{services}</servicedir>" if services else ""
    configuration.write_text(CONFIGURATION.format(socket=socket, services=started))
    daemon = await asyncio.create_subprocess_exec(
        "dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert daemon.stdout
        line = await asyncio.wait_for(daemon.stdout.readline(), PATIENCE)
        assert line.startswith(b"unix:path=")
        yield f"unix:path={socket}"
    finally:
        daemon.kill()
        await daemon.wait()


@dataclass(frozen=True)
class Card:
    """One notification, as it was asked for."""

    replaces: int
    summary: str
    body: str
    buttons: dict[str, str]
    hints: dict[str, Any]
    lasts: int

    def key(self, label: str) -> str:
        """What a button is called on the bus."""
        return next(key for key, text in self.buttons.items() if text == label)


@dataclass
class Screen:
    """What a person sees. ``mute``: it takes everything, and answers nothing. ``raving``: it answers something else."""

    bus: MessageBus
    capabilities: list[str]
    mute: bool = False
    raving: bool = False
    asked: int = 0
    vain: int = 0
    """So often something was to be closed that was closed already."""
    shown: dict[int, Card] = field(default_factory=dict)
    ever: list[Card] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not what():
                self._changed.clear()
                await self._changed.wait()

    async def card(self, summary: str, **fields: Any) -> tuple[int, Card]:
        """The notification that looks like this, as soon as it is shown."""

        def found() -> tuple[int, Card] | None:
            fits = (
                (number, card)
                for number, card in self.shown.items()
                if card.summary == summary and all(getattr(card, name) == value for name, value in fields.items())
            )
            return next(fits, None)

        await self.until(lambda: found() is not None)
        card = found()
        assert card is not None
        return card

    async def empty(self) -> None:
        await self.until(lambda: not self.shown)

    def press(self, number: int, key: str, token: str | None = None) -> None:
        if token is not None:
            self._signal("ActivationToken", "us", [number, token])
        self._signal("ActionInvoked", "us", [number, key])

    def reply(self, number: int, text: str) -> None:
        self._signal("NotificationReplied", "us", [number, text])

    def dismiss(self, number: int) -> None:
        del self.shown[number]
        self._signal("NotificationClosed", "uu", [number, 2])

    def take(self, message: Message) -> Message | bool | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != NAME:
            return None
        self.asked += 1
        self._changed.set()
        if self.mute:
            return True
        if self.raving:
            return Message.new_method_return(message, "i", [7])
        match message.member, message.body:
            case "GetCapabilities", []:
                return Message.new_method_return(message, "as", [self.capabilities])
            case "Notify", ["LanChat", replaces, "lanchat", summary, body, actions, hints, lasts]:
                number = replaces or len(self.ever) + 1
                values = {name: hint.value for name, hint in hints.items()}
                buttons = dict(zip(actions[::2], actions[1::2], strict=True))
                self.shown[number] = Card(replaces, summary, body, buttons, values, lasts)
                self.ever.append(self.shown[number])
                return Message.new_method_return(message, "u", [number])
            case "CloseNotification", [number]:
                if self.shown.pop(number, None) is None:
                    self.vain += 1
                else:
                    self._signal("NotificationClosed", "uu", [number, 3])
                return Message.new_method_return(message)
        return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", str(message.member))

    def _signal(self, member: str, signature: str, body: list[Any]) -> None:
        self.bus.send(Message.new_signal(PATH, NAME, member, signature, body))


ALL: Final = ["actions", "body", "body-markup", "inline-reply", "sound"]


@asynccontextmanager
async def screen(address: str, capabilities: list[str] = ALL) -> AsyncIterator[Screen]:
    """A notification server that is ready."""
    bus = await MessageBus(address).connect()
    try:
        server = Screen(bus, capabilities)
        bus.add_message_handler(server.take)
        await bus.request_name(NAME)
        yield server
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()
