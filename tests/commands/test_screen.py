"""What a person sees in a terminal: the list of people, live, and the terminal as it was afterwards."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from pathlib import Path

from lanchatd.commands.errors import Exit
from tests.process import BOB

from .shell import PATIENCE, strangers, surroundings


class Window:
    """A terminal of 60 columns and 10 lines."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 60, 0, 0))
        os.set_blocking(self.ours, False)
        self.seen = ""
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.ours, self._read)

    def _read(self) -> None:
        try:
            self.seen += os.read(self.ours, 65536).decode(errors="replace")
        except OSError:  # nobody has it open any more
            asyncio.get_running_loop().remove_reader(self.ours)
        self._news.set()

    async def shows(self, text: str) -> None:
        """Wait for something on the screen."""
        async with asyncio.timeout(PATIENCE):
            while text not in self.seen:
                self._news.clear()
                await self._news.wait()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.ours)
        os.close(self.ours)
        os.close(self.theirs)


async def test_the_list_is_drawn_anew_at_every_change_and_leaves_no_trace(tmp_path: Path) -> None:
    async with strangers(tmp_path) as pair:
        window = Window()
        variables = surroundings(pair.ada.home, TERM="xterm")
        variables.pop("COLUMNS", None)
        watcher = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "lanchatd", "people", "--watch"),
            env=variables, stdin=window.theirs, stdout=window.theirs, stderr=window.theirs,
        )  # fmt: skip
        try:
            await window.shows(BOB)
            assert window.seen.startswith("\033[?1049h\033[?25l"), "a screen of its own, without cursor"
            await pair.there.send("set_profile", status="dnd")
            await window.shows("do not disturb")
            watcher.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(watcher.wait(), PATIENCE) == Exit.INTERRUPTED
            await window.shows("\033[?25h\033[?1049l")
            assert window.seen.endswith("\033[?25h\033[?1049l")
        finally:
            if watcher.returncode is None:
                watcher.kill()
                await watcher.wait()
            window.close()


async def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    async with strangers(tmp_path) as pair:
        with Path("/dev/full").open("w") as full:
            done = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "lanchatd", "status"),
                env=surroundings(pair.ada.home), stdout=full, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            _, errors = await asyncio.wait_for(done.communicate(), PATIENCE)
    assert done.returncode == Exit.WRONG
    assert errors == b"lanchatd: The output can't be written: No space left on device.\n"
