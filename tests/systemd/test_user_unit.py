"""``lanchatd service``, and the unit that it puts in place, under the service manager of a person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from .lanchat import ROOT, Unit, ask, told
from .machine import Machine


class Person:
    """Somebody at the machine, with a shell."""

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = name
        self.uid = machine.run(["id", "-u", name]).stdout.strip()
        self.runtime = f"/run/user/{self.uid}/lanchat"
        self.unit = Unit(machine, "lanchatd.service", name)

    def service(self, *arguments: str) -> tuple[int, str, str]:
        """``lanchatd service``: exit status, output, errors."""
        done = self.machine.run(["lanchatd", "service", *arguments], user=self.name, check=False)
        return done.returncode, done.stdout, done.stderr

    def state(self) -> dict[str, object]:
        """``lanchatd service status --json``."""
        return dict(json.loads(self.service("status", "--json")[1]))

    def settings(self) -> str:
        """All files and folders in the home that hold settings."""
        return self.machine.run(["find", f"/home/{self.name}/.config"], check=False).stdout


@pytest.fixture
def bob(booted: Machine) -> Iterator[Person]:
    """Whose service manager runs."""
    bob = Person(booted, "bob")
    booted.run(["systemctl", "start", f"user@{bob.uid}.service"])
    yield bob
    bob.service("uninstall")


def test_installed_it_runs_and_uninstalled_it_leaves_no_trace(booted: Machine, bob: Person) -> None:
    before = bob.settings()
    status, said, problem = bob.service("install")
    assert (status, problem) == (0, "")
    assert said.startswith(f"LanChat is a service now. It runs as process {bob.unit.pid}")
    state = bob.state()
    assert str(state.pop("says")).endswith("online")
    assert state == {
        "unit": "/home/bob/.config/systemd/user/lanchatd.service",
        "ours": True, "enabled": True, "lingers": True, "active": "active", "pid": bob.unit.pid,
    }  # fmt: skip
    assert ask(booted, f"{told(booted, bob.runtime)['url']}/api/status", "bob")["pid"] == state["pid"]

    assert bob.service("install")[0] == 0
    assert bob.unit.pid == state["pid"], "installed again, it is left as it was"

    assert bob.service("uninstall") == (0, "The service is gone.\n", "")
    assert bob.settings() == before
    assert booted.run(["test", "-e", bob.runtime + "/daemon.json"], check=False).returncode == 1
    assert bob.unit["LoadState"] == "not-found"
    assert bob.service("status")[0] == 3
    assert bob.service("uninstall") == (0, "There was no service.\n", "")


def test_the_unit_of_a_package_is_used_as_it_is(booted: Machine, bob: Person) -> None:
    packaged = "/usr/lib/systemd/user/lanchatd.service"
    text = (ROOT / "systemd/user/lanchatd.service").read_text()
    place = booted.root / packaged.lstrip("/")
    place.write_text(re.sub("(?m)^ExecStart=.*", "ExecStart=/opt/lanchat/bin/lanchatd run", text))
    before = bob.settings()
    try:
        assert bob.service("install")[0] == 0
        state = bob.state()
        assert (state["unit"], state["ours"], state["enabled"], state["active"]) == (packaged, True, True, "active")
        assert "lanchatd.service\n" not in bob.settings().replace("default.target.wants/lanchatd.service", "")
        assert bob.service("uninstall")[0] == 0
        state = bob.state()
        assert (state["unit"], state["enabled"], state["active"]) == (packaged, False, "inactive")
        assert bob.settings() == before
    finally:
        place.unlink()


def test_killed_or_hung_it_comes_back(booted: Machine, bob: Person) -> None:
    bob.service("install")
    bob.unit.start()
    peer_id, pid = told(booted, bob.runtime)["peer_id"], bob.unit.pid
    bob.unit.kill("KILL")
    assert bob.unit.restarted() != pid
    pid = bob.unit.pid
    bob.unit.kill("STOP")
    assert bob.unit.restarted() != pid
    assert told(booted, bob.runtime)["peer_id"] == peer_id
    bob.unit.control("stop")
    assert (bob.unit["Result"], bob.unit["ExecMainStatus"]) == ("success", "0")


def test_that_it_can_not_start_is_said(booted: Machine, bob: Person) -> None:
    booted.run(["mkdir", "-p", "/home/bob/.config/lanchat"], user="bob")
    booted.run(["sh", "-c", "echo ui_prot = 1 > /home/bob/.config/lanchat/config.toml"], user="bob")
    status, said, problem = bob.service("install")
    booted.run(["rm", "-r", "/home/bob/.config/lanchat"])
    assert (status, said) == (2, "")
    assert problem.count("\n") == 1
    assert "does not start" in problem and "did you mean 'ui_port'?" in problem
    assert bob.unit["NRestarts"] == "0"


def test_without_a_service_manager_of_ones_own_it_is_one_sentence(booted: Machine) -> None:
    booted.run(["useradd", "--create-home", "dave"])
    status, said, problem = Person(booted, "dave").service("install")
    assert (status, said) == (2, "")
    assert problem.startswith("lanchatd: No service manager runs for your account;")
    assert problem.count("\n") == 1
