"""Fixtures: a network for each test, or one for all tests of a file. All of it runs in one event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Playwright, async_playwright

from .lan import Lan

_HERE = Path(__file__).parent
_EVIDENCE = "evidence"
_FAILED = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker that all tests of this folder carry."""
    config.addinivalue_line("markers", "lan: machines made of namespaces, with real daemons and browsers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests, and give them one event loop, which what outlives a test needs."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker("lan")
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember for the fixtures whether the test failed, and tell where the evidence is."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    if report.failed and (folder := (getattr(item, "funcargs", None) or {}).get("tmp_path")):
        report.sections.append(("evidence", str(folder / _EVIDENCE)))
    return report


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """What starts the Chromiums."""
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(loop_scope="session")
async def lan(tmp_path: Path, playwright: Playwright, request: pytest.FixtureRequest) -> AsyncIterator[Lan]:
    """A network for this test alone."""
    async with Lan.open(tmp_path / "lan", playwright) as lan:
        yield lan
        await _witness(lan, request, tmp_path)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_lan(tmp_path_factory: pytest.TempPathFactory, playwright: Playwright) -> AsyncIterator[Lan]:
    """A network for all tests of a file."""
    async with Lan.open(tmp_path_factory.mktemp("lan") / "machines", playwright) as lan:
        yield lan


@pytest_asyncio.fixture(loop_scope="session")
async def witnessed(shared_lan: Lan, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Saves the evidence of a test that shares its network."""
    yield
    await _witness(shared_lan, request, tmp_path)


async def _witness(lan: Lan, request: pytest.FixtureRequest, folder: Path) -> None:
    if request.node.stash.get(_FAILED, False):
        await lan.evidence(folder / _EVIDENCE)
