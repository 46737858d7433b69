"""The wheel, installed as people install it: by pipx, with its libraries from the registry."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import lanchatd

ROOT = Path(__file__).resolve().parents[2]


def test_pipx_gives_a_working_command_and_takes_it_away(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    left_out = ROOT / "debian/source/left-out"
    script = f'tar -C "{ROOT}" -c --exclude-from="{left_out}" . | tar -C "{tree}" -x'
    subprocess.run(["bash", "-euc", script], check=True)
    environment = {
        **os.environ, "PIPX_HOME": str(tmp_path / "home"), "PIPX_BIN_DIR": str(tmp_path / "bin"), "HOME": str(tmp_path)
    }  # fmt: skip

    def pipx(*arguments: str) -> None:
        done = subprocess.run(["pipx", *arguments], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    pipx("install", str(tree))
    command = tmp_path / "bin/lanchatd"
    told = subprocess.run([command, "--version"], check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    assert told == f"lanchatd {lanchatd.__version__}\n"
    (page,) = (tmp_path / "home").rglob("share/man/man1/lanchatd.1")
    assert page.read_bytes() == (ROOT / "share/man/man1/lanchatd.1").read_bytes()
    status = subprocess.run([command, "people"], env=environment, capture_output=True, text=True, check=False)
    assert status.stderr.startswith("lanchatd: lanchatd is not running"), status.stderr
    pipx("uninstall", "lanchat")
    assert not command.exists()
