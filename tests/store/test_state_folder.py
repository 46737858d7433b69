"""The state folder: private, and for one daemon at a time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lanchatd.errors import UserError
from lanchatd.store.errors import StoreError
from lanchatd.store.folder import open_folder

HOLD = """
import sys
from pathlib import Path
from lanchatd.store.folder import open_folder
held = open_folder(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_made_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state"
    with open_folder(path) as folder:
        assert folder.path == path
        assert mode(path) == 0o700
        assert all(mode(file) == 0o600 for file in path.iterdir())


def test_a_folder_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with open_folder(tmp_path):
        assert mode(tmp_path) == 0o700


def test_another_process_is_named(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("99999999999999\n")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as caught:
            open_folder(tmp_path)
        sentence = str(caught.value)
        assert str(tmp_path) in sentence
        assert f"process {other.pid}" in sentence
        assert "--state-dir" in sentence
        other.kill()
        other.wait()
        open_folder(tmp_path).release()


def test_the_folder_is_free_after_release_and_the_loser_took_nothing(tmp_path: Path) -> None:
    first = open_folder(tmp_path)
    with pytest.raises(StoreError, match=f"process {os.getpid()}"):
        open_folder(tmp_path)
    with pytest.raises(StoreError, match=f"process {os.getpid()}"):
        open_folder(tmp_path)
    first.release()
    first.release()
    open_folder(tmp_path).release()


@pytest.mark.parametrize("where", ["file", "file/below", "dangling"])
def test_what_is_no_folder_is_one_sentence(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "at" / "all")
    with pytest.raises(UserError, match=r"^The state folder .* choose another folder with --state-dir\.$"):
        open_folder(tmp_path / where)


def test_a_lock_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep me")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(StoreError):
        open_folder(tmp_path / "state")
    assert (tmp_path / "precious").read_text() == "keep me"


def test_the_folder_of_another_account_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(StoreError, match="belongs to another account"):
        open_folder(tmp_path)
