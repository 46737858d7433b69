"""The commands that change what somebody is to our person: each is one request about one person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from lanchatd.commands import who
from lanchatd.commands.arguments import Options, Parsers, add_command
from lanchatd.commands.terminal import Terminal, as_json
from lanchatd.commands.words import short_key
from lanchatd.protocol import ui
from lanchatd.protocol.model import PeerId


@dataclass(frozen=True, slots=True)
class Step:
    """A step between two people.

    Attributes:
        name: of the command.
        text: what it does.
        done: what is said when it is done.
        suits: whom it is for.
        request: what the daemon is asked for.
        trusted: it lets them in, so who is in doubt has to be named by key.
    """

    name: str
    text: str
    done: str
    suits: who.Suits
    request: Callable[[PeerId], ui.Request]
    trusted: bool = False


STEPS: Final = (
    Step(
        "request",
        "Ask somebody to chat. When they accept, you can write to and call each other.",
        "{name} was asked.",
        lambda person: person.relation == "none",
        lambda person: ui.SendChatRequest(person=person),
        trusted=True,
    ),
    Step(
        "cancel",
        "Take back a request of yours.",
        "{name} is no longer asked.",
        lambda person: person.relation == "outgoing",
        lambda person: ui.CancelChatRequest(person=person),
    ),
    Step(
        "accept",
        "Say yes to somebody who wants to chat with you.",
        "You and {name} can chat now.",
        lambda person: person.relation == "incoming",
        lambda person: ui.AcceptChatRequest(person=person),
        trusted=True,
    ),
    Step(
        "decline",
        "Say no to somebody who wants to chat with you.",
        "{name} was declined.",
        lambda person: person.relation == "incoming",
        lambda person: ui.RejectChatRequest(person=person),
    ),
    Step(
        "forget",
        "Drop somebody from your contacts, with the conversation.",
        "{name} is forgotten.",
        lambda person: person.relation == "contact",
        lambda person: ui.ForgetUser(person=person),
    ),
    Step(
        "block",
        "Hear nothing from somebody any more. They are not told.",
        "{name} is blocked; to take it back: lanchatd unblock {key} (you are strangers then, and one of you asks anew)",
        lambda person: person.relation != "blocked",
        lambda person: ui.BlockUser(person=person),
    ),
    Step(
        "unblock",
        "Take a block away. The two of you are strangers then.",
        "{name} is no longer blocked, and a stranger now; to chat with them: lanchatd request {key}",
        lambda person: person.relation == "blocked",
        lambda person: ui.UnblockUser(person=person),
    ),
)


def add(commands: Parsers) -> None:
    """Add one command for each step."""
    for step in STEPS:
        parser = add_command(commands, step.name, partial(_take, step), step.text)
        parser.add_argument("person", metavar="PERSON", help=who.HELP)


def _take(step: Step, options: Options) -> int:
    return asyncio.run(_ask(step, options))


async def _ask(step: Step, options: Options) -> int:
    from lanchatd.commands.connection import connected

    async with connected(options) as connection:
        person = who.find(connection.snapshot.people, options.person, step.suits, trusted=step.trusted)
        await connection.ask(step.request(person.id))
    terminal = Terminal()
    if options.json:
        terminal.say(as_json({"person": person.id, "done": step.name}))
    else:
        terminal.say(step.done.format(name=person.name, key=short_key(person.id)))
    return 0
