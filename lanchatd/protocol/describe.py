"""Writes down the two protocols: the generated sections of ``docs/protocol.md``, and the types of the page.

``python -m lanchatd.protocol.describe`` writes both files of this checkout; with ``--check`` it only compares.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from .jsdoc import javascript
from .markdown import sections

ROOT = Path(__file__).resolve().parents[2]


def protocol_document(present: str) -> str:
    """The document with its generated sections made anew; what stands between them is kept.

    Raises:
        ValueError: a section has no place in the document, or a place has no section.
    """
    made = sections()
    places = re.findall(r"<!-- generated: ([\w ]+) -->", present)
    if sorted(places) != sorted(made):
        raise ValueError(f"docs/protocol.md has places for {sorted(places)}, and there are {sorted(made)}")

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}\n\n{made[match[2]]}\n\n<!-- end -->"

    return re.sub(r"(<!-- generated: ([\w ]+) -->)\n.*?<!-- end -->", fill, present, flags=re.DOTALL)


def documents(root: Path = ROOT) -> dict[Path, str]:
    """Every generated file of a checkout, with what ought to stand in it."""
    document = root / "docs" / "protocol.md"
    return {
        document: protocol_document(document.read_text(encoding="utf-8")),
        root / "webui" / "static" / "js" / "messages.js": javascript(),
    }


def stale(root: Path = ROOT) -> list[Path]:
    """The generated files that do not say what the declarations say."""
    return [
        path for path, text in documents(root).items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str] | None = None) -> int:
    """Run as a command. Returns 1 if ``--check`` finds a file that is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m lanchatd.protocol.describe", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args(arguments).check
    texts = documents()
    for path in (different := stale()):
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
        print(f"{path.relative_to(ROOT)} {'is out of date: run make docs' if check else 'written'}")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
