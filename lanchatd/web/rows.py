"""The list of people as the page shows it, as HTML needs it before any script. Mirrors webui/static/js/person.js.

Pure: a snapshot goes in, rows come out. `tests/page` compares what both sides make of the same people.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from lanchatd.protocol import ui
from lanchatd.protocol.model import CallOutcome

ONLINE: Final = frozenset({"online", "away", "dnd", "busy"})
PRESENCE_WORDS: Final = {
    "online": "Available",
    "away": "Away",
    "dnd": "Do not disturb",
    "busy": "In a call",
    "offline": "Offline",
    "unreachable": "Can't be reached",
    "incompatible": "Uses another version",
}
_OUR_CALLS: Final[dict[CallOutcome, str]] = {
    "declined": "declined",
    "cancelled": "cancelled",
    "no_answer": "no answer",
    "busy": "busy",
    "peer_gone": "connection lost",
    "not_allowed": "not allowed",
}
_CAUTIONS: Final[dict[str, str]] = {
    "mismatch": "The pictures did not match",
    "clone": "Key in use on two machines",
    "looks_like": "Name looks like somebody else's",
    "same_name": "Same name as somebody else",
    "renamed": "New name",
}
"""What may be odd about a name or a key, the worst first."""
_SETTLED: Final[dict[str, str]] = {
    "looks_like": "Name looks like a verified person's",
    "same_name": "Same name as a verified person",
}
"""The same once our person has agreed to the name, which is still that of a verified person."""
_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"
_HUES: Final = 24
_TURNS: Final = 4


@dataclass(frozen=True, slots=True)
class Look:
    """How an avatar is drawn: the first hue, the way to the second one, and the letters."""

    hue: int
    turn: int
    initials: str


@dataclass(frozen=True, slots=True)
class Row:
    """A person of the list. ``origin`` tells two people of one name apart; ``words`` is the second line."""

    person: ui.Person
    look: Look
    origin: str
    presence: str
    words: str
    unread: int
    left: bool
    caution: str
    caution_sign: str

    @property
    def unread_words(self) -> str:
        return "99+" if self.unread > 99 else str(self.unread or "")


def look(peer: str, name: str) -> Look:
    """Draw an avatar from the key, so that a person who takes another's name doesn't get their colours."""
    first, second, third = (_BASE32.index(letter) for letter in peer[:3])
    return Look((first * 32 + second) % _HUES, third % _TURNS, initials(name))


def initials(name: str) -> str:
    """The first letters of the first and the last word, of a name in any script."""
    words = [word for word in (_letters(word) for word in name.split()) if word] or [name.strip() or "?"]
    chosen = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in chosen).upper()


def _letters(word: str) -> str:
    return "".join(letter for letter in word if letter.isalnum())


def short_key(peer: str) -> str:
    """As much of the key as tells two people apart at a glance."""
    return f"{peer[:4]} {peer[4:8]}"


def rows(snapshot: ui.Snapshot) -> list[Row]:
    """Everybody in the order of the list: who waits for an answer, who is here, who is known, strangers out of reach,
    who is blocked, and strangers who left.
    """
    conversations = {conversation.person: conversation for conversation in snapshot.conversations}
    names = Counter(person.name.lower() for person in snapshot.people)
    people = sorted(snapshot.people, key=lambda person: _order(person, conversations.get(person.id)))
    return [_row(person, conversations.get(person.id), names[person.name.lower()] > 1) for person in people]


def has_left(person: ui.Person) -> bool:
    """Whether this is a stranger who is not here any more; the roster forgets them after a while."""
    return person.relation == "none" and person.presence == "offline"


def caution(person: ui.Person) -> tuple[str, str]:
    """What is odd about a person, and the sign for it; no words when nothing is."""
    if person.held:
        return "Not the person whom you have verified", "warning"
    notices = {notice.kind: notice for notice in person.notices}
    odd = next((notices[kind] for kind in _CAUTIONS if kind in notices), None)
    if odd is None:
        return "", "warning"
    if odd.settled:
        return _SETTLED[odd.kind], "info"
    return _CAUTIONS[odd.kind], "info" if odd.kind == "renamed" else "warning"


def _order(person: ui.Person, conversation: ui.Conversation | None) -> tuple[int, int, str, str]:
    unread = conversation.unread if conversation else 0
    last = conversation.entries[-1].at if conversation and conversation.entries else 0
    if has_left(person):
        group = 5
    elif person.relation == "blocked":
        group = 4
    elif unread or (person.relation == "incoming" and not person.held):
        group = 0
    elif person.presence in ONLINE:
        group = 1
    else:
        group = 3 if person.relation == "none" else 2
    return group, -last, person.name.lower(), person.id


def _row(person: ui.Person, conversation: ui.Conversation | None, shared: bool) -> Row:
    keyed = shared or person.held or any(notice.person for notice in person.notices)
    words, sign = caution(person)
    return Row(
        person=person,
        look=look(person.id, person.name),
        origin=" · ".join(filter(None, (person.machine, short_key(person.id)))) if keyed else person.machine,
        presence="Blocked" if person.relation == "blocked" else PRESENCE_WORDS[person.presence],
        words=_words(person, conversation),
        unread=conversation.unread if conversation and person.relation != "blocked" else 0,
        left=has_left(person),
        caution=words,
        caution_sign=sign,
    )


def _words(person: ui.Person, conversation: ui.Conversation | None) -> str:
    if person.held:
        return "Is this really them?"
    match person.relation:
        case "incoming":
            return "Wants to chat with you"
        case "outgoing":
            return "Request sent"
        case "blocked":
            return "Blocked"
        case _:
            if conversation and conversation.entries:
                return preview(conversation.entries[-1])
            return PRESENCE_WORDS[person.presence]


def preview(entry: ui.Entry) -> str:
    """The last words of a conversation, in one line."""
    match entry:
        case ui.TextEntry():
            text = " ".join(entry.text[:200].split())
            return f"You: {text}" if entry.mine else text
        case ui.CallEntry():
            return call_words(entry)


def call_words(entry: ui.CallEntry) -> str:
    """A call that is over, in words. Mirrors webui/static/js/call_words.js."""
    kind = "video call" if entry.video else "audio call"
    call = kind.capitalize()
    if entry.duration > 0:
        return f"{call} · {_clock(entry.duration)}{' · connection lost' if entry.outcome == 'peer_gone' else ''}"
    if entry.outcome == "ended":
        return call
    if entry.mine:
        return f"{call} · {_OUR_CALLS[entry.outcome]}"
    if entry.outcome == "declined":
        return f"Declined {kind}"
    return f"Missed {kind} · you were in another call" if entry.outcome == "busy" else f"Missed {kind}"


def _clock(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
