"""Two cores and the wire between them, under the control of the test. What crosses the wire crosses the real codec."""

from __future__ import annotations

from collections import deque

from lanchatd.core import arrivals
from lanchatd.core.effects import Effect, Fresh, Moment, NoteCall, SavePeople, TellPeer, TellTab, TellTabs
from lanchatd.core.requests import carry_out
from lanchatd.core.state import Core
from lanchatd.protocol import codec, peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import PeerId, TabId

ALICE = PeerId("a" * 52)
BOB = PeerId("b" * 52)
EVE = PeerId("e" * 52)
TAB = TabId(1)


class Clock:
    """Both clocks of a test, moved by hand."""

    def __init__(self) -> None:
        self.now = Moment(1000.0, 1_700_000_000_000)

    def pass_by(self, seconds: float) -> None:
        self.now = Moment(self.now.steady + seconds, self.now.wall + int(seconds * 1000))


class Side:
    """One person: a core, what the tabs were told, and what is on the wire to the other side."""

    def __init__(self, me: PeerId, other: PeerId, clock: Clock) -> None:
        self.me, self.other, self.clock = me, other, clock
        self.core = Core(me)
        self.told: list[ui.Event] = []
        self.outgoing: deque[str] = deque()
        self.linked = False
        self.calls_made = 0
        self.name = f"person {me[0]}"
        self.starts = 1

    def do(self, request: ui.TabRequest, tab: TabId = TAB) -> None:
        """A tab asks for something."""
        frame = codec.encode(request)
        self.calls_made += 1
        name = f"call-{self.me[0]}-{self.calls_made:04}"
        fresh = Fresh(name, f"nonce-of-{name:0>20}")
        self.perform(carry_out(self.core, tab, codec.decode_tab(frame), lambda: fresh, self.clock.now))  # type: ignore[arg-type]

    def try_to(self, request: ui.TabRequest, tab: TabId = TAB) -> str | None:
        """Like `do`, but tells the code of the refusal."""
        try:
            self.do(request, tab)
        except BadRequest as refusal:
            return refusal.code
        return None

    def link_up(self, name: str | None = None, incarnation: int = 1) -> None:
        self.linked = True
        name = name or f"person {self.other[0]}"
        hello = peer.Hello(id=self.other, protocol=1, name=name, incarnation=f"start {incarnation}")
        self.perform(arrivals.linked(self.core, self.other, hello, self.clock.now))

    def link_down(self, *, clean: bool = False) -> None:
        self.linked = False
        self.outgoing.clear()
        self.perform(arrivals.unlinked(self.core, self.other, self.clock.now, clean=clean))

    def receive(self, frame: str) -> None:
        message = codec.decode_peer(frame)
        self.perform(arrivals.take_in(self.core, self.other, message, "10.0.0.9", self.clock.now))

    def perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case TellTabs() | TellTab():
                    self.told.append(effect.event)
                case TellPeer():
                    if self.linked:
                        self.outgoing.append(codec.encode(effect.message))
                case NoteCall():
                    self.perform(self.core.conversations.note_call(effect.person, effect.entry))
                case SavePeople():
                    pass

    def heard(self, kind: type[ui.Event]) -> list[ui.Event]:
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def person(self) -> ui.Person:
        return self.core.roster.get(self.other).view()

    def texts(self, *, mine: bool) -> list[str]:
        """The messages of one side, in the order shown here."""
        return [entry.text for entry in self._entries() if entry.mine is mine]

    def arrivals(self) -> list[str]:
        """Their messages as the tabs were told of them, each as often as it was told."""
        events = [event.entry for event in self.told if isinstance(event, ui.ReceivePrivateMessage)]
        return [entry.text for entry in events if isinstance(entry, ui.TextEntry) and not entry.mine]

    def statuses(self) -> list[str]:
        return [entry.status for entry in self._entries() if entry.mine]

    def _entries(self) -> list[ui.TextEntry]:
        views = [view for view in self.core.conversations.views() if view.person == self.other]
        return [entry for view in views for entry in view.entries if isinstance(entry, ui.TextEntry)]


class Pair:
    """Alice and Bob. The lower peer id is Alice's."""

    def __init__(self, *, contacts: bool = True) -> None:
        self.clock = Clock()
        self.alice = Side(ALICE, BOB, self.clock)
        self.bob = Side(BOB, ALICE, self.clock)
        self.link_up()
        if contacts:
            self.alice.do(ui.SendChatRequest(person=BOB))
            self.settle()
            self.bob.do(ui.AcceptChatRequest(person=ALICE))
            self.settle()

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.alice, self.bob

    def link_up(self) -> None:
        for side in self.sides:
            side.linked = True
        self.alice.link_up(self.bob.name, self.bob.starts)
        self.bob.link_up(self.alice.name, self.alice.starts)

    def link_down(self) -> None:
        """Whatever was on the wire is lost."""
        for side in self.sides:
            side.link_down()

    def deliver(self, sender: Side) -> bool:
        """Carry the oldest frame of one side across; False when there is none."""
        if not sender.outgoing:
            return False
        receiver = self.bob if sender is self.alice else self.alice
        receiver.receive(sender.outgoing.popleft())
        return True

    def settle(self) -> None:
        """Carry everything across until nobody says anything more."""
        for _ in range(10_000):
            if not self.deliver(self.alice) and not self.deliver(self.bob):
                return
        raise AssertionError("the two never stop talking")

    def pass_by(self, seconds: float) -> None:
        self.clock.pass_by(seconds)
        for side in self.sides:
            side.perform(side.core.tick(self.clock.now))

    def restart(self, side: Side) -> None:
        """The daemon of one side is killed and comes back with nothing but its contacts."""
        other = self.bob if side is self.alice else self.alice
        known = side.core.roster.get(side.other)
        if side.linked:
            self.link_down()
        side.core = Core(side.me)
        side.starts += 1
        known.linked = False
        side.core.roster.restore([known])
        side.told.clear()
        assert not other.linked
