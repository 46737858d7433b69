"""The browser of the person, from a command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lanchatd.commands.errors import CommandError, Exit

if TYPE_CHECKING:
    from lanchatd.protocol.model import PeerId


def has_screen() -> bool:
    """Whether a browser can be shown here."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def no_screen(page: str, do: str = "") -> CommandError:
    """What is told instead of showing a page.

    Args:
        page: its address.
        do: what is to be done there.
    """
    return CommandError(f"There is no screen here; open this in a browser of this machine{do}: {page}", Exit.REFUSED)


async def show_page(entrance: str, person: PeerId | None = None) -> None:
    """Open the page, with the conversation with this person.

    Raises:
        CommandError: no browser can be opened.
    """
    from lanchatd.desktop.browser import NoBrowserError, address, open_page

    url = address(entrance, person)
    if not has_screen():
        raise no_screen(url)
    try:
        await open_page(url)
    except NoBrowserError as problem:
        raise CommandError(f"{problem} Open this address yourself: {url}", Exit.REFUSED) from None
