"""Another user of the machine can not use the commands on a daemon that is not theirs."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from lanchatd.commands.errors import Exit
from lanchatd.web.owner import SameUser
from tests.web import stranger
from tests.web.site import PEER, running_site

_PROGRAM: Final = """
import json, os, sys
import aiohttp, concurrent.futures.thread, encodings.idna  # afterwards the interpreter may be out of reach
import lanchatd.commands.connection, lanchatd.desktop.browser
from lanchatd.cli import main
uid, place, running = int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
if os.getuid() != uid:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
assert os.getresuid() == (uid, uid, uid)
os.makedirs(place, 0o700, exist_ok=True)
with open(place + "/daemon.json", "w") as file:
    json.dump(running | {"pid": os.getpid()}, file)
sys.exit(main(sys.argv[4:]))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the stranger."""
    folder = tempfile.mkdtemp()
    os.chown(folder, stranger.UID, -1)
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("words", [["people"], ["send", "Bo", "hello"], ["status", "--json"], ["block", "Bo"]])
async def test_who_has_found_the_daemon_of_somebody_else_is_sent_away(home: Path, words: list[str]) -> None:
    """However they came to know where it is: here they have written a daemon.json for it."""
    async with running_site(SameUser(user=stranger.OWNER)) as site:
        told = {"url": site.url, "peer_port": 1, "peer_id": PEER}
        place = home / "runtime" / "lanchat"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _PROGRAM, str(stranger.UID), str(place), json.dumps(told), *words),
            env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "runtime")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 30)
        assert site.desk.opened == []
    assert (process.returncode, out) == (Exit.REFUSED, b""), err.decode()
    assert err == b"lanchatd: This LanChat serves only the user who started it; start your own with lanchatd.\n"
