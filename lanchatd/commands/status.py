"""``lanchatd status``: whether it runs, who one is in it, and what waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from lanchatd.commands import who
from lanchatd.commands.arguments import Options, Parsers, add_command
from lanchatd.commands.terminal import Terminal, as_json
from lanchatd.commands.words import HERE, ago, short_key, some
from lanchatd.protocol import ui


def add(commands: Parsers) -> None:
    """Add the command."""
    add_command(
        commands, "status", _status,
        "Say whether LanChat is running, who you are in it, and what waits for you. With --json it is one object: that "
        "of /api/status, with url, here, unread and requests.",
    )  # fmt: skip


def _status(options: Options) -> int:
    return asyncio.run(_show(options))


async def _show(options: Options) -> int:
    from lanchatd.commands.connection import connected

    async with connected(options) as connection:
        told = await connection.status()
        snapshot = connection.snapshot
    terminal = Terminal()
    if options.json:
        terminal.say(as_json({**told, "url": connection.running.page, **_counts(snapshot)}))
        return 0
    terminal.say(f"LanChat {snapshot.version} is running: {terminal.paint(connection.running.page, 'blue')}")
    terminal.say()
    rows = [(("  " + label, "dim"), (words, "plain")) for label, words in _lines(told, snapshot)]
    for line in terminal.table(rows):  # type: ignore[arg-type]
        terminal.say(line)
    return 0


def _counts(snapshot: ui.Snapshot) -> dict[str, int]:
    return {
        "here": sum(person.presence in HERE for person in snapshot.people),
        "unread": sum(conversation.unread for conversation in snapshot.conversations),
        "requests": sum(person.relation == "incoming" and not person.held for person in snapshot.people),
    }


def requests(people: list[ui.Person]) -> str:
    """Who waits for an answer, and how to say yes; to somebody in doubt by key."""
    asking = [each for each in people if each.relation == "incoming" and not each.held]
    sure = [each for each in asking if who.is_sure(people, each, lambda person: person.relation == "incoming")]
    by_name = [f"{', '.join(each.name for each in sure)} (lanchatd accept NAME)"] if sure else []
    by_key = [f"{each.name} (lanchatd accept {who.key_for(each, people)})" for each in asking if each not in sure]
    return "; ".join([*by_name, *by_key])


def _lines(told: dict[str, object], snapshot: ui.Snapshot) -> Iterator[tuple[str, str]]:
    me, counts = snapshot.me, _counts(snapshot)
    names = {person.id: person.name for person in snapshot.people}
    yield "you", f"{me.name} on {me.machine}, {me.status if me.status != 'dnd' else 'do not disturb'}"
    yield "key", f"{short_key(me.id)}{f', also in use at {me.clone}' if me.clone else ''}"
    yield "people", f"{counts['here']} here, {len(snapshot.people)} known"
    if counts["requests"]:
        yield "requests", requests(snapshot.people)
    if counts["unread"]:
        unread = (f"{each.unread} from {names.get(each.person, '?')}" for each in snapshot.conversations if each.unread)
        yield "unread", ", ".join(unread)
    if call := snapshot.call:
        since = ago(time.time() - (call.accepted_at or call.started_at) / 1000)
        yield "call", f"{'with' if call.state == 'active' else 'ringing:'} {names.get(call.person, '?')}, began {since}"
    addresses = told.get("addresses")
    places = ", ".join(map(str, addresses)) if isinstance(addresses, list) and addresses else "no local network"
    yield "network", f"{places}; port {told.get('peer_port')}, {some(int(str(told.get('links', 0))), 'link')}"
    yield "process", str(told.get("pid"))
