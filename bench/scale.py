"""How much a bench measures: for figures, or only to see that it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scale:
    """``short``: it is only to be seen whether the bench works."""

    short: bool = False

    def of(self, full: T, short: T) -> T:
        """The one that is meant."""
        return short if self.short else full
