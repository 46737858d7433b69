"""Two people on one machine, for a first look: ``make demo``. Everything they make is thrown away at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

PEOPLE = {"Ada": ("5272", "5273"), "Grace": ("5282", "5283")}

GUIDE = """
  {0}  {1}
  {2}  {3}

Open each address in a window of its own, side by side. Each window is one person: ask for a chat in one, accept
in the other, then write and call. For a call both windows use the same camera and microphone, so turn the sound down.
Ctrl+C ends the demo.
"""


def start(name: str, folder: Path, stack: ExitStack) -> subprocess.Popen[str]:
    """One person: own state, runtime folder and ports, found by the other over the loopback interface only."""
    page, peers = PEOPLE[name]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LANCHAT_")}
    folder.mkdir()
    (folder / "run").mkdir(mode=0o700)
    environment["XDG_RUNTIME_DIR"] = str(folder / "run")
    environment["XDG_CONFIG_HOME"] = str(folder / "config")
    command = [sys.executable, "-m", "lanchatd", "--name", name, "--state-dir", str(folder / "state"),
               "--ui-port", page, "--peer-port", peers, "--interface", "lo", "--log-level", "warning"]  # fmt: skip
    # Its own session: Ctrl+C comes to us alone, and we end both.
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)
    stack.callback(end, process)
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Let a daemon say goodbye."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def address(process: subprocess.Popen[str]) -> str:
    """The address of the page, as soon as it is there."""
    assert process.stdout is not None
    for line in process.stdout:
        if "http://" in line:
            return line[line.index("http://") :].strip()
    raise SystemExit(process.wait() or 1)


def main() -> int:
    """Run until Ctrl+C, or until one of the two ends."""
    for end_signal in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end_signal, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="lanchat-demo-") as folder, ExitStack() as stack:
        try:
            processes = {name: start(name, Path(folder) / name, stack) for name in PEOPLE}
            shown = [part for name, process in processes.items() for part in (f"{name}:".ljust(7), address(process))]
            print(GUIDE.format(*shown), flush=True)
            os.wait()
            print("One of the two has ended, so the demo ends.", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nBoth say goodbye.")
            return 0


if __name__ == "__main__":
    sys.exit(main())
