"""A machine: network, mount, UTS and IPC namespaces with their own /run, host name, machine id, account and home."""

from __future__ import annotations

import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp

from tests.browsers.host import Host, end

from .namespaces import SEARCH_PATH, Holder, inside, run

ROOT: Final = Path(__file__).resolve().parents[2]
_RELAY = Path(__file__).with_name("relay.py")

_BOOT = """
hostname "$1"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/dbus /run/avahi-daemon /run/lock
replace() {
    target=$(readlink -m "$1")
    mkdir -p "$(dirname "$target")"
    [ -e "$target" ] || touch "$target"
    cat > "/run/$(basename "$1")"
    mount --bind "/run/$(basename "$1")" "$target"
}
printf '127.0.0.1 localhost %s\\n::1 localhost\\n' "$1" | replace /etc/hosts
echo "nameserver $2" | replace /etc/resolv.conf
printf '%s:x:0:0:%s::/bin/sh\\navahi:x:0:0:::\\n' "$1" "$3" | replace /etc/passwd
printf 'root:x:0:\\navahi:x:0:\\nnetdev:x:0:\\n' | replace /etc/group
printf '%s' "$1" | md5sum | cut -c1-32 | replace /etc/machine-id
mount -t sysfs sysfs /sys 2>/dev/null || true
echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
echo 1 > /proc/sys/net/ipv4/conf/default/promote_secondaries
ip link set lo up
"""


class Machine(Host):
    """One computer of the test network."""

    def __init__(self, holder: Holder, name: str, number: int, folder: Path, router: str | None) -> None:
        self._holder = holder
        self._router = router
        self._relays: dict[int, Path] = {}
        self._stack = AsyncExitStack()
        self.name = name
        self.number = number
        self.folder = folder
        self.pid = holder.pid
        self.port = f"port{number}"
        self.mac = f"02:77:00:00:00:{number:02x}"

    @classmethod
    async def boot(cls, switch: list[str], name: str, number: int, folder: Path, *, router: str | None) -> Machine:
        """Switch it on, without a network cable. ``switch`` is the prefix that enters the user namespace."""
        folder.mkdir(parents=True)
        for part in ("home", "runtime"):
            (folder / part).mkdir(mode=0o700)
        unshare = (*switch, "unshare", "--net", "--mount", "--uts", "--ipc", "--")
        holder = await Holder.start(*unshare, script=_BOOT, arguments=(name, router or "127.0.0.1", name.capitalize()))
        return cls(holder, name, number, folder, router)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its programs: nothing of the host's but search path and language."""
        home = self.folder / "home"
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
        return kept | {
            "PATH": SEARCH_PATH,
            "HOME": str(home),
            "USER": self.name,
            "LOGNAME": self.name,
            "PYTHONPATH": str(ROOT),
            "XDG_RUNTIME_DIR": str(self.folder / "runtime"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_STATE_HOME": str(home / ".local" / "state"),
            "XDG_CACHE_HOME": str(home / ".cache"),
        }

    def command(self, *command: str) -> list[str]:
        """See `Host`. The program ends with the machine, or with the tests."""
        return [*inside(self.pid), *command]

    async def run(self, *command: str, input: str = "", seconds: float = 15) -> str:
        """Run a program to its end and return its output. Raises what `namespaces.run` does."""
        return await run(self.command(*command), input=input, seconds=seconds)

    async def address(self, number: int) -> None:
        """Give ``eth0`` the addresses with this number, and no others."""
        await self._ip(
            "address flush dev eth0 scope global",
            f"address add 10.77.0.{number}/24 broadcast + dev eth0",
            f"address add fd77::{number:x}/64 dev eth0 nodad",
            *([f"route replace default via {self._router} dev eth0"] if self._router else []),
        )

    async def connect(self, number: int) -> None:
        """Bring ``eth0`` up with the addresses that have this number."""
        await self._ip("link set eth0 up")
        await self.address(number)

    async def http(self, port: int) -> aiohttp.ClientSession:
        """A client session on this machine whose every connection goes to one of its loopback ports.

        The connections are those of a program on the machine, so the daemon sees its own user. Closed with the machine.
        """
        if port not in self._relays:
            self._relays[port] = await self._relay(port)
        connector = aiohttp.UnixConnector(str(self._relays[port]))
        return await self._stack.enter_async_context(aiohttp.ClientSession(connector=connector))

    async def _relay(self, port: int) -> Path:
        # In a folder of its own, because the path of a Unix socket has room for 107 characters only.
        folder = self._stack.enter_context(TemporaryDirectory(prefix="lan-", dir="/tmp"))
        path = Path(folder) / str(port)
        process = await self.spawn(sys.executable, "-I", str(_RELAY), str(path), str(port))
        assert process.stdout
        if await process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"no relay to port {port} of {self.name}")
        self._stack.push_async_callback(end, process)
        return path

    async def power_off(self) -> None:
        """Pull the power plug."""
        self._holder.kill_inhabitants()
        await self._stack.aclose()
        await self._holder.close()

    async def _ip(self, *commands: str) -> None:
        await self.run("ip", "-batch", "-", input="\n".join(commands) + "\n")
