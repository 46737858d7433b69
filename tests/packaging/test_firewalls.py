"""The firewall profiles, as the firewalls' own parsers read them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from lanchatd.values import PEER_PORT

ROOT = Path(__file__).resolve().parents[2]
PORTS = {f"{PEER_PORT}/tcp", "5353/udp"}
# Runs in the Python of the distribution, where ufw is.
READ_UFW = """
import gettext, json, sys
gettext.install("ufw")
from ufw import applications
profiles = applications.get_profiles(sys.argv[1])
print(json.dumps({name: applications.get_ports(profile) for name, profile in profiles.items()
                  if applications.verify_profile(name, profile)}))
"""


def test_firewalld_opens_the_ports_for_any_destination(tmp_path: Path) -> None:
    def firewalld(*options: str) -> str:
        command = ["firewall-offline-cmd", "--system-config", str(tmp_path), *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    for folder in ("helpers", "icmptypes", "ipsets", "policies", "services", "zones"):
        (tmp_path / folder).mkdir()
    (tmp_path / "firewalld.conf").touch()
    firewalld(f"--new-service-from-file={ROOT / 'share/firewalld/lanchat.xml'}")
    told = dict(line.strip().partition(":")[::2] for line in firewalld("--info-service=lanchat").splitlines())
    assert set(told["ports"].split()) == PORTS
    assert told["destination"].strip() == "", "answers of mDNS may come to this machine alone"
    firewalld("--add-service=lanchat", "--zone=home")
    assert firewalld("--query-service=lanchat", "--zone=home") == "yes\n"


def test_ufw_opens_the_ports() -> None:
    command = ["/usr/bin/python3", "-c", READ_UFW, str(ROOT / "share/ufw")]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    profiles = json.loads(told)
    assert profiles.keys() == {"LanChat"}
    assert set(profiles["LanChat"]) == PORTS
