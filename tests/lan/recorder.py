"""Runs where the bridge is: prints every flow of IP packets that crosses it, once, when it is first seen.

A line is a JSON list: source, source port, destination, destination port, protocol number, and the name that a question
to a name server asks for. The line "overheard" says that some words were seen in a frame. The last line, after SIGTERM,
is the number of frames that the kernel had to drop because nobody read them in time.
"""

from __future__ import annotations

import json
import signal
import socket
import struct
import sys
from ipaddress import ip_address

_ALL, _SOL_PACKET, _ADD_MEMBERSHIP, _STATISTICS, _PROMISCUOUS = 3, 263, 1, 6, 1
_WITH_PORTS = (socket.IPPROTO_TCP, socket.IPPROTO_UDP)
_DNS = 53


def flow(frame: bytes) -> tuple[bytes, int, bytes, int, int, str] | None:
    """What `record` prints of an Ethernet frame, the addresses in binary; None when it carries no IP."""
    kind, packet = frame[12:14], frame[14:]
    if kind == b"\x08\x00" and len(packet) >= 20:
        header, protocol, source, destination = (packet[0] & 15) * 4, packet[9], packet[12:16], packet[16:20]
    elif kind == b"\x86\xdd" and len(packet) >= 40:
        header, protocol, source, destination = 40, packet[6], packet[8:24], packet[24:40]
    else:
        return None
    if protocol not in _WITH_PORTS or len(packet) < header + 4:
        return source, 0, destination, 0, protocol, ""
    ports = struct.unpack_from(">HH", packet, header)
    asked = question(packet[header + 20 :]) if ports[1] == _DNS and protocol == socket.IPPROTO_UDP else ""
    return source, ports[0], destination, ports[1], protocol, asked


def question(sections: bytes) -> str:
    """The first name in a DNS message behind its header (RFC 1035 section 4.1.2)."""
    labels, offset = [], 0
    while offset < len(sections) and (length := sections[offset]):
        labels.append(sections[offset + 1 : offset + 1 + length].decode(errors="replace"))
        offset += 1 + length
    return ".".join(labels)


def record(interface: str, words: bytes) -> None:
    """Serve until SIGTERM. ``words`` are looked for in every frame."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
    tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
    tap.bind((interface, _ALL))
    member = struct.pack("iHH8s", socket.if_nametoindex(interface), _PROMISCUOUS, 0, b"")
    tap.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, member)
    seen = set()

    def end(*_: object) -> None:
        print(struct.unpack("II", tap.getsockopt(_SOL_PACKET, _STATISTICS, 8))[1], flush=True)
        sys.exit()

    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    while True:
        frame = tap.recv(1 << 16)
        if words and words in frame:
            print('"overheard"', flush=True)
        this = flow(frame)
        if this and this not in seen:
            seen.add(this)
            source, source_port, destination, *rest = this
            print(json.dumps([str(ip_address(source)), source_port, str(ip_address(destination)), *rest]), flush=True)


if __name__ == "__main__":
    record(sys.argv[1], bytes.fromhex(sys.argv[2]))
