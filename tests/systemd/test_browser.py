"""The browser that a service opens, under a real systemd: it is no part of the service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from .lanchat import PYTHON, Unit, eventually
from .machine import Machine

URL: Final = "http://localhost:5262#/somebody"
OPEN: Final = f"""
import asyncio
from lanchatd.desktop.browser import open_page
asyncio.run(open_page({URL!r}, "token-of-the-press"))
"""
XDG_OPEN: Final = """#!/bin/sh
echo "$1" "$XDG_ACTIVATION_TOKEN" $(grep NoNewPrivs /proc/self/status) > ~/opened
sleep 1000 &
echo $! > ~/browser
"""
"""Like most: it starts the browser, and ends."""


@pytest.fixture
def browser(booted: Machine) -> Iterator[str]:
    """Where the process of Bob's browser will stand."""
    (booted.root / "opt/lanchat/open.py").write_text(OPEN)
    (booted.root / "usr/local/bin/xdg-open").write_text(XDG_OPEN)
    (booted.root / "usr/local/bin/xdg-open").chmod(0o755)
    yield "/home/bob/browser"
    booted.run(["sh", "-c", "kill $(cat /home/bob/browser); rm -f /home/bob/browser /home/bob/opened"], check=False)
    (booted.root / "usr/local/bin/xdg-open").unlink()


def see_that_it_lives_outside(booted: Machine, browser: str) -> None:
    eventually(lambda: booted.run(["test", "-s", browser], check=False).returncode == 0)
    assert booted.run(["cat", "/home/bob/opened"]).stdout.split() == [URL, "token-of-the-press", "NoNewPrivs:", "0"]
    pid = booted.run(["cat", browser]).stdout.strip()
    group = booted.run(["cat", f"/proc/{pid}/cgroup"]).stdout
    assert "user@" in group, "with the session of the person"
    assert "lanchatd" not in group


def test_a_service_of_the_machine_opens_it_in_the_session_of_its_user(booted: Machine, browser: str) -> None:
    unit = Unit(booted, "lanchatd@bob.service")
    unit.set(Type="oneshot", ExecStart=f"\nExecStart={PYTHON} /opt/lanchat/open.py", Restart="no")
    try:
        unit.control("start")
        see_that_it_lives_outside(booted, browser)
    finally:
        unit.control("stop")
        unit.set()


def test_a_service_of_the_person_opens_it_outside_of_its_fence(booted: Machine, browser: str) -> None:
    fence = ["--property=NoNewPrivileges=yes", "--property=RestrictNamespaces=yes"]
    command = ["systemd-run", "--user", "--wait", "--unit=lanchatd-fenced", *fence, PYTHON, "/opt/lanchat/open.py"]
    booted.run(command, user="bob")
    see_that_it_lives_outside(booted, browser)
