"""``lanchatd@.service`` under a real systemd: started, crashed, hung, restarted, stopped, and after a boot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lanchat import PYTHON, WATCHDOG, Unit, ask, eventually, told
from .machine import Machine

RUNTIME = "/run/lanchat-alice"
PROBE = Path(__file__).with_name("probe.py")
FAULTY = """
import asyncio, sys
from lanchatd import cli, daemon
async def fail(self, *_):
    while not self._parts.ready:
        await asyncio.sleep(0.01)
    raise RuntimeError("a fault of ours")
daemon.Daemon._tick = fail
sys.exit(cli.main(["run"]))
"""


@pytest.fixture
def alice(booted: Machine) -> Unit:
    """Her service, running."""
    unit = Unit(booted, "lanchatd@alice.service")
    unit.start()
    return unit


@pytest.fixture
def bob(booted: Machine) -> Iterator[Unit]:
    """His service, with which everything may be done."""
    unit = Unit(booted, "lanchatd@bob.service")
    yield unit
    unit.control("stop")
    unit.set()
    unit.control("reset-failed", check=False)


def test_it_is_ready_when_systemd_says_so_and_tells_how_it_is(
    booted: Machine, alice: Unit, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(booted, RUNTIME)["pid"] == alice.pid
    assert alice["StatusText"] == "Nobody else is online"
    began, ready = int(alice["ExecMainStartTimestampMonotonic"]), int(alice["ActiveEnterTimestampMonotonic"])
    with capsys.disabled():
        print(f"\nCold start under systemd, from exec to READY: {(ready - began) / 1e6:.2f} s")


def test_a_reload_reads_the_settings_and_the_journal_has_fields(booted: Machine, bob: Unit) -> None:
    bob.set(Environment="LANCHAT_LOG_FORMAT=journal")
    bob.start()
    pid = bob.pid
    settings = "mkdir -p .config/lanchat && echo 'hide_txt = true' > .config/lanchat/config.toml"
    booted.run(["sh", "-c", f"cd && {settings}"], user="bob")
    bob.control("reload")
    query = ["journalctl", "--output=json", "LANCHAT_LOGGER=lanchatd.daemon", "PRIORITY=3", f"_PID={pid}"]
    entry = json.loads(eventually(lambda: booted.run(query, check=False).stdout))
    booted.run(["sh", "-c", "rm ~/.config/lanchat/config.toml"], user="bob")
    assert "did you mean 'hide_text'?" in entry["MESSAGE"]
    assert entry["_SYSTEMD_UNIT"] == bob.name
    assert bob.pid == pid


def test_only_its_user_is_served(booted: Machine, alice: Unit) -> None:
    """Within the fence, sock_diag still tells who asks, and rtnetlink which addresses there are."""
    url = f"{told(booted, RUNTIME)['url']}/api/my-ip"
    assert "10.77.0.2" in ask(booted, url, "alice")["addresses"]
    assert ask(booted, url, "bob") == 403


def test_killed_it_comes_back_as_the_same_person(booted: Machine, alice: Unit) -> None:
    before, pid = told(booted, RUNTIME), alice.pid
    alice.kill("KILL")
    assert alice.restarted() != pid
    after = told(booted, RUNTIME)
    assert after["peer_id"] == before["peer_id"]
    assert ask(booted, f"{after['url']}/api/status", "alice")["pid"] == alice.pid


def test_healthy_it_is_left_alone(alice: Unit) -> None:
    pid, began = alice.pid, int(alice["WatchdogTimestampMonotonic"])
    eventually(lambda: int(alice["WatchdogTimestampMonotonic"]) - began > WATCHDOG * 1e6)
    assert alice.pid == pid


def test_with_its_event_loop_stopped_it_is_ended_and_started_again(alice: Unit) -> None:
    pid = alice.pid
    alice.kill("STOP")
    assert alice.restarted() != pid
    said = alice.journal()
    assert "Watchdog timeout" in said
    assert 'asyncio/base_events.py", line' in said, "the journal does not tell where it hung"


def test_asked_to_restart_it_does(alice: Unit) -> None:
    pid = alice.pid
    alice.control("restart")
    assert alice.pid not in (0, pid)


def test_a_session_that_begins_later_is_seen_within_the_fence(booted: Machine, alice: Unit) -> None:
    """Its bus, for notifications."""
    bus = f"/run/user/{booted.run(['id', '-u', 'alice']).stdout.strip()}/bus"
    inside = ["nsenter", "--mount", "--target", str(alice.pid), "test", "-S", bus]
    booted.run(["loginctl", "disable-linger", "alice"])
    eventually(lambda: booted.run(inside, check=False).returncode == 1)
    booted.run(["loginctl", "enable-linger", "alice"])
    eventually(lambda: booted.run(inside, check=False).returncode == 0)


def test_stopped_it_ends_in_order_and_leaves_nothing(booted: Machine, alice: Unit) -> None:
    alice.control("stop")
    assert (alice["ActiveState"], alice["Result"], alice["ExecMainStatus"]) == ("inactive", "success", "0")
    began, ended = int(alice["ActiveExitTimestampMonotonic"]), int(alice["InactiveEnterTimestampMonotonic"])
    assert ended - began < 3_000_000
    assert booted.run(["test", "-e", RUNTIME], check=False).returncode == 1


def test_what_the_person_has_to_mend_is_not_tried_again(bob: Unit) -> None:
    bob.set(Environment="LANCHAT_UI_PORT=many")
    bob.control("start", check=False)
    eventually(lambda: bob["ActiveState"] == "failed")
    assert (bob["ExecMainStatus"], bob["NRestarts"]) == ("2", "0")
    assert "LANCHAT_UI_PORT must be a port from 0 to 65535" in bob.journal()


def test_a_fault_of_ours_is_told_and_the_daemon_started_again(booted: Machine, bob: Unit) -> None:
    (booted.root / "opt/lanchat/faulty.py").write_text(FAULTY)
    bob.set(ExecStart=f"\nExecStart={PYTHON} /opt/lanchat/faulty.py")
    bob.control("start", check=False)
    eventually(lambda: bob["NRestarts"] != "0")
    said = bob.journal()
    assert "The part that knows who is there and what is said has failed: RuntimeError: a fault of ours" in said
    assert "code=exited, status=1/FAILURE" in said


def test_a_user_who_does_not_exist_is_not_tried_again(booted: Machine) -> None:
    nobody = Unit(booted, "lanchatd@carol.service")
    nobody.control("start", check=False)
    eventually(lambda: nobody["ActiveState"] == "failed")
    assert nobody["NRestarts"] == "0"
    nobody.control("reset-failed")


def test_the_fence_lets_through_what_is_needed_and_nothing_else(booted: Machine, bob: Unit) -> None:
    (booted.root / "opt/lanchat/probe.py").write_text(PROBE.read_text())
    booted.run(["chmod", "755", "/home/alice"])
    for place in ("/home/alice/open", "/tmp/open"):
        booted.run(["touch", place])
    bob.set(Type="oneshot", ExecStart=f"\nExecStart={PYTHON} /opt/lanchat/probe.py", Restart="no")
    bob.control("start")
    found = json.loads(booted.run(["cat", "/home/bob/Downloads/found.json"]).stdout)
    assert {what for what, possible in found.items() if possible} == {
        "writes at home",
        "hears of interfaces",
        "asks whose a connection is",
        "reaches the session bus",
        "sends to the group of mDNS",
        "sends to the local network",
    }
    assert len(found) == 14


def test_enabled_it_is_there_after_a_boot(booted: Machine, alice: Unit) -> None:
    peer_id = told(booted, RUNTIME)["peer_id"]
    alice.control("enable")
    booted.stop()
    booted.boot()
    eventually(lambda: alice["ActiveState"] == "active")
    assert told(booted, RUNTIME)["peer_id"] == peer_id
    alice.control("disable")
