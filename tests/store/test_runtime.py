"""daemon.json: there while the daemon runs, gone afterwards, and never somebody else's."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lanchatd.protocol.model import PeerId
from lanchatd.store.errors import StoreError
from lanchatd.store.runtime import FILE_NAME, Running, announced

RUNNING = Running(4711, "http://localhost:5262", 5263, PeerId("a" * 52))


def test_it_tells_where_the_daemon_is_and_goes_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with announced(folder, RUNNING):
        told = json.loads((folder / FILE_NAME).read_text())
        assert told == {"pid": 4711, "url": "http://localhost:5262", "peer_port": 5263, "peer_id": "a" * 52}
        assert folder.stat().st_mode & 0o077 == 0
    assert list(folder.iterdir()) == []


def test_what_lets_programs_in_is_for_the_person_alone(tmp_path: Path) -> None:
    secret = Running(4711, "http://localhost:5262/?token=t", 5263, PeerId("a" * 52), key="k", proof="p")
    with announced(tmp_path, secret):
        file = tmp_path / FILE_NAME
        assert file.stat().st_mode & 0o077 == 0
        assert json.loads(file.read_text()).items() >= {"key": "k", "proof": "p"}.items()
    assert secret.page == RUNNING.page == "http://localhost:5262"


def test_a_stale_file_is_replaced_and_a_newer_daemon_keeps_its_own(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("cut off in the mid")
    newer = Running(4712, "http://localhost:5264", 5265, PeerId("b" * 52))
    with announced(tmp_path, RUNNING):
        (tmp_path / FILE_NAME).write_text(
            json.dumps({**json.loads((tmp_path / FILE_NAME).read_text()), "pid": newer.pid})
        )
    assert json.loads((tmp_path / FILE_NAME).read_text())["pid"] == newer.pid


def test_it_is_there_again_when_another_daemon_has_taken_it_away(tmp_path: Path) -> None:
    file, newer = tmp_path / FILE_NAME, Running(4712, "http://localhost:5264", 5265, PeerId("b" * 52))
    with announced(tmp_path, RUNNING) as renew:
        with announced(tmp_path, newer):
            renew()
            assert json.loads(file.read_text())["pid"] == newer.pid, "what is there is not touched"
        assert not file.exists()
        renew()
        assert json.loads(file.read_text())["pid"] == RUNNING.pid
        assert file.stat().st_mode & 0o077 == 0
    renew()
    assert list(tmp_path.iterdir()) == [], "not after the end"


def test_a_runtime_folder_that_has_gone_ends_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with announced(folder, RUNNING) as renew:
        (folder / FILE_NAME).unlink()
        folder.rmdir()
        folder.write_text("in the way")
        renew()
    assert folder.read_text() == "in the way"


def test_a_folder_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file/run"), announced(tmp_path / "file" / "run", RUNNING):
        pass


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o1777])
def test_a_folder_that_is_open_to_others_is_closed(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with announced(tmp_path, RUNNING):
        assert tmp_path.stat().st_mode & 0o7777 == 0o700


def test_the_folder_of_another_account_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(StoreError, match="belongs to another account"):
        announced(tmp_path, RUNNING).__enter__()
    assert list(tmp_path.iterdir()) == []


def test_a_stale_side_file_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    precious, folder = tmp_path / "precious", tmp_path / "run"
    precious.write_text("keep me")
    folder.mkdir(mode=0o700)
    (folder / f"{FILE_NAME}.{RUNNING.pid}").symlink_to(precious)
    with announced(folder, RUNNING):
        file = folder / FILE_NAME
        assert not file.is_symlink() and file.stat().st_mode & 0o777 == 0o600
    assert precious.read_text() == "keep me"


def test_what_could_not_be_put_in_place_is_not_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StoreError, match="can't be used: Is a directory"), announced(tmp_path, RUNNING):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
