"""The units as files: systemd understands every line of them, and says how much they leave open."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lanchatd.desktop.user_unit import unit_text

UNITS = Path(__file__).resolve().parents[2] / "systemd"
SYSTEM, USER = UNITS / "lanchatd@.service", UNITS / "user/lanchatd.service"
MOST_EXPOSED = 1.5


def installed(unit: Path, folder: Path) -> Path:
    """A copy whose command exists, as ``verify`` looks for it."""
    folder.mkdir(parents=True)
    copy = folder / unit.name
    copy.write_text(re.sub("^ExecStart=.*", "ExecStart=/bin/true run", unit.read_text(), flags=re.MULTILINE))
    return copy


def problems(unit: Path, manager: str, home: Path) -> str:
    """What systemd has to say against a unit."""
    checked = subprocess.run(
        ["systemd-analyze", "verify", manager, "--man=no", unit],
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(home), "HOME": str(home)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return checked.stdout + checked.stderr or ("" if checked.returncode == 0 else f"status {checked.returncode}")


@pytest.mark.parametrize(("unit", "manager"), [(SYSTEM, "--system"), (USER, "--user")], ids=["system", "user"])
def test_systemd_understands_every_line(unit: Path, manager: str, tmp_path: Path) -> None:
    assert problems(installed(unit, tmp_path / "unit"), manager, tmp_path) == ""


@pytest.mark.parametrize("name", ["plain", "with a space", "100%", "Jürgen’s"])
def test_systemd_finds_the_interpreter_wherever_it_is(name: str, tmp_path: Path) -> None:
    python = tmp_path / name / "python"
    python.parent.mkdir()
    python.symlink_to("/bin/true")
    unit = tmp_path / "lanchatd.service"
    unit.write_text(unit_text(str(python), '--config=/a "$path" with\\all\'s %h in it'))
    assert problems(unit, "--user", tmp_path) == ""


def test_system_unit_leaves_little_open(capsys: pytest.CaptureFixture[str]) -> None:
    analysed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", SYSTEM],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", analysed.stdout)
    assert exposure is not None
    with capsys.disabled():
        print(f"\nExposure of {SYSTEM.name}: {exposure[1]} (at most {MOST_EXPOSED})")
    assert float(exposure[1]) <= MOST_EXPOSED


def test_both_units_differ_only_where_they_must() -> None:
    def settings(unit: Path) -> dict[str, str]:
        lines = [line for line in unit.read_text().splitlines() if "=" in line and not line.startswith("#")]
        return {key: value for key, _, value in (line.partition("=") for line in lines)}

    system, user = settings(SYSTEM), settings(USER)
    assert set(user) <= set(system)
    different = {key for key, value in user.items() if system[key] != value}
    assert different == {"Description", "ExecStart", "RestartPreventExitStatus", "WantedBy"}
