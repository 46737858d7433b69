"""What all state machines of the core have in common: two people, and a wire that loses what is on it."""

from __future__ import annotations

from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from .pair import Pair

WHO = st.sampled_from(["alice", "bob"])


class LossyPair(RuleBasedStateMachine):
    """Frames arrive one by one, and the link comes and goes."""

    contacts: ClassVar = True

    @initialize()
    def begin(self) -> None:
        self.pair = Pair(contacts=self.contacts)
        self.up = True

    @rule(who=WHO)
    def deliver(self, who: str) -> None:
        self.pair.deliver(getattr(self.pair, who))

    @rule()
    def lose_link(self) -> None:
        if self.up:
            self.up = False
            self.pair.link_down()

    @rule()
    def regain_link(self) -> None:
        if not self.up:
            self.up = True
            self.pair.link_up()
