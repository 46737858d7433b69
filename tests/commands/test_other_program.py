"""Another program has got the port of the daemon, or the account is another: nothing of it is believed or obeyed."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lanchatd.commands import doctor
from lanchatd.commands.connection import FRAME_BYTES, REFUSAL_BYTES
from lanchatd.commands.errors import Exit
from lanchatd.protocol import codec, ui
from lanchatd.protocol.model import PeerId

from .shell import lanchatd, surroundings

NOBODY = PeerId("a" * 52)
ME = ui.Me(id=NOBODY, name="Eve", machine="", status="available")
SNAPSHOT = codec.encode(ui.Snapshot(tab=1, version="1", me=ME, people=[], conversations=[], proof="another"))

Socket = Callable[[web.WebSocketResponse], Awaitable[None]]


class Impostor:
    """A program that answers as it likes, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[], web.Response]] = {}
        self.socket: Socket | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path == "/ws" and self.socket:
            response = web.WebSocketResponse()
            await response.prepare(request)
            with contextlib.suppress(ConnectionError):
                await self.socket(response)
            return response
        return self.answers.get(request.path, lambda: web.Response(status=403))()


@asynccontextmanager
async def impostor(home: Path) -> AsyncIterator[Impostor]:
    """One whose address stands in the daemon.json of this person."""
    program = Impostor()
    app = web.Application()
    app.router.add_get("/{path:.*}", program.handle)
    async with TestServer(app, host="127.0.0.1") as server:
        told = {"pid": os.getpid(), "url": f"http://127.0.0.1:{server.port}", "peer_port": 1, "peer_id": NOBODY}
        file = home / "runtime" / "lanchat" / "daemon.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({**told, "proof": "ours", "key": "secret"}))
        yield program


async def test_the_reason_of_a_refusal_can_not_steer_the_terminal(tmp_path: Path) -> None:
    async with impostor(tmp_path) as program:
        program.answers["/api/status"] = lambda: web.Response(text="\033[31mred\x9b2J\nmore " + "x" * 100_000)
        done = await lanchatd(tmp_path, "people")
    assert done.status == Exit.REFUSED
    assert done.err.startswith("lanchatd: \ufffd[31mred\ufffd2J more x")
    assert done.err.count("\n") == 1
    assert len(done.err) <= REFUSAL_BYTES + len("lanchatd: \n")


@pytest.mark.parametrize("path", ["/ws", "/api/status"])
async def test_no_command_lets_itself_be_sent_elsewhere(tmp_path: Path, path: str) -> None:
    async with impostor(tmp_path) as program:
        program.answers[path] = lambda: web.Response(status=302, headers={"Location": "/elsewhere"})
        done = await lanchatd(tmp_path, "people")
    assert "/elsewhere" not in program.asked
    assert done.status in (Exit.NOT_RUNNING, Exit.REFUSED)
    assert done.err.count("\n") == 1


async def says_no_json(socket: web.WebSocketResponse) -> None:
    await socket.send_str("Welcome!")
    await socket.receive()


async def says_too_much(socket: web.WebSocketResponse) -> None:
    await socket.send_bytes(bytes(FRAME_BYTES + 1))
    await socket.receive()


async def nests(socket: web.WebSocketResponse) -> None:
    await socket.send_str('{"event":"snapshot","x":' + "[" * 100_000)
    await socket.receive()


async def knows_no_proof(socket: web.WebSocketResponse) -> None:
    await socket.send_str(SNAPSHOT)
    await socket.receive()


@pytest.mark.parametrize("socket", [says_no_json, says_too_much, nests, knows_no_proof])
async def test_what_is_no_daemon_of_ours_is_told_in_one_sentence(tmp_path: Path, socket: Socket) -> None:
    async with impostor(tmp_path) as program:
        program.socket = socket
        done = await lanchatd(tmp_path, "people")
    assert (done.status, done.out) == (Exit.NOT_RUNNING, "")
    assert done.err.startswith("lanchatd: Another program answers at http://127.0.0.1:")
    assert done.err.count("\n") == 1


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    """A person in whose environment this process is."""
    for name, value in surroundings(tmp_path).items():
        monkeypatch.setenv(name, value)
    return argparse.Namespace()


async def test_the_doctor_asks_nobody_who_does_not_know_the_proof(tmp_path: Path, person: argparse.Namespace) -> None:
    async with impostor(tmp_path) as program:
        program.socket = knows_no_proof
        assert await doctor._ask(person) == (None, "silent")
    assert program.asked == ["/ws"]


@pytest.mark.parametrize(("user", "absence"), [(0, "other_user"), (1000, "not_running")])
async def test_beside_the_daemon_of_another_account_the_doctor_looks_at_the_machine(
    tmp_path: Path, person: argparse.Namespace, monkeypatch: pytest.MonkeyPatch, user: int, absence: str
) -> None:
    """As with ``sudo -E``, which keeps the runtime folder of the person."""
    async with impostor(tmp_path) as program:
        monkeypatch.setattr(os, "getuid", lambda: 4321)
        monkeypatch.setattr(os, "geteuid", lambda: user)
        assert await doctor._ask(person) == (None, absence)
    assert program.asked == []
