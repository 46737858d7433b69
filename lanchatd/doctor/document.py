"""Writes ``docs/doctor.md`` from the catalogue: ``python -m lanchatd.doctor.document > docs/doctor.md``."""

from __future__ import annotations

import sys
from typing import Final

from .catalogue import KINDS, SEVERITIES

_HEAD: Final = """# lanchatd doctor

<!-- made from lanchatd/doctor/catalogue.py by: python -m lanchatd.doctor.document -->

`lanchatd doctor` says why machines do not see each other, and what to do about it. It looks at this machine
(interfaces, multicast, firewall, VPN, ports), asks the running daemon whom it has heard, dialled and linked, and knocks
at the doors of those it knows. It changes nothing, and nothing leaves the local network: it sends the one mDNS question
that every LanChat asks at its start, and opens TCP connections to machines that the daemon dials as well. With `sudo`
it can read the rules of every firewall, and then looks at the machine only.

The exit status is 0 when nothing hinders, 1 when there is a problem or a warning, and 2 for a mistake on the command
line. `--json` prints what the page gets from `GET /api/findings`: `summary`, `findings`, `machine` and `daemon`. A
finding has `kind` (it stays the same, for scripts), `severity`, `sentence`, `step`, `command` and `about`. Where
something is not certain, the sentence says “probably”.

Of several findings with one cause only the cause is told: behind a firewall that is closed for mDNS nobody is missed.
Who has crashed, is switched off or was never met is no finding. The clock is none either: nothing here depends on it.
Each finding is provoked by a test, on machines made of network namespaces (`tests/doctor/`).
"""
_TITLES: Final = {
    "problem": "Problems: people do not find each other",
    "warning": "Warnings: some do not, or will not",
    "note": "Notes: good to know",
}


def document() -> str:
    """The whole text."""
    parts = [_HEAD]
    for severity in SEVERITIES:
        rows = [
            f"| `{kind}` | {each.meaning} | {each.told_by} |"
            for kind, each in KINDS.items()
            if each.severity == severity
        ]
        parts += [
            f"\n## {_TITLES[severity]}\n\n| kind | meaning | told by |\n| --- | --- | --- |\n",
            "\n".join(rows),
            "\n",
        ]
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(document())
