"""One machine for all tests of this folder: it is booted once, and each test leaves it as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .lanchat import install
from .machine import Machine, machine


@pytest.fixture(scope="session")
def switched_off() -> Iterator[Machine]:
    """A machine with LanChat, before it is booted for the first time."""
    with machine() as made:
        install(made)
        yield made


@pytest.fixture(scope="session")
def booted(switched_off: Machine) -> Machine:
    """The machine with two people, who have service managers of their own without being logged in."""
    switched_off.boot()
    for name in ("alice", "bob"):
        switched_off.run(["useradd", "--create-home", name])
        switched_off.run(["loginctl", "enable-linger", name])
        user = switched_off.run(["id", "-u", name]).stdout.strip()
        switched_off.run(["systemctl", "start", f"user@{user}.service"])
    return switched_off
