"""What changes between two people from a shell: who comes, goes, agrees and is blocked."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lanchatd.commands.errors import Exit
from tests.process import running, tab_of

from .shell import Pair, begin, friends, lanchatd, line, strangers


def bob(pair: Pair) -> str:
    return pair.to_bob[:12]


async def test_who_is_away_gets_it_later(tmp_path: Path) -> None:
    async with friends(tmp_path) as pair:
        await pair.bob.stop()
        done = await lanchatd(pair.ada.home, "send", bob(pair), "later", "--timeout", "0.5")
        assert done.status == Exit.WAITING
        assert done.err.endswith(" is not here; the message waits, and goes out as soon as it can.\n")
        assert (await lanchatd(pair.ada.home, "send", bob(pair), "and this", "-t", "0")).status == Exit.DONE
        log = await lanchatd(pair.ada.home, "log", bob(pair), "--json")
        assert [(entry["text"], entry["status"]) for entry in log.objects] == [
            ("later", "waiting"),
            ("and this", "waiting"),
        ]
        async with running(tmp_path / "bob") as back, tab_of(back) as there:
            texts = [entry["text"] for each in there.snapshot["conversations"] for entry in each["entries"]]
            while len(texts) < 2:
                texts.append((await there.expect("receive_private_message"))["entry"]["text"])
        assert texts == ["later", "and this"]


async def test_a_log_is_followed_until_the_daemon_stops(tmp_path: Path) -> None:
    async with friends(tmp_path) as pair:
        follower = await begin(pair.ada.home, "log", bob(pair), "--follow", "--json")
        await pair.here.send("send_private_message", person=pair.to_bob, id="message-1", text="one")
        assert '"text":"one"' in await line(follower)
        await pair.there.send("send_private_message", person=pair.to_ada, id="message-2", text="two")
        assert '"text":"two"' in await line(follower)
        await pair.ada.stop()
        _, errors = await asyncio.wait_for(follower.communicate(), 20)
        assert (follower.returncode, errors) == (Exit.NOT_RUNNING, b"lanchatd: lanchatd has stopped.\n")


async def test_the_steps_between_two_people(tmp_path: Path) -> None:
    async with strangers(tmp_path) as pair:
        ada, them, us = pair.ada.home, bob(pair), pair.to_ada
        for home, command, whom, after in (
            (ada, "request", them, "outgoing"),
            (ada, "cancel", them, "none"),
            (ada, "request", them, "outgoing"),
            (pair.bob.home, "decline", us, "none"),
            (pair.bob.home, "request", us, "outgoing"),
            (ada, "accept", them, "contact"),
            (ada, "block", them, "blocked"),
            (ada, "unblock", them, "none"),
        ):
            await relation(home, whom, command)
            done = await lanchatd(home, command, whom, "--json")
            assert (done.status, done.objects) == (Exit.DONE, [{"person": full(pair, whom), "done": command}]), done.err
            people = (await lanchatd(home, "people", "--json")).objects
            assert [each["relation"] for each in people if each["id"].startswith(whom)] == [after], command
        assert "(you are strangers then, and one of you asks anew)" in (await lanchatd(ada, "block", them)).out
        assert "to chat with them: lanchatd request " in (await lanchatd(ada, "unblock", them)).out


def full(pair: Pair, begin: str) -> str:
    return next(key for key in (pair.to_bob, pair.to_ada) if key.startswith(begin))


async def relation(home: Path, whom: str, command: str) -> None:
    """Wait until the other side has told what this step needs."""
    needed = {"accept": "incoming", "decline": "incoming"}.get(command)
    if needed:
        watcher = await begin(home, "people", "--watch", "--json")
        while f'"relation":"{needed}"' not in (told := await line(watcher)) or whom not in told:
            pass
        watcher.kill()
        await watcher.communicate()
