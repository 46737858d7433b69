"""Everything that can be set, as one list: the options, the variables, the keys of the file, and what is said of each.

`lanchatd.config` reads by it; the options, the manual page and docs/settings.md are made from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar

from . import logs, values
from .values import PAGE_PORT, PEER_PORT, IceServer

Value = TypeVar("Value")
Change = Literal["start", "reload", "page"]

CHANGES: Final[dict[Change, str]] = {
    "start": "at the next start",
    "reload": "when the file is read again",
    "page": "on the page at once, else when the file is read again",
}
"""When a new value holds, in words."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[Value]):
    """One thing that can be set.

    Args:
        key: in the TOML file; in capitals behind ``LANCHAT_`` the environment variable.
        read: takes the value, wherever it stands; raises ValueError with the end of a sentence.
        default: holds where it is set nowhere.
        kind: stands for the value in what is said of it.
        text: what it is; a sentence without its full stop.
        otherwise: the default in words.
        example: as it may stand in the file; none for what is no key of it.
        option: on the command line, if there is one.
        several: the option may be repeated.
        change: when a new value holds.
    """

    key: str
    read: Callable[[object], Value]
    default: Value
    kind: str
    text: str
    otherwise: str
    example: str | None
    option: str | None = None
    several: bool = False
    change: Change = "start"

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"LANCHAT_{self.key.upper()}"


CONFIG: Final[Setting[str | None]] = Setting(
    "config", values.read_text, None, "FILE", option="--config", example=None,
    text="The file with these settings, in TOML", otherwise="$XDG_CONFIG_HOME/lanchat/config.toml",
)  # fmt: skip
NAME: Final[Setting[str | None]] = Setting(
    "name", values.read_name, None, "NAME", option="--name", example='"Ada"', change="page",
    text="Your name, as others see it", otherwise="the one chosen on the page, else that of the account",
)  # fmt: skip
STATE_DIR: Final[Setting[str | None]] = Setting(
    "state_dir", values.read_text, None, "DIR", option="--state-dir", example='"~/.local/state/lanchat"',
    text="Where key and contacts are kept", otherwise="$XDG_STATE_HOME/lanchat",
)  # fmt: skip
UI_PORT: Final[Setting[int]] = Setting(
    "ui_port", values.read_port, PAGE_PORT, "PORT", option="--ui-port", example=str(PAGE_PORT),
    text="Port of the page, on this machine only; 0 is any free one", otherwise=f"{PAGE_PORT}, or the next free one",
)  # fmt: skip
PEERS_PORT: Final[Setting[int]] = Setting(
    "peer_port", values.read_port, PEER_PORT, "PORT", option="--peer-port", example=str(PEER_PORT),
    text="Port for the other machines; 0 is any free one", otherwise=f"{PEER_PORT}, or the next free one",
)  # fmt: skip
INTERFACES: Final[Setting[tuple[str, ...]]] = Setting(
    "interfaces", values.read_list, (), "NAME", option="--interface", several=True, example='["wlan0"]',
    text="Network interface to use, more than once for several", otherwise="those of the local network",
)  # fmt: skip
PEERS: Final[Setting[tuple[tuple[str, int], ...]]] = Setting(
    "peers", values.read_peers, (), "HOST:PORT", option="--peer", several=True, example='["192.168.1.20:5263"]',
    text="A machine to connect to even if it is not found, more than once for several", otherwise="none",
)  # fmt: skip
ICE_SERVERS: Final[Setting[tuple[IceServer, ...]]] = Setting(
    "ice_servers", values.read_ice_servers, (), "URL", example='[{urls = "stun:192.168.1.1"}]',
    text="STUN and TURN servers, for calls beyond one network; in the file as W3C RTCIceServer, with username and "
    "credential", otherwise="none, so that nothing leaves the network",
)  # fmt: skip
NOTIFICATIONS: Final[Setting[bool | None]] = Setting(
    "notifications", values.read_switch, None, "true|false", example="true", change="page",
    text="Whether there are notifications while you look at no page",
    otherwise="what was chosen on the page, else true",
)  # fmt: skip
HIDE_TEXT: Final[Setting[bool | None]] = Setting(
    "hide_text", values.read_switch, None, "true|false", example="false", change="page",
    text="Whether notifications say who has written, and not what",
    otherwise="what was chosen on the page, else false",
)  # fmt: skip
LOG_LEVEL: Final[Setting[str]] = Setting(
    "log_level", values.read_word(*logs.LEVELS), "info", "LEVEL", option="--log-level", example='"info"',
    text=f"How much the log tells: {', '.join(logs.LEVELS[:-1])} or {logs.LEVELS[-1]}", otherwise="info",
    change="reload",
)  # fmt: skip
LOG_FORMAT: Final[Setting[str]] = Setting(
    "log_format", values.read_word(*logs.FORMATS), "text", "FORMAT", option="--log-format", example='"text"',
    text="The log as text, json (an object a line) or journal (with fields, for systemd)", otherwise="text",
)  # fmt: skip

SETTINGS: Final[tuple[Setting[Any], ...]] = (
    *(NAME, STATE_DIR, UI_PORT, PEERS_PORT, INTERFACES, PEERS, ICE_SERVERS),
    *(NOTIFICATIONS, HIDE_TEXT, LOG_LEVEL, LOG_FORMAT, CONFIG),
)
"""All of them, in the order in which they are told."""
KEYS: Final = tuple(setting.key for setting in SETTINGS if setting.example is not None)
"""Those of the TOML file."""
