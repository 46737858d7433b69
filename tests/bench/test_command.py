"""What `python -m bench` does with what it is told, and with what it has measured."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

import pytest

from bench import __main__ as benches
from bench import report
from bench.result import Figure, Result
from bench.scale import Scale
from bench.stop import run_until_stopped


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


def test_what_was_measured_is_kept_and_shown_where_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def measured(name: str, scale: Scale) -> Result:
        done.append(name)
        return Result(name, [Figure("a call", "ms", 1)] if name == "start" else [], short=scale.short)

    done: list[str] = []
    shown: list[int] = []
    kept, elsewhere = tmp_path / "kept", tmp_path / "elsewhere"
    for folder in (kept, elsewhere):
        folder.mkdir()
    monkeypatch.setattr(logging.getLogger("asyncio"), "setLevel", lambda _: None)
    monkeypatch.setattr(benches, "run", measured)
    monkeypatch.setattr(benches, "RESULTS", kept)
    monkeypatch.setattr(report, "main", lambda: shown.append(1))

    def bench(*arguments: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["bench", *arguments])
        assert benches.main() == 0
        return sorted(each.name for each in (*kept.glob("*.json"), *elsewhere.glob("*.json")))

    assert bench("start", "--short") == []
    assert bench("start", "--results", str(elsewhere)) == ["start.json"]
    assert shown == []
    (elsewhere / "start.json").unlink()
    assert bench("start", "appear") == ["start.json"]
    assert done[-2:] == ["start", "appear"]
    assert shown == [1]


def test_what_is_started_does_not_hear_of_control_c_and_a_fault_stays_a_fault() -> None:
    async def child() -> bytes:
        code = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
        started = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
        return (await started.communicate())[0]

    async def fail() -> None:
        raise ZeroDivisionError

    assert run_until_stopped(child()) == b"True\n"
    with pytest.raises(ZeroDivisionError):
        run_until_stopped(fail())
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


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
