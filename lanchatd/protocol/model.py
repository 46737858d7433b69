"""Types that both message catalogues share. Limits stand in the types, so that decoding enforces them."""

from __future__ import annotations

from typing import Annotated, Final, Literal, NewType

from msgspec import Meta, Struct

PeerId = NewType("PeerId", str)
"""A person: the lower-case base32 SHA-256 of the public key (SPKI) of the daemon, 52 characters."""

TabId = NewType("TabId", int)
"""One open page of the person at this machine; given by the daemon, never reused while it runs."""

TEXT_BYTES: Final = 16 * 1024
"""The longest text of a message, in bytes of UTF-8."""
NAME_LENGTH: Final = 64
SDP_LENGTH: Final = 64 * 1024
CANDIDATE_LENGTH: Final = 1024

PeerIdField = Annotated[PeerId, Meta(pattern=r"^[a-z2-7]{52}(?!\n)$", description="peer id: 52 characters, base32")]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH, description="1 to 64 characters")]
Machine = Annotated[str, Meta(max_length=NAME_LENGTH, description="host name of the machine, at most 64 characters")]
MessageId = Annotated[
    str,
    Meta(pattern=r"^[0-9A-Za-z_-]{8,64}(?!\n)$", description="made by the tab that writes the message; a UUID, say"),
]
CallId = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_-]{8,64}(?!\n)$", description="made by the daemon of the caller")]
VerificationId = Annotated[
    str, Meta(pattern=r"^[0-9A-Za-z_-]{8,64}(?!\n)$", description="made by the daemon that begins the comparison")
]
Nonce = Annotated[
    str, Meta(pattern=r"^[0-9A-Za-z_-]{22,64}(?!\n)$", description="at least 128 random bits, as base64url")
]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$", description="SHA-256, lower-case hexadecimal")]
Text = Annotated[str, Meta(min_length=1, max_length=TEXT_BYTES, description="at most 16,384 bytes of UTF-8")]
DraftText = Annotated[str, Meta(min_length=1, description="at most 16,384 bytes of UTF-8, else ``text_too_long``")]
Sdp = Annotated[str, Meta(min_length=1, max_length=SDP_LENGTH, description="session description, RFC 8866")]
Milliseconds = Annotated[int, Meta(ge=0, le=2**53, description="milliseconds")]
Generation = Annotated[int, Meta(ge=1, le=1_000_000, description="counts the media sessions of one call, from 1")]
Port = Annotated[int, Meta(ge=1, le=65535, description="TCP port")]
Address = Annotated[
    str, Meta(min_length=2, max_length=64, description="IPv4 or IPv6 address, the latter with %scope where it has one")
]

Status = Literal["available", "away", "dnd"]
"""What a person says of themself: here, away, or not to be disturbed."""

CallOutcome = Literal["ended", "declined", "cancelled", "no_answer", "busy", "peer_gone", "not_allowed"]
"""How a call ended.

``ended``: somebody hung up. ``declined``: the one who was called said no. ``cancelled``: the caller gave up.
``no_answer``: 45 seconds passed. ``busy``: the one who was called is in another call. ``peer_gone``: the other
machine or page went away and did not return. ``not_allowed``: the two are not contacts.
"""


ComparisonOutcome = Literal["matched", "mismatch", "cancelled", "declined", "timeout", "busy", "broken", "peer_gone"]
"""How the comparison of codes ended.

``matched``: the code is the same. ``mismatch``: it is not, so somebody sits between the two. ``cancelled``: the one who
asked gave up, or somebody closed it. ``declined``: the one who was asked said no. ``timeout``: nobody answered.
``busy``: another comparison goes on. ``broken``: what was revealed is not what was promised, or the code scanned was
not the one shown. ``peer_gone``: the link was lost.
"""


class Media(Struct, frozen=True):
    """What somebody sends, or wants to send, in a call."""

    audio: bool = True
    video: bool = False


class MediaState(Struct, frozen=True):
    """What somebody sends right now. The page shows a muted microphone and a camera that is off from this."""

    microphone: bool = True
    camera: bool = False
    screen: bool = False


class IceCandidate(Struct, frozen=True, rename="camel"):
    """An ICE candidate in the form of W3C ``RTCIceCandidateInit``; an empty ``candidate`` ends the gathering."""

    candidate: Annotated[str, Meta(max_length=CANDIDATE_LENGTH)] = ""
    sdp_mid: Annotated[str, Meta(max_length=64)] | None = None
    sdp_m_line_index: Annotated[int, Meta(ge=0, le=255)] | None = None
    username_fragment: Annotated[str, Meta(max_length=256)] | None = None
