"""Runs where the bridge is: carries frames between two interfaces as a bad wire does.

It is for kernels without ``netem``, and needs no right that a user namespace does not give. Frames keep their order, as
on a real wire: one that is late makes those behind it late. Commands come as JSON lines on standard input,
``{"up": {"loss": 5, "delay": 20, "jitter": 10}}`` (per cent, ms, ms; ``up`` is from the machine to the bridge,
``down`` the other way); each is answered with a line that tells how many frames came and got lost each way.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
from collections import deque
from typing import Any, Final

_EVERY_PROTOCOL: Final = 0x0003
_SOL_PACKET: Final = 263
_IGNORE_OUTGOING: Final = 23
_VNET_HEADER: Final = 15  # checksums that nobody has computed yet stay known as such
_BUFFER: Final = 4 * 1024 * 1024
_QUEUE: Final = 4000
_BURST: Final = 64


def tap(interface: str) -> socket.socket:
    """Hears every frame that arrives at an interface, and sends there."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    raw.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
    raw.setsockopt(_SOL_PACKET, _VNET_HEADER, 1)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    raw.bind((interface, _EVERY_PROTOCOL))
    raw.setblocking(False)
    return raw


class Direction:
    """One way through the wire."""

    def __init__(self, source: socket.socket, sink: socket.socket, chance: random.Random) -> None:
        self._source, self._sink, self._chance = source, sink, chance
        self._loop = asyncio.get_running_loop()
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.loss = self.delay = self.jitter = 0.0
        self.came = self.lost = 0
        self._loop.add_reader(source, self._read)

    def _read(self) -> None:
        for _ in range(_BURST):
            try:
                frame = self._source.recv(65536)
            except OSError:  # nothing more, or the interface is down
                return
            self.came += 1
            if self._chance.random() * 100 < self.loss or len(self._under_way) >= _QUEUE:
                self.lost += 1
            else:
                self._send_off(frame)

    def _send_off(self, frame: bytes) -> None:
        late = self.delay + self._chance.uniform(-self.jitter, self.jitter)
        due = self._loop.time() + max(0.0, late) / 1000
        if self._under_way:
            due = max(due, self._under_way[-1][0])
        self._under_way.append((due, frame))
        if len(self._under_way) == 1:
            self._arrive()

    def _arrive(self) -> None:
        while self._under_way and self._under_way[0][0] <= self._loop.time() + 0.0005:
            try:
                self._sink.send(self._under_way.popleft()[1])
            except OSError:  # the interface is down
                self.lost += 1
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._under_way[0][0], self._arrive) if self._under_way else None


async def carry(machine: str, bridge: str, seed: int) -> None:
    """Carry frames and obey until standard input ends."""
    here, there, chance = tap(machine), tap(bridge), random.Random(seed)
    ways = {"up": Direction(here, there, chance), "down": Direction(there, here, chance)}
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    print("ready", flush=True)
    while line := await commands.readline():
        command: dict[str, dict[str, Any]] = json.loads(line)
        for way, quality in command.items():
            vars(ways[way]).update(quality)
        print(json.dumps({way: {"came": each.came, "lost": each.lost} for way, each in ways.items()}), flush=True)


if __name__ == "__main__":
    asyncio.run(carry(sys.argv[1], sys.argv[2], int(sys.argv[3])))
