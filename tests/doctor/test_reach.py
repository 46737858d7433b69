"""Who answers on TCP: addresses that nobody could have."""

from __future__ import annotations

import pytest

from lanchatd.doctor import reach
from lanchatd.lan.report import PeerState, Place


@pytest.mark.parametrize("scope", ["s" * 56, "s" * 300, "a..b"])
async def test_a_scope_that_no_interface_has_leads_nowhere(scope: str) -> None:
    place = Place(f"fe80::1%{scope}", 5263)
    peer = PeerState("b" * 52, "Ben", None, {"mdns": 5}, True, [place], None, False, [])
    (found,) = await reach.gather([peer], [])
    assert (found.address, found.outcome) == (place.address, "no_way")
