"""Who has the ports that LanChat wants. Touches /proc: everybody's sockets, and the processes of the same user."""

from __future__ import annotations

import os
import pwd
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final, Literal

from .facts import HolderFact

_PROC: Final = Path("/proc")
_LISTEN: Final = "0A"
Protocol = Literal["tcp", "udp"]


def gather(tcp: Collection[int], udp: Collection[int]) -> list[HolderFact]:
    """The programs that have one of these ports, each once; nothing where /proc does not tell.

    Args:
        tcp: ports where they listen.
        udp: ports that they are bound to.
    """
    wanted: tuple[tuple[Protocol, Collection[int]], ...] = (("tcp", tcp), ("udp", udp))
    sockets = [(protocol, *each) for protocol, ports in wanted for each in _sockets(protocol, ports)]
    owners = _owners({inode for *_, inode in sockets}) if sockets else {}
    found: dict[HolderFact, None] = {}
    for protocol, port, uid, inode in sockets:
        pid = owners.get(inode)
        found[HolderFact(protocol, port, _user(uid), _name(pid), pid)] = None
    return list(found)


def _sockets(protocol: Protocol, ports: Collection[int]) -> Iterator[tuple[int, int, int]]:
    """Port, user and inode; the columns are those of proc_net_tcp.txt in the kernel's documentation."""
    for name in (protocol, f"{protocol}6"):
        try:
            lines = (_PROC / "net" / name).read_text(errors="replace").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            columns = line.split()
            port = int(columns[1].rpartition(":")[2], 16)
            if port in ports and (protocol == "udp" or columns[3] == _LISTEN):
                yield port, int(columns[7]), int(columns[9])


def _owners(inodes: Collection[int]) -> dict[int, int]:
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[int, int] = {}
    try:
        processes = list(_PROC.iterdir())
    except OSError:
        return {}
    for process in processes:
        if not process.name.isdigit() or len(found) == len(wanted):
            continue
        try:
            with os.scandir(process / "fd") as descriptors:
                for each in descriptors:
                    inode = wanted.get(os.readlink(each.path))
                    if inode is not None:
                        found[inode] = int(process.name)
        except OSError:  # another user's, or gone
            continue
    return found


def _name(pid: int | None) -> str | None:
    try:
        return (_PROC / str(pid) / "comm").read_text(errors="replace").strip() if pid is not None else None
    except OSError:
        return None


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
