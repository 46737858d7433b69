"""What the person has set: command line before environment (``LANCHAT_*``) before TOML file before defaults."""

from __future__ import annotations

import difflib
import ipaddress
import os
import pwd
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from lanchatd.errors import UserError
from lanchatd.protocol.model import NAME_LENGTH

PAGE_PORT: Final = 5262
PEER_PORT: Final = 5263
NOBODY: Final = "Somebody"
"""The name of an account without one."""
LOG_LEVELS: Final = ("debug", "info", "warning", "error")
KEYS: Final = ("name", "state_dir", "ui_port", "peer_port", "interfaces", "peers", "ice_servers", "log_level")
"""The keys of the TOML file; in upper case behind ``LANCHAT_`` the environment variables."""

IceServer = dict[str, str | list[str]]
"""In the form of W3C ``RTCIceServer``: ``urls``, perhaps ``username`` and ``credential``."""
Value = TypeVar("Value")

_NO_NAME: Final = ("Cc", "Cs")
"""Unicode categories that names are without: control characters, and what stands for bytes that were no UTF-8."""


class ConfigError(UserError):
    """A setting can't be used. The sentence names it and where it stands."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set. Port 0 means any free one; ``name`` is None when it is set nowhere here."""

    name: str | None
    state_dir: Path
    ui_port: int
    peer_port: int
    interfaces: tuple[str, ...]
    peers: tuple[tuple[str, int], ...]
    ice_servers: tuple[IceServer, ...]
    log_level: str
    runtime_dir: Path


def load(options: Mapping[str, object], environment: Mapping[str, str]) -> Config:
    """Put the settings together.

    Args:
        options: what the command line gives, by the names of `Config`; and ``config``, the path of the TOML file.
        environment: of the process.

    Raises:
        ConfigError: a setting or a file can't be used, or there is no home folder where one is needed.
    """
    folders = _Folders(environment)
    variables = {key: value for key in ("config", *KEYS) if (value := environment.get(_variable(key)))}
    settings = _Settings([_Source(_option, options), _Source(_variable, variables)])
    settings.sources.append(_file(settings.get("config", folders.path, None), folders))
    state_dir = settings.get("state_dir", folders.path, None) or folders.state()
    return Config(
        name=settings.get("name", read_name, None),
        state_dir=state_dir,
        ui_port=settings.get("ui_port", read_port, PAGE_PORT),
        peer_port=settings.get("peer_port", read_port, PEER_PORT),
        interfaces=settings.get("interfaces", read_list, ()),
        peers=settings.get("peers", read_peers, ()),
        ice_servers=settings.get("ice_servers", read_ice_servers, ()),
        log_level=settings.get("log_level", read_log_level, "info"),
        runtime_dir=folders.runtime(state_dir),
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
    seen = "".join(" " if unicodedata.category(char) in _NO_NAME else char for char in text)
    return " ".join(seen.split())[:NAME_LENGTH].rstrip()


# ---------------------------------------------------------------------------------------------- where settings stand


@dataclass(frozen=True, slots=True)
class _Source:
    label: Callable[[str], str]
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Settings:
    """The sources, the strongest first."""

    sources: list[_Source]

    def get(self, key: str, read: Callable[[object], Value], default: Value) -> Value:
        for source in self.sources:
            if key in source.values:
                try:
                    return read(source.values[key])
                except ValueError as problem:
                    raise ConfigError(f"{source.label(key)} {problem}.") from None
        return default


def _option(key: str) -> str:
    return "--" + {"interfaces": "interface", "peers": "peer"}.get(key, key).replace("_", "-")


def _variable(key: str) -> str:
    return f"LANCHAT_{key.upper()}"


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
    return _Source(lambda key: f"{key} in {path}", values)


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

    def path(self, value: object) -> Path:
        """Read a path that the person wrote."""
        text = _text(value)
        if text == "~" or text.startswith("~/"):
            home = self._home("")
            if home is None:
                raise ValueError(f"begins with '~', but HOME is not set: {text!r}")
            return home / text[2:]
        return Path.cwd() / text

    def _absolute(self, variable: str) -> Path | None:
        path = Path(self.environment.get(variable, ""))
        return path if path.is_absolute() else None

    def _home(self, inside: str) -> Path | None:
        home = self._absolute("HOME")
        return home / inside if home else None


# ----------------------------------------------------------------------------------------------- what settings may be


def read_name(value: object) -> str:
    """A name as the page shows it. Raises ValueError with the end of a sentence, as all readers here."""
    text = _text(value).strip()
    if not 1 <= len(text) <= NAME_LENGTH:
        raise ValueError(f"must have 1 to {NAME_LENGTH} characters, not {len(text)}")
    if any(unicodedata.category(char) in _NO_NAME for char in text):
        raise ValueError("must not contain control characters")
    return text


def read_port(value: object) -> int:
    """A TCP port, or 0 for any free one."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:6])
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 65535:
        raise ValueError(f"must be a port from 0 to 65535, not {value!r}")
    return value


def read_list(value: object) -> tuple[str, ...]:
    """Several texts: a list, or one text with commas between them."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Sequence):
        raise ValueError(f"must be a list of texts, not {value!r}")
    texts = tuple(_text(item).strip() for item in items)
    if not all(texts):
        raise ValueError("must not contain an empty text")
    return texts


def read_peers(value: object) -> tuple[tuple[str, int], ...]:
    """Machines to dial: ``HOST``, ``HOST:PORT``, ``[IPV6]:PORT`` or a bare IPv6 address."""
    return tuple(_peer(text) for text in read_list(value))


def _peer(text: str) -> tuple[str, int]:
    if _is_ipv6(text):
        return text, PEER_PORT
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        host, port = text, str(PEER_PORT)
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    number = read_port(port) if port.isdigit() else 0
    if not host or not number or bracketed != _is_ipv6(host) or any(char in "[]/@ " for char in host):
        raise ValueError(f"must be HOST:PORT or [IPV6]:PORT, not {text!r}")
    return host, number


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def read_ice_servers(value: object) -> tuple[IceServer, ...]:
    """STUN and TURN servers: URLs, or tables in the form of ``RTCIceServer``."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Sequence):
        raise ValueError(f"must be a list of tables with urls, not {value!r}")
    return tuple(_ice_server(item if isinstance(item, Mapping) else {"urls": item}) for item in items)


def _ice_server(table: Mapping[str, object]) -> IceServer:
    urls = [url.strip() for url in read_list(table.get("urls", ()))]
    if not urls or not all(url.startswith(("stun:", "stuns:", "turn:", "turns:")) for url in urls):
        raise ValueError(f"must name urls that begin with stun:, stuns:, turn: or turns:, not {table.get('urls')!r}")
    server: IceServer = {"urls": urls}
    for key in table.keys() - {"urls"}:
        if key not in ("username", "credential"):
            raise ValueError(f"must contain nothing but urls, username and credential, not {key!r}")
        server[key] = _text(table[key])
    return server


def read_log_level(value: object) -> str:
    """One of `LOG_LEVELS`."""
    text = _text(value).lower()
    if text not in LOG_LEVELS:
        raise ValueError(f"must be {', '.join(LOG_LEVELS[:-1])} or {LOG_LEVELS[-1]}, not {value!r}")
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {value!r}")
    if not value or "\0" in value:
        raise ValueError("must not be empty")
    return value
