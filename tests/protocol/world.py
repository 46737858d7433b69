"""A switchboard to which anything may happen, in any order, and what must hold all the time."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

import msgspec

from lanchatd.core.conversation import BYTES_KEPT, LINES_KEPT, OUTBOX_LINES, UNREAD_BYTES, UNREAD_LINES
from lanchatd.core.effects import Moment
from lanchatd.core.roster import STRANGERS
from lanchatd.protocol import codec, peer, ui
from lanchatd.protocol.model import TEXT_BYTES, Media, PeerId, TabId
from lanchatd.switchboard import Outlets

from .forger import Forger
from .frames import PEER_TYPES, TAB_TYPES
from .home import BOB, CALL, CLEO, DAN, EVE, FAY, NOBODY, OURS, THEIRS, furnish, meet, new_board

PEOPLE: Final = (BOB, CLEO, DAN, EVE, FAY)
TABS: Final = (TabId(1), TabId(2))
CROWD: Final = 300
HIDDEN: Final = "candidate:1 1 udp 2113937151 0b1c2d3e-0000.local 54400 typ host"
"""As a browser hides its address, for the daemon to add the real one."""
SLACK: Final = 50
"""Whom our own person knew and let go of may be in the list beyond its bound."""
FOR_THE_BLOCKED: Final = (peer.CallEnd, peer.Profile)
"""A blocked daemon hears what everybody hears, and that there is no call."""

_events: Final = msgspec.json.Decoder(ui.TabEvent)
_snapshot: Final = msgspec.json.Decoder(ui.Snapshot)


class World:
    """One daemon without its sockets. Breaks with an `AssertionError`, or whatever the daemon would have died of.

    Args:
        random: decides what happens.
    """

    def __init__(self, random: Random) -> None:
        self._random: Final = random
        self._now = Moment(1_000.0, 1_700_000_000_000)
        self._linked: set[PeerId] = set(PEOPLE)
        self.frames = 0
        self.read = 0
        self.refused = 0
        self._pools: Final[dict[str, list[Any]]] = {
            "person": [BOB, BOB, BOB, *PEOPLE, NOBODY],
            "id": [OURS, THEIRS, *(f"message-{number}" for number in range(40))],
            "call": [CALL, "call-0001", "call-0002"],
            "generation": [1, 1, 1, 2, 3],
            "candidate": [HIDDEN, HIDDEN + " generation 0", ""],
            "sdp": ["v=0\r\n", f"v=0\r\na={HIDDEN}\r\n" * 3, f"a={HIDDEN}\n" * 900, "a=candidate:<svg onload=x>"],
            "stance": ["none", "asking", "accepted", "declined"],
        }
        self._forger: Final = Forger(random, self._pools)
        outlets = Outlets(self._told_one, self._told_all, self._told_peer, lambda: None)
        self.board: Final = new_board(outlets, lambda: self._now)
        furnish(self.board)
        self._happenings: Final[list[Callable[[], None]]] = [self._heard] * 240 + [self._asked] * 160
        self._happenings += [self._link_up, self._link_down, self._time_passes, self._friends_again] * 12
        self._happenings += [self._tab_closes, self._noise] * 4 + [self._crowd, self._flood]

    def step(self) -> None:
        """Something happens."""
        self._now = Moment(self._now.steady + 0.2, self._now.wall + 200)
        self._random.choice(self._happenings)()

    def check(self) -> None:
        """What must hold of all that is kept."""
        snapshot = self.board.snapshot()
        assert _snapshot.decode(codec.encode(snapshot)) == snapshot, "what we show is not what is declared"
        away = [person for person in snapshot.people if person.id not in self._linked]
        assert sum(person.relation in ("none", "incoming") for person in away) <= STRANGERS + SLACK
        known = {person.id for person in snapshot.people}
        for conversation in snapshot.conversations:
            texts = [entry for entry in conversation.entries if isinstance(entry, ui.TextEntry)]
            waiting = [entry for entry in texts if entry.mine and entry.status in ("waiting", "sent")]
            assert len(waiting) <= OUTBOX_LINES + UNREAD_LINES
            assert len(conversation.entries) - len(waiting) <= LINES_KEPT + 2 * UNREAD_LINES
            assert _size(texts) - _size(waiting) <= BYTES_KEPT + 2 * (UNREAD_BYTES + TEXT_BYTES)
            assert 0 <= conversation.unread <= len(conversation.entries)
        self.board.tick()
        assert {conversation.person for conversation in self.board.snapshot().conversations} <= known

    # ------------------------------------------------------------------------------------------------- what may happen

    def _heard(self) -> None:
        """A frame comes over a link."""
        person = self._somebody_linked()
        kind = self._random.choice(PEER_TYPES)
        self.frames += 1
        try:
            message = codec.decode_peer(self._forger.frame(kind))
        except codec.WireError:
            self.refused += 1
            return
        self.read += 1
        self.board.received(person, message)

    def _asked(self) -> None:
        """A frame comes from a tab."""
        kind = self._random.choice(TAB_TYPES)
        self.frames += 1
        try:
            request = codec.decode_tab(self._forger.frame(kind))
        except codec.BadRequest as error:
            self.refused += 1
            self._told_one(TABS[0], ui.Error(code=error.code, message=str(error), ref=error.ref))
            return
        self.read += 1
        self._request(request)

    def _request(self, request: ui.TabRequest) -> None:
        try:
            self.board.request(self._random.choice(TABS), request)
        except codec.BadRequest as error:
            self._told_one(TABS[0], ui.Error(code=error.code, message=str(error), ref=error.ref))

    def _friends_again(self) -> None:
        """Bob and we make up, and talk: most of what there is to break needs a contact and a call."""
        if BOB not in self._linked:
            self._linked.add(BOB)
            meet(self.board, BOB)
        self._request(ui.UnblockUser(person=BOB))
        self.board.received(BOB, peer.Stance(stance="asking"))
        self._request(ui.AcceptChatRequest(person=BOB))
        self.board.received(BOB, peer.Ring(call=f"call-{self._random.randrange(10_000):04}", media=Media(video=True)))
        if self._random.random() < 0.8:
            self._request(ui.AcceptCall(call=self._pools["call"][0]))

    def _link_up(self) -> None:
        person = self._random.choice([*PEOPLE, self._stranger()])
        if person in self._linked:
            return
        self.frames += 1
        try:
            hello = codec.decode_peer(self._forger.frame(peer.Hello), limit=peer.HELLO_BYTES)
        except codec.WireError:
            return
        if isinstance(hello, peer.Hello):
            self._linked.add(person)
            self.board.linked(person, hello, self._random.choice(["192.0.2.9", "fe80::9%eth0", "fd00::9"]))

    def _link_down(self) -> None:
        person = self._somebody_linked()
        self._linked.discard(person)
        self.board.unlinked(person, self._random.random() < 0.3, "gone")
        if not self._linked:
            self._linked.add(BOB)
            meet(self.board, BOB)

    def _time_passes(self) -> None:
        """On one clock; the other one may jump, also back."""
        seconds = self._random.choice([1, 1, 10, 60, 4_000, 90_000])
        jump = self._random.choice([0, 0, 3_600_000, -3_600_000])
        self._now = Moment(self._now.steady + seconds, max(0, self._now.wall + seconds * 1000 + jump))
        self.board.tick()

    def _tab_closes(self) -> None:
        self.board.tab_closed(self._random.choice(TABS))

    def _crowd(self) -> None:
        """Many are announced who are not there."""
        for _ in range(CROWD):
            self.board.unreachable(self._stranger(), "unreachable", "No answer.")
        self.check()

    def _flood(self) -> None:
        """A contact, or who would like to be one, writes a lot; so do we."""
        person, text = self._somebody_linked(), self._random.choice(["x", "x" * 16_000])
        begin = self._random.randrange(10_000)
        for number in range(begin, begin + CROWD):
            self.board.received(person, peer.Chat(id=f"message-{number}", text=text))
            self._request(ui.SendPrivateMessage(person=person, id=f"message-{number}", text=text))
        self.check()

    def _noise(self) -> None:
        """Bytes that were never a frame."""
        text = self._random.randbytes(self._random.randrange(200))
        self.frames += 2
        for decode, refusal in ((codec.decode_peer, codec.WireError), (codec.decode_tab, codec.BadRequest)):
            try:
                decode(text)
            except refusal:
                self.refused += 1

    def _somebody_linked(self) -> PeerId:
        return self._random.choice(sorted(self._linked)[:20])

    def _stranger(self) -> PeerId:
        return PeerId("".join(self._random.choices("abcdefghijklmnopqrstuvwxyz234567", k=4)).ljust(52, "z"))

    # ------------------------------------------------------------------------------------------ what must never be said

    def _told_one(self, _tab: TabId, event: ui.Event) -> None:
        assert _events.decode(codec.encode(event)) == event, "no tab could read this"

    def _told_all(self, event: ui.Event) -> None:
        self._told_one(TABS[0], event)
        match event:
            case ui.IncomingCall(call=call):
                assert self._relation(call.person) == "contact", "somebody else has rung"
                self._pools["call"][0] = call.id
            case ui.CallStarted(call=call):
                self._pools["call"][0] = call.id
            case ui.ReceivePrivateMessage(person=person, entry=ui.TextEntry(mine=False)):
                assert self._relation(person) == "contact", "somebody else has written"
            case ui.Typing(person=person):
                assert self._relation(person) == "contact", "somebody else has been shown as typing"
            case ui.IncomingChatRequest(person=person):
                assert self._relation(person.id) == "incoming", "somebody asks who may not"

    def _told_peer(self, person: PeerId, message: peer.Message) -> bool:
        frame = codec.encode(message)
        assert len(frame.encode()) <= peer.FRAME_BYTES
        assert codec.decode_peer(frame) == message, "no daemon could read this"
        if self._relation(person) == "blocked":
            assert isinstance(message, FOR_THE_BLOCKED), "a blocked person has been told something"
        return person in self._linked

    def _relation(self, person: PeerId) -> str:
        known = self.board.core.roster.find(person)
        return known.relation if known else "none"


def _size(texts: list[ui.TextEntry]) -> int:
    return sum(len(entry.text.encode()) for entry in texts)
