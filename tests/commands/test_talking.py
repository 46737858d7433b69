"""Two people, two daemons, and what they do from a shell."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from lanchatd.commands.errors import Exit
from tests.process import BOB

from .shell import Pair, begin, friends, lanchatd, line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """The same two for all: starting them takes longer than what is tested."""
    async with friends(tmp_path_factory.mktemp("pair")) as both:
        yield both


pytestmark = pytest.mark.asyncio(loop_scope="module")


def bob(pair: Pair) -> str:
    return pair.to_bob[:12]


async def test_a_message_is_delivered_and_says_so(pair: Pair) -> None:
    done = await lanchatd(pair.ada.home, "send", bob(pair), "Grüße", "--timeout", "20", "👋🏽")
    assert (done.status, done.out) == (Exit.DONE, f"Delivered to {BOB}.\n")
    arrived = await pair.there.expect("receive_private_message", person=pair.to_ada)
    assert arrived["entry"]["text"] == "Grüße 👋🏽"


async def test_standard_input_is_a_message_to_its_end(pair: Pair) -> None:
    done = await lanchatd(pair.ada.home, "send", bob(pair), "--json", says=b"two\nlines\n\n")
    arrived = await pair.there.expect("receive_private_message", person=pair.to_ada)
    assert arrived["entry"]["text"] == "two\nlines"
    assert done.objects == [{"person": pair.to_bob, "id": arrived["entry"]["id"], "status": "delivered"}]


@pytest.mark.parametrize(
    ("says", "status", "sentence"),
    [
        (b" \n", Exit.WRONG, "There is nothing to send: the message is empty."),
        (b"\xff", Exit.WRONG, "What stands on standard input is no text in UTF-8."),
        (b"x" * 20_000, Exit.REFUSED, "The message has 16386 bytes; at most 16384 can be sent."),
    ],
)
async def test_what_can_not_be_sent_is_one_sentence(pair: Pair, says: bytes, status: Exit, sentence: str) -> None:
    done = await lanchatd(pair.ada.home, "send", bob(pair), says=says)
    assert (done.status, done.out, done.err) == (status, "", f"lanchatd: {sentence}\n")


async def test_a_log_shows_who_said_what_and_reads_nothing(pair: Pair) -> None:
    await pair.there.send("send_private_message", person=pair.to_ada, id="colours-1", text="a\n\033[31mred \x9b2J")
    await pair.here.expect("receive_private_message")
    done = await lanchatd(pair.ada.home, "log", bob(pair), "-n", "1")
    day, first, second = done.out.splitlines()
    assert day.split()[-1].isdigit()
    assert first.endswith("  a")
    assert second.strip() == "�[31mred �2J"
    assert second.index("�") == first.rindex("a"), "a message is one block"
    waiting = await lanchatd(pair.ada.home, "status", "--json")
    assert (waiting.objects[0]["unread"], waiting.objects[0]["requests"]) == (1, 0)
    table = await lanchatd(pair.ada.home, "people")
    assert "1 unread" in table.out


async def test_changes_are_watched_until_ctrl_c(pair: Pair) -> None:
    watcher = await begin(pair.ada.home, "people", "--watch", "--json", PYTHONUNBUFFERED="1")
    while pair.to_bob not in await line(watcher):
        pass
    await pair.there.send("set_profile", status="dnd")
    while '"presence":"dnd"' not in (changed := await line(watcher)) or pair.to_bob not in changed:
        pass
    watcher.send_signal(signal.SIGINT)
    _, errors = await asyncio.wait_for(watcher.communicate(), 20)
    assert (watcher.returncode, errors) == (Exit.INTERRUPTED, b"")


async def test_a_reader_who_goes_early_is_no_fault(pair: Pair) -> None:
    for number in range(20):
        await pair.here.send("send_private_message", person=pair.to_bob, id=f"many-lines-{number}", text="x" * 16_000)
    await pair.here.expect("message_status", ids=["many-lines-19"], status="delivered")
    reader = await begin(pair.ada.home, "log", bob(pair))
    assert reader.stdout
    await line(reader)
    reader.stdout._transport.close()  # type: ignore[attr-defined]
    assert reader.stderr
    errors = await asyncio.wait_for(reader.stderr.read(), 20)
    assert (await reader.wait(), errors) == (Exit.READER_GONE, b"")


async def test_no_command_is_taken_for_a_page(pair: Pair) -> None:
    """It rings on while they look at it, and who asks for the people takes no call."""
    await pair.there.send("start_call", person=pair.to_ada)
    ringing = (await pair.here.expect("incoming_call"))["call"]
    status = await lanchatd(pair.ada.home, "status")
    assert "ringing" in status.out
    assert (await lanchatd(pair.ada.home, "log", bob(pair))).status == Exit.DONE
    await pair.here.send("reject_call", call=ringing["id"], ref="1")
    await pair.here.expect("ok", ref="1")


async def test_who_one_is_can_be_changed(pair: Pair) -> None:
    done = await lanchatd(pair.ada.home, "rename", "Countess", "Ada")
    assert (done.status, done.out) == (Exit.DONE, "You are Countess Ada now.\n")
    await pair.there.expect("person_changed")
    done = await lanchatd(pair.ada.home, "rename", "x" * 65)
    assert (done.status, done.err) == (Exit.WRONG, "lanchatd: A name must have 1 to 64 characters, not 65.\n")


async def test_what_the_daemon_refuses_is_its_sentence(pair: Pair) -> None:
    done = await lanchatd(pair.ada.home, "accept", bob(pair))
    assert done.status == Exit.REFUSED
    assert done.err.startswith("lanchatd: ")
    assert done.err.count("\n") == 1
