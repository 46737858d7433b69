"""Half a minute of what `fuzz` does for as long as one likes; hypothesis makes what goes wrong short."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lanchatd.protocol import codec

from .forger import Forger
from .frames import PEER_TYPES, TAB_TYPES
from .fuzz import play
from .test_frames import outcome
from .world import World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from([str(kind.__struct_config__.tag) for kind in (*PEER_TYPES, *TAB_TYPES)])
JUNK = st.one_of(
    st.binary(max_size=400),
    JSON.map(json.dumps).map(str.encode),
    st.builds(lambda name, rest: json.dumps({**rest, "type": name, "event": name}).encode(), NAMES,
              st.dictionaries(st.text(), JSON, max_size=4)),
)  # fmt: skip
slowly = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@settings(slowly, max_examples=2000)
@given(JUNK)
def test_junk_is_refused_for_a_named_reason(text: bytes) -> None:
    link = outcome(codec.decode_peer, codec.WireError, text)
    assert not isinstance(link, codec.WireError) or link.reason in ("malformed", "unknown_type")
    tab = outcome(codec.decode_tab, codec.BadRequest, text)
    assert not isinstance(tab, codec.BadRequest) or tab.code in ("bad_message", "unknown_event", "bad_field")


@settings(slowly, max_examples=150)
@given(st.randoms(use_true_random=False))
def test_whatever_comes_in_whatever_order_the_promises_hold(random: Random) -> None:
    world = World(random)
    for _ in range(25):
        world.step()
    world.check()


@pytest.mark.parametrize("seed", range(12))
def test_long_lives_of_daemons_keep_the_promises(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    world = play(seed)
    assert world.read > 500, "frames get through to the core"
    assert world.refused > 300, "and others do not"
    with capsys.disabled():
        print(f"\n  {world.frames} frames, {world.read} of them carried out", end="")


def test_the_same_seed_makes_the_same_frames() -> None:
    one, other = (Forger(Random(7), {"id": ["a message", "another"]}) for _ in range(2))
    assert [one.frame(kind) for kind in TAB_TYPES] == [other.frame(kind) for kind in TAB_TYPES]
