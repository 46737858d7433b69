"""What all tests share: the fast ones run first."""

from __future__ import annotations

import pytest

LAST = (
    "tests/page/",
    "tests/rtc/",
    "tests/test_package.py",
    "tests/test_other_daemon.py",
    "tests/test_demo.py",
    "tests/lan/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pure tests, then browsers, then whole machines; within each group as pytest has found them."""

    def place(item: pytest.Item) -> int:
        return next((place for place, start in enumerate(LAST, start=1) if item.nodeid.startswith(start)), 0)

    items.sort(key=place)
