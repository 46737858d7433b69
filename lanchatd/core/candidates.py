"""Real addresses beside the ``.local`` ones in what browsers tell each other about their network.

Without permission for camera or microphone a browser hides its addresses behind names that only multicast DNS resolves
(draft-ietf-mmusic-mdns-ice-candidates). The address of the sender is known here from the authenticated link, so the
call connects where multicast is filtered, too.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

from lanchatd.protocol.model import CANDIDATE_LENGTH, SDP_LENGTH, IceCandidate

_HIDDEN: Final = re.compile(
    r"(?P<before>candidate:[0-9a-z+/]{1,32} \d{1,3} udp \d{1,10} )[0-9a-z-]{1,64}\.local(?P<after> \d+ typ host.*)",
    re.I,
)


def with_real_address(candidate: IceCandidate, address: str) -> list[IceCandidate]:
    """The candidate, and if it hides its address a copy that shows ``address`` (none when that is empty)."""
    real = _reveal(candidate.candidate, address)
    if real is None or len(real) > CANDIDATE_LENGTH:
        return [candidate]
    copy = IceCandidate(real, candidate.sdp_mid, candidate.sdp_m_line_index, candidate.username_fragment)
    return [candidate, copy]


def sdp_with_real_address(sdp: str, address: str) -> str:
    """The session description, with a copy that shows ``address`` after each candidate line that hides it."""
    lines: list[str] = []
    for line in sdp.splitlines(keepends=True):
        lines.append(line)
        real = _reveal(line.rstrip("\r\n"), address)
        if real is not None:
            lines.append(real + line[len(line.rstrip("\r\n")) :])
    changed = "".join(lines)
    return changed if len(changed) <= SDP_LENGTH else sdp


def _reveal(text: str, address: str) -> str | None:
    match = _HIDDEN.search(text)
    if match is None or not address or ip_address(address).is_link_local:
        return None
    return text[: match.start()] + match["before"] + address + match["after"]
