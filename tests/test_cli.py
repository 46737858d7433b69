"""The command line: options reach the daemon, mistakes are one sentence and exit status 2."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

import lanchatd
from lanchatd import cli
from lanchatd.config import Config
from lanchatd.errors import UserError

TAKEN = UserError("The port is taken.")


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith(("LANCHAT_", "XDG_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(logging, "basicConfig", lambda **_options: None)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | int], list[Config]]:
    """Put something in place of the daemon that ends with this status or exception, and remembers its settings."""

    def replace(outcome: BaseException | int) -> list[Config]:
        started: list[Config] = []

        async def run(config: Config) -> int:
            started.append(config)
            await asyncio.sleep(0)
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        module = types.ModuleType("lanchatd.daemon")
        module.run = run  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "lanchatd.daemon", module)
        return started

    return replace


Daemon = Callable[[BaseException | int], list[Config]]


@pytest.mark.parametrize("command", [[], ["run"]])
def test_options_reach_the_daemon_with_and_without_the_command(daemon: Daemon, command: list[str]) -> None:
    started = daemon(7)
    options = "--name Ada --state-dir /s --ui-port 0 --peer-port 1 --log-level error"
    several = "--interface eth0 --interface eth1 --peer a:1 --peer [::1]:2"
    assert cli.main([*command, *options.split(), *several.split()]) == 7
    (found,) = started
    assert found.name == "Ada"
    assert found.state_dir == Path("/s")
    assert (found.ui_port, found.peer_port) == (0, 1)
    assert found.interfaces == ("eth0", "eth1")
    assert found.peers == (("a", 1), ("::1", 2))
    assert found.log_level == "error"


def test_options_may_stand_before_the_command(daemon: Daemon) -> None:
    started = daemon(0)
    assert cli.main(["--name", "Ada", "run", "--ui-port", "0"]) == 0
    assert (started[0].name, started[0].ui_port) == ("Ada", 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["--ui-por", "1"],
        ["--ui-port"],
        ["--ui-port", "x"],
        ["walk"],
        ["run", "again"],
        ["--config", "/nowhere"],
    ],
)
def test_a_mistake_is_one_sentence_and_status_2(
    daemon: Daemon, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    started = daemon(0)
    assert cli.main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("lanchatd: ")
    assert output.err.count("\n") == 1
    assert output.err.endswith(".\n")
    assert started == []


@pytest.mark.parametrize(
    "error",
    [TAKEN, ExceptionGroup("tasks", [ExceptionGroup("more", [TAKEN])])],
    ids=["alone", "from a task group"],
)
def test_what_a_person_can_put_right_has_no_traceback(
    daemon: Daemon, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    daemon(error)
    assert cli.main([]) == 2
    assert capsys.readouterr().err == "lanchatd: The port is taken.\n"


@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError(), ExceptionGroup("tasks", [TAKEN, ZeroDivisionError()])],
    ids=["alone", "with"],
)
def test_a_fault_of_ours_is_not_hidden(daemon: Daemon, error: Exception) -> None:
    daemon(error)
    with pytest.raises(type(error)):
        cli.main([])


def test_ctrl_c_is_no_traceback(daemon: Daemon) -> None:
    daemon(KeyboardInterrupt())
    assert cli.main([]) == 130


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"lanchatd {lanchatd.__version__}\n"


def test_help_names_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    names = "name state-dir ui-port peer-port interface peer config log-level version"
    assert not [name for name in names.split() if f"--{name}" not in text]


def test_the_log_goes_to_stderr_and_a_mistake_ends_the_process_with_2(tmp_path: Path) -> None:
    program = "import logging; from lanchatd import cli; cli._log_to_stderr('info'); logging.info('hello')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "hello" in done.stderr
    module = [sys.executable, "-m", "lanchatd", "--ui-port", "x"]
    done = subprocess.run(module, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "lanchatd: --ui-port must be a port from 0 to 65535, not 'x'.\n"


def test_an_interrupt_during_the_start_is_quiet(tmp_path: Path) -> None:
    program = (
        "import sys, types, asyncio\n"
        "async def run(config):\n    print('up', flush=True)\n    await asyncio.sleep(60)\n"
        "module = types.ModuleType('lanchatd.daemon'); module.run = run\n"
        "sys.modules['lanchatd.daemon'] = module\n"
        "from lanchatd.cli import main\nsys.exit(main([]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 130
    assert errors == ""
