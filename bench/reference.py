"""The programs that LanChat is measured beside, where this machine has them."""

from __future__ import annotations

import shutil
from typing import Final

PACKAGES: Final = {
    "avahi-daemon": "avahi-daemon",
    "avahi-browse": "avahi-utils",
    "avahi-publish": "avahi-utils",
    "syncthing": "syncthing",
    "chromium": "chromium",
}
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def absent(*programs: str) -> str | None:
    """How to install those of these programs that are not there; None if all are."""
    missing = sorted({PACKAGES[each] for each in programs if shutil.which(each, path=_PATH) is None})
    return f"sudo apt-get install {' '.join(missing)}" if missing else None
