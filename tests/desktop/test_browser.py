"""How the page comes to the front."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from lanchatd.desktop.browser import NoBrowserError, address, command, open_page
from lanchatd.protocol.model import PeerId

ADA = PeerId("a" * 52)
URL = "http://localhost:5262#/" + ADA


@pytest.mark.parametrize("entrance", ["http://localhost:5262", "http://localhost:5262/?token=t"])
def test_an_address_leads_to_a_person_and_does_nothing_else(entrance: str) -> None:
    assert address(entrance) == entrance
    assert address(entrance, ADA) == f"{entrance}#/{ADA}"


def test_a_service_lets_the_manager_of_the_person_start_the_browser() -> None:
    """Else it would live within the limits of the service, and end with it."""
    words = command(URL, "token", {"SYSTEMD_EXEC_PID": str(os.getpid())})
    assert words[:2] == ["systemd-run", "--user"]
    assert {"--property=KillMode=process", "--setenv=XDG_ACTIVATION_TOKEN=token"} <= set(words)
    assert words[-2:] == ["xdg-open", URL]


@pytest.mark.parametrize("environment", [{}, {"SYSTEMD_EXEC_PID": "1"}])
def test_what_is_no_service_starts_it_by_itself(environment: dict[str, str]) -> None:
    """Also in a terminal that is a service: its variables are inherited."""
    assert command(URL, None, environment)[-2:] == ["xdg-open", URL]
    assert "systemd-run" not in command(URL, None, environment)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder where programs are looked for, with what every Linux has."""
    for name in ("setsid", "sh", "sleep", "touch"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/usr/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


async def test_the_browser_outlives_who_opened_it_and_is_not_waited_for(programs: Path) -> None:
    program(programs, "xdg-open", f"until [ -e {programs}/go ]; do sleep 0.01; done; touch {programs}/opened")
    await open_page(URL)
    (programs / "go").touch()
    async with asyncio.timeout(10):
        while not (programs / "opened").exists():
            await asyncio.sleep(0.01)


async def test_without_a_browser_that_is_said(programs: Path) -> None:
    with pytest.raises(NoBrowserError, match="there is no xdg-open on this machine"):
        await open_page(URL)


async def test_an_opener_that_fails_is_named(programs: Path) -> None:
    program(programs, "xdg-open", "true")
    (programs / "setsid").unlink()
    program(programs, "setsid", "exit 3")
    with pytest.raises(NoBrowserError, match="setsid ended with status 3"):
        await open_page(URL)
