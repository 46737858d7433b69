"""The state file: what comes back, what a damaged one says, and what a crash leaves."""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest

from lanchatd.errors import UserError
from lanchatd.protocol.model import PeerId
from lanchatd.store.errors import StoreError
from lanchatd.store.state import State, Store, StoredPerson

BO = StoredPerson(
    id=PeerId("b" * 52),
    name="Bo \U0001f600",
    machine="lap",
    contact=True,
    addresses=["192.0.2.7", "fe80::1%eth0"],
    port=5263,
    last_seen=1_800_000_000_000,
)
OLD = State(name="Ada", people=[BO])
NEW = State(name="Ada L.", people=[BO, StoredPerson(id=PeerId("c" * 52), name="Cy", blocked=True)])
CRASHED = 9


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_at_first_there_is_nothing(store: Store, tmp_path: Path) -> None:
    assert store.load() == State()
    assert list(tmp_path.iterdir()) == []


def test_what_was_saved_comes_back(store: Store, tmp_path: Path) -> None:
    store.save(OLD)
    store.save(NEW)
    assert Store(tmp_path).load() == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_the_file_is_for_nobody_else_whatever_the_umask_and_what_lay_there(store: Store, tmp_path: Path) -> None:
    (tmp_path / "state.json.new").write_text("left by a crash, far longer than what follows" * 99)
    (tmp_path / "state.json.new").chmod(0o666)
    before = os.umask(0)
    try:
        store.save(OLD)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "state.json").stat().st_mode) == 0o600
    assert store.load() == OLD


def test_fields_of_a_newer_version_do_not_hurt(store: Store, tmp_path: Path) -> None:
    store.save(OLD)
    content = json.loads((tmp_path / "state.json").read_text())
    content["invented"] = content["people"][0]["later"] = 1
    (tmp_path / "state.json").write_text(json.dumps(content))
    assert store.load() == OLD


WHOLE = json.dumps({"name": "Ada", "people": [{"id": "b" * 52, "name": "Bo"}]}).encode()
DAMAGED = {
    "empty": b"",
    "zeros": bytes(200),
    "cut off": WHOLE[:-9],
    "no UTF-8": WHOLE.replace(b"Ada", b"\xff\xfe\xfd"),
    "another shape": b"[1, 2]",
    "no peer id": WHOLE.replace(b"b" * 52, b"../../etc"),
    "a port that is none": WHOLE.replace(b'"Bo"', b'"Bo", "port": 70000'),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_named_and_left_as_it_is(store: Store, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        store.load()
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "move it away" in sentence
    assert "\n" not in sentence
    assert path.read_bytes() == content


def test_a_file_cut_off_at_any_byte_is_never_taken_for_a_state(store: Store, tmp_path: Path) -> None:
    store.save(NEW)
    path = tmp_path / "state.json"
    whole = path.read_bytes()
    for length in range(len(whole.rstrip())):
        path.write_bytes(whole[:length])
        with pytest.raises(StoreError, match=r"state\.json is damaged"):
            store.load()
        assert path.read_bytes() == whole[:length]


def test_what_could_not_be_read_again_is_not_written(store: Store) -> None:
    store.save(OLD)
    with pytest.raises(msgspec.ValidationError):
        store.save(State(name="Ada", people=[msgspec.structs.replace(BO, last_seen=-1)]))
    assert store.load() == OLD


def test_a_file_that_cannot_be_read_is_no_empty_state(store: Store, tmp_path: Path) -> None:
    (tmp_path / "state.json").mkdir()
    with pytest.raises(UserError, match=r"state\.json can't be read"):
        store.load()


def steps(monkeypatch: pytest.MonkeyPatch, before: Callable[[str], None]) -> None:
    """Announce each thing that `save` does to the disk before it is done."""

    def announce(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def step(*arguments: Any, **named: Any) -> Any:
            before(name)
            return real(*arguments, **named)

        monkeypatch.setattr(owner, name, step)

    for name in ("open", "fchmod", "fsync", "close"):
        announce(os, name)
    announce(Path, "replace")


def test_the_new_content_is_on_the_disk_before_it_gets_the_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    steps(monkeypatch, seen.append)
    store.save(OLD)
    assert seen == ["open", "fchmod", "fsync", "replace", "open", "fsync", "close"]


@pytest.mark.parametrize("last", range(1, 8))
def test_a_crash_at_any_step_leaves_the_old_or_the_new_state(
    store: Store, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    store.save(OLD)
    child = os.fork()
    if child == 0:
        done = 0

        def crash(_step: str) -> None:
            nonlocal done
            done += 1
            if done == last:
                os._exit(CRASHED)

        steps(monkeypatch, crash)
        try:
            store.save(NEW)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == CRASHED
    assert store.load() == (OLD if last <= 4 else NEW)
    store.save(NEW)
    assert store.load() == NEW


@pytest.mark.parametrize("failing", range(4))
def test_a_full_disk_is_one_sentence_and_keeps_the_old_state(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """Whichever step it is that fails: open, fchmod, fsync, replace."""
    store.save(OLD)
    step = count()

    def full(_name: str) -> None:
        if next(step) == failing:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        steps(patch, full)
        with pytest.raises(
            StoreError, match=r"^Contacts and settings can't be saved: the disk is full \(.*state\.json\)\."
        ):
            store.save(NEW)
    assert store.load() == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_folder_that_can_not_be_synced_is_told_and_the_new_state_is_whole(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(OLD)
    synced = count()

    def broken(name: str) -> None:
        if name == "fsync" and next(synced):
            raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        steps(patch, broken)
        with pytest.raises(StoreError, match="can't be saved: Input/output error"):
            store.save(NEW)
    assert store.load() == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_disk_that_takes_only_the_beginning(store: Store, tmp_path: Path) -> None:
    store.save(OLD)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
        try:
            store.save(NEW)
        except StoreError:
            os._exit(CRASHED)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == CRASHED
    assert store.load() == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_link_in_the_way_is_not_followed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep me")
    (tmp_path / "state.json.new").symlink_to(tmp_path / "precious")
    with pytest.raises(StoreError, match="can't be saved"):
        store.save(NEW)
    assert (tmp_path / "precious").read_text() == "keep me"


def test_a_fault_in_the_middle_is_no_user_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(_descriptor: int) -> NoReturn:
        raise ZeroDivisionError

    store.save(OLD)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fault)
        with pytest.raises(ZeroDivisionError):
            store.save(NEW)
    assert store.load() == OLD
