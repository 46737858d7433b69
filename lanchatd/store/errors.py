"""What goes wrong with files."""

from __future__ import annotations

from lanchatd.errors import UserError


class StoreError(UserError):
    """A file or folder of the state can't be used. The sentence names it and says what to do."""
