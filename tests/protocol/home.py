"""A daemon in the middle of things: a contact in a call, requests both ways, a stranger, somebody who is blocked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lanchatd.core.effects import Moment
from lanchatd.protocol import peer, ui
from lanchatd.protocol.model import Media, PeerId, TabId
from lanchatd.switchboard import Outlets, Switchboard

ME, BOB, CLEO, DAN, EVE, FAY, NOBODY = (PeerId(letter * 52) for letter in "abcdefg")
NAMES: Final = {BOB: "Bob", CLEO: "Cleo", DAN: "Dan", EVE: "Eve", FAY: "Fay"}
TAB: Final = TabId(1)
CALL: Final = "call-of-bob"
THEIRS: Final = "message-of-bob"
OURS: Final = "message-of-ada"


def new_board(outlets: Outlets, clock: Callable[[], Moment]) -> Switchboard:
    """Ada's, who knows nobody."""
    return Switchboard(ui.Me(ME, "Ada", "desk", "available"), outlets, clock, version="1")


def furnish(board: Switchboard) -> None:
    """Bob is a contact and talks with tab 1, Cleo has asked, Dan was asked, Eve is blocked, Fay is a stranger."""
    for person in NAMES:
        meet(board, person)
    for person in (BOB, CLEO, EVE):
        board.received(person, peer.Stance(stance="asking"))
    board.request(TAB, ui.AcceptChatRequest(person=BOB))
    board.request(TAB, ui.SendChatRequest(person=DAN))
    board.request(TAB, ui.BlockUser(person=EVE))
    board.received(BOB, peer.Chat(id=THEIRS, text="Hello"))
    board.request(TAB, ui.SendPrivateMessage(person=BOB, id=OURS, text="Hello, Bob"))
    board.received(BOB, peer.Ring(call=CALL, media=Media(video=True)))
    board.request(TAB, ui.AcceptCall(call=CALL))


def meet(board: Switchboard, person: PeerId) -> None:
    """A link to this person comes up."""
    board.linked(person, peer.Hello(id=person, protocol=1, name=NAMES.get(person, "Somebody")), "192.0.2.7")
