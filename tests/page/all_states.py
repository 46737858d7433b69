"""All pictures of the page: its own, those of the calls, those about whose key it is, and those of the network."""

from __future__ import annotations

from typing import Final

from .call_states import CALL_STATES
from .network_states import NETWORK_STATES
from .states import PAGE_STATES, State
from .trust_states import TRUST_STATES

STATES: Final[list[State]] = [*PAGE_STATES, *CALL_STATES, *TRUST_STATES, *NETWORK_STATES]
