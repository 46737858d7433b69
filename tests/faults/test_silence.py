"""Somebody who does not read: a tab, another machine. It costs the others nothing, and everything comes in the end."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from pathlib import Path

import aiohttp

from lanchatd.core.conversation import OUTBOX_LINES
from tests.process import ADA, BOB, running, tab_of

from .rig import befriend, line, talk

LONG = "so much that nobody reads it " * 500


def memory(pid: int) -> int:
    """Resident set, in bytes."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) * 1024


async def test_a_machine_that_does_not_answer_is_shown_offline_and_gets_everything_later(tmp_path: Path) -> None:
    async with (
        running(tmp_path / "ada", "--name", ADA) as ada,
        running(tmp_path / "bob", "--name", BOB) as bob,
        running(tmp_path / "cleo", "--name", "Cleo") as cleo,
        tab_of(ada) as here,
        tab_of(bob) as there,
        tab_of(cleo) as beside,
    ):
        to_bob, _ = await befriend(here, there, BOB)
        to_cleo, _ = await befriend(here, beside, "Cleo")
        await talk(here, there, to_bob, "before")
        bob.process.send_signal(signal.SIGSTOP)
        begin, before = time.monotonic(), memory(ada.process.pid)
        for number in range(OUTBOX_LINES + 1):
            await here.send("send_private_message", person=to_bob, id=f"message-{number:04}", text=LONG[: 100 + number])
        refused = await here.expect("error")
        assert refused["code"] == "queue_full"
        assert f"{OUTBOX_LINES} messages wait already" in refused["message"]
        await here.person(BOB, presence="offline")
        assert time.monotonic() - begin < 10, "two seconds until it is asked, and seven for a busy program"
        await talk(here, beside, to_cleo, "meanwhile")
        assert memory(ada.process.pid) - before < 64 * 1024 * 1024
        bob.process.send_signal(signal.SIGCONT)
        arrived = []
        while len(arrived) < OUTBOX_LINES:
            arrived.append((await there.expect("receive_private_message"))["entry"]["id"])
        assert arrived == [f"message-{number:04}" for number in range(OUTBOX_LINES)]
        await talk(here, there, to_bob, "after")


async def test_a_tab_that_does_not_read_is_dropped_and_comes_back_to_everything(tmp_path: Path) -> None:
    async with (
        running(tmp_path / "ada", "--name", ADA) as ada,
        running(tmp_path / "bob", "--name", BOB) as bob,
        tab_of(ada) as here,
        tab_of(bob) as there,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{ada.url}/ws", headers={"Origin": ada.url}, max_msg_size=0) as mute,
    ):
        to_bob, to_ada = await befriend(here, there, BOB)
        assert mute._response.connection is not None
        assert mute._response.connection.transport is not None
        mute._response.connection.transport.pause_reading()  # type: ignore[attr-defined]
        sent = 0
        dropped = asyncio.create_task(line(ada, "does not read what it is sent"))
        while not dropped.done():
            await there.send("send_private_message", person=to_ada, id=f"message-{sent:04}", text=LONG)
            entry = (await here.expect("receive_private_message"))["entry"]
            assert (entry["id"], entry["text"]) == (f"message-{sent:04}", LONG)
            await here.send("mark_seen", person=to_bob, id=entry["id"])
            sent += 1
        await dropped
        await talk(here, there, to_bob, "the others go on")
        async with tab_of(ada) as again:
            (view,) = again.snapshot["conversations"]
            assert [entry.get("text") for entry in view["entries"]][-1] == "the others go on"
            assert f"message-{sent - 1:04}" in [entry.get("id") for entry in view["entries"]]
