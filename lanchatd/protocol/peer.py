"""Daemon to daemon: the messages on a link. The sender is the link, never a field of a message.

A link is a WebSocket ``wss://ADDRESS:PORT/link`` over mutual TLS 1.3. A message is a JSON object named by ``type``, and
a text frame is one message, or from version 2 on several with a line feed between them. Both sides send `Hello` first.
Unknown types and unknown fields are ignored, so that either side may be newer.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from .model import (
    Address,
    CallId,
    CallOutcome,
    ComparisonOutcome,
    Digest,
    Generation,
    IceCandidate,
    Machine,
    Media,
    MediaState,
    MessageId,
    Milliseconds,
    Name,
    Nonce,
    PeerIdField,
    Port,
    Sdp,
    Status,
    Text,
    VerificationId,
)

PROTOCOL: Final = 2
"""The version that this daemon speaks."""
SEVERAL_IN_A_FRAME: Final = 2
"""The version from which on a frame may be several messages."""
OLDEST_PROTOCOL: Final = 1
"""The oldest version that this daemon still understands."""
FRAME_BYTES: Final = 256 * 1024
"""The longest frame on a link."""
HELLO_BYTES: Final = 8 * 1024
"""The longest first frame, read before the other side is known."""


def _type_name(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


class Message(Struct, frozen=True, kw_only=True, tag_field="type", tag=_type_name):
    """Anything that travels on a link."""


class Hello(Message, frozen=True, kw_only=True):
    """First frame of both sides. The link ends if ``id`` is not the hash of the key that TLS proved.

    Two daemons understand each other when their ranges ``oldest`` to ``protocol`` overlap. ``id``, ``protocol`` and
    ``oldest`` keep their meaning in all versions.
    """

    id: PeerIdField
    protocol: Annotated[int, Meta(ge=1, le=1_000_000)]
    oldest: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    incarnation: Annotated[str, Meta(min_length=1, max_length=32, description="random, new at every start")] = "-"
    name: Name = "?"
    machine: Machine = ""
    status: Status = "available"
    in_call: bool = False
    port: Port | None = None
    software: Annotated[str, Meta(max_length=64)] = ""


class Bye(Message, frozen=True, kw_only=True):
    """Last frame before a clean close. ``stopping``: the daemon ends. ``duplicate``: another link of this pair stays.

    ``incompatible``: no common protocol version. ``clone``: the same key is in use on this machine.
    """

    reason: Literal["stopping", "duplicate", "incompatible", "clone"]


class Profile(Message, frozen=True, kw_only=True):
    """Name, status or being in a call has changed. Sent to every link."""

    name: Name
    status: Status
    in_call: bool


class Introduction(Struct, frozen=True):
    """Somebody that the sender is linked to, and where."""

    id: PeerIdField
    addresses: Annotated[list[Address], Meta(max_length=16)]
    port: Port


class Introduce(Message, frozen=True, kw_only=True):
    """Some of those whom the sender is linked to. A hint whom to dial, no more."""

    peers: Annotated[list[Introduction], Meta(max_length=64)]


class Suspect(Message, frozen=True, kw_only=True):
    """The sender has asked this peer for a sign of life and misses it. Sent to every other link.

    Whoever is linked with that peer asks it as well. A hint whom to ask, no more.
    """

    id: PeerIdField


class Stance(Message, frozen=True, kw_only=True):
    """What the sender wants with the receiver; sent at every link-up and at every change, so it may come twice.

    ``none``: nothing, or a request taken back. ``asking``: a chat request waits for an answer. ``accepted``: the
    sender has accepted the receiver; both are contacts as soon as the other side has asked or accepted as well.
    ``declined``: answers ``asking`` with no; the asker then falls back to ``none``.
    """

    stance: Literal["none", "asking", "accepted", "declined"]


class Chat(Message, frozen=True, kw_only=True, tag="message"):
    """A private message. Answered by `Delivered`; sent again at every link-up, and for `Resend`, in the same order.

    ``waited`` is how long the message has been waiting at the sender, so that no two clocks have to agree. ``first``:
    no earlier message waits to be acknowledged, so who has left some out may go on with this one.
    """

    id: MessageId
    text: Text
    waited: Milliseconds = 0
    first: bool = False


class Delivered(Message, frozen=True, kw_only=True):
    """The messages with these ids are in the hands of the sending daemon. A known id is acknowledged again."""

    ids: Annotated[list[MessageId], Meta(max_length=256)]


class Resend(Message, frozen=True, kw_only=True):
    """The sender of this has left messages of the receiver out, and has room for them now.

    Answered by every `Chat` that is not acknowledged, from the oldest on.
    """


class Seen(Message, frozen=True, kw_only=True):
    """The person has seen the message with this id and all before it. Sent again at link-up."""

    id: MessageId


class Typing(Message, frozen=True, kw_only=True):
    """The person writes (sent again every 4 s while it goes on), or has stopped. Fades by itself after 6 s."""

    active: bool


class Ring(Message, frozen=True, kw_only=True):
    """A call to the receiver, which rings. Answered by `CallAccept` or `CallEnd`. Sent again at link-up.

    If both ring each other it is one call, accepted by both: the one whose ring came from the lower peer id.
    """

    call: CallId
    media: Media


class CallAccept(Message, frozen=True, kw_only=True):
    """The receiver of a `Ring` takes the call, with this media. Sent again when a `Ring` for an accepted call comes."""

    call: CallId
    media: Media


class CallEnd(Message, frozen=True, kw_only=True):
    """The call is over, or refused, or unknown. Final: nothing answers it."""

    call: CallId
    outcome: CallOutcome


class CallSync(Message, frozen=True, kw_only=True):
    """The call with the receiver that the sender has accepted, or that rings at the sender; sent at link-up.

    Who is not in this call answers with `CallEnd` and the outcome that it remembers, or ``peer_gone``. Who rings the
    sender without having heard its `Ring`, and has the higher peer id, takes an ``accepted`` call for its own. Where it
    still rings, an ``accepted`` call is one that both had begun and one side has given up: it ends as ``cancelled``.
    """

    call: CallId
    accepted: bool = False
    generation: Generation = 1
    present: bool = True


class CallRejoin(Message, frozen=True, kw_only=True):
    """The sender's page was loaded anew and has joined again: both sides begin media session ``generation``."""

    call: CallId
    generation: Generation


class CallPresence(Message, frozen=True, kw_only=True):
    """Whether a page of the sender holds the call. False while a reloaded page has not joined again."""

    call: CallId
    present: bool


class CallMedia(Message, frozen=True, kw_only=True):
    """What the sender sends at the moment, for the signs on the other page."""

    call: CallId
    media: MediaState


class Offer(Message, frozen=True, kw_only=True):
    """Relayed from tab to tab, never stored: an SDP offer (RFC 8829)."""

    call: CallId
    generation: Generation
    sdp: Sdp


class Answer(Message, frozen=True, kw_only=True):
    """Relayed from tab to tab, never stored: an SDP answer (RFC 8829)."""

    call: CallId
    generation: Generation
    sdp: Sdp


class Candidate(Message, frozen=True, kw_only=True):
    """Relayed from tab to tab, never stored: a trickled ICE candidate (RFC 8838).

    The receiving daemon adds the sender's real address beside a ``.local`` one.
    """

    call: CallId
    generation: Generation
    candidate: IceCandidate


class CompareStart(Message, frozen=True, kw_only=True):
    """The sender wants to compare a short code with the receiver, to be sure that nobody sits between the two.

    ``commitment`` is the SHA-256 of ``lanchat commitment 1``, ``id``, the sender's peer id and its nonce, joined by
    line feeds. Answered by `CompareAccept` or `CompareEnd`. If both begin at once, the start of the lower peer id
    stands, and the other side, whose person wants it as well, accepts at once. Ends with the link.
    """

    id: VerificationId
    commitment: Digest


class CompareAccept(Message, frozen=True, kw_only=True):
    """The person at the receiver of a `CompareStart` agrees. Answered by `CompareReveal`."""

    id: VerificationId
    nonce: Nonce


class CompareReveal(Message, frozen=True, kw_only=True):
    """The nonce that was promised. Both sides now show the code.

    The first 42 bits of the SHA-256 of ``lanchat code 1``, ``id``, the peer id and then the nonce of who began, and the
    peer id and then the nonce of the other, joined by line feeds; six bits for each of seven signs, the highest first.
    Whoever sits between the two must choose their own nonce before they know the other one: one guess in 2^42.
    """

    id: VerificationId
    nonce: Nonce


class CompareEnd(Message, frozen=True, kw_only=True):
    """What the sender's person says of the code, ``matched`` or ``mismatch``, or why there is none. Final."""

    id: VerificationId
    outcome: ComparisonOutcome


class Scanned(Message, frozen=True, kw_only=True):
    """The sender has scanned the code on the receiver's screen and found the receiver's own key in it.

    The code is ``lanchat:1:`` and the peer id of who shows it, the peer id of the person it is shown to, and this
    secret, joined by colons. Ended by `CompareEnd` with ``secret`` as ``id``, once the person there has agreed.
    """

    secret: Nonce


PeerMessage = (
    Hello
    | Bye
    | Profile
    | Introduce
    | Suspect
    | Stance
    | Chat
    | Delivered
    | Resend
    | Seen
    | Typing
    | Ring
    | CallAccept
    | CallEnd
    | CallSync
    | CallRejoin
    | CallPresence
    | CallMedia
    | Offer
    | Answer
    | Candidate
    | CompareStart
    | CompareAccept
    | CompareReveal
    | CompareEnd
    | Scanned
)
