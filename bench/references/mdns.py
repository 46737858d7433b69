"""Plain DNS-SD with python-zeroconf as it comes: ``python mdns.py announce NAME [TTL]``, or ``python mdns.py browse``.

Prints one JSON list a line, with the time of the monotonic clock in seconds: ``["ready", time]``, ``["added", name,
time]`` and ``["removed", name, time]``. Announces until standard input is closed, and then says goodbye.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from typing import Final

from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

KIND: Final = "_lanchat-bench._tcp.local."
_WORDS: Final = {ServiceStateChange.Added: "added", ServiceStateChange.Removed: "removed"}


def _say(*words: object) -> None:
    print(json.dumps([*words, time.monotonic()]), flush=True)


def _changed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
    if word := _WORDS.get(state_change):
        _say(word, name.removesuffix(f".{KIND}"))


async def announce(name: str, ttl: int) -> None:
    """Register a service, for all records with this time to live in seconds."""
    async with AsyncZeroconf() as zeroconf:
        host = socket.gethostname()
        info = AsyncServiceInfo(
            KIND, f"{name}.{KIND}", port=9, server=f"{host}.local.", host_ttl=min(ttl, 120), other_ttl=ttl,
            parsed_addresses=sys.argv[4:],
        )  # fmt: skip
        _say("ready")
        await (await zeroconf.async_register_service(info))
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await (await zeroconf.async_unregister_service(info))


async def browse() -> None:
    """Tell of all services that come and go, until standard input is closed."""
    async with AsyncZeroconf() as zeroconf:
        browser = AsyncServiceBrowser(zeroconf.zeroconf, KIND, handlers=[_changed])
        _say("ready")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await browser.async_cancel()


if __name__ == "__main__":
    asyncio.run(browse() if sys.argv[1] == "browse" else announce(sys.argv[2], int(sys.argv[3])))
