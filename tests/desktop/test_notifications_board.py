"""What ought to stand on the desktop, told from what happens. No bus, no time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import pytest
from msgspec.structs import replace

from lanchatd.desktop.board import Board
from lanchatd.desktop.notice import Deed, Slot
from lanchatd.desktop.words import LINE_LENGTH
from lanchatd.protocol import ui
from lanchatd.protocol.model import CallOutcome, Media, PeerId, TabId

ADA, BOB, CYD, DAN = (PeerId(letter * 52) for letter in "abcd")
PEOPLE: Final = {
    who: ui.Person(who, name, f"{name.lower()}-laptop", "online", "contact")
    for who, name in ((ADA, "Ada"), (BOB, "Bob"), (CYD, "Cyd"), (DAN, "Dan"))
}
ME: Final = ui.Me("m" * 52, "Me", "here", "available")
TAB: Final = TabId(1)
CALL: Final = ui.Call("call-0001", ADA, "incoming", "ringing", 0, False, Media(video=True))
ASKING: Final = ui.Comparison("comparison-1", ADA, "asking")


def wrote(who: PeerId, text: str = "hello", *, mine: bool = False) -> ui.Event:
    return ui.ReceivePrivateMessage(person=who, entry=ui.TextEntry(f"id-{text}", mine, text, 0, "delivered"))


def called(outcome: CallOutcome, duration: int = 0, *, mine: bool = False) -> ui.Event:
    entry = ui.CallEntry("call-0001", mine, True, outcome, 0, duration)
    return ui.ReceivePrivateMessage(person=ADA, entry=entry)


def related(who: PeerId, relation: ui.Relation, *, held: bool = False) -> ui.Person:
    return replace(PEOPLE[who], relation=relation, held=held)


def asks(who: PeerId) -> ui.Event:
    return ui.IncomingChatRequest(person=related(who, "incoming"))


def prefers(*, notifications: bool = True, hide_text: bool = False) -> ui.Event:
    return ui.PreferencesChanged(preferences=ui.Preferences(notifications, hide_text))


def focus(*, focused: bool = True, person: PeerId | None = None) -> ui.SetFocus:
    return ui.SetFocus(focused=focused, person=person)


def status(status: ui.Status) -> ui.Event:
    return ui.ProfileChanged(me=replace(ME, status=status))


Step = ui.Event | ui.SetFocus


def board(*steps: Step) -> Board:
    made = Board(PEOPLE.get, ui.Preferences())
    for step in steps:
        made.look(TAB, step) if isinstance(step, ui.SetFocus) else made.hear(step)
    return made


def seen(*steps: Step) -> list[tuple[str, str]]:
    return [(notice.summary, notice.body) for notice in board(*steps).notices().values()]


RING: Final = ui.IncomingCall(call=CALL)
ENDED: Final = ui.CallEnded(call=CALL.id, person=ADA, outcome="cancelled")

SHOWN: dict[str, tuple[Iterable[Step], list[tuple[str, str]]]] = {
    "nothing": ([], []),
    "a message": ([wrote(ADA)], [("Ada", "hello")]),
    "messages of one": ([wrote(ADA, "a"), wrote(ADA, "b")], [("Ada · 2 new messages", "a\nb")]),
    "the last three": ([wrote(ADA, text) for text in "abcd"], [("Ada · 4 new messages", "b\nc\nd")]),
    "messages of two": ([wrote(ADA), wrote(BOB)], [("Ada", "hello"), ("Bob", "hello")]),
    "a long one": ([wrote(ADA, "x" * 300)], [("Ada", "x" * (LINE_LENGTH - 1) + "…")]),
    "several lines": ([wrote(ADA, "a\n\n b\tc")], [("Ada", "a b c")]),
    "from nobody known": ([wrote(PeerId("z" * 52))], [("Somebody", "hello")]),
    "read in a tab": ([wrote(ADA), ui.ConversationSeen(person=ADA, unread=0)], []),
    "read in part": ([wrote(ADA), ui.ConversationSeen(person=ADA, unread=1)], [("Ada", "hello")]),
    "answered in a tab": ([wrote(ADA), wrote(ADA, mine=True)], []),
    "read, and one more": ([wrote(ADA, "a"), ui.ConversationSeen(person=ADA, unread=0), wrote(ADA, "b")],
                           [("Ada", "b")]),
    "blocked": ([wrote(ADA), ui.PersonChanged(person=related(ADA, "blocked"))], []),
    "forgotten": ([wrote(ADA), ui.PersonRemoved(person=ADA)], []),
    "a change of presence": ([wrote(ADA), ui.PersonChanged(person=PEOPLE[ADA])], [("Ada", "hello")]),
    "my own words": ([wrote(ADA, mine=True)], []),
    "a tab has the focus": ([focus(), wrote(ADA), asks(BOB), RING], []),
    "a tab without the focus": ([focus(focused=False), wrote(ADA)], [("Ada", "hello")]),
    "the focus was lost": ([focus(), focus(focused=False), wrote(ADA)], [("Ada", "hello")]),
    "what came before the focus stays": ([wrote(ADA), focus()], [("Ada", "hello")]),
    "do not disturb": ([status("dnd"), wrote(ADA), asks(BOB), RING, called("no_answer")], []),
    "disturb again": ([status("dnd"), wrote(ADA, "a"), status("away"), wrote(ADA, "b")], [("Ada", "b")]),
    "hidden": ([prefers(hide_text=True), wrote(ADA)], [("Ada", "New message")]),
    "hidden, two": ([prefers(hide_text=True), wrote(ADA, "a"), wrote(ADA, "b")], [("Ada", "2 new messages")]),
    "hidden later": ([wrote(ADA), prefers(hide_text=True)], [("Ada", "New message")]),
    "off": ([prefers(notifications=False), wrote(ADA), RING, asks(BOB)], []),
    "off later": ([wrote(ADA), asks(BOB), called("no_answer"), RING, prefers(notifications=False)], []),
    "off and on": ([wrote(ADA), prefers(notifications=False), prefers()], []),
    "a call": ([RING], [("Ada is calling", "Video call")]),
    "an audio call": ([ui.IncomingCall(call=replace(CALL, offered=Media()))], [("Ada is calling", "Audio call")]),
    "it is over": ([RING, ENDED], []),
    "declined in a tab": ([RING, ui.CallRejected(call=CALL.id, person=ADA, outcome="declined")], []),
    "accepted in a tab": ([RING, ui.CallAccepted(call=replace(CALL, state="active"))], []),
    "both called": ([RING, ui.CallAccepted(call=replace(CALL, id="call-0000", state="active"))], []),
    "another one was refused": ([RING, ui.CallRejected(call="call-0002", person=BOB, outcome="busy")],
                                [("Ada is calling", "Video call")]),
    "a tab rings": ([RING, focus()], []),
    "nobody looks any more": ([focus(), RING, focus(focused=False)], [("Ada is calling", "Video call")]),
    "our own call": ([ui.CallStarted(call=replace(CALL, direction="outgoing"))], []),
    "a missed call": ([RING, ENDED, called("cancelled")], [("Ada", "Missed call")]),
    "two of them": ([called("no_answer"), called("peer_gone")], [("Ada", "2 missed calls")]),
    "not missed: declined": ([called("declined")], []),
    "not missed: had": ([called("peer_gone", 4000)], []),
    "not missed: ours": ([called("no_answer", mine=True)], []),
    "missed, and looked at": ([called("no_answer"), focus(person=ADA)], []),
    "missed, and looked elsewhere": ([called("no_answer"), focus(person=BOB)], [("Ada", "Missed call")]),
    "missed, and calls again": ([called("no_answer"), RING], [("Ada is calling", "Video call")]),
    "a request": ([asks(ADA)], [("Ada wants to chat", "ada-laptop · aaaa aaaa")]),
    "two requests": ([asks(ADA), asks(BOB)], [("2 people want to chat", "Ada and Bob")]),
    "four": ([asks(ADA), asks(BOB), asks(CYD), asks(DAN)], [("4 people want to chat", "Ada, Bob, Cyd and 1 more")]),
    "answered": ([asks(ADA), asks(BOB), ui.PersonChanged(person=related(BOB, "contact"))],
                 [("Ada wants to chat", "ada-laptop · aaaa aaaa")]),
    "withdrawn": ([asks(ADA), ui.PersonChanged(person=related(ADA, "none"))], []),
    "held back": ([asks(ADA), ui.PersonChanged(person=related(ADA, "incoming", held=True))], []),
    "who asked is gone": ([asks(ADA), ui.PersonRemoved(person=ADA)], []),
    "only announced ones": ([ui.PersonChanged(person=related(ADA, "incoming"))], []),
    "a comparison": ([ui.ComparisonChanged(comparison=ASKING)], [("Ada", "Would like to verify with you")]),
    "it goes on": ([ui.ComparisonChanged(comparison=ASKING),
                    ui.ComparisonChanged(comparison=replace(ASKING, state="comparing"))], []),
    "it ends": ([ui.ComparisonChanged(comparison=ASKING),
                 ui.ComparisonEnded(comparison=ASKING.id, person=ADA, outcome="timeout", mine=False)], []),
    "the most pressing first": ([wrote(BOB), asks(CYD), RING],
                                [("Ada is calling", "Video call"), ("Cyd wants to chat", "cyd-laptop · cccc cccc"),
                                 ("Bob", "hello")]),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown(name: str) -> None:
    steps, shown = SHOWN[name]
    assert seen(*steps) == shown


def test_who_may_not_be_who_one_thinks_is_told_apart_by_the_key_and_not_accepted_in_passing() -> None:
    twin = replace(related(ADA, "incoming"), notices=[ui.Notice("same_name", "Ada", BOB)])
    made = Board({ADA: twin}.get, ui.Preferences())
    made.hear(ui.IncomingChatRequest(person=twin))
    made.hear(RING)
    call, request = made.notices().values()
    assert call.summary == "Ada (aaaa aaaa) is calling"
    assert (request.buttons, request.body) == ((), "ada-laptop · aaaa aaaa\nTake care: this may not be who you think.")


@pytest.mark.parametrize("kind", ["same_name", "looks_like"])
def test_so_is_who_goes_on_under_the_name_of_a_verified_person(kind: Literal["same_name", "looks_like"]) -> None:
    twin = replace(related(ADA, "incoming"), notices=[ui.Notice(kind, "Ada", BOB, settled=True)])
    made = Board({ADA: twin, CYD: PEOPLE[CYD]}.get, ui.Preferences())
    made.hear(ui.IncomingChatRequest(person=twin))
    [request] = made.notices().values()
    assert (request.buttons, request.body) == ((), "ada-laptop · aaaa aaaa\nTake care: this may not be who you think.")
    made.hear(asks(CYD))
    made.hear(wrote(ADA))
    requests, message = made.notices().values()
    assert (requests.body, message.summary) == ("Ada (aaaa aaaa) and Cyd", "Ada (aaaa aaaa)")


def test_a_thousand_strangers_are_one_notification() -> None:
    made = board()
    for number in range(1000):
        person = replace(related(ADA, "incoming"), id=PeerId(f"{number:052}"), name=f"Stranger {number}")
        made.hear(ui.IncomingChatRequest(person=person))
    [notice] = made.notices().values()
    assert notice.summary == "1000 people want to chat"
    assert notice.body == "Stranger 0, Stranger 1, Stranger 2 and 997 more"


def test_who_asks_does_not_get_to_say_one_name_after_the_other() -> None:
    made = board(asks(ADA))
    assert made.notices()
    made.hear(ui.PersonChanged(person=replace(related(ADA, "incoming"), name="Buy my soap")))
    assert made.notices() == {}


def test_a_tab_that_has_gone_has_no_focus() -> None:
    made = board(focus(), wrote(ADA, "before"))
    made.tab_closed(TAB)
    made.hear(wrote(ADA, "after"))
    assert [notice.body for notice in made.notices().values()] == ["after"]


def test_one_of_two_tabs_with_the_focus_is_enough() -> None:
    made = board(focus())
    made.look(TabId(2), focus(focused=False))
    made.hear(wrote(ADA))
    assert made.notices() == {}


MESSAGES, REQUESTS, CALLING = Slot("messages", ADA), Slot("requests"), Slot("call")
PRESSED: dict[str, tuple[Iterable[Step], Slot, str, Deed | None]] = {
    "a message": ([wrote(ADA)], MESSAGES, "default", Deed(page=True, person=ADA)),
    "what is gone": ([], MESSAGES, "default", None),
    "yes to a request": ([asks(ADA)], REQUESTS, f"accept:{ADA}", Deed((ui.AcceptChatRequest(person=ADA),))),
    "no to a request": ([asks(ADA)], REQUESTS, f"decline:{ADA}", Deed((ui.RejectChatRequest(person=ADA),))),
    "a request": ([asks(ADA)], REQUESTS, "default", Deed(page=True, person=ADA)),
    "two requests": ([asks(ADA), asks(BOB)], REQUESTS, "default", Deed(page=True)),
    "yes, and there are two now": ([asks(ADA), asks(BOB)], REQUESTS, f"accept:{ADA}", None),
    "yes to somebody else": ([asks(BOB)], REQUESTS, f"accept:{ADA}", None),
    "yes to a call": ([RING], CALLING, "accept-video:call-0001",
                      Deed(page=True, person=ADA, take=ui.TakeCall(call=CALL.id, video=True))),
    "without a picture": ([RING], CALLING, "accept-audio:call-0001",
                          Deed(page=True, person=ADA, take=ui.TakeCall(call=CALL.id, video=False))),
    "no to a call": ([RING], CALLING, "decline:call-0001", Deed((ui.RejectCall(call=CALL.id),))),
    "a call": ([RING], CALLING, "default", Deed(page=True, person=ADA)),
    "the call before": ([RING], CALLING, "decline:call-0000", None),
    "nothing that was offered": ([wrote(ADA)], MESSAGES, "accept-audio:call-0001", None),
    "a comparison": ([ui.ComparisonChanged(comparison=ASKING)], Slot("comparison"), "default",
                     Deed(page=True, person=ADA)),
    "a missed call": ([called("no_answer")], Slot("missed", ADA), "default", Deed(page=True, person=ADA)),
}  # fmt: skip


@pytest.mark.parametrize("name", PRESSED)
def test_what_is_pressed(name: str) -> None:
    steps, slot, key, deed = PRESSED[name]
    assert board(*steps).press(slot, key) == deed


@pytest.mark.parametrize("name", [name for name, (_, slot, key, deed) in PRESSED.items() if deed and deed.page])
def test_what_opened_the_page_is_over_but_for_a_call_that_rings_on(name: str) -> None:
    steps, slot, key, _ = PRESSED[name]
    made = board(*steps)
    made.press(slot, key)
    rings_on = slot == CALLING and key == "default"
    assert (slot in made.notices()) == rings_on


@pytest.mark.parametrize("steps", [[wrote(ADA)], [asks(ADA)], [RING], [called("no_answer")]])
def test_what_is_put_away_stays_away(steps: list[Step]) -> None:
    made = board(*steps)
    [slot] = made.notices()
    made.dismiss(slot)
    assert made.notices() == {}


REPLIES: dict[str, tuple[list[Step], bool]] = {
    "all is shown": ([wrote(ADA, "a"), wrote(ADA, "b")], True),
    "more than is shown": ([wrote(ADA, text) for text in "abcd"], False),
    "longer than is shown": ([wrote(ADA, "x" * 300)], False),
    "nothing is shown": ([prefers(hide_text=True), wrote(ADA, "a")], False),
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_says_that_all_was_read_only_if_all_was_there_to_read(name: str) -> None:
    steps, read = REPLIES[name]
    made = board(*steps)
    deed = made.reply(MESSAGES, "yes", "message-1")
    assert deed is not None
    assert deed.requests[-1] == ui.SendPrivateMessage(person=ADA, id="message-1", text="yes")
    assert [type(request) for request in deed.requests[:-1]] == [ui.MarkSeen] * read
    assert made.notices() == {}


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_reply_is_none(text: str) -> None:
    made = board(wrote(ADA))
    assert made.reply(MESSAGES, text, "message-1") is None
    assert len(made.notices()) == 1


def test_there_is_no_reply_to_what_is_hidden() -> None:
    [notice] = board(prefers(hide_text=True), wrote(ADA)).notices().values()
    assert not notice.reply
