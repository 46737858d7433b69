"""A clinic for each test, and the table of what was provoked and recognised."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .clinic import Clinic

_TOLD: dict[str, list[bool]] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers."""
    config.addinivalue_line("markers", "provokes(*kinds): the test makes a machine ill so that these are to be found")
    config.addinivalue_line("markers", "lan: machines made of namespaces, with real daemons and browsers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that need machines are of the same kind as the tests of tests/lan."""
    for item in items:
        if "clinic" in getattr(item, "fixturenames", ()):
            item.add_marker("lan")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what was recognised."""
    if report.when == "call":
        for kind in report.keywords.get("kinds", "").split() if isinstance(report.keywords.get("kinds"), str) else ():
            _TOLD.setdefault(kind, []).append(report.passed)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):  # type: ignore[no-untyped-def]
    """Keep with the report which kinds its test provokes."""
    report = yield
    report.keywords["kinds"] = " ".join(kind for mark in item.iter_markers("provokes") for kind in mark.args)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if _TOLD:
        terminalreporter.section("findings: provoked and recognised")
        for kind, passed in sorted(_TOLD.items()):
            terminalreporter.write_line(f"{kind:20} {sum(passed)} of {len(passed)}")


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    """A network of machines for this test alone."""
    async with Clinic.open(tmp_path / "lan") as clinic:
        yield clinic
