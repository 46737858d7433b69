"""A machine that boots leaves nothing behind, even if who booted it fails or is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .lanchat import ROOT, eventually
from .machine import machine

_BOOT_AND_DIE = """
import os, signal
from tests.systemd.machine import machine
with machine() as made:
    made.boot()
    print(made.pid, made._group, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def mounts() -> str:
    return Path("/proc/self/mounts").read_text()


def test_nothing_is_left_after_a_failure() -> None:
    before = mounts()
    with pytest.raises(RuntimeError, match="the test has failed"):
        with machine() as made:
            made.boot()
            made.run(["touch", "/etc/trace"])
            pid, group = made.pid, made._group
            assert made.run(["hostname"]).stdout == "booted\n"
            assert group.is_dir()
            raise RuntimeError("the test has failed")
    assert not Path(f"/proc/{pid}").exists()
    assert not group.exists()
    assert mounts() == before
    assert not Path("/etc/trace").exists()


def test_no_process_outlives_who_is_killed_and_the_next_one_tidies_up() -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _BOOT_AND_DIE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    pid, group = killed.stdout.split()
    eventually(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])
    with machine():
        assert not Path(group).exists()
