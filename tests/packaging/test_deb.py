"""The Debian package: built, installed by dpkg on a machine that boots, upgraded there, and purged."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import lanchatd
from tests.systemd.machine import Machine, machine

ROOT = Path(__file__).resolve().parents[2]
BUILDING = 600
"""Seconds that pip and the compression may take on a busy machine."""
INSTALLING = 120


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by `make deb` from a copy, so that nothing is left in the checkout."""
    tree = tmp_path_factory.mktemp("tree")
    left_out = ROOT / "debian/source/left-out"
    script = f'tar -C "{ROOT}" -c --exclude-from="{left_out}" . | tar -C "{tree}" -x && exec make -C "{tree}" deb'
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, timeout=BUILDING, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (tree / "dist").glob("*.deb")
    return built


@pytest.fixture(scope="module")
def newer(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same package with a higher version."""
    folder = tmp_path_factory.mktemp("newer")
    subprocess.run(["dpkg-deb", "--raw-extract", package, folder / "tree"], check=True)
    control = folder / "tree/DEBIAN/control"
    control.write_text(control.read_text().replace(f"Version: {lanchatd.__version__}", "Version: 999.0"))
    subprocess.run(["dpkg-deb", "-Znone", "--build", folder / "tree", folder / "newer.deb"], check=True)
    return folder / "newer.deb"


@pytest.fixture
def clean(package: Path, newer: Path) -> Iterator[Machine]:
    """A machine that knows nothing of LanChat, with the packages in /packages, and somebody named Ada."""
    with machine() as made:
        made.root.joinpath("packages").mkdir()
        for name, source in (("first.deb", package), ("newer.deb", newer)):
            made.root.joinpath("packages", name).write_bytes(source.read_bytes())
        made.boot()
        made.run(["useradd", "--create-home", "ada"])
        yield made


def dpkg(target: Machine, *arguments: str) -> None:
    target.run(["dpkg", *arguments], seconds=INSTALLING, environment={"DEBIAN_FRONTEND": "noninteractive"})


def shown(target: Machine, name: str) -> str:
    return target.run(["systemctl", "show", "--property", name, "--value", "lanchatd@ada"]).stdout.strip()


def test_the_package_installs_upgrades_without_losing_anybody_and_purges_clean(clean: Machine) -> None:
    before = set(listed(clean))
    dpkg(clean, "--install", "/packages/first.deb")
    assert clean.run(["lanchatd", "--version"], user="ada").stdout == f"lanchatd {lanchatd.__version__}\n"
    for unit in ("/usr/lib/systemd/system/lanchatd@.service", "/usr/lib/systemd/user/lanchatd.service"):
        assert "ExecStart=/usr/bin/lanchatd run" in clean.run(["cat", unit]).stdout
    clean.run(["desktop-file-validate", "/usr/share/applications/lanchat.desktop"])
    assert "LanChat" in clean.run(["man", "--locale=C", "lanchatd"]).stdout
    assert clean.run(["pgrep", "lanchatd"], check=False).stdout == "", "nobody has asked for it yet"

    clean.run(["systemctl", "enable", "--now", "lanchatd@ada"], seconds=60)
    first = clean.run(["cat", "/home/ada/.local/state/lanchat/identity.key"]).stdout
    process = shown(clean, "MainPID")
    told = json.loads(clean.run(["cat", "/run/lanchat-ada/daemon.json"]).stdout)
    assert told["pid"] == int(process)

    dpkg(clean, "--install", "/packages/newer.deb")
    assert shown(clean, "ActiveState") == "active"
    assert shown(clean, "MainPID") != process, "after an upgrade the new version runs"
    again = json.loads(clean.run(["cat", "/run/lanchat-ada/daemon.json"]).stdout)
    assert again["peer_id"] == told["peer_id"]

    dpkg(clean, "--purge", "lanchat")
    assert clean.run(["systemctl", "is-active", "lanchatd@ada"], check=False).stdout.strip() == "inactive"
    assert set(listed(clean)) == before
    assert clean.run(["cat", "/home/ada/.local/state/lanchat/identity.key"]).stdout == first, "it is hers to delete"


def listed(target: Machine) -> list[str]:
    """Every file that speaks of LanChat in its path, but for those in the homes."""
    places = ["/etc", "/usr", "/opt", "/lib/systemd", "/var/lib/systemd"]
    found = target.run(["find", *places, "-xdev", "-iname", "*lanchat*"], seconds=INSTALLING)
    return found.stdout.splitlines()


@pytest.mark.parametrize("script", ["postinst", "prerm"])
def test_the_manager_of_somebody_that_hangs_does_not_hang_apt(script: str) -> None:
    path = ROOT / f"debian/lanchat.{script}"
    subprocess.run(["sh", "-n", path], check=True)
    asked = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if "--machine=" in line]
    assert asked and all(line.startswith("timeout 10 systemctl --user ") for line in asked)


def test_the_package_belongs_to_this_version() -> None:
    first = (ROOT / "debian/changelog").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(f"lanchat ({lanchatd.__version__}) ")
