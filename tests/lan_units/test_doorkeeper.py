"""Who is let into the doorway and who is not, in hours of a clock that the tests turn."""

from __future__ import annotations

import random
import tracemalloc

from lanchatd.lan.doorkeeper import PLACES, PLACES_OF_ONE, Doorkeeper, Visit

EVE = "10.0.0.66"


class Door:
    """A doorkeeper with a clock."""

    def __init__(self) -> None:
        self.keeper = Doorkeeper(random.Random(0).choice)
        self.now = 1000.0
        self.sent_away: list[str] = []

    def come(self, address: str) -> Visit | None:
        return self.keeper.enter(address, self.now, lambda: self.sent_away.append(address))

    def visit(self, address: str, seconds: float = 0.0, *, greets: bool = False) -> bool:
        """A visit from beginning to end; whether it was let in."""
        visit = self.come(address)
        if visit is None:
            return False
        self.now += seconds
        if greets:
            self.keeper.recognise(visit, self.now)
        else:
            self.keeper.leave(visit, self.now)
        return True

    def refusal(self, address: str) -> float:
        """Fail until refused; the seconds until somebody is let in again."""
        while self.visit(address, 2.0):
            pass
        begun = self.now
        while (visit := self.come(address)) is None:
            self.now += 0.25
        self.keeper.leave(visit, self.now)
        return self.now - begun


def test_a_real_neighbour_whose_greeting_fails_a_few_times_is_let_in_at_once() -> None:
    door = Door()
    assert all(door.visit("10.0.0.7", 2.0) for _ in range(6))
    assert door.visit("10.0.0.7", 0.05, greets=True)
    assert all(door.visit("10.0.0.7", 2.0) for _ in range(6)), "the greeting has cleared the account"


def test_who_fails_on_is_refused_for_a_growing_time() -> None:
    door = Door()
    refusals = [door.refusal(EVE) for _ in range(8)]
    assert refusals == sorted(refusals)
    assert (refusals[0], refusals[3], refusals[-1]) == (1.0, 8.0, 60.0)
    assert door.visit("10.0.0.7"), "nobody else is"


def test_many_failures_at_once_are_one_refusal() -> None:
    """A network that fails takes all the daemons behind one address with it."""
    door = Door()
    visits = [door.come("10.0.0.7") for _ in range(PLACES_OF_ONE)]
    door.now += 2.0
    for visit in visits:
        assert visit is not None
        door.keeper.leave(visit, door.now)
    assert not door.visit("10.0.0.7")
    door.now += 1.0
    assert door.visit("10.0.0.7", greets=True)


def test_failures_are_forgotten_after_a_while() -> None:
    door = Door()
    for _ in range(8):
        door.refusal(EVE)
    door.now += 301
    assert door.refusal(EVE) == 1.0


def test_a_household_behind_one_address_never_waits() -> None:
    """Thirty well-behaved daemons: they greet, and now and then one tries an old address of ours and goes."""
    door = Door()
    for number in range(3600):
        assert door.visit("10.0.0.1", 0.01, greets=number % 5 == 0), number
        door.now += 0.25


def test_who_only_looks_in_once_in_a_while_is_never_refused() -> None:
    door = Door()
    for number in range(3600):
        assert door.visit("10.0.0.1"), number
        door.now += 5.0


def test_one_address_has_its_places_and_no_more() -> None:
    door = Door()
    inside = [door.come(EVE) for _ in range(PLACES_OF_ONE)]
    assert all(inside)
    assert door.come(EVE) is None
    assert door.come("10.0.0.7") is not None
    assert inside[0] is not None
    door.keeper.leave(inside[0], door.now)
    assert door.come(EVE) is not None


def test_when_all_places_are_taken_who_is_slow_gives_way() -> None:
    door = Door()
    for number in range(PLACES):
        assert door.come(f"10.0.1.{number}")
        door.now += 0.6 / PLACES
    assert door.visit("10.0.0.7", greets=True)
    assert door.sent_away == ["10.0.1.0"]


def test_when_all_have_only_just_come_a_stranger_gives_way_and_never_a_neighbour() -> None:
    door = Door()
    assert door.visit("10.0.0.8", greets=True)
    assert door.come("10.0.0.8")
    for number in range(PLACES - 1):
        assert door.come(f"10.0.1.{number}")
    for number in range(2 * PLACES):
        assert door.come(f"10.0.2.{number}"), number
    assert len(door.sent_away) == 2 * PLACES
    assert len(door.keeper._visits) == PLACES
    assert "10.0.0.8" not in door.sent_away


def test_when_all_places_are_the_neighbours_a_newcomer_waits_and_they_do_not() -> None:
    door = Door()
    for number in range(PLACES):
        assert door.visit(f"10.0.1.{number}", greets=True)
    for number in range(PLACES):
        assert door.come(f"10.0.1.{number}")
    assert door.come("10.0.0.7") is None
    assert door.come("10.0.1.5") is not None


def test_a_newcomer_gets_in_while_somebody_knocks_from_five_thousand_addresses() -> None:
    """Six hundred knocks a second that hold their places, and an honest visitor who needs 50 ms to greet."""
    door, knocks, let_in = Door(), 0, 0
    for _ in range(20):
        for _ in range(600):
            door.come(f"fd00::{knocks % 5000:x}")
            door.now += 1 / 600
            knocks += 1
        if (visit := door.come("10.0.0.7")) is None:
            continue
        for _ in range(30):
            door.come(f"fd00::{knocks % 5000:x}")
            door.now += 1 / 600
            knocks += 1
        if visit in door.keeper._visits:
            let_in += 1
            door.keeper.leave(visit, door.now)
    print(f"{let_in} of 20 honest visits were let in")
    assert let_in >= 10


def test_a_newcomer_gets_in_while_keys_are_made_only_to_hold_the_places() -> None:
    """Sixty-four addresses greet at every fourth knock and hold each place a bit, three hundred knocks a second."""
    door, knocks, let_in = Door(), 0, 0
    held: list[tuple[float, Visit]] = []

    def knock() -> None:
        nonlocal knocks
        knocks += 1
        address = f"fd00::{knocks % 64:x}"
        if (visit := door.come(address)) is not None:
            held.append((door.now + 0.45, visit))
        if knocks // 64 % 4 == 0:
            door.visit(address, greets=True)
        while held and held[0][0] < door.now:
            door.keeper.leave(held.pop(0)[1], door.now)
        door.now += 1 / 300

    for newcomer in range(40):
        for _ in range(60):
            knock()
        if (visit := door.come(f"10.0.0.{newcomer}")) is None:
            continue
        for _ in range(15):
            knock()
        let_in += visit in door.keeper._visits
    print(f"{let_in} of 40 newcomers were let in")
    assert let_in >= 30


def test_who_greets_over_and_over_is_made_to_wait() -> None:
    """A key is quickly made, and a handshake costs us the same with every one of them."""
    door = Door()
    greeted = 0
    while door.visit(EVE, 0.01, greets=True):
        greeted += 1
        assert greeted < 1000
    assert greeted >= 200, "two hundred people of one machine may come at once"
    assert not door.visit(EVE, greets=True)
    door.now += 60.0
    assert door.visit(EVE, greets=True)


def test_who_has_greeted_before_is_let_in_however_many_strangers_there_are() -> None:
    door = Door()
    assert door.visit("10.0.0.7", greets=True)
    for number in range(PLACES):
        assert door.come(f"10.0.1.{number}")
    assert door.come("10.0.0.7") is not None
    assert len(door.sent_away) == 1
    assert len(door.keeper._visits) == PLACES


def test_leaving_twice_is_leaving_once() -> None:
    door = Door()
    visit, other = door.come(EVE), door.come(EVE)
    assert visit is not None
    assert other is not None
    for _ in range(100):
        door.keeper.leave(visit, door.now)
    assert door.visit(EVE)
    assert len(door.keeper._visits) == 1


def test_twenty_thousand_addresses_take_little_memory() -> None:
    door = Door()
    tracemalloc.start()
    for number in range(20_000):
        door.visit(f"fe80::{number:x}", 0.0)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"{len(door.keeper._records)} addresses remembered in {size // 1024} KiB")
    assert size < 1024 * 1024
