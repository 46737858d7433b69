"""Chat requests and messages, between machines: first by the protocol of the page, then on the page itself."""

from __future__ import annotations

import pytest
import pytest_asyncio

from .lan import Kind, Lan
from .person import befriend as meet
from .tab import Refused, Tab, befriend


@pytest_asyncio.fixture(loop_scope="session")
async def pair(lan: Lan) -> tuple[Tab, Tab]:
    """Two people who see each other."""
    anna, ben = await lan.tabs("Anna", "Ben")
    await anna.sees(ben.id, presence="online")
    await ben.sees(anna.id, presence="online")
    return anna, ben


async def test_a_message_is_delivered_and_seen(pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    await befriend(anna, ben)
    await anna.ask("typing", person=ben.id, active=True)
    await ben.expect("typing", person=anna.id, active=True)
    first = await anna.say(ben.id, "Hello Ben")
    await ben.reads(anna.id, "Hello Ben", mine=False)
    await anna.reads(ben.id, "Hello Ben", mine=True, status="delivered")
    await ben.ask("mark_seen", person=anna.id, id=first)
    await anna.reads(ben.id, "Hello Ben", status="seen")
    await ben.say(anna.id, "Grüße, 你好 👋🏽 <b>&amp;")
    await anna.reads(ben.id, "Grüße, 你好 👋🏽 <b>&amp;", mine=False)


async def test_a_request_can_be_declined_and_taken_back(pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    await anna.ask("send_chat_request", person=ben.id)
    await ben.expect("incoming_chat_request", person={"id": anna.id})
    await ben.ask("reject_chat_request", person=anna.id)
    await anna.expect("chat_request_rejected", person=ben.id, mine=True, reason="declined")
    await ben.ask("send_chat_request", person=anna.id)
    await anna.sees(ben.id, relation="incoming")
    await ben.ask("cancel_chat_request", person=anna.id)
    await anna.expect("chat_request_rejected", person=ben.id, mine=False, reason="cancelled")
    await anna.sees(ben.id, relation="none")


async def test_who_asks_back_has_accepted(pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    await anna.ask("send_chat_request", person=ben.id)
    await ben.ask("send_chat_request", person=anna.id)
    await anna.sees(ben.id, relation="contact")
    await ben.sees(anna.id, relation="contact")


async def test_a_blocked_person_does_not_get_through(pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    await befriend(anna, ben)
    await anna.ask("block_user", person=ben.id)
    await anna.sees(ben.id, relation="blocked")
    await ben.say(anna.id, "Are you there?")
    with pytest.raises(Refused):
        await anna.say(ben.id, "no")
    await anna.ask("unblock_user", person=ben.id)
    await anna.sees(ben.id, relation="none")
    assert anna.line(ben.id, {"text": "Are you there?"}) is None


async def test_messages_wait_for_who_is_away_and_keep_their_order(lan: Lan, pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    await befriend(anna, ben)
    await ben.daemon.kill()
    await anna.sees(ben.id, presence="offline")
    texts = [f"number {number}" for number in range(20)]
    for text in texts:
        await anna.say(ben.id, text)
        await anna.reads(ben.id, text, status="waiting")
    again = await lan.tab(await lan.daemon(ben.machine))
    await again.reads(anna.id, texts[-1])
    assert [entry["text"] for entry in again.entries[anna.id]] == texts
    for text in texts:
        await anna.reads(ben.id, text, status="delivered")


async def test_contacts_are_remembered_by_both(lan: Lan, pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    await befriend(anna, ben)
    await anna.daemon.stop()
    await ben.daemon.stop()
    anna = await lan.tab(await lan.daemon(anna.machine))
    assert anna.people[ben.id] | {"last_seen": None} == anna.people[ben.id] | {
        "name": "Ben", "machine": "ben", "presence": "offline", "relation": "contact", "last_seen": None
    }  # fmt: skip
    ben = await lan.tab(await lan.daemon(ben.machine))
    await anna.sees(ben.id, presence="online", relation="contact")
    await anna.say(ben.id, "still friends")
    await ben.reads(anna.id, "still friends")


async def test_two_tabs_of_one_person_stay_in_step(lan: Lan, pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    await befriend(anna, ben)
    second = await lan.tab(ben.daemon)
    ident = await anna.say(ben.id, "to both")
    for tab in (ben, second):
        await tab.reads(anna.id, "to both")
    await second.ask("mark_seen", person=anna.id, id=ident)
    await ben.expect("conversation_seen", person=anna.id, unread=0)
    await second.say(anna.id, "from the second")
    await ben.reads(anna.id, "from the second", mine=True)
    third = await lan.tab(ben.daemon)
    assert [entry["text"] for entry in third.entries[anna.id]] == ["to both", "from the second"]


async def test_words_never_reach_the_disk(pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    await befriend(anna, ben)
    await anna.say(ben.id, "Rhinozerosritt")
    await ben.reads(anna.id, "Rhinozerosritt")
    for tab in pair:
        await tab.daemon.stop()
        files = [path for path in tab.machine.folder.rglob("*") if path.is_file()]
        assert files
        assert not [path for path in files if b"Rhinozerosritt" in path.read_bytes()]


async def test_long_texts(pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    await befriend(anna, ben)
    longest = "ö" * (8 * 1024)
    await anna.say(ben.id, longest)
    await ben.reads(anna.id, longest)
    with pytest.raises(Refused) as refused:
        await anna.say(ben.id, longest + "x")
    assert refused.value.code == "text_too_long"


async def test_bad_requests_change_nothing(pair: tuple[Tab, Tab]) -> None:
    anna, ben = pair
    stranger = "a" * 52
    for event, fields, code in (
        ("frobnicate", {}, "unknown_event"),
        ("send_chat_request", {}, "bad_field"),
        ("send_chat_request", {"person": stranger}, "unknown_person"),
        ("accept_chat_request", {"person": ben.id}, "wrong_state"),
        ("send_private_message", {"person": ben.id, "id": "12345678", "text": "hi"}, "not_contact"),
        ("start_call", {"person": ben.id}, "not_contact"),
        ("accept_call", {"call": "12345678"}, "unknown_call"),
    ):
        with pytest.raises(Refused) as refused:
            await anna.ask(event, **fields)
        assert refused.value.code == code, refused.value
    await anna.send("{")
    await anna.expect("error", code="bad_message")
    await anna.send(" " * (300 * 1024))
    await anna.expect("error", code="too_large")
    assert anna.connected
    assert anna.people[ben.id]["relation"] == "none"


@pytest.mark.parametrize(("first", "second"), [("chromium", "firefox"), ("firefox", "chromium")])
async def test_two_pages(lan: Lan, first: Kind, second: Kind) -> None:
    anna, ben = await lan.people(Anna=first, Ben=second)
    await meet(anna, ben)
    await anna.says("Hello Ben")
    await ben.reads("Hello Ben")
    await anna.knows_that("Hello Ben", "seen", ben)
    await ben.says("Grüße 👋🏽")
    await anna.reads("Grüße 👋🏽")
    await ben.browser.reload()
    await ben.is_connected()
    await ben.opens_chat_with(anna)
    await ben.reads("Hello Ben")
    await ben.daemon.kill()
    await anna.sees(ben, "offline")
    await anna.says("Come back")
    await anna.knows_that("Come back", "waiting", ben)
    await ben.browser.shows("Reconnecting")
    ben.daemon = await lan.daemon(ben.daemon.machine)
    await ben.is_connected()
    await ben.reads("Come back")
    await anna.knows_that("Come back", "seen", ben)
