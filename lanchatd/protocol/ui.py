"""Tab and daemon: the messages on ``ws://localhost:5262/ws``, text frames, one JSON object each, named by ``event``.

A request may carry ``ref``; its answer, or the `Error`, repeats it. The answer is `Ok` unless another is named. What a
request changes is told to all tabs, without ``ref`` and before the answer, also to the one that asked; so every tab can
live from the events alone.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from .model import (
    CallId,
    CallOutcome,
    ComparisonOutcome,
    DraftText,
    Generation,
    IceCandidate,
    Machine,
    Media,
    MediaState,
    MessageId,
    Milliseconds,
    Name,
    PeerIdField,
    Sdp,
    Status,
    Text,
    VerificationId,
)

FRAME_BYTES: Final = 256 * 1024
"""The longest frame from a tab that is read; a longer one is answered with ``too_large``."""


def _event_name(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


class Event(Struct, frozen=True, kw_only=True, tag_field="event", tag=_event_name, omit_defaults=False):
    """Anything that travels between a tab and the daemon."""

    ref: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET


# ---------------------------------------------------------------------------------------------- what a tab shows

Presence = Literal["online", "away", "dnd", "busy", "offline", "unreachable", "incompatible"]
"""How a person is present: ``online``, ``away``, ``dnd`` (do not disturb) and ``busy`` (in a call) need a live link.

``unreachable``: announced on the network, but no link could be made; ``reason`` says why. ``incompatible``: no common
protocol version."""

Relation = Literal["none", "outgoing", "incoming", "contact", "blocked"]
"""``outgoing``: our chat request waits for an answer. ``incoming``: theirs waits for ours."""

Delivery = Literal["waiting", "sent", "delivered", "seen"]
"""``waiting``: no link, kept here. ``sent``: on its way. ``delivered``: the other daemon has it. ``seen``: read."""

Code = Literal[
    "bad_message",
    "unknown_event",
    "bad_field",
    "too_large",
    "unknown_person",
    "wrong_state",
    "not_contact",
    "blocked",
    "offline",
    "busy",
    "unknown_call",
    "not_your_call",
    "text_too_long",
    "id_taken",
    "queue_full",
    "held",
    "wrong_code",
    "unknown_comparison",
    "not_saved",
]


class Me(Struct, frozen=True):
    """The person at this machine."""

    id: PeerIdField
    name: Name
    machine: Machine
    status: Status
    clone: str | None = None
    """Where another machine uses our own key at the same time; null if none does."""


class Notice(Struct, frozen=True):
    """Something about a name or a key that the person should know.

    ``renamed``: a contact has another name than when we last agreed to it; ``name`` is the old one. ``same_name``: a
    stranger has the name of a contact, or ours; ``looks_like``: it is spelt in another way and looks the same; in both
    ``name`` is theirs and ``person`` their key. ``clone``: the key is in use on two machines at once; ``name`` is the
    address of the second one. ``mismatch``: the code was not the same when it was last compared. ``settled``: our
    person has agreed to go on with them under this name; it still is that of somebody verified, whom they must not
    look like.
    """

    kind: Literal["mismatch", "renamed", "same_name", "looks_like", "clone"]
    name: str = ""
    person: PeerIdField | None = None
    settled: bool = False


class Person(Struct, frozen=True):
    """Somebody else. ``reason`` is a sentence when the presence is ``unreachable`` or ``incompatible``.

    ``verified``: our person has compared codes with them. ``held``: they have the name of a verified person and another
    key; nothing of theirs is announced and nothing can be said to them until `KeepName` or `BlockUser` decides.
    """

    id: PeerIdField
    name: Name
    machine: Machine
    presence: Presence
    relation: Relation
    reason: str | None = None
    last_seen: Milliseconds | None = None
    verified: bool = False
    held: bool = False
    notices: list[Notice] = []


class TextEntry(Struct, frozen=True, tag_field="kind", tag="text"):
    """A message of a conversation. ``at`` is this machine's clock, milliseconds since 1970."""

    id: MessageId
    mine: bool
    text: Text
    at: Milliseconds
    status: Delivery


class CallEntry(Struct, frozen=True, tag_field="kind", tag="call"):
    """A call that is over, as a line of the conversation. ``mine``: we called. ``duration`` in milliseconds."""

    id: CallId
    mine: bool
    video: bool
    outcome: CallOutcome
    at: Milliseconds
    duration: Milliseconds = 0


Entry = TextEntry | CallEntry


class Conversation(Struct, frozen=True):
    """The words with one person, oldest first. ``unread`` counts their messages that no tab has shown yet."""

    person: PeerIdField
    entries: list[Entry]
    unread: int = 0


class Call(Struct, frozen=True):
    """A call as every tab of one person sees it.

    ``owner`` is the tab that has the microphone (`Snapshot.tab` says who one is), or null while that page is being
    loaded anew: any tab may then `RejoinCall`. ``polite`` is our role in perfect negotiation; the impolite side makes
    the first offer of each ``generation``. ``linked``: whether signals can travel now. ``peer_present``: whether a page
    of the other side holds the call.
    """

    id: CallId
    person: PeerIdField
    direction: Literal["outgoing", "incoming"]
    state: Literal["ringing", "active"]
    started_at: Milliseconds
    polite: bool
    offered: Media
    owner: int | None = None
    accepted: Media | None = None
    accepted_at: Milliseconds | None = None
    generation: Generation = 1
    linked: bool = True
    peer_present: bool = True
    peer_media: MediaState | None = None


class Preferences(Struct, frozen=True):
    """What the person has set for all pages. ``hide_text``: the desktop shows who wrote, and not what."""

    notifications: bool = True
    hide_text: bool = False


class Sign(Struct, frozen=True):
    """One of the seven signs of a code."""

    picture: str
    word: str


class Comparison(Struct, frozen=True):
    """Two people compare a code, to be sure that nobody sits between them.

    ``asked``: we wait for the other side. ``asking``: they wait for our answer. ``comparing``: the ``signs``
    are on both screens, or, if there are none, theirs says that it has scanned our code: ask them. ``mine`` and
    ``theirs``: who has said that it is the same.
    """

    id: VerificationId
    person: PeerIdField
    state: Literal["asked", "asking", "comparing"]
    signs: list[Sign] = []
    mine: bool = False
    theirs: bool = False


# ------------------------------------------------------------------------------------------------- tab to daemon


class Request(Event, frozen=True, kw_only=True):
    """Anything that a tab sends."""


class GetOnlineUsers(Request, frozen=True, kw_only=True):
    """Asks for everybody who is known. Answer: `OnlineUsersList`."""


class SendChatRequest(Request, frozen=True, kw_only=True):
    """Asks a person for a conversation. If they have asked us, or accepted us before, both are contacts at once."""

    person: PeerIdField


class AcceptChatRequest(Request, frozen=True, kw_only=True):
    """Says yes to the request of this person."""

    person: PeerIdField


class RejectChatRequest(Request, frozen=True, kw_only=True):
    """Says no to the request of this person."""

    person: PeerIdField


class CancelChatRequest(Request, frozen=True, kw_only=True):
    """Takes back our own request."""

    person: PeerIdField


class SendPrivateMessage(Request, frozen=True, kw_only=True):
    """Writes to a contact, linked or not. Sending the same id with the same text again changes nothing."""

    person: PeerIdField
    id: MessageId
    text: DraftText


class MarkSeen(Request, frozen=True, kw_only=True):
    """Their message with this id, and all before it, have been shown on a screen that is looked at."""

    person: PeerIdField
    id: MessageId


class Typing(Request, frozen=True, kw_only=True):
    """Both ways. From a tab: we write to this person (say it every 4 s), or stopped. To a tab: the person does."""

    person: PeerIdField
    active: bool


class StartCall(Request, frozen=True, kw_only=True):
    """Calls a contact who is linked. This tab becomes the owner. All tabs get `CallStarted`."""

    person: PeerIdField
    audio: bool = True
    video: bool = False


class AcceptCall(Request, frozen=True, kw_only=True):
    """Takes an incoming call in this tab, perhaps with less than was offered. All tabs get `CallAccepted`."""

    call: CallId
    audio: bool = True
    video: bool = False


class RejectCall(Request, frozen=True, kw_only=True):
    """Declines an incoming call, from any tab. All tabs get `CallRejected`."""

    call: CallId


class EndCall(Request, frozen=True, kw_only=True):
    """Hangs up, or cancels while it rings, from any tab. All tabs get `CallEnded`."""

    call: CallId


class RejoinCall(Request, frozen=True, kw_only=True):
    """Takes an accepted call that a reload has left without owner. Begins a new media session; see `CallChanged`."""

    call: CallId


class SetCallMedia(Request, frozen=True, kw_only=True):
    """The owner tells what it sends at the moment."""

    call: CallId
    media: MediaState


class WebrtcOffer(Request, frozen=True, kw_only=True):
    """Both ways, owner to owner: an SDP offer. One of an older ``generation`` is dropped."""

    call: CallId
    generation: Generation
    sdp: Sdp


class WebrtcAnswer(Request, frozen=True, kw_only=True):
    """Both ways, owner to owner: an SDP answer. One of an older ``generation`` is dropped."""

    call: CallId
    generation: Generation
    sdp: Sdp


class WebrtcIceCandidate(Request, frozen=True, kw_only=True):
    """Both ways, owner to owner: a trickled ICE candidate. One of an older ``generation`` is dropped."""

    call: CallId
    generation: Generation
    candidate: IceCandidate


class SetProfile(Request, frozen=True, kw_only=True):
    """Changes our own name or status, or both. The name is remembered."""

    name: Name | None = None
    status: Status | None = None


class SetPreferences(Request, frozen=True, kw_only=True):
    """Changes what is not null. It is remembered, and all tabs get `PreferencesChanged`."""

    notifications: bool | None = None
    hide_text: bool | None = None


class PlaceCall(Request, frozen=True, kw_only=True):
    """Both ways. From a program that is no page: a page is about to open, and is to call this contact.

    Within 20 seconds it is told to the page that opens, or, if none does, to the one last looked at: that sends
    `StartCall`. No address of the page says so, because any web site could lead there.
    """

    person: PeerIdField
    video: bool = False


class SetFocus(Request, frozen=True, kw_only=True):
    """This tab is visible and has the focus, or not any more; ``person``: whose conversation it shows.

    As long as any tab has the focus, nothing is announced on the desktop.
    """

    focused: bool
    person: PeerIdField | None = None


class BlockUser(Request, frozen=True, kw_only=True):
    """Ends everything from this person, without telling them."""

    person: PeerIdField


class UnblockUser(Request, frozen=True, kw_only=True):
    """Takes the block away; the two are strangers then."""

    person: PeerIdField


class ForgetUser(Request, frozen=True, kw_only=True):
    """Drops the person from the contacts, with the conversation."""

    person: PeerIdField


class KeepName(Request, frozen=True, kw_only=True):
    """Our person has read the `Notice` about the name of this person, and goes on with who has this key."""

    person: PeerIdField


class StartComparison(Request, frozen=True, kw_only=True):
    """Asks a contact who is linked to compare a code. All tabs get `ComparisonChanged`."""

    person: PeerIdField


class AcceptComparison(Request, frozen=True, kw_only=True):
    """Agrees to compare a code."""

    comparison: VerificationId


class AnswerComparison(Request, frozen=True, kw_only=True):
    """The code on the other screen is the same (``match``), and the person is verified from now on; or it is not."""

    comparison: VerificationId
    match: bool


class CancelComparison(Request, frozen=True, kw_only=True):
    """Ends a comparison, or says no to one. Whoever was verified in it stays so."""

    comparison: VerificationId


class ShowCode(Request, frozen=True, kw_only=True):
    """Asks for a code for the screen, for this contact to scan within ten minutes. Answer: `ShownCode`."""

    person: PeerIdField


class ScanCode(Request, frozen=True, kw_only=True):
    """This text was scanned from the screen of this contact, who is verified if it is right; else ``wrong_code``."""

    person: PeerIdField
    code: Annotated[str, Meta(max_length=256)]


class Distrust(Request, frozen=True, kw_only=True):
    """Takes the mark "verified" away."""

    person: PeerIdField


TabRequest = (
    GetOnlineUsers
    | SendChatRequest
    | AcceptChatRequest
    | RejectChatRequest
    | CancelChatRequest
    | SendPrivateMessage
    | MarkSeen
    | Typing
    | PlaceCall
    | StartCall
    | AcceptCall
    | RejectCall
    | EndCall
    | RejoinCall
    | SetCallMedia
    | WebrtcOffer
    | WebrtcAnswer
    | WebrtcIceCandidate
    | SetProfile
    | SetPreferences
    | SetFocus
    | BlockUser
    | UnblockUser
    | ForgetUser
    | KeepName
    | StartComparison
    | AcceptComparison
    | AnswerComparison
    | CancelComparison
    | ShowCode
    | ScanCode
    | Distrust
)

# ------------------------------------------------------------------------------------------------- daemon to tab


class Snapshot(Event, frozen=True, kw_only=True):
    """Everything, first thing on every new socket; also in the page as it is served, there with ``tab`` 0.

    ``ice_servers`` in the form of W3C ``RTCIceServer``; empty by default, so that nothing leaves the network. ``run``
    is new at every start of the daemon: after a new one, what the page still shows is no longer known here, and the
    page sends again what is not ``delivered``. ``desktop``: see `DesktopChanged`. ``proof`` stays the same as long as
    the identity does, and nobody else knows it: a page that gets another one over its socket than it was served with
    speaks to another program, and says nothing to it.
    """

    tab: int
    version: str
    me: Me
    people: list[Person]
    conversations: list[Conversation]
    call: Call | None = None
    comparison: Comparison | None = None
    run: str = "-"
    proof: str = ""
    ice_servers: list[dict[str, str | list[str]]] = []
    preferences: Preferences = Preferences()
    desktop: bool = False


class OnlineUsersList(Event, frozen=True, kw_only=True):
    """Everybody who is known, also those who are offline; answers `GetOnlineUsers`."""

    people: list[Person]


class PersonChanged(Event, frozen=True, kw_only=True):
    """A person is new, or something about them has changed."""

    person: Person


class PersonRemoved(Event, frozen=True, kw_only=True):
    """A stranger has left, or a person was forgotten."""

    person: PeerIdField


class ProfileChanged(Event, frozen=True, kw_only=True):
    """Our own name or status has changed."""

    me: Me


class PreferencesChanged(Event, frozen=True, kw_only=True):
    """The person has set something, in whichever tab."""

    preferences: Preferences


class DesktopChanged(Event, frozen=True, kw_only=True):
    """Whether the daemon can show notifications on the desktop now. As long as it can, a page shows none itself."""

    desktop: bool


class IncomingChatRequest(Event, frozen=True, kw_only=True):
    """A person asks for a conversation. `PersonChanged` has told the relation before."""

    person: Person


class ChatRequestAccepted(Event, frozen=True, kw_only=True):
    """A request was accepted, theirs or ours: the two are contacts."""

    person: PeerIdField


class ChatRequestRejected(Event, frozen=True, kw_only=True):
    """A request is over without a yes. ``mine``: it was our request."""

    person: PeerIdField
    mine: bool
    reason: Literal["declined", "cancelled", "expired"]


class ReceivePrivateMessage(Event, frozen=True, kw_only=True):
    """A new line of a conversation: theirs, our own (from whichever tab), or a call that is over."""

    person: PeerIdField
    entry: Entry


class MessageStatus(Event, frozen=True, kw_only=True):
    """Our messages with these ids have come this far."""

    person: PeerIdField
    ids: list[MessageId]
    status: Delivery


class ConversationSeen(Event, frozen=True, kw_only=True):
    """A tab has shown this conversation: so many messages are unread now."""

    person: PeerIdField
    unread: int


class IncomingCall(Event, frozen=True, kw_only=True):
    """Ring. Ends with `CallAccepted`, `CallRejected` or `CallEnded`."""

    call: Call


class CallStarted(Event, frozen=True, kw_only=True):
    """Our own call rings at the other side."""

    call: Call


class CallAccepted(Event, frozen=True, kw_only=True):
    """The call is on, whoever accepted it. The owner sets up the media; other tabs stop ringing.

    When both sides called each other at once, it comes to a tab whose own call was ringing, perhaps with a new call id.
    """

    call: Call


class TakeCall(Event, frozen=True, kw_only=True):
    """The person has accepted this incoming call on the desktop: the tab that gets this sends `AcceptCall`."""

    call: CallId
    video: bool


class CallChanged(Event, frozen=True, kw_only=True):
    """Owner, generation, link, presence or the other side's media have changed."""

    call: Call


class CallRejected(Event, frozen=True, kw_only=True):
    """The call was not taken: ``declined``, ``busy`` or ``not_allowed``."""

    call: CallId
    person: PeerIdField
    outcome: CallOutcome


class CallEnded(Event, frozen=True, kw_only=True):
    """The call is over. ``duration`` in milliseconds since it was accepted, 0 if it never was."""

    call: CallId
    person: PeerIdField
    outcome: CallOutcome
    duration: Milliseconds = 0


class ComparisonChanged(Event, frozen=True, kw_only=True):
    """A comparison has begun, here or there, or come further."""

    comparison: Comparison


class ComparisonEnded(Event, frozen=True, kw_only=True):
    """A comparison is over. ``mine``: it was our person who ended it so."""

    comparison: VerificationId
    person: PeerIdField
    outcome: ComparisonOutcome
    mine: bool


class ShownCode(Event, frozen=True, kw_only=True):
    """Answers `ShowCode`. ``path``: the dark modules of the QR code as an SVG path, in a square of ``size`` units."""

    text: str
    path: str
    size: int


class NetworkChanged(Event, frozen=True, kw_only=True):
    """The addresses of this machine have changed, or it woke up: a call in this tab restarts ICE."""


class Ok(Event, frozen=True, kw_only=True):
    """Answers a request that was carried out. A request without ``ref`` gets no `Ok`."""


class Error(Event, frozen=True, kw_only=True):
    """A request was refused and nothing was changed. ``code`` is stable, ``message`` is a sentence for people.

    ``not_saved`` comes unasked: what was changed lives in memory and could not be written to the disk.
    """

    code: Code
    message: str


TabEvent = (
    Snapshot
    | OnlineUsersList
    | PersonChanged
    | PersonRemoved
    | ProfileChanged
    | PreferencesChanged
    | DesktopChanged
    | IncomingChatRequest
    | ChatRequestAccepted
    | ChatRequestRejected
    | ReceivePrivateMessage
    | MessageStatus
    | ConversationSeen
    | Typing
    | IncomingCall
    | CallStarted
    | CallAccepted
    | TakeCall
    | PlaceCall
    | CallChanged
    | CallRejected
    | CallEnded
    | ComparisonChanged
    | ComparisonEnded
    | ShownCode
    | NetworkChanged
    | WebrtcOffer
    | WebrtcAnswer
    | WebrtcIceCandidate
    | Ok
    | Error
)
