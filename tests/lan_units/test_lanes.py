"""Who is dialled beside whom, and how many at once."""

from __future__ import annotations

from contextlib import AsyncExitStack

from lanchatd.lan.lanes import Lanes
from lanchatd.lan.window import Window

HERE, THERE = ("10.0.0.7", 5263), ("10.0.0.8", 5263)


async def room(window: Window) -> int:
    """How many have a place at once."""
    async with AsyncExitStack() as places:
        while not window.full:
            await places.enter_async_context(window.place())
        return window.taken


def test_who_stalled_waits_apart_until_a_link_and_only_if_no_other_address_is_left() -> None:
    lanes = Lanes()
    ordinary, known = lanes.lane([HERE], known=False), lanes.lane([HERE], known=True)
    lanes.failed(HERE[0], ordinary, begun=False)
    assert lanes.lane([HERE], known=False) is ordinary, "who is not there costs nothing"
    lanes.failed(HERE[0], ordinary, begun=True)
    apart = lanes.lane([HERE], known=False)
    assert apart not in (ordinary, known)
    assert not apart.full, "there is a place even there"
    assert lanes.lane([HERE, THERE], known=False) is ordinary
    assert lanes.lane([HERE], known=True) is known
    lanes.failed(THERE[0], ordinary, begun=True)
    assert lanes.lane([HERE, THERE], known=False) is apart, "both are remembered"
    lanes.linked(HERE[0], apart, 0.1)
    assert lanes.lane([HERE], known=False) is ordinary


async def test_work_that_came_to_nothing_or_took_long_makes_it_do_less_at_once() -> None:
    lanes = Lanes()
    window = lanes.lane([HERE], known=False)
    assert await room(window) == 4
    lanes.failed(HERE[0], window, begun=True)
    assert await room(window) == 4, "those who are at work go on"
    assert await room(window) == 2
    lanes.failed(HERE[0], window, begun=False)
    lanes.linked(HERE[0], window, 0.1)
    assert await room(window) == 4
    lanes.linked(HERE[0], window, 1.0)
    await room(window)
    assert await room(window) == 2


async def test_a_window_that_opens_while_it_is_too_full_lets_nobody_in() -> None:
    window = Window(4, 64)
    async with window.place(), window.place(), window.place(), window.place():
        window.narrow()
        window.widen()
        assert window.full
    assert await room(window) == 3
