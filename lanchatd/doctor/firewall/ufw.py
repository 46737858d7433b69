"""ufw, as far as everybody may read: whether it is on, and what it does with what no rule names. Touches /etc."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_ETC: Final = Path("/etc")
PROFILE: Final = "LanChat"


def is_on() -> bool:
    """Whether ufw is enabled (ufw.conf is for everybody to read)."""
    return bool(re.search(r"^ENABLED=[\"']?yes", _read("ufw/ufw.conf"), re.MULTILINE | re.IGNORECASE))


def lets_all_in() -> bool:
    """Whether its default is to let in what no rule forbids."""
    return bool(re.search(r"^DEFAULT_INPUT_POLICY=[\"']?ACCEPT", _read("default/ufw"), re.MULTILINE))


def knows_us() -> bool:
    """Whether our application profile is installed."""
    try:
        profiles = list((_ETC / "ufw/applications.d").iterdir())
    except OSError:
        return False
    return any(f"[{PROFILE}]" in _read(f"ufw/applications.d/{path.name}") for path in profiles)


def _read(name: str) -> str:
    try:
        return (_ETC / name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
