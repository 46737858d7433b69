"""What several benches stand on: machines made of namespaces, and daemons that run on them as with people."""

from __future__ import annotations

from typing import Final

QUIETLY: Final = ("--log-level", "info")
"""Options for `tests.lan.daemon.Daemon.start`, which else writes down all that happens."""
