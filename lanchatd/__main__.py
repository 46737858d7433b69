"""``python -m lanchatd``."""

from __future__ import annotations

import sys

from lanchatd.cli import main

sys.exit(main())
