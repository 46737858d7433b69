"""What happens on the desktop, what can go wrong with it, and where it is. Loads nothing that only a bus would need."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BusError(Exception):
    """The bus is not there, or nobody answers on it."""


class RefusedError(BusError):
    """The server, or the bus in its place, has answered with an error."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The server has come, gone, or started anew: nothing is shown any more that was."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a notification, or the notification itself (``default``)."""

    id: int
    key: str
    token: str | None
    """With it the window that is opened next may come to the front (XDG activation)."""


@dataclass(frozen=True, slots=True)
class Replied:
    """Words were written into a notification."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A notification is gone: put away, or at the end of its time."""

    id: int


Signal = Changed | Pressed | Replied | Closed


def bus_address(environment: Mapping[str, str]) -> str | None:
    """Where the bus of the session is, if there may be one."""
    told = environment.get("DBUS_SESSION_BUS_ADDRESS")
    if told:
        return told
    # A service that was started with the machine is not told where the session of its user is.
    place = Path(environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "bus")
    return f"unix:path={place}" if place.is_socket() else None
