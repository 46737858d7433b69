"""The rules of the house that a program can check. The floors themselves stand in setup.cfg, for import-linter."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lanchatd"
MODULES = sorted(PACKAGE.rglob("*.py"))

# What touches the world outside, and the only parts that may. A folder stands for everything in it.
OWNERS = {
    "zeroconf": {"lan/discovery.py", "lan/browser.py", "lan/instance.py"},
    "cryptography": {"identity"},
    "dbus_fast": {"desktop/bus.py"},
    "ssl": {"identity", "lan"},
    "aiohttp": {"web", "lan", "commands/connection.py", "http_log.py"},
    "aiohttp_jinja2": {"web/pages.py"},
    "jinja2": {"web/pages.py"},
    "markupsafe": {"web/pages.py"},
    "argparse": {"cli.py", "commands", "protocol/describe.py"},
    "tomllib": {"config.py"},
    "zxingcpp": {"identity/qr.py"},
    "confusable_homoglyphs": {"core/names.py"},
    "fcntl": {"store"},
    "pwd": {"account.py", "commands/running.py", "config.py", "doctor/holders.py"},
}
# What pure parts must not know: a clock, a loop, a socket, a disk, chance.
WORLD = {
    *("asyncio", "contextvars", "datetime", "logging", "os", "pathlib", "random", "secrets", "select", "selectors"),
    *("socket", "subprocess", "threading", "time", "aiohttp", "zeroconf"),
}
# The tool that writes the documentation reads and writes files.
TOOLS = {"protocol/describe.py": {"pathlib"}}

LINES = 300
FUNCTION_LINES = 40
# Catalogues of messages: declarations only, no logic, and best read in one piece.
LONG = {"protocol/peer.py", "protocol/ui.py"}


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> Iterator[str]:
    """The top-level packages that a module imports, wherever in it; its own package left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def belongs(module: str, owners: set[str]) -> bool:
    return any(module == owner or module.startswith(f"{owner}/") for owner in owners)


def test_imports_go_down_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_module_touches_only_what_is_its_own(path: Path) -> None:
    strangers = {name for name in imports(path) if name in OWNERS and not belongs(place(path), OWNERS[name])}
    assert not strangers, f"{place(path)} imports {sorted(strangers)}, which belong to other modules"


@pytest.mark.parametrize("path", [path for path in MODULES if belongs(place(path), {"core", "protocol"})], ids=place)
def test_pure_part_knows_no_world(path: Path) -> None:
    world = set(imports(path)) & WORLD - TOOLS.get(place(path), set())
    assert not world, f"{place(path)} is pure and imports {sorted(world)}"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_module_fits_in_the_head(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if place(path) not in LONG:
        assert text.count("\n") <= LINES, f"more than {LINES} lines: split it"
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    long = {node.name: length for node in functions if (length := _lines(node)) > FUNCTION_LINES}
    assert not long, f"functions of more than {FUNCTION_LINES} lines: {long}"


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function; the docstring, which is for readers from outside, is not counted."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_tasks_have_owners(path: Path) -> None:
    """A task is started in a TaskGroup. ``asyncio.create_task``, or a future that nobody keeps, has no owner."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    dropped = [node.value for node in nodes if isinstance(node, ast.Expr)]
    bare = [
        node.lineno
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            (node.func.attr == "create_task" and _is_loop(node.func.value))
            or (node.func.attr in ("ensure_future", "run_in_executor") and node in dropped)
        )
    ]
    assert not bare, f"tasks without an owner in lines {bare}"


def _is_loop(value: ast.expr) -> bool:
    name = value.id if isinstance(value, ast.Name) else getattr(getattr(value, "func", None), "attr", "")
    return name in ("asyncio", "loop", "get_running_loop", "get_event_loop")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "webui" / "static" / "js" / "rtc").glob("*.js")), ids=lambda path: path.name
)
def test_media_code_knows_neither_page_nor_socket(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = [word for word in ("document.", "querySelector", "WebSocket(", "socket.js", "store.js") if word in text]
    assert not found, f"{path.name} is below the page and uses {found}"
