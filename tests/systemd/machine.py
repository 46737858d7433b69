"""A machine that boots a real systemd: the files of this one, and above them a layer of its own that vanishes with it.

It takes root. Nothing of it is seen outside: it has its own mounts, processes, network, host name and control groups.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

BOOTING: Final = 20.0
"""Seconds that a slow machine may take to boot."""
_SEARCH_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PREFIX: Final = "lanchat-boot-"

# The root of the machine. No service of this machine's starts in it, nor one that would look for hardware.
_FILES: Final = r"""
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
cd /mnt/root
rm -rf etc/systemd/system etc/systemd/user etc/fstab etc/rc?.d/* etc/cron* var/log/journal
rm -rf var/lib/systemd/linger root/.config/systemd
mkdir -p etc/systemd/system
for unit in getty.target systemd-udevd.service systemd-networkd.service systemd-timesyncd.service \
    systemd-tmpfiles-clean.timer systemd-resolved.service e2scrub_reap.service; do
    ln -s /dev/null etc/systemd/system/$unit
done
tr -d - < /proc/sys/kernel/random/uuid > etc/machine-id
echo booted > etc/hostname
ip link set lo up
# Something to be a local network: a cable between two ends, both here.
ip link add lan0 type veth peer name wall
ip link set wall up
ip link set lan0 up
ip address add 10.77.0.2/24 dev lan0
ip route add default dev lan0
"""

# Becomes the first process of the machine.
_BOOT: Final = r"""
mount --make-rprivate /
cd /mnt/root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
ln -s /proc/self/fd dev/fd
pivot_root . mnt
umount -l mnt
mount --make-rshared /
exec env -i container=lanchat PATH="$1" /lib/systemd/systemd --log-target=journal --show-status=0
"""


class Machine:
    """Made by `machine`; may be booted again and again, and keeps its files meanwhile."""

    def __init__(self, holder: subprocess.Popen[str], group: Path) -> None:
        self._holder = holder
        self._group = group
        self._booted: subprocess.Popen[bytes] | None = None
        self._problem = ""
        self.pid = 0
        """Of the machine's first process, as seen from outside."""

    @property
    def root(self) -> Path:
        """The machine's files, before and after it is booted. What is mounted while it runs is not in it."""
        return Path(f"/proc/{self._holder.pid}/root/mnt/root")

    def bind(self, source: Path, target: str) -> None:
        """Show a folder of this machine's in the other one, to be read only. Before it is booted."""
        place = f"/mnt/root/{target.lstrip('/')}"
        script = 'mkdir -p "$2" && mount --rbind "$1" "$2" && mount -o remount,bind,ro "$2"'
        subprocess.run([*self._enter(), "sh", "-euc", script, "bind", source, place], check=True)

    def prepare(self, *command: str) -> None:
        """Run a command on the machine's files before it is booted, as an installer does."""
        subprocess.run([*self._enter(), "chroot", "/mnt/root", *command], check=True, env={"PATH": _SEARCH_PATH})

    def boot(self) -> float:
        """Start systemd, and wait until all has started that was to. Returns the seconds that it took.

        Raises:
            RuntimeError: it has not come up.
        """
        began = time.monotonic()
        join = ("sh", "-euc", 'echo $$ > "$0/cgroup.procs"; exec "$@"', self._group)
        die_with_us = ("setpriv", "--pdeathsig", "KILL", "--")
        unshare = ("unshare", "--mount", "--uts", "--ipc", "--cgroup", "--pid", "--fork", "--kill-child=KILL")
        first = ("sh", "-euc", _BOOT, "boot", _SEARCH_PATH)
        self._booted = subprocess.Popen(
            [*join, *self._enter(), *die_with_us, *unshare, *first],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        state = ""
        while time.monotonic() - began < BOOTING and self._booted.poll() is None:
            self.pid = _child(self._booted.pid)
            if self.pid:
                state = self.run(["systemctl", "is-system-running", "--wait"], check=False).stdout.strip()
            if state in ("running", "degraded"):
                return time.monotonic() - began
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"systemd has not come up: {state or self._problem}")

    def run(
        self, command: Sequence[str | Path], *, user: str = "root", check: bool = True, seconds: float = 15.0,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """Run a command on the booted machine, to its end.

        Args:
            command: the program and its arguments; paths are the machine's.
            user: whose command it is; such has the surroundings of a session.
            check: whether it is an error if the command fails.
            seconds: how long it may take.
            environment: set besides.

        Raises:
            AssertionError: it has failed; with what it said.
            subprocess.TimeoutExpired: it took too long.
        """
        inside = ["nsenter", "--target", str(self.pid), "--all", "--"]
        values = {"PATH": _SEARCH_PATH, "LC_ALL": "C.UTF-8", **(environment or {})}
        script = f'{_SESSION if user != "root" else ""} exec "$@"'
        given = [f"{name}={value}" for name, value in values.items()]
        who = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"] if user != "root" else []
        done = subprocess.run(
            [*inside, *who, "env", "-i", "--chdir=/", *given, "sh", "-euc", script, "run", *command],
            capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done

    def stop(self) -> None:
        """Cut the power: no process has the time to say anything."""
        if self._booted is not None:
            first = self.pid or _child(self._booted.pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(first or self._booted.pid, signal.SIGKILL)  # and with the first process all others
            self._problem = self._booted.communicate()[1].decode(errors="replace").strip()
            self._booted, self.pid = None, 0
            _wait_until_empty(self._group)

    def _enter(self) -> list[str]:
        return ["nsenter", "--target", str(self._holder.pid), "--mount", "--net", "--"]


_SESSION: Final = """
HOME=$(getent passwd "$(id -u)" | cut -d : -f 6) USER=$(id -un) LOGNAME=$USER XDG_RUNTIME_DIR=/run/user/$(id -u)
DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
export HOME USER LOGNAME XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS
cd "$HOME"
"""


@contextlib.contextmanager
def machine() -> Iterator[Machine]:
    """A machine that is switched off. All of it is gone at the end, whatever happens.

    Raises:
        RuntimeError: it can't be made; it takes root, and control groups of version 2.
    """
    group = _make_group()
    try:
        with contextlib.ExitStack() as undo:
            holder = subprocess.Popen(
                ["unshare", "--mount", "--net", "setpriv", "--pdeathsig", "KILL", "--",
                 "sh", "-euc", f"{_FILES}\necho made\nexec cat"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PATH": _SEARCH_PATH},
            )  # fmt: skip
            undo.enter_context(holder)  # closes its input, at which it ends, and waits
            assert holder.stdout
            if holder.stdout.readline() != "made\n":
                raise RuntimeError("a machine can't be made here: see above; it takes root")
            made = Machine(holder, group)
            undo.callback(made.stop)
            yield made
    finally:
        _remove_group(group)


def _make_group() -> Path:
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    top = next((Path(fields[1]) for fields in mounts if fields[2] == "cgroup2"), None)
    if top is None:
        raise RuntimeError("there are no control groups of version 2 on this machine")
    own = next(line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    home = top / own.strip("/")
    for left in home.glob(f"{_PREFIX}*"):  # by a test run that was killed
        if not Path(f"/proc/{left.name.removeprefix(_PREFIX).partition('-')[0]}").exists():
            _remove_group(left)
    group = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=home))
    group.chmod(0o755)  # people of the machine have groups in it
    return group


def _remove_group(group: Path) -> None:
    for folder, _, _ in os.walk(group, topdown=False):
        Path(folder).rmdir()


def _wait_until_empty(group: Path, seconds: float = 5.0) -> None:
    """The kernel ends the processes of a machine one after the other."""
    until = time.monotonic() + seconds
    while "populated 1" in (group / "cgroup.events").read_text():
        if time.monotonic() > until:
            raise RuntimeError(f"processes of the machine are still there: {group}")
        time.sleep(0.01)


def _child(pid: int) -> int:
    """The first child of a process; 0 if there is none yet."""
    try:
        return int((Path(f"/proc/{pid}/task/{pid}/children").read_text().split() or ["0"])[0])
    except FileNotFoundError:
        return 0
