"""What a newcomer with one computer sees: two people who find each other, and a clean end."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from pathlib import Path

import aiohttp

PATIENCE = 30
"""Seconds for two daemons to start and to find each other on a slow machine."""


async def sees(session: aiohttp.ClientSession, page: str, name: str) -> None:
    """Wait until a tab of this page hears that somebody is online."""
    async with session.ws_connect(page.replace("http", "ws") + "/ws", origin=page) as socket:
        people = {person["id"]: person for person in (await socket.receive_json())["people"]}
        while not any(person["name"] == name and person["presence"] == "online" for person in people.values()):
            event = await socket.receive_json()
            if event["event"] == "person_changed":
                people[event["person"]["id"]] = event["person"]


async def test_two_people_find_each_other_and_end_with_one_signal() -> None:
    demo = await asyncio.create_subprocess_exec(
        sys.executable, Path(__file__).with_name("demo.py"), stdout=asyncio.subprocess.PIPE
    )
    assert demo.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            pages: dict[str, str] = {}
            while len(pages) < 2:
                line = (await demo.stdout.readline()).decode()
                assert line, "the demo has ended"
                pages |= re.findall(r"(\w+): +(http://localhost:\d+)", line)
            await sees(session, pages["Ada"], "Grace")
            await sees(session, pages["Grace"], "Ada")
            demo.send_signal(signal.SIGINT)
            assert await demo.wait() == 0
            for page in pages.values():
                try:
                    await session.get(page)
                except aiohttp.ClientConnectorError:
                    continue
                raise AssertionError(f"{page} is still there")
    finally:
        if demo.returncode is None:
            demo.terminate()
            await demo.wait()
