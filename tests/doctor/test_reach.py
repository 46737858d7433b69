"""Who answers on TCP: addresses that nobody could have."""

from __future__ import annotations

from typing import Any

import pytest

from lanchatd.doctor import reach
from lanchatd.doctor.facts import InterfaceFact, ReachFact
from lanchatd.lan.report import PeerState, Place


@pytest.mark.parametrize("scope", ["s" * 56, "s" * 300, "a..b"])
async def test_a_scope_that_no_interface_has_leads_nowhere(scope: str) -> None:
    place = Place(f"fe80::1%{scope}", 5263)
    peer = PeerState("b" * 52, "Ben", None, {"mdns": 5}, True, [place], None, False, [])
    (found,) = await reach.gather([peer], [])
    assert (found.address, found.outcome) == (place.address, "no_way")


async def test_only_where_somebody_should_be_is_knocked(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str | None] = []

    async def tries(peer: str | None, address: str, port: int) -> ReachFact:
        tried.append(peer)
        return ReachFact(peer, address, port, "answers", 0.5)

    monkeypatch.setattr(reach, "_try_twice", tries)
    lan = InterfaceFact("eth0", 2, "used", False, ["192.168.1.5/24"])
    place = Place("192.168.1.9", 5263)

    def peer(letter: str, told: Any, *, in_sight: bool) -> PeerState:
        return PeerState(letter * 52, "", None, told, in_sight, [place], None, False, [])

    await reach.gather(
        [
            peer("a", {"mdns": 5}, in_sight=True), peer("b", {"remembered": 5}, in_sight=False),
            peer("c", {"manual": 5}, in_sight=False),
        ],
        [lan],
    )  # fmt: skip
    assert tried == ["a" * 52, "c" * 52]
