"""A wheel holds everything that the daemon needs, and works without the checkout."""

from __future__ import annotations

import asyncio
import configparser
import email
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import aiohttp
import pytest

import lanchatd

ROOT = Path(__file__).resolve().parent.parent
DATA = ("systemd", "webui")
"""Folders of the tree that are data of the package."""
SHARED = {
    "man/man1/lanchatd.1",
    "applications/lanchat.desktop",
    "metainfo/org.lanchat.LanChat.metainfo.xml",
    "icons/hicolor/scalable/apps/lanchat.svg",
    "bash-completion/completions/lanchatd",
    "zsh/site-functions/_lanchatd",
    "fish/vendor_completions.d/lanchatd.fish",
}
"""What goes into the share folder of wherever it is installed."""
STARTING = 20
"""Seconds that a daemon may take on a slow machine until its page is there."""


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing of an earlier build gets into it and nothing is left in the checkout."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        (tree / name).write_bytes((ROOT / name).read_bytes())
    for folder in ("lanchatd", "share", *DATA):
        for name in files(ROOT / folder):
            copy = tree / folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / folder / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", tree / "dist", tree], check=True, cwd=tree)
    (built,) = (tree / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel; it sees the dependencies of this one, but not its LanChat."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True, cwd=folder)
    place = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    # Only the folder: unlike `addsitedir`, a plain line does not run the .pth of the editable LanChat in there.
    (place / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def run(installed: Path, *command: str) -> str:
    """Run the Python of the virtual environment, away from the checkout."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    python = installed / "bin" / "python"
    return subprocess.run(
        [python, *command], check=True, cwd=installed, env=environment, capture_output=True, text=True
    ).stdout


def test_wheel_holds_every_module_every_file_of_the_page_and_what_is_shared(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    expected = {f"lanchatd/{name}" for name in files(ROOT / "lanchatd")}
    expected |= {f"lanchatd/{folder}/{name}" for folder in DATA for name in files(ROOT / folder)}
    expected |= {f"lanchat-{lanchatd.__version__}.data/data/share/{name}" for name in SHARED}
    assert expected <= held, sorted(expected - held)
    assert {name for name in held - expected if ".dist-info/" not in name} == set()


def test_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_string(archive.read(name).decode())
        (licence,) = (name for name in archive.namelist() if name.endswith("/licenses/LICENSE"))
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()
    assert metadata["Version"] == lanchatd.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"


def test_version_stands_in_one_place() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    assert setup["metadata"]["version"] == "attr: lanchatd.__version__"


def test_installed_command_tells_its_version(installed: Path) -> None:
    assert run(installed, "-c", "import lanchatd; print(lanchatd.__file__)").startswith(str(installed))
    command = subprocess.run([installed / "bin" / "lanchatd", "--version"], capture_output=True, text=True, check=True)
    assert command.stdout == f"lanchatd {lanchatd.__version__}\n"


def test_installed_daemon_knows_its_unit_and_its_interpreter(installed: Path) -> None:
    script = "import sys; from lanchatd.desktop.user_unit import unit_text; print(unit_text(sys.executable))"
    told = run(installed, "-c", script)
    assert f'ExecStart="{installed}/bin/python" -P -m lanchatd run\n' in told


async def test_installed_daemon_serves_the_page(installed: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    options = ["--name", "Ada", "--ui-port", "0", "--peer-port", "0", "--interface", "lo"]
    daemon = await asyncio.create_subprocess_exec(
        installed / "bin" / "lanchatd", *options, cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert daemon.stdout is not None
        async with asyncio.timeout(STARTING):
            line = (await daemon.stdout.readline()).decode()
        address = line.rpartition(" ")[2].strip()
        assert line == f"LanChat is ready: {address}\n"
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            assert answer.status == 200
            assert "Ada" in await answer.text()
    finally:
        daemon.terminate()
        assert await daemon.wait() == 0
