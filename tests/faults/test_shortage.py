"""No more file descriptors, no more memory: who is there stays, who comes is let in when there is room again."""

from __future__ import annotations

import asyncio
import resource
import signal
from pathlib import Path

from tests.process import ADA, BOB, running, tab_of

from .rig import befriend, breakable, line, said, strangers, talk

FEW = 64
PATIENT = """import functools, sys
import lanchatd.daemon
lanchatd.daemon.serve = functools.partial(lanchatd.daemon.serve, patience=1000)
from lanchatd.cli import main
sys.exit(main())"""
"""A daemon that lets those stay who ask for nothing, however slow this machine is."""
NO_MEMORY = """import asyncio.sslproto as tls
    real = tls.SSLProtocol.__init__
    def none(self, *arguments, **named):
        if arguments[4]: raise MemoryError  # server_side
        real(self, *arguments, **named)
    tls.SSLProtocol.__init__ = none"""


async def test_without_descriptors_conversations_go_on_and_the_page_opens_again_when_there_are_some(
    tmp_path: Path,
) -> None:
    limit = ("prlimit", f"--nofile={FEW}:{FEW}")
    async with (
        running(tmp_path / "ada", "--name", ADA, under=limit, program=("-c", PATIENT)) as ada,
        running(tmp_path / "bob", "--name", BOB) as bob,
        tab_of(ada) as here,
        tab_of(bob) as there,
    ):
        to_bob, _ = await befriend(here, there, BOB)
        port = int(ada.url.rpartition(":")[2])
        async with strangers(port, FEW):
            assert "who is connected stays" in await line(ada, "No file descriptors are left")
            # First of all, because it is told only once, and something else may have been saved already.
            await here.send("set_profile", name="Ada without a file")
            assert "Too many open files" in (await here.expect("error", code="not_saved"))["message"]
            for number in range(3):
                await talk(here, there, to_bob, str(number))
        async with tab_of(ada) as another:
            assert another.snapshot["me"]["name"] == "Ada without a file"
        await line(ada, "saved again")
        assert await ada.stop() == 0
        assert (await ada.errors()).count("No file descriptors are left") == 0


async def test_the_daemon_takes_as_many_descriptors_as_it_may_need(tmp_path: Path) -> None:
    async with running(tmp_path / "ada", under=("prlimit", "--nofile=256:8192")) as ada:
        assert resource.prlimit(ada.process.pid, resource.RLIMIT_NOFILE) == (4096, 8192)
    async with running(tmp_path / "ada", under=("prlimit", "--nofile=256:512")) as ada:
        assert resource.prlimit(ada.process.pid, resource.RLIMIT_NOFILE) == (512, 512)


async def test_without_memory_for_one_more_link_the_others_go_on(tmp_path: Path) -> None:
    async with (
        running(tmp_path / "ada", "--name", ADA, program=breakable(NO_MEMORY)) as ada,
        running(tmp_path / "bob", "--name", BOB) as bob,
        tab_of(ada) as here,
        tab_of(bob) as there,
    ):
        to_bob, _ = await befriend(here, there, BOB)
        ada.process.send_signal(signal.SIGUSR1)
        await said(ada, "broken")
        peer_port = ada.told["peer_port"]
        _, writer = await asyncio.open_connection("127.0.0.1", peer_port)
        await line(ada, "No memory is left for one more link")
        await talk(here, there, to_bob, "all the same")
        writer.close()
        assert await ada.stop() == 0
