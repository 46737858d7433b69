"""Another user of this machine: a process that gives its user up, connects, says something and tells what it heard.

Only root can become somebody else. Run by anybody else the stranger stays who it is, and the page is that of somebody
else: `OWNER`. Either way the two differ, and what the kernel says of the stranger is true.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

_SOMEBODY: Final = 54321
_KNOWN_USERS: Final = int(Path("/proc/self/uid_map").read_text().split()[2])
_CHANGES: Final = os.getuid() == 0 and _KNOWN_USERS > _SOMEBODY
UID: Final = _SOMEBODY if _CHANGES else os.getuid()
"""Who the stranger is."""
OWNER: Final = os.getuid() if _CHANGES else os.getuid() + 1
"""Whose page it is."""

_PROGRAM: Final = """
import os, socket, struct, sys
uid, host, port, source, manner = int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:5]), sys.argv[5]
if os.getuid() != uid:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
assert os.getresuid() == (uid, uid, uid)
with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as connection:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if source:
        connection.bind((host, source))
    connection.connect((host, port))
    connection.sendall(sys.stdin.buffer.read())
    if manner == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    while manner == "listen" and (heard := connection.recv(65536)):
        sys.stdout.buffer.write(heard)
"""


def command(host: str, port: int, manner: str, source: int = 0) -> list[str]:
    """The program: it listens until the other side closes, or is rude and does ``close`` or ``reset`` at once."""
    return [sys.executable, "-c", _PROGRAM, str(UID), host, str(port), str(source), manner]


async def hear(host: str, port: int, words: bytes) -> bytes:
    """What a stranger is answered, until the connection is closed."""
    process = await asyncio.create_subprocess_exec(
        *command(host, port, "listen"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        heard, _ = await process.communicate(words)
    assert process.returncode == 0
    return heard


def hit(host: str, port: int, words: bytes, manner: str, source: int = 0) -> None:
    """Connect, speak and be gone. Blocks, so a server in this event loop accepts the connection only afterwards."""
    subprocess.run(command(host, port, manner, source), input=words, check=True, timeout=20)
