"""What LanChat needs from others: nothing undeclared, nothing without a minimum, no version with a known hole."""

from __future__ import annotations

import ast
import sys
from configparser import ConfigParser
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT: Final = Path(__file__).resolve().parent.parent
SAFE: Final = {
    "aiohttp": "3.14.3",  # a read beyond the buffer of the response parser, and requests smuggled in by an upgrade
    "zeroconf": "0.150",
}
"""The oldest versions without a known hole that matters here."""


def declared() -> dict[str, Requirement]:
    """The requirements of the running daemon, by their names."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = parser["options"]["install_requires"].strip().splitlines()
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


def minimum(requirement: Requirement) -> Version:
    least = [clause.version for clause in requirement.specifier if clause.operator == ">="]
    assert len(least) == 1, f"{requirement} says no minimum"
    return Version(least[0])


@pytest.mark.parametrize("name", declared())
def test_what_is_installed_is_at_least_the_minimum(name: str) -> None:
    requirement = declared()[name]
    assert Version(version(name)) >= minimum(requirement)
    assert requirement.specifier.contains(version(name))


@pytest.mark.parametrize(("name", "oldest"), SAFE.items())
def test_no_version_with_a_known_hole_satisfies(name: str, oldest: str) -> None:
    assert minimum(declared()[name]) >= Version(oldest)


def test_everything_that_is_imported_is_declared_and_the_other_way_round() -> None:
    distributions = packages_distributions()
    imported = {
        canonicalize_name(distribution)
        for path in (ROOT / "lanchatd").rglob("*.py")
        for name in _imports(path)
        if name not in sys.stdlib_module_names and name != "lanchatd"
        for distribution in distributions.get(name, [f"{name}, which is not installed"])
    }
    assert imported == set(declared())


def _imports(path: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it, but for those that only a type checker reads."""
    found, nodes = set(), [ast.parse(path.read_text(encoding="utf-8")).body]
    while nodes:
        for node in nodes.pop():
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                continue
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
            nodes.append(list(ast.iter_child_nodes(node)))
    return found
