"""Verifying between machines: pictures on two screens, and a code on one screen that the camera of another one sees."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .camera import Camera
from .lan import Lan
from .person import Person, befriend, in_video_call

pytestmark = pytest.mark.usefixtures("witnessed")

Pair = tuple[Person, Person]
CODE = "#verify [data-part=code]"


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    """Ben's."""
    return Camera(tmp_path_factory.mktemp("camera") / "film.y4m")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def friends(shared_lan: Lan, camera: Camera) -> Pair:
    """Two contacts, one with each browser."""
    anna, ben = await asyncio.gather(
        shared_lan.person("Anna", "firefox"), shared_lan.person("Ben", "chromium", *camera.flags)
    )
    await befriend(anna, ben)
    return anna, ben


@pytest_asyncio.fixture(loop_scope="session")
async def pair(shared_lan: Lan, friends: Pair, camera: Camera) -> AsyncIterator[Pair]:
    """The two, who have not verified each other before and after."""
    yield friends
    camera.sees_nothing()
    for person in friends:
        await _forgets_all_checks(shared_lan, person)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cara(shared_lan: Lan, friends: Pair) -> Person:
    """Another contact of Ben's."""
    cara = await shared_lan.person("Cara")
    await befriend(cara, friends[1])
    return cara


async def test_two_people_who_see_the_same_pictures_are_verified(pair: Pair) -> None:
    anna, ben = pair
    await _verifies(anna, ben, "compare")
    await ben.browser.click("button", "Accept", within="Verification")
    pictures = await _pictures(anna)
    assert await _pictures(ben) == pictures
    await ben.browser.reload()
    await ben.browser.click("button", "Continue", within="Verification")
    assert await _pictures(ben) == pictures, "others after a reload"
    await _presses(anna, "match")
    await ben.browser.until("window.lanchat.store.state.comparison.theirs", "what Anna has said")
    await _is_verified(ben, anna, False)
    await _presses(ben, "match")
    for person, other in _both(pair):
        await _is_told(person, "verified", other.name)
        await person.browser.click("button", "Close")
        await _shows_as_verified(person, other)
    await in_video_call(anna, ben)
    for person, other in _both(pair):
        await person.browser.has("img", "Verified", within=f"Call with {other.name}")
    await anna.hangs_up()
    for person, other in _both(pair):
        await person.is_in_no_call()
        await person.browser.reload()
        await _shows_as_verified(person, other)


async def test_pictures_that_are_not_the_same_are_an_alarm_for_both(pair: Pair) -> None:
    anna, ben = pair
    await _verifies(ben, anna, "compare")
    await anna.browser.click("button", "Accept", within="Verification")
    await _pictures(ben)
    await _presses(anna, "match")
    await _is_verified(anna, ben, True)
    await _presses(ben, "differ")
    for person, other in _both(pair):
        await _is_told(person, "alarm", other.name)
        await _is_verified(person, other, False)
        await person.browser.reload()
        await _is_verified(person, other, False)
        warning = "document.querySelector('#conversation [data-kind=mismatch]')?.innerText"
        await person.browser.until(f"{warning}?.includes({json.dumps(other.name)})", "a warning that stays")
        await person.browser.lacks("img", "Verified", within=other.name)


async def test_a_code_is_scanned_from_the_screen_of_the_other_machine(pair: Pair, camera: Camera) -> None:
    anna, ben = pair
    await _shows_code(anna, ben)
    await _verifies(ben, anna, "scan")
    await _films(ben)
    await camera.sees(anna.browser, CODE)
    await _is_told(ben, "verified", anna.name)
    await _is_told(anna, "question", ben.name)
    await _is_verified(anna, ben, False)
    await _presses(anna, "yes")
    await _is_told(anna, "verified", ben.name)
    for person, other in _both(pair):
        await person.browser.click("button", "Close")
        await _shows_as_verified(person, other)


async def test_the_code_of_somebody_else_is_refused(pair: Pair, cara: Person, camera: Camera) -> None:
    anna, ben = pair
    await _shows_code(cara, ben)
    await _verifies(ben, anna, "scan")
    await _films(ben)
    await camera.sees(cara.browser, CODE)
    await _is_told(ben, "alarm", anna.name)
    await ben.browser.shows("another key")
    await ben.browser.click("button", "Close")
    for other in (anna, cara):
        await _is_verified(ben, other, False)
        await ben.opens_chat_with(other)
        await ben.says("That did not work")
        await other.browser.shows("That did not work")  # so what was said before has come as well
        await _is_verified(other, ben, False)
        assert await other.browser.evaluate("window.lanchat.store.state.comparison") is None


def _both(pair: Pair) -> tuple[Pair, Pair]:
    return pair, (pair[1], pair[0])


async def _verifies(person: Person, other: Person, way: str) -> None:
    await person.opens_chat_with(other)
    await person.browser.click("button", "Verify")
    await _presses(person, way)


async def _presses(person: Person, part: str) -> None:
    """Click this button of the dialog, whatever its words are."""
    button = f"document.querySelector('#verify [data-part={part}]')"
    words = await person.browser.until(f"{button}?.checkVisibility() && {button}.innerText", f"the button {part!r}")
    await person.browser.click("button", words)


async def _shows_code(person: Person, other: Person) -> None:
    await _verifies(person, other, "show")
    await person.browser.until(f"document.querySelector('{CODE} path')?.checkVisibility()", "a code")


async def _films(person: Person) -> None:
    """Wait until the camera is on and somebody may come before it."""
    await person.browser.until("document.querySelector('#verify video')?.videoWidth > 0", "a camera that is on")


async def _pictures(person: Person) -> list[str]:
    """What the page shows to be compared: seven pictures with their words."""
    shown = "[...document.querySelectorAll('#verify [data-part=signs] li')].map((sign) => sign.innerText)"
    pictures: list[str] = await person.browser.until(f"{shown}.length === 7 && {shown}", "seven pictures")
    assert all(pictures), pictures
    return pictures


async def _is_told(person: Person, face: str, name: str) -> None:
    """Wait until the dialog looks so and names the other person."""
    dialog = "document.querySelector('#verify[open]')"
    told = f"{dialog}?.dataset.face === '{face}' && {dialog}.querySelector('h1').innerText.includes({json.dumps(name)})"
    await person.browser.until(told, f"a dialog like {face!r} about {name}")


async def _is_verified(person: Person, other: Person, verified: bool) -> None:
    """Wait until the list marks the other person, or does not."""
    mark = f"""document.querySelector('[data-person="{other.id}"] [data-part=verified]').checkVisibility()"""
    await person.browser.until(f"{mark} === {json.dumps(verified)}", f"{other.name}: {verified=} in the list")


async def _shows_as_verified(person: Person, other: Person) -> None:
    await _is_verified(person, other, True)
    await person.browser.has("img", "Verified", within=other.name)


async def _forgets_all_checks(lan: Lan, person: Person) -> None:
    """Leave the call, close the comparison, take all marks away, and load the page anew."""
    tab = await lan.tab(person.daemon)
    if tab.call:
        await tab.ask("end_call", call=tab.call["id"])
    if comparison := tab.snapshot["comparison"]:
        await tab.ask("cancel_comparison", comparison=comparison["id"])
    for known in tab.people:
        await tab.ask("distrust", person=known)
    await tab.close()
    await person.browser.reload()
    await person.is_connected()
