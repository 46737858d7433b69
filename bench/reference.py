"""The programs that LanChat is measured beside, where this machine has them."""

from __future__ import annotations

import shutil
from typing import Final

from tests.lan.namespaces import SEARCH_PATH

PACKAGES: Final = {
    "avahi-daemon": "avahi-daemon",
    "avahi-browse": "avahi-utils",
    "avahi-publish": "avahi-utils",
    "syncthing": "syncthing",
}


def absent(*programs: str) -> str | None:
    """How to install those of these programs that are not there; None if all are."""
    missing = sorted({PACKAGES[each] for each in programs if shutil.which(each, path=SEARCH_PATH) is None})
    return f"sudo apt-get install {' '.join(missing)}" if missing else None
