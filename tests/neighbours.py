"""Which tests one worker does in a row, where pytest-xdist has several workers, and which need the machine alone."""

from __future__ import annotations

import re
from typing import Final

from xdist.scheduler import LoadScopeScheduling

ALONE: Final = (
    "tests/lan/soak/",
    "tests/lan/test_bad_wires.py::test_the_cable_is_as_bad_as_it_is_told_to_be",
    "tests/lan/test_discovery.py",
    "tests/lan/test_stop.py",
    "tests/lan_units/test_floods.py",
)
"""They tell how soon something is, or how much is borne: what runs beside them would be measured as well."""
LOOPBACK: Final = ("tests/commands/", "tests/desktop/", "tests/faults/", "tests/test_")
"""Their daemons use the loopback interface, where those of one test would meet those of another."""
FOLDERS: Final = ("tests/rtc/", "tests/systemd/")
"""All their tests share something that takes long to make."""
_DRIVEN: Final = re.compile(r"tests/page/.*\[(?:.*-)?(firefox|webkit)[-\]]")


def neighbours(test: str) -> str:
    """The group that a test belongs to, by its id: one worker does all of it.

    That is the file; but a browser that takes long to start is started by one worker only, and the tests of the page in
    Chromium, which does not, are spread one by one.
    """
    if driven := _DRIVEN.match(test):
        return driven[1]
    if test.startswith(LOOPBACK):
        return "loopback"
    if test.startswith("tests/page/"):
        return test
    return next((folder for folder in FOLDERS if test.startswith(folder)), test.partition("::")[0])


class Neighbours(LoadScopeScheduling):
    """Hands out group by group, the one with the most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return neighbours(nodeid)
