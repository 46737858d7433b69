"""What the core wants to be done. A change of state returns a list of these; the switchboard performs them in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lanchatd.protocol import peer, ui
from lanchatd.protocol.model import PeerId, TabId


class Moment(NamedTuple):
    """Now, on two clocks: ``steady`` in seconds for waiting, ``wall`` in milliseconds since 1970 for showing."""

    steady: float
    wall: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """Random and unguessable, for what a request may begin: an id, and a nonce that is kept secret."""

    id: str
    nonce: str


@dataclass(frozen=True, slots=True)
class TellTabs:
    """Tell every open page."""

    event: ui.Event


@dataclass(frozen=True, slots=True)
class TellTab:
    """Tell one page."""

    tab: TabId
    event: ui.Event


@dataclass(frozen=True, slots=True)
class TellPeer:
    """Tell another daemon, if it is linked; what must not be lost is told again at link-up."""

    to: PeerId
    message: peer.Message


@dataclass(frozen=True, slots=True)
class NoteCall:
    """Write a call that is over into the conversation."""

    person: PeerId
    entry: ui.CallEntry


@dataclass(frozen=True, slots=True)
class SavePeople:
    """What is kept on disk about people has changed."""


Effect = TellTabs | TellTab | TellPeer | NoteCall | SavePeople
