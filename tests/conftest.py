"""What all tests share: the fast ones run first, or several at a time."""

from __future__ import annotations

import pytest
from xdist.remote import Producer

from .neighbours import ALONE, Neighbours

LAST = (
    "tests/page/",
    "tests/rtc/",
    "tests/test_package.py",
    "tests/test_other_daemon.py",
    "tests/test_demo.py",
    "tests/doctor/",
    "tests/lan/",
)


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker by which the tests are chosen that may run beside others."""
    config.addinivalue_line("markers", "alone: measures time or load, so nothing must run beside it")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pure tests, then browsers, then whole machines; within each group as pytest has found them."""

    def place(item: pytest.Item) -> int:
        return next((place for place, start in enumerate(LAST, start=1) if item.nodeid.startswith(start)), 0)

    items.sort(key=place)
    for item in items:
        if item.nodeid.startswith(ALONE):
            item.add_marker("alone")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Neighbours:
    """With ``-n``: whatever shares something stays together."""
    return Neighbours(config, log)
