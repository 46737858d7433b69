"""The manual page, docs/settings.md and the completions of the shells, made from the command line: ``make docs``."""
