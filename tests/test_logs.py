"""The log: its forms, and what stands in none of them."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from lanchatd import logs

from .process import ADA, BOB, Daemon, Tab, running, tab_of

WHO: Final = {"peer": "2mnzfyo3", "address": "192.168.1.20"}
LOG: Final = """
import logging, os, sys
from lanchatd import logs
status = os.fstat(2)
environment = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"} if sys.argv[2:] else {}
logs.set_up("info", sys.argv[1], environment, sys.argv[2] if sys.argv[2:] else "")
log = logging.getLogger("lanchatd.lan")
log.debug("too little")
log.warning("Linked with %s", "2mnz", extra={"peer": "2mnzfyo3", "address": "192.168.1.20", "else": "unseen"})
try:
    1 / 0
except ZeroDivisionError as error:
    log.critical("It has failed", exc_info=error)
logging.getLogger("aiohttp.client").info("what was received: hello")
logging.getLogger("aiohttp.client").error("out of sockets")
"""


def told(form: str, *journal: str) -> list[str]:
    """What a program writes to standard error that logs two lines and a traceback; with a journal behind it, or not."""
    program = [sys.executable, "-c", LOG, form, *journal]
    return subprocess.run(program, capture_output=True, text=True, check=True).stderr.splitlines()


def test_text_is_a_line_with_time_and_level() -> None:
    first, failed, *traceback, last = told("text")
    assert first.endswith("WARNING lanchatd.lan: Linked with 2mnz")
    assert failed.endswith("CRITICAL lanchatd.lan: It has failed")
    assert traceback[-1] == "ZeroDivisionError: division by zero"
    assert last.endswith("ERROR aiohttp.client: out of sockets")


def test_the_journal_learns_how_grave_each_line_of_text_is() -> None:
    first, failed, *traceback, last = told("text", "/nowhere")
    assert (first, failed) == ("<4>lanchatd.lan: Linked with 2mnz", "<2>lanchatd.lan: It has failed")
    assert {line[:3] for line in traceback} == {"<2>"}
    assert last == "<3>aiohttp.client: out of sockets"


def test_json_is_one_object_a_line() -> None:
    first, failed, last = map(json.loads, told("json"))
    assert first.pop("time").endswith("+00:00")
    assert first == {"level": "warning", "logger": "lanchatd.lan", "message": "Linked with 2mnz", **WHO}
    assert failed["traceback"].endswith("ZeroDivisionError: division by zero")
    assert (last["level"], last["message"]) == ("error", "out of sockets")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    """Stands in for the socket of the journal."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "journal"))
        listening.settimeout(10)
        yield listening


def entry(data: bytes) -> dict[str, str]:
    """Read an entry of the journal's protocol, in which every field has its length."""
    fields = {}
    while data:
        name, _, rest = data.partition(b"\n")
        length = int.from_bytes(rest[:8], "little")
        fields[name.decode()] = rest[8 : 8 + length].decode()
        assert rest[8 + length : 9 + length] == b"\n"
        data = rest[9 + length :]
    return fields


def test_the_journal_gets_fields(journal: socket.socket) -> None:
    assert told("journal", journal.getsockname()) == []
    first, failed, last = (entry(journal.recv(65536)) for _ in range(3))
    assert first == {
        "MESSAGE": "Linked with 2mnz",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "lanchatd",
        "LANCHAT_LOGGER": "lanchatd.lan",
        "LANCHAT_PEER": WHO["peer"],
        "LANCHAT_ADDRESS": WHO["address"],
    }
    assert failed["MESSAGE"].startswith("It has failed\nTraceback")
    assert (last["PRIORITY"], last["LANCHAT_LOGGER"]) == ("3", "aiohttp.client")


def test_what_the_journal_does_not_take_goes_to_stderr() -> None:
    assert told("journal", "/nowhere") == told("text", "/nowhere")


def test_without_a_journal_its_form_is_text() -> None:
    assert told("journal")[0].endswith("WARNING lanchatd.lan: Linked with 2mnz")


def test_a_stream_of_another_process_is_no_journal() -> None:
    """Children inherit the variable, and may have another standard error."""
    assert not logs._leads_to_journal(2, {"JOURNAL_STREAM": "1:1"})


# ------------------------------------------------------------------------------------------- what stands in no log

SAID: Final = "the words that nobody else may read"
SDP: Final = "v=0 what the browsers agree on"
CANDIDATE: Final = "candidate:1 1 udp 1 192.0.2.77 9 typ host"


async def talk(here: Tab, there: Tab) -> list[str]:
    """Everything that two people do with each other. Returns what must stay between them."""
    to_bob = (await here.person(BOB, presence="online"))["id"]
    to_ada = (await there.person(ADA, presence="online"))["id"]
    await here.send("send_chat_request", person=to_bob)
    await there.expect("incoming_chat_request")
    await there.send("accept_chat_request", person=to_ada)
    await here.expect("chat_request_accepted")
    await here.send("send_private_message", person=to_bob, id="message-1", text=SAID)
    await there.expect("receive_private_message")
    await here.send("send_private_message", person=to_bob, id="message-2", text=SAID * 4096, ref="long")
    await here.send(SAID, text=SAID)
    await here.expect("error")
    await here.send("start_call", person=to_bob, video=True)
    call = (await there.expect("incoming_call"))["call"]["id"]
    await there.send("accept_call", call=call)
    about = {"call": call, "generation": (await here.expect("call_accepted"))["call"]["generation"]}
    await here.send("webrtc_offer", **about, sdp=SDP)
    await here.send("webrtc_ice_candidate", **about, candidate={"candidate": CANDIDATE})
    assert (await there.expect("webrtc_ice_candidate"))["candidate"]["candidate"] == CANDIDATE
    await here.send("show_code", person=to_bob)
    code = (await here.expect("shown_code"))["text"]
    await there.send("scan_code", person=to_ada, code=code)
    await there.expect("person_changed")
    await here.send("set_profile", name="Countess of the log")
    await here.expect("profile_changed")
    return [SAID, SDP, CANDIDATE, code, ADA, BOB, "Countess of the log"]


async def all_told(daemon: Daemon) -> str:
    await daemon.stop()
    return await daemon.errors()


@pytest.mark.parametrize("form", ["text", "json"])
async def test_what_people_do_with_each_other_stands_in_no_log_at_any_level(tmp_path: Path, form: str) -> None:
    loud = ("--log-level", "debug", "--log-format", form)
    async with (
        running(tmp_path / "ada", "--name", ADA, *loud) as ada,
        running(tmp_path / "bob", "--name", BOB, *loud) as bob,
    ):
        async with tab_of(ada) as here, tab_of(bob) as there:
            secrets = await talk(here, there)
            peer = bob.told["peer_id"]
        logged = await asyncio.gather(all_told(ada), all_told(bob))
    assert [secret for secret in secrets for log in logged if secret in log] == []
    lines = logged[0].splitlines()
    if form == "json":
        assert any(line.get("peer") == peer and "address" in line for line in map(json.loads, lines))
    else:
        assert any(f"Linked with {peer[:8]} at 127.0.0.1" in line for line in lines)
