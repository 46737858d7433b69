"""The command line: options reach the daemon, mistakes are one sentence and exit status 2."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import ssl
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

import lanchatd
from lanchatd import cli, logs
from lanchatd.config import Config
from lanchatd.errors import UserError
from lanchatd.process import lasting_imports

TAKEN = UserError("The port is taken.")


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith(("LANCHAT_", "XDG_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(logs, "set_up", lambda *_settings: None)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | int], list[Config]]:
    """Put something in place of the daemon that ends with this status or exception, and remembers its settings."""

    def replace(outcome: BaseException | int) -> list[Config]:
        started: list[Config] = []

        async def run(config: Config, _read: Callable[[], Config]) -> int:
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
    names = "name state-dir ui-port peer-port interface peer config log-level log-format version"
    assert not [name for name in names.split() if f"--{name}" not in text]


def test_a_mistake_ends_the_process_with_2() -> None:
    module = [sys.executable, "-m", "lanchatd", "--ui-port", "x"]
    done = subprocess.run(module, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "lanchatd: --ui-port must be a port from 0 to 65535, not 'x'.\n"


def test_an_interrupt_during_the_start_is_quiet(tmp_path: Path) -> None:
    program = (
        "import sys, types, asyncio\n"
        "async def run(config, read):\n    print('up', flush=True)\n    await asyncio.sleep(60)\n"
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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["peple"], "There is no command 'peple'; did you mean people?"),
        (["zzz"], "There is no command 'zzz'; see lanchatd --help."),
        (["send"], "This is missing: PERSON; see lanchatd send --help."),
        (["service"], "This is missing: action; see lanchatd service --help."),
        (["service", "bogus"], "'bogus' is none of install, uninstall, status; see lanchatd service --help."),
        (["--nam", "x"], "Unrecognized arguments: --nam; see lanchatd --help."),
        (
            ["send", "Bob", "--timeout", "soon", "x"],
            "Argument -t/--timeout: invalid float value: 'soon'; see lanchatd --help.",
        ),
        (["send", "Bob", "--timeout", "-1", "x"], "--timeout must be a number of seconds, 0 or more."),
        (["log", "Bob", "--folow"], "Unrecognized arguments: --folow; see lanchatd --help."),
    ],
)
def test_a_mistake_in_a_command_says_what_is_right(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err == f"lanchatd: {sentence}\n"


def test_the_words_of_a_command_may_stand_around_its_options() -> None:
    options = cli.parser().parse_args(["--state-dir", "/s", "send", "Bob", "--timeout", "5", "one", "--json", "two"])
    assert (options.person, options.text, options.timeout, options.json) == ("Bob", ["one", "two"], 5, True)
    assert options.state_dir == "/s"


def test_what_is_slow_to_import_is_not_imported_for_a_command() -> None:
    """A command is there at once: the parts of the daemon, and what it is made of, are not for it."""
    program = (
        "import sys\nfrom lanchatd.cli import main\nassert main(['people']) == 3\n"
        "import lanchatd.commands.connection\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"zeroconf", "cryptography", "jinja2", "zxingcpp", "dbus_fast"}
    assert not {name for name in loaded if name.startswith(("lanchatd.web", "lanchatd.lan", "lanchatd.core"))}


def test_what_a_daemon_may_never_need_is_not_imported_before_it_is() -> None:
    """Most daemons start with the machine, and many run for days before anybody opens the page."""
    program = "import sys\nimport lanchatd.cli, lanchatd.daemon\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"zxingcpp", "dbus_fast", "confusable_homoglyphs"}
    assert not loaded & {"lanchatd.doctor.findings", "lanchatd.doctor.gather", "lanchatd.desktop.bus"}


def test_imports_for_good_leave_the_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    for authorities in (None, "/etc/ssl/ours.pem"):
        if authorities is None:
            monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        else:
            monkeypatch.setenv("SSL_CERT_FILE", authorities)
        before = gc.get_freeze_count()
        with lasting_imports():
            assert not gc.isenabled()
            assert ssl.create_default_context().cert_store_stats()["x509_ca"] == 0
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
        assert os.environ.get("SSL_CERT_FILE") == authorities
        gc.unfreeze()
