"""Mistakes that a person can put right: each part raises its own `UserError`, the command line prints the sentence."""

from __future__ import annotations


class UserError(Exception):
    """Its text is one sentence for the person: what happened and what to do. Shown without a traceback."""
