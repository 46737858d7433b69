"""What the person has set: command line before environment (``LANCHAT_*``) before TOML file before defaults."""

from __future__ import annotations

import difflib
import os
import pwd
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lanchatd import settings
from lanchatd.errors import UserError
from lanchatd.protocol.model import NAME_LENGTH
from lanchatd.settings import KEYS, Setting, Value
from lanchatd.values import NO_NAME, IceServer

NOBODY: Final = "Somebody"
"""The name of an account without one."""


class ConfigError(UserError):
    """A setting can't be used. The sentence names it and where it stands."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set. Port 0 means any free one; None: it is set nowhere here, but on the page perhaps."""

    name: str | None
    state_dir: Path
    ui_port: int
    peer_port: int
    interfaces: tuple[str, ...]
    peers: tuple[tuple[str, int], ...]
    ice_servers: tuple[IceServer, ...]
    log_level: str
    runtime_dir: Path
    notifications: bool | None = None
    hide_text: bool | None = None
    log_format: str = "text"


def load(options: Mapping[str, object], environment: Mapping[str, str]) -> Config:
    """Put the settings together.

    Args:
        options: what the command line gives, by the names of `Config`; and ``config``, the path of the TOML file.
        environment: of the process.

    Raises:
        ConfigError: a setting or a file can't be used, or there is no home folder where one is needed.
    """
    folders = _Folders(environment)
    variables = {each.key: value for each in settings.SETTINGS if (value := environment.get(each.variable))}
    sources = _Sources([_Source(_option, options), _Source(_variable, variables)])
    sources.ranked.append(_file(folders.path(sources.get(settings.CONFIG)), folders))
    state_dir = folders.path(sources.get(settings.STATE_DIR)) or folders.state()
    return Config(
        name=sources.get(settings.NAME),
        state_dir=state_dir,
        ui_port=sources.get(settings.UI_PORT),
        peer_port=sources.get(settings.PEERS_PORT),
        interfaces=sources.get(settings.INTERFACES),
        peers=sources.get(settings.PEERS),
        ice_servers=sources.get(settings.ICE_SERVERS),
        log_level=sources.get(settings.LOG_LEVEL),
        runtime_dir=folders.runtime(state_dir),
        notifications=sources.get(settings.NOTIFICATIONS),
        hide_text=sources.get(settings.HIDE_TEXT),
        log_format=sources.get(settings.LOG_FORMAT),
    )


def account_name() -> str:
    """The real name of the account, else its login, as the name to begin with: `read_name` takes it."""
    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        return NOBODY
    # In the GECOS field '&' stands for the capitalised login (BSD passwd(5)) and ',' begins the office.
    real_name = entry.pw_gecos.partition(",")[0].replace("&", entry.pw_name.capitalize())
    return _tidy(real_name) or _tidy(entry.pw_name) or NOBODY


def _tidy(text: str) -> str:
    seen = "".join(" " if unicodedata.category(char) in NO_NAME else char for char in text)
    return " ".join(seen.split())[:NAME_LENGTH].rstrip()


# ---------------------------------------------------------------------------------------------- where settings stand


@dataclass(frozen=True, slots=True)
class _Source:
    label: Callable[[Setting[Any]], str]
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Sources:
    ranked: list[_Source]
    """The strongest first."""

    def get(self, setting: Setting[Value]) -> Value:
        for source in self.ranked:
            if setting.key in source.values:
                try:
                    return setting.read(source.values[setting.key])
                except ValueError as problem:
                    raise ConfigError(f"{source.label(setting)} {problem}.") from None
        return setting.default


def _option(setting: Setting[Any]) -> str:
    return setting.option or setting.key


def _variable(setting: Setting[Any]) -> str:
    return setting.variable


def _file(chosen: Path | None, folders: _Folders) -> _Source:
    path = chosen or folders.config()
    try:
        values = tomllib.loads(path.read_text("utf-8")) if path else {}
    except FileNotFoundError:
        if chosen:
            raise ConfigError(f"There is no configuration file {chosen}.") from None
        values = {}
    except OSError as error:
        raise ConfigError(f"The configuration file {path} can't be read: {error.strerror}.") from None
    except ValueError as error:
        raise ConfigError(f"The configuration file {path} is not valid TOML: {error}.") from None
    for key in values:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(KEYS)}."
            raise ConfigError(f"The configuration file {path} has an unknown key {key!r}; {advice}")
    return _Source(lambda setting: f"{setting.key} in {path}", values)


@dataclass(frozen=True, slots=True)
class _Folders:
    """The XDG base directory specification 0.8, which asks to ignore variables that hold a relative path."""

    environment: Mapping[str, str]

    def config(self) -> Path | None:
        base = self._absolute("XDG_CONFIG_HOME") or self._home(".config")
        return base / "lanchat" / "config.toml" if base else None

    def state(self) -> Path:
        base = self._absolute("XDG_STATE_HOME") or self._home(".local/state")
        if base is None:
            raise ConfigError("HOME is not set; say with --state-dir in which folder LanChat may keep its state.")
        return base / "lanchat"

    def runtime(self, state_dir: Path) -> Path:
        # systemd lists several folders with colons (systemd.exec(5), RuntimeDirectory=).
        first = self.environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        base = self._absolute("XDG_RUNTIME_DIR")
        return Path(first) if first else base / "lanchat" if base else state_dir / "run"

    def path(self, text: str | None) -> Path | None:
        """The path that the person means."""
        if text is None:
            return None
        if text != "~" and not text.startswith("~/"):
            return Path.cwd() / text
        home = self._home("")
        if home is None:
            raise ConfigError(f"HOME is not set, so nobody knows what {text!r} means.")
        return home / text[2:]

    def _absolute(self, variable: str) -> Path | None:
        path = Path(self.environment.get(variable, ""))
        return path if path.is_absolute() else None

    def _home(self, inside: str) -> Path | None:
        home = self._absolute("HOME")
        return home / inside if home else None
