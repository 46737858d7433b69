"""Nobody reads what the daemon writes: its log and its one line on standard output are no reason to end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.process import ADA, PATIENCE, spawn, tab_of

from .rig import until

ENDS = {
    "closed": 'exec "$@" {0}>&-',
    "full": 'exec "$@" {0}>/dev/full',
    "broken": '{{ exec "$@" {0}>&9; }} 9> >(true)',
}


@pytest.mark.parametrize("stream", [1, 2])
@pytest.mark.parametrize("end", ENDS)
async def test_a_broken_log_does_not_end_the_daemon(tmp_path: Path, stream: int, end: str) -> None:
    # As systemd starts it, with buffers: what is left in them at the end is written then, or can not be.
    under = ("env", "--unset=PYTHONUNBUFFERED", "bash", "-c", ENDS[end].format(stream), "bash")
    daemon = await spawn(tmp_path / "ada", "--log-level", "debug", under=under)
    await until(daemon.file.exists)
    daemon.url = daemon.told["url"]
    async with tab_of(daemon) as page:
        await page.send("set_profile", name=ADA, ref="1")
        await page.expect("ok", ref="1")
    daemon.process.terminate()
    assert await asyncio.wait_for(daemon.process.wait(), PATIENCE) == 0
