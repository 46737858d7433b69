"""What all browsers of the tests have in common, however much of them a test uses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path


class Missing(AssertionError):
    """Something that should be on the page was not there in time."""


class View(ABC):
    """A page that somebody looks at."""

    @abstractmethod
    async def reload(self) -> None:
        """What F5 does."""

    @abstractmethod
    async def screenshot(self, path: Path) -> None:
        """Save what it shows, as PNG."""

    @abstractmethod
    async def close(self) -> None:
        """Close it, as the person would."""

    @property
    def console(self) -> list[str]:
        """What the page wrote to its console, with uncaught errors, as far as the browser tells."""
        return []


def watched(condition: str, seconds: float) -> str:
    """The expression for a promise of an expression's value, as soon as it is true; of what it is in the end else."""
    return f"""new Promise((resolve, reject) => {{
        const end = performance.now() + {seconds * 1000};
        const look = async () => {{
            try {{
                const value = await ({condition});
                if (value || performance.now() > end) resolve(value ?? null);
                else setTimeout(look, 20);
            }} catch (error) {{ reject(error); }}
        }};
        look();
    }})"""
