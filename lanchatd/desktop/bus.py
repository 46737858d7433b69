"""The notification server of the session, over D-Bus (Desktop Notifications Specification 1.3)."""

from __future__ import annotations

import asyncio
import contextlib
import html
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from .notice import Notice
from .signals import BusError, Changed, Closed, Pressed, RefusedError, Replied, Signal

PATIENCE: Final = 5.0
"""Seconds that the bus, or a program on it, has for an answer."""

_SERVER: Final = "org.freedesktop.Notifications"
_PATH: Final = "/org/freedesktop/Notifications"
_BUS: Final = "org.freedesktop.DBus"
_BUS_PATH: Final = "/org/freedesktop/DBus"
_SIGNALS: Final = (
    f"type='signal',sender='{_SERVER}',interface='{_SERVER}'",
    f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0='{_SERVER}'",
)
_REPLY: Final = "inline-reply"
"""The capability, and the key of the button, that KDE Plasma and others have for writing into a notification."""


@asynccontextmanager
async def connected(
    address: str, heard: Callable[[Signal], None], *, patience: float = PATIENCE
) -> AsyncIterator[Server]:
    """Be on the bus, and follow the notification server.

    Args:
        address: of the bus.
        heard: told what happens to notifications, also to those of other programs; and `Changed` when the bus is gone.
        patience: seconds that anybody has for an answer.

    Raises:
        BusError: it can't be reached.
    """
    try:
        async with asyncio.timeout(patience):
            bus = await MessageBus(address, BusType.SESSION).connect()
    except Exception as error:
        # Of many kinds, by what answers there; all of them mean the same for us.
        raise BusError(f"the session bus can not be reached ({_reason(error)})") from error
    gone = asyncio.ensure_future(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
    gone.add_done_callback(lambda _: heard(Changed()))
    server = Server(bus, gone, heard, patience)
    try:
        await server.begin()
        yield server
    finally:
        bus.disconnect()
        await asyncio.wait([gone], timeout=patience)
        if not gone.cancel():
            gone.exception()


class Server:
    """The notification server, whichever program that is at the moment."""

    def __init__(
        self, bus: MessageBus, gone: asyncio.Future[None], heard: Callable[[Signal], None], patience: float
    ) -> None:
        self._bus: Final = bus
        self._gone: Final = gone
        self._heard: Final = heard
        self._patience: Final = patience
        self._activatable = False
        self._capabilities: frozenset[str] | None = None
        self._token: tuple[int, str] | None = None
        self.owner: str | None = None
        """The connection of the program that shows the notifications now."""

    async def begin(self) -> None:
        """Find out who shows notifications, and listen.

        Raises:
            BusError: the bus does not let us.
        """
        self._bus.add_message_handler(self._take)
        for rule in _SIGNALS:
            await self._ask_bus("AddMatch", "s", [rule])
        [names] = await self._ask_bus("ListActivatableNames", gives="as")
        self._activatable = _SERVER in names
        with contextlib.suppress(RefusedError):
            [self.owner] = await self._ask_bus("GetNameOwner", "s", [_SERVER], gives="s")

    @property
    def there(self) -> bool:
        """Whether somebody shows notifications, or will as soon as there is one."""
        return self.owner is not None or self._activatable

    def check(self) -> None:
        """See that the bus is there.

        Raises:
            BusError: it is not, any more.
        """
        if self._gone.done():
            raise BusError("the session bus is gone")

    async def show(self, notice: Notice, replaced: int) -> int:
        """Show a notification, in place of the one with the id ``replaced`` unless that is 0, and return its id.

        Raises:
            BusError: the bus is gone, or nobody answers.
            RefusedError: the server does not show it.
        """
        if not self.there:
            raise RefusedError("no program of this session shows them")
        try:
            if self._capabilities is None:
                [capabilities] = await self._ask("GetCapabilities", gives="as")
                self._capabilities = frozenset(capabilities)
            arguments = _arguments(notice, replaced, self._capabilities)
            [number] = await self._ask("Notify", "susssasa{sv}i", arguments, gives="u")
        except RefusedError:
            # Nobody comes when called: until somebody does by themself, there is nobody.
            self._activatable = self._activatable and self.owner is not None
            raise
        return int(number)

    async def withdraw(self, number: int) -> None:
        """Take a notification away; one that is gone is no error.

        Raises:
            BusError: the bus is gone, or nobody answers.
        """
        with contextlib.suppress(RefusedError):
            await self._ask("CloseNotification", "u", [number])

    async def _ask(self, member: str, takes: str = "", body: Sequence[object] = (), gives: str = "") -> list[Any]:
        return await self._call(Message(_SERVER, _PATH, _SERVER, member, signature=takes, body=list(body)), gives)

    async def _ask_bus(self, member: str, takes: str = "", body: Sequence[object] = (), gives: str = "") -> list[Any]:
        return await self._call(Message(_BUS, _BUS_PATH, _BUS, member, signature=takes, body=list(body)), gives)

    async def _call(self, message: Message, gives: str) -> list[Any]:
        self.check()
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._bus.call(message)
        except TimeoutError as error:
            raise BusError(f"{message.destination} does not answer") from error
        except Exception as error:
            raise BusError(f"the session bus is gone ({_reason(error)})") from error
        if answer.message_type is MessageType.ERROR:
            raise RefusedError(f"{answer.error_name}: {' '.join(map(str, answer.body))}")
        if answer.signature != gives:
            raise RefusedError(f"{message.destination} gives {answer.signature!r} where {gives!r} was due")
        return list(answer.body)

    def _take(self, message: Message) -> None:
        """A message has come over the bus. Of signals only those of the server and of the bus itself count."""
        if message.message_type is not MessageType.SIGNAL:
            return
        match message.member, message.signature, message.body:
            case "NameOwnerChanged", "sss", [name, _, owner] if message.sender == _BUS and name == _SERVER:
                self.owner, self._capabilities, self._token = owner or None, None, None
                self._heard(Changed())
            case _ if message.sender != self.owner or message.interface != _SERVER:
                pass
            case "ActivationToken", "us", [number, token]:
                self._token = number, token
            case "ActionInvoked", "us", [number, key]:
                token = self._token[1] if self._token and self._token[0] == number else None
                self._token = None
                self._heard(Pressed(number, key, token))
            case "NotificationReplied", "us", [number, text]:
                self._heard(Replied(number, text))
            case "NotificationClosed", "uu", [number, _]:
                self._heard(Closed(number))


def _arguments(notice: Notice, replaced: int, capabilities: frozenset[str]) -> list[Any]:
    """Of the method ``Notify``."""
    body = html.escape(notice.body, quote=False) if "body-markup" in capabilities else notice.body
    actions: list[str] = []
    if "actions" in capabilities:
        actions = ["default", "Open", *(text for button in notice.buttons for text in button)]
        if notice.reply and _REPLY in capabilities:
            actions += [_REPLY, "Reply"]
    hints = {
        "category": Variant("s", notice.category),
        "desktop-entry": Variant("s", "lanchat"),
        "urgency": Variant("y", 2 if notice.urgent else 1),
    }
    if notice.ring and "sound" in capabilities:
        hints["sound-name"] = Variant("s", "phone-incoming-call")
    lasts = -1 if notice.lasts is None else int(notice.lasts * 1000)
    return ["LanChat", replaced, "lanchat", notice.summary, body, actions, hints, lasts]


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
