"""The distribution's Chromium: where it is, and what it is started with besides what Playwright starts it with."""

from __future__ import annotations

import os
import shutil
from typing import Final

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
"""In Debian, in Ubuntu, and of its maker."""

_PLAYWRIGHTS: Final = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""Of two such switches only the later one counts, so what Playwright turns off has to be turned off here again."""
_ADDRESS_BAR: Final = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""The list under the address bar is a page too, and every window gets ready for it: more work than the page tested."""

FEWER_FEATURES: Final = "--disable-features=" + ",".join((*_PLAYWRIGHTS, *_ADDRESS_BAR))


def program() -> str | None:
    """Its path, or what the environment variable ``CHROMIUM`` says; None if there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
