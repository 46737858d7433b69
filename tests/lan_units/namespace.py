"""Runs tests in network namespaces of their own: no root needed, and the machine's network is never touched."""

from __future__ import annotations

import ctypes
import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_INSIDE = "LANCHAT_TEST_IN_OWN_NETWORK"
_CLONE_NEWNET = 0x40000000
_outputs: dict[Path, str] = {}


def in_own_network(test: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: the test runs in another pytest, in a new user namespace and a new network namespace.

    All such tests of a file share the other pytest, because its start takes longer than they do.
    """
    if os.environ.get(_INSIDE):

        @functools.wraps(test)
        async def inside(*arguments: Any, **fixtures: Any) -> None:
            if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "no new network namespace")
            await test(*arguments, **fixtures)

        return inside

    def outside(request: pytest.FixtureRequest) -> None:
        path = request.node.path
        if path not in _outputs:
            _outputs[path] = _run_inside(request, path)
        assert f"PASSED {request.node.nodeid}" in _outputs[path].splitlines(), _outputs[path]

    outside.__name__, outside.__module__, outside.__doc__ = test.__name__, test.__module__, test.__doc__
    outside.own_network = True  # type: ignore[attr-defined]
    return outside


def _run_inside(request: pytest.FixtureRequest, path: Path) -> str:
    chosen = [item.nodeid for item in request.session.items if _is_ours(item, path)]
    command = ["unshare", "--user", "--map-root-user", sys.executable, "-m", "pytest", "-q", "-rA", "--tb=short"]
    command += ["-p", "no:cacheprovider", "-p", "no:playwright", *chosen]
    environment = {**os.environ, _INSIDE: "1"}
    done = subprocess.run(
        command, cwd=request.config.rootpath, env=environment, capture_output=True, text=True, timeout=120
    )
    return done.stdout + done.stderr


def _is_ours(item: pytest.Item, path: Path) -> bool:
    return item.path == path and isinstance(item, pytest.Function) and hasattr(item.function, "own_network")


def ip(*arguments: str) -> None:
    """The ip command (iproute2), in the namespace of the test."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def plug_in(name: str = "eth0") -> None:
    """A network card with a cable to nobody: what is sent by multicast comes back to the other programs here."""
    ip("link", "add", name, "type", "veth", "peer", "name", f"x{name}")
    for card, setting in ((name, "accept_dad"), (f"x{name}", "disable_ipv6")):
        # No duplicate address detection: nobody is there who could have the address, and it takes a second.
        Path(f"/proc/sys/net/ipv6/conf/{card}/{setting}").write_text("0" if setting == "accept_dad" else "1")
    ip("link", "set", f"x{name}", "up")
