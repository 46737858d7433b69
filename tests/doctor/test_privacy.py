"""The examination itself: it stays on the network, disturbs nobody, and does not cost the daemon its life."""

from __future__ import annotations

import asyncio

from zeroconf import DNSIncoming
from zeroconf.const import _TYPE_PTR

from lanchatd.cli import main
from lanchatd.doctor.echo import question
from lanchatd.lan.instance import SERVICE
from tests.lan.capture import record

from .clinic import Clinic, examine


def test_the_question_is_the_one_that_every_daemon_asks() -> None:
    packet = DNSIncoming(question())
    assert packet.valid and packet.is_query() and not packet.answers()
    (asked,) = packet.questions
    assert (asked.name, asked.type, asked.unicast) == (SERVICE, _TYPE_PTR, False)


async def test_nothing_leaves_the_network(clinic: Clinic) -> None:
    anna, ben = await clinic.machine("Anna"), await clinic.machine("Ben")
    await clinic.daemon(ben)
    daemon = await clinic.daemon(anna, "--peer", "198.51.100.7:443", "--peer", "10.77.0.2:5263")
    async with record(clinic.network) as capture:
        opinion = await examine(anna)
        await daemon.get("/api/findings")
    assert "outside the local network" in opinion["peer_unfit"]["sentence"]
    assert any(flow.destination_port == 5263 for flow in capture.flows)
    assert (capture.strays(), capture.dropped) == ([], 0)


async def test_many_ask_at_once_and_it_is_looked_at_once(clinic: Clinic) -> None:
    anna, ben = await clinic.people("Anna", "Ben")
    answers = await asyncio.gather(*(anna.get("/api/findings") for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert "Traceback" not in anna.log.read_text() + ben.log.read_text()


async def test_the_daemon_may_be_stopped_in_the_middle_of_an_examination(clinic: Clinic) -> None:
    anna, _ = await clinic.people("Anna", "Ben")
    asking = asyncio.ensure_future(anna.get("/api/findings"))
    await asyncio.sleep(0.3)
    code, _ = await anna.stop()
    await asyncio.gather(asking, return_exceptions=True)
    assert code == 0
    assert "Traceback" not in anna.log.read_text()


def test_a_mistake_on_the_command_line_has_the_status_2() -> None:
    assert main(["doctor", "--nonsense"]) == 2
