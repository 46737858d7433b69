"""Runs in place of the daemon, within the fence of its unit, and notes what it can do there."""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import socket
from collections.abc import Callable
from pathlib import Path

from lanchatd.lan import rtnetlink
from lanchatd.web.owner import kernel_tells


def can(attempt: Callable[[], object]) -> bool:
    """Whether it goes well."""
    try:
        return attempt() is not False
    except (OSError, PermissionError):
        return False


def reach_session_bus() -> None:
    """Say the first words of the D-Bus protocol; the bus answers only to its own user."""
    with socket.socket(socket.AF_UNIX) as bus:
        bus.settimeout(5)
        bus.connect(f"/run/user/{os.getuid()}/bus")
        bus.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        if not bus.recv(100).startswith(b"OK"):
            raise PermissionError


def hear_of_interfaces() -> bool:
    """As the daemon does."""
    rtnetlink.subscribe().close()
    return any(link.name == "lan0" for link in rtnetlink.links())


def send(address: str) -> None:
    """An empty datagram, out on the cable."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"", (address, 5353))


def make_namespaces() -> bool:
    """unshare(2): CLONE_NEWUSER."""
    return ctypes.CDLL(None).unshare(0x10000000) == 0


def capabilities() -> bool:
    """Any that could be had."""
    fields = dict(line.split(":\t") for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return any(int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapBnd"))


home = Path.home()
(home / "Downloads").mkdir(exist_ok=True)
found = {
    "writes at home": can(lambda: (home / "Downloads/file").write_text("")),
    "writes to /etc": can(lambda: Path("/etc/probe").write_text("")),
    "reads another home": can(lambda: Path("/home/alice/open").read_text()),
    "reads what is in /tmp": Path("/tmp/open").exists(),
    "hears of interfaces": can(hear_of_interfaces),
    "asks whose a connection is": kernel_tells(),
    "reaches the session bus": can(reach_session_bus),
    "sends to the group of mDNS": can(lambda: send("224.0.0.251")),
    "sends to the local network": can(lambda: send("10.77.0.9")),
    "sends to the internet": can(lambda: send("203.0.113.9")),
    "makes memory executable": can(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)),
    "makes namespaces": can(make_namespaces),
    "opens raw sockets": can(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)),
    "has capabilities": capabilities(),
}
(home / "Downloads/found.json").write_text(json.dumps(found))
