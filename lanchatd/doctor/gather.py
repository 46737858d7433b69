"""Gathers the facts of this machine: everything at once, in about a second and a half."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Sequence

from lanchatd.lan.ear import PORT
from lanchatd.lan.listener import DEFAULT_PORT

from . import echo, holders, links, reach, routes
from .facts import Absence, DaemonFacts, Facts, MachineFacts
from .firewall import gather as firewall


async def gather(
    daemon: DaemonFacts | None, absence: Absence | None = None, chosen: Collection[str] = (), page_port: int = 0
) -> Facts:
    """Look at the machine, and at the peers that the daemon knows.

    Args:
        daemon: what the running one says; None if there is none.
        absence: why there is none.
        chosen: the interfaces to use when there is none; empty for the ordinary choice.
        page_port: TCP, wanted for the page when there is none; 0 for any.
    """
    chosen = daemon.interfaces if daemon is not None else list(chosen)
    interfaces = links.gather(chosen)
    ports = _ports(daemon, page_port)
    async with asyncio.TaskGroup() as tasks:
        echoed = tasks.create_task(echo.gather(interfaces))
        reached = tasks.create_task(reach.gather(daemon.peers if daemon is not None else (), interfaces))
        filtered = tasks.create_task(firewall.gather(interfaces, daemon.peer_port if daemon else DEFAULT_PORT))
    heard, problem = echoed.result()
    machine = MachineFacts(
        root=os.geteuid() == 0,
        chosen=chosen,
        interfaces=heard,
        routes=routes.gather(interfaces),
        mdns_problem=problem,
        holders=holders.gather(ports, (PORT,)),
        firewalls=filtered.result(),
        reach=reached.result(),
    )
    return Facts(machine, daemon, absence)


def _ports(daemon: DaemonFacts | None, page_port: int) -> Sequence[int]:
    """The TCP ports of which it matters who has them."""
    if daemon is None:
        return [port for port in (DEFAULT_PORT, page_port) if port]
    wanted = ((daemon.wanted_peer_port, daemon.peer_port), (daemon.wanted_page_port, daemon.page_port))
    return [port for port, had in wanted if port not in (0, had)]
