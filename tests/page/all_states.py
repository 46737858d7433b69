"""All pictures of the page: its own, and those of the calls."""

from __future__ import annotations

from typing import Final

from .call_states import CALL_STATES
from .states import PAGE_STATES, State

STATES: Final[list[State]] = [*PAGE_STATES, *CALL_STATES]
