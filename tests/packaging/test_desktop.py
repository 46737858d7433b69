"""The desktop entry, its icon and the description for software centres, as the desktops' own tools read them."""

from __future__ import annotations

import configparser
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import lanchatd

ROOT = Path(__file__).resolve().parents[2]
ENTRY = ROOT / "share/applications/lanchat.desktop"
DESCRIPTION = ROOT / "share/metainfo/org.lanchat.LanChat.metainfo.xml"


def test_the_desktop_entry_is_valid() -> None:
    done = subprocess.run(["desktop-file-validate", "--warn-kde", ENTRY], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_desktop_entry_opens_the_page() -> None:
    entry = configparser.RawConfigParser()
    entry.read(ENTRY, encoding="utf-8")
    assert entry["Desktop Entry"]["Exec"] == "lanchatd open"


def test_the_description_is_valid_and_belongs_to_the_entry() -> None:
    done = subprocess.run(
        ["appstreamcli", "validate", "--no-net", "--strict", DESCRIPTION], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    described = ET.parse(DESCRIPTION)  # noqa: S314 -- our own
    assert described.findtext("launchable") == ENTRY.name
    assert described.findtext("project_license") == "MIT"
    releases = [release.get("version") for release in described.iter("release")]
    assert releases[0] == lanchatd.__version__


def test_notifications_belong_to_the_desktop_entry() -> None:
    """Desktops show the name and the icon of the entry that a notification names."""
    spoken = (ROOT / "lanchatd/desktop/bus.py").read_text(encoding="utf-8")
    assert f'"desktop-entry": Variant("s", "{ENTRY.stem}")' in spoken
