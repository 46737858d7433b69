"""What `python -m bench` does with what it is told, and with what it has measured."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from bench import __main__ as benches
from bench.result import Figure, Result


def test_what_nothing_was_measured_for_stays_as_it_was(tmp_path: Path) -> None:
    assert benches.keep(Result("call", [Figure("a call", "ms", 1)]), tmp_path)
    kept = (tmp_path / "call.json").read_bytes()
    assert not benches.keep(Result("call", [], absent={"Chromium": "sudo apt-get install chromium"}), tmp_path)
    assert (tmp_path / "call.json").read_bytes() == kept


def test_a_bench_that_is_not_there_is_told_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "nonsense"])
    with pytest.raises(SystemExit):
        benches.main()
    assert "there is no bench 'nonsense'; choose from start, appear" in capsys.readouterr().err


async def test_control_c_ends_it_with_one_sentence_and_nothing_goes_on() -> None:
    """A terminal sends it to all processes that were started from there."""
    bench = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", "message", "--short"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert bench.stdout
        while b"Measuring message" not in await bench.stdout.readline():
            assert not bench.stdout.at_eof()
        await asyncio.sleep(1)  # its programs are being started
        os.killpg(bench.pid, signal.SIGINT)
        async with asyncio.timeout(30):
            _, said = await bench.communicate()
        assert bench.returncode == 130
        assert said.decode().strip() == "Stopped. What was measured before is kept."
        with pytest.raises(ProcessLookupError):
            os.killpg(bench.pid, 0)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(bench.pid, signal.SIGKILL)
