"""All pictures of the page: its own, those of the calls, and those about whose key it is."""

from __future__ import annotations

from typing import Final

from .call_states import CALL_STATES
from .states import PAGE_STATES, State
from .trust_states import TRUST_STATES

STATES: Final[list[State]] = [*PAGE_STATES, *CALL_STATES, *TRUST_STATES]
