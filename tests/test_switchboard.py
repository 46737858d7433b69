"""The switchboard: answers to requests, and what everybody is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lanchatd.core.effects import Moment
from lanchatd.protocol import codec, peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import MessageId, PeerId, TabId
from lanchatd.switchboard import Outlets, Switchboard

ME, BOB = PeerId("a" * 52), PeerId("b" * 52)
TAB = TabId(3)


class World:
    """Records what the switchboard does."""

    def __init__(self) -> None:
        self.answers: list[tuple[TabId, ui.Event]] = []
        self.told: list[ui.Event] = []
        self.sent: list[tuple[PeerId, peer.Message]] = []
        self.saves = 0
        self.later: list[Callable[[], None]] = []
        outlets = Outlets(
            lambda tab, event: self.answers.append((tab, event)),
            self.told.append,
            lambda person, message: self.sent.append((person, message)) is None,
            self._save,
            self.later.append,
        )
        me = ui.Me(ME, "Ada", "lab", "available")
        self.board = Switchboard(me, outlets, lambda: Moment(1.0, 1_000), version="1.2.3")

    def _save(self) -> None:
        self.saves += 1

    def meet(self, *, contact: bool = True) -> None:
        self.board.linked(BOB, peer.Hello(id=BOB, protocol=1, name="Bob", machine="den"), "10.0.0.2")
        if contact:
            self.board.received(BOB, peer.Stance(stance="asking"))
            self.board.request(TAB, ui.AcceptChatRequest(person=BOB))

    def messages(self, kind: type[peer.Message]) -> list[peer.Message]:
        return [message for _, message in self.sent if isinstance(message, kind)]


def test_a_snapshot_shows_everything() -> None:
    world = World()
    world.meet()
    world.board.request(TAB, ui.SendPrivateMessage(person=BOB, id="12345678", text="hi"))
    world.board.request(TAB, ui.StartCall(person=BOB))
    snapshot = world.board.snapshot(TAB)
    assert (snapshot.tab, snapshot.version, snapshot.me.name) == (TAB, "1.2.3", "Ada")
    assert [(person.name, person.machine, person.presence) for person in snapshot.people] == [("Bob", "den", "online")]
    assert len(snapshot.conversations[0].entries) == 1
    assert snapshot.call is not None
    assert snapshot.ice_servers == []


def test_an_answer_goes_to_the_tab_that_asked_and_repeats_its_ref() -> None:
    world = World()
    world.meet()
    world.board.request(TAB, ui.GetOnlineUsers(ref="a"))
    world.board.request(TAB, ui.SendPrivateMessage(person=BOB, id="12345678", text="hi", ref="b"))
    world.board.request(TAB, ui.Typing(person=BOB, active=True))
    assert [(tab, type(answer), answer.ref) for tab, answer in world.answers] == [
        (TAB, ui.OnlineUsersList, "a"),
        (TAB, ui.Ok, "b"),
    ]


def test_a_refusal_changes_nothing_and_is_not_answered_twice() -> None:
    world = World()
    world.meet(contact=False)
    before = world.board.snapshot()
    with pytest.raises(BadRequest) as refusal:
        world.board.request(TAB, ui.SendPrivateMessage(person=BOB, id="12345678", text="hi", ref="b"))
    assert refusal.value.code == "not_contact"
    assert world.board.snapshot() == before
    assert world.answers == []


def test_a_changed_profile_is_told_to_tabs_and_links_and_kept() -> None:
    world = World()
    world.meet()
    saves = world.saves
    world.board.request(TAB, ui.SetProfile(name="Countess"))
    world.board.request(TAB, ui.SetProfile(status="dnd"))
    assert world.told[-1] == ui.ProfileChanged(me=ui.Me(ME, "Countess", "lab", "dnd"))
    assert world.sent[-1] == (BOB, peer.Profile(name="Countess", status="dnd", in_call=False))
    assert world.saves > saves


def test_preferences_are_told_to_tabs_and_kept_and_to_nobody_else() -> None:
    world = World()
    world.meet()
    saves, sent = world.saves, len(world.sent)
    world.board.request(TAB, ui.SetPreferences(hide_text=True, ref="a"))
    world.board.request(TAB, ui.SetPreferences(notifications=False))
    chosen = ui.Preferences(notifications=False, hide_text=True)
    assert world.told[-1] == ui.PreferencesChanged(preferences=chosen)
    assert world.board.snapshot().preferences == chosen
    assert (world.answers, len(world.sent)) == ([(TAB, ui.Ok(ref="a"))], sent)
    assert world.saves > saves


def test_pages_are_told_whether_the_desktop_shows_notifications() -> None:
    world = World()
    assert not world.board.snapshot().desktop
    world.board.desktop_changed(True)
    assert world.told[-1] == ui.DesktopChanged(desktop=True)
    assert world.board.snapshot().desktop


def test_everybody_linked_learns_that_we_are_in_a_call_and_no_longer() -> None:
    world = World()
    world.meet()
    world.board.request(TAB, ui.StartCall(person=BOB))
    call = world.board.snapshot().call
    assert call is not None
    world.sent.clear()
    world.board.received(BOB, peer.CallAccept(call=call.id, media=call.offered))
    assert world.board.in_call
    world.board.request(TAB, ui.EndCall(call=call.id))
    assert [m.in_call for m in world.messages(peer.Profile) if isinstance(m, peer.Profile)] == [True, False]


def test_somebody_announced_is_shown_only_with_a_link_or_a_reason() -> None:
    world = World()
    world.board.sighted(BOB, "Bob")
    assert world.board.snapshot().people == []
    world.board.unreachable(BOB, "unreachable", "No answer.")
    person = world.board.snapshot().people[0]
    assert (person.name, person.presence, person.reason) == ("Bob", "unreachable", "No answer.")
    world.board.lost(BOB)
    assert world.board.snapshot().people[0].presence == "offline"


def test_what_comes_from_nobody_we_are_linked_to_is_ignored() -> None:
    world = World()
    world.board.received(BOB, peer.Stance(stance="asking"))
    assert world.told == []


def test_a_daemon_that_stops_leaves_nobody_in_a_call() -> None:
    world = World()
    world.meet()
    world.board.request(TAB, ui.StartCall(person=BOB))
    world.board.stop()
    assert [m.outcome for m in world.messages(peer.CallEnd) if isinstance(m, peer.CallEnd)] == ["cancelled"]


def test_messages_that_come_together_are_acknowledged_together() -> None:
    world = World()
    world.meet()
    ids = [f"message-{number}" for number in range(300)]
    for ident in ids:
        world.board.received(BOB, peer.Chat(id=MessageId(ident), text="hi"))
    for act in world.later:
        act()
    acknowledgements = world.messages(peer.Delivered)
    assert [ident for each in acknowledgements for ident in each.ids] == ids  # type: ignore[attr-defined]
    assert len(acknowledgements) == 2
    codec.decode_peer(codec.encode(acknowledgements[0]))
