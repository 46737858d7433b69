"""Where settings come from, which one wins, and what is said of a bad one."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from lanchatd.config import NOBODY, Config, ConfigError, account_name, load
from lanchatd.values import read_name


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has a home folder and nothing else."""
    return {"HOME": str(tmp_path)}


def write(home: dict[str, str], toml: str) -> Path:
    path = Path(home["HOME"], ".config/lanchat/config.toml")
    path.parent.mkdir(parents=True)
    path.write_text(toml)
    return path


def test_with_nothing_set_there_are_defaults(home: dict[str, str]) -> None:
    state = Path(home["HOME"], ".local/state/lanchat")
    assert load({}, home) == Config(
        name=None,
        state_dir=state,
        ui_port=5262,
        peer_port=5263,
        interfaces=(),
        peers=(),
        ice_servers=(),
        log_level="info",
        runtime_dir=state / "run",
    )


# What the command line, the environment and the file say, each with its meaning.
SETTINGS: dict[str, tuple[tuple[object, object] | None, tuple[str, object], tuple[str, object]]] = {
    "name": (("Ada", "Ada"), ("Bo", "Bo"), ('"Cy"', "Cy")),
    "state_dir": (("/a", Path("/a")), ("/b", Path("/b")), ('"/c"', Path("/c"))),
    "ui_port": (("0", 0), ("2", 2), ("3", 3)),
    "peer_port": (("65535", 65535), ("0", 0), ("3", 3)),
    "interfaces": ((["eth0", "wlan0"], ("eth0", "wlan0")), ("eth1, eth2", ("eth1", "eth2")), ('["eth3"]', ("eth3",))),
    "peers": (
        (["ada.local:1", "[fd00::1]:2"], (("ada.local", 1), ("fd00::1", 2))),
        ("192.0.2.1:3,[fe80::1%eth0]:4", (("192.0.2.1", 3), ("fe80::1%eth0", 4))),
        ('["192.0.2.1", "fd00::1", "[fd00::2]"]', (("192.0.2.1", 5263), ("fd00::1", 5263), ("fd00::2", 5263))),
    ),
    "ice_servers": (
        None,
        ("stun:192.0.2.1, turn:192.0.2.2", ({"urls": ["stun:192.0.2.1"]}, {"urls": ["turn:192.0.2.2"]})),
        (
            '[{urls = "turn:192.0.2.1", username = "u", credential = "c"}]',
            ({"urls": ["turn:192.0.2.1"], "username": "u", "credential": "c"},),
        ),
    ),
    "log_level": (("debug", "debug"), ("WARNING", "warning"), ('"error"', "error")),
    "log_format": (("json", "json"), ("JOURNAL", "journal"), ('"json"', "json")),
    "notifications": (None, ("true", True), ("false", False)),
    "hide_text": (None, ("False", False), ("true", True)),
}


@pytest.mark.parametrize("key", SETTINGS)
def test_the_command_line_beats_the_environment_beats_the_file_beats_the_default(
    home: dict[str, str], key: str
) -> None:
    option, variable, line = SETTINGS[key]
    default = getattr(load({}, home), key)
    write(home, f"{key} = {line[0]}")
    assert getattr(load({}, home), key) == line[1] != default
    environment = home | {f"LANCHAT_{key.upper()}": variable[0]}
    assert getattr(load({}, environment), key) == variable[1]
    if option:
        assert getattr(load({key: option[0]}, environment), key) == option[1]


def test_each_setting_is_looked_up_by_itself(home: dict[str, str]) -> None:
    write(home, 'name = "Cy"\nui_port = 3\npeer_port = 3')
    found = load({"ui_port": "1"}, home | {"LANCHAT_UI_PORT": "2", "LANCHAT_PEER_PORT": "2"})
    assert (found.name, found.ui_port, found.peer_port) == ("Cy", 1, 2)


def test_an_empty_variable_is_none(home: dict[str, str]) -> None:
    assert load({}, home | {"LANCHAT_UI_PORT": "", "LANCHAT_CONFIG": ""}).ui_port == 5262


def test_the_file_may_be_chosen_by_option_or_variable(home: dict[str, str], tmp_path: Path) -> None:
    write(home, 'name = "by default"')
    (tmp_path / "one.toml").write_text('name = "one"')
    (tmp_path / "two.toml").write_text('name = "two"')
    environment = home | {"LANCHAT_CONFIG": str(tmp_path / "one.toml")}
    assert load({}, environment).name == "one"
    assert load({"config": "~/two.toml"}, environment).name == "two"


# ------------------------------------------------------------------------------------------------------------ folders


@pytest.mark.parametrize(
    ("environment", "state", "runtime"),
    [
        ({}, "{home}/.local/state/lanchat", "{home}/.local/state/lanchat/run"),
        ({"XDG_STATE_HOME": "/s"}, "/s/lanchat", "/s/lanchat/run"),
        ({"XDG_STATE_HOME": "relative"}, "{home}/.local/state/lanchat", "{home}/.local/state/lanchat/run"),
        ({"XDG_RUNTIME_DIR": "/r"}, "{home}/.local/state/lanchat", "/r/lanchat"),
        ({"XDG_RUNTIME_DIR": "/r", "RUNTIME_DIRECTORY": "/d:/e"}, "{home}/.local/state/lanchat", "/d"),
        ({"LANCHAT_STATE_DIR": "~/chat"}, "{home}/chat", "{home}/chat/run"),
        ({"LANCHAT_STATE_DIR": "chat"}, "{cwd}/chat", "{cwd}/chat/run"),
        ({"HOME": "", "XDG_STATE_HOME": "/s"}, "/s/lanchat", "/s/lanchat/run"),
        ({"HOME": "", "LANCHAT_STATE_DIR": "/x"}, "/x", "/x/run"),
    ],
)
def test_folders(home: dict[str, str], environment: dict[str, str], state: str, runtime: str) -> None:
    found = load({}, home | environment)
    places = {"home": home["HOME"], "cwd": Path.cwd()}
    assert str(found.state_dir) == state.format(**places)
    assert str(found.runtime_dir) == runtime.format(**places)


def test_the_file_is_found_by_xdg(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "lanchat").mkdir()
    (tmp_path / "lanchat/config.toml").write_text('name = "Ada"')
    assert load({}, {"XDG_CONFIG_HOME": str(tmp_path), "LANCHAT_STATE_DIR": "/x"}).name == "Ada"


@pytest.mark.parametrize("options", [{}, {"state_dir": "~/chat"}])
def test_without_home_one_sentence_tells_the_way_out(options: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"HOME is not set"):
        load(options, {})


# --------------------------------------------------------------------------------------------------------- mistakes

ODD_ICE_SERVER = 'ice_servers = [{urls = "stun:x", pass = "y"}]'
MISTAKES: dict[str, tuple[dict[str, object], dict[str, str], str, str]] = {
    "a word for a port": ({"ui_port": "http"}, {}, "", "--ui-port must be a port from 0 to 65535, not 'http'."),
    "a port too high": ({"peer_port": "65536"}, {}, "", "--peer-port must be a port"),
    "a port below zero": ({"peer_port": "-1"}, {}, "", "--peer-port must be a port"),
    "a foreign digit": ({"peer_port": "٣"}, {}, "", "--peer-port must be a port"),
    "an endless port": ({"peer_port": "9" * 9999}, {}, "", "--peer-port must be a port"),
    "in a variable": ({}, {"LANCHAT_UI_PORT": "x"}, "", "LANCHAT_UI_PORT must be a port"),
    "in the file": ({}, {}, 'ui_port = "x"', "ui_port in {file} must be a port"),
    "true is no port": ({}, {}, "ui_port = true", "ui_port in {file} must be a port"),
    "a half is no port": ({}, {}, "ui_port = 1.5", "ui_port in {file} must be a port"),
    "a number for a name": ({}, {}, "name = 7", "name in {file} must be a text, not 7."),
    "an empty name": ({"name": ""}, {}, "", "--name must not be empty."),
    "a blank name": ({"name": "  "}, {}, "", "--name must have 1 to 64 characters, not 0."),
    "a long name": ({"name": "x" * 65}, {}, "", "--name must have 1 to 64 characters, not 65."),
    "a name over two lines": ({"name": "a\nb"}, {}, "", "--name must not contain control characters."),
    "a name that is no UTF-8": ({"name": "a\udcffb"}, {}, "", "--name must not contain control characters."),
    "an empty interface": ({}, {"LANCHAT_INTERFACES": "eth0,,eth1"}, "", "LANCHAT_INTERFACES must not be empty."),
    "interfaces as a number": ({}, {}, "interfaces = 1", "interfaces in {file} must be a list of texts, not 1."),
    "a peer without host": ({"peers": [":1"]}, {}, "", "--peer must be HOST:PORT or [IPV6]:PORT, not ':1'."),
    "a peer with a word": ({"peers": ["ada:x"]}, {}, "", "--peer must be HOST:PORT"),
    "a peer at port 0": ({"peers": ["ada:0"]}, {}, "", "--peer must be HOST:PORT"),
    "a peer as URL": ({"peers": ["http://ada:1"]}, {}, "", "--peer must be HOST:PORT"),
    "a bracketed name": ({"peers": ["[ada]:1"]}, {}, "", "--peer must be HOST:PORT"),
    "half a bracket": ({"peers": ["[fd00::1:1"]}, {}, "", "--peer must be HOST:PORT"),
    "an ice server by http": ({}, {}, 'ice_servers = ["http://x"]', "ice_servers in {file} must name urls"),
    "an ice server without": ({}, {}, "ice_servers = [{}]", "ice_servers in {file} must name urls"),
    "more in an ice server": ({}, {}, ODD_ICE_SERVER, "ice_servers in {file} must contain nothing but"),
    "a level": ({"log_level": "loud"}, {}, "", "--log-level must be debug, info, warning or error, not 'loud'."),
    "a near key": ({}, {}, "ui_prt = 1", "file {file} has an unknown key 'ui_prt'; did you mean 'ui_port'?"),
    "a far key": ({}, {}, "zzzzzz = 1", "unknown key 'zzzzzz'; the keys are name, state_dir, ui_port,"),
    "no TOML": ({}, {}, "name = ", "The configuration file {file} is not valid TOML: "),
    "a missing file": ({"config": "/nowhere/x.toml"}, {}, "", "There is no configuration file /nowhere/x.toml."),
    "a folder for a file": ({"config": "/"}, {}, "", "The configuration file / can't be read: Is a directory."),
}


@pytest.mark.parametrize(("options", "environment", "toml", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_sentence_that_names_its_place(
    home: dict[str, str], options: dict[str, object], environment: dict[str, str], toml: str, sentence: str
) -> None:
    file = write(home, toml)
    with pytest.raises(ConfigError) as caught:
        load(options, home | environment)
    assert sentence.format(file=file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value)[-1] in ".?"


def test_a_file_that_is_no_text_is_one_sentence(home: dict[str, str]) -> None:
    write(home, "").write_bytes(b'name = "\xff"')
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load({}, home)


# ------------------------------------------------------------------------------------------------------ the account


@pytest.mark.parametrize(
    ("gecos", "login", "name"),
    [
        ("Ada Lovelace,Room 1,,", "ada", "Ada Lovelace"),
        ("", "ada", "ada"),
        (",,,", "ada", "ada"),
        ("& Lovelace", "ada", "Ada Lovelace"),
        ("Ada\x07\udcff  Lovelace ", "ada", "Ada Lovelace"),
        ("x" * 70, "ada", "x" * 64),
        ("", "\x07", NOBODY),
    ],
)
def test_the_name_of_the_account(monkeypatch: pytest.MonkeyPatch, gecos: str, login: str, name: str) -> None:
    entry = pwd.struct_passwd((login, "x", os.getuid(), 0, gecos, "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: entry)
    assert account_name() == name
    assert read_name(name) == name


def test_an_account_that_nobody_knows_has_a_name_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert account_name() == NOBODY
