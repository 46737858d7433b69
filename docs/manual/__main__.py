"""``python -m docs.manual``: write docs/settings.md, and the manual page and the completions in ``share/``, anew."""

from __future__ import annotations

from pathlib import Path

from .completions import FILES, completion
from .page import manual
from .settings import settings_document

ROOT = Path(__file__).resolve().parents[2]


def documents() -> dict[Path, str]:
    """Each file and what must be in it."""
    scripts = {ROOT / "share/completions" / name: completion(shell) for shell, name in FILES.items()}
    pages = {ROOT / "docs/settings.md": settings_document(), ROOT / "share/man/man1/lanchatd.1": manual()}
    return pages | scripts


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
