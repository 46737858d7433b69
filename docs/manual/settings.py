"""docs/settings.md: the list of all settings."""

from __future__ import annotations

from typing import Final

from lanchatd.settings import CHANGES, SETTINGS

_HEAD: Final = """# Settings

<!-- made from lanchatd/settings.py by: make docs -->

Nothing has to be set. What is set on the command line goes before the environment, that before the file
`~/.config/lanchat/config.toml`, and that, at the start, before what was chosen on the page. Lists in a variable are
separated by commas. A key in the file that does not exist is named, with the nearest one that does, and LanChat does
not start.

| in the file | option | variable | what it is | default | a change holds |
| --- | --- | --- | --- | --- | --- |
"""
_TAIL: Final = """
On the page, the settings hold at once and are remembered; they are under *Settings*, with those that belong to one
browser: theme, sounds and devices.

`systemctl --user reload lanchatd` (or `systemctl reload lanchatd@you`, or SIGHUP to a daemon without a terminal) reads
the file again. A mistake in it is told in the log, and everything stays as it was.
## A file with everything in it

```toml
"""
_LOG: Final = """```

## The log

It goes to standard error. `log_format` says how:

* `text`: a line each. If it goes to the journal, systemd is told how grave each line is: `journalctl -p warning`.
* `json`: one object a line, with `time`, `level`, `logger`, `message` and, where they are known, `peer` (whose key),
  `address`, `part` (of the daemon) and `traceback`. A mistake that prevents the start is a sentence in plain text.
* `journal`: to the journal of systemd with the fields `LANCHAT_PEER`, `LANCHAT_ADDRESS`, `LANCHAT_PART` and
  `LANCHAT_LOGGER`: `journalctl LANCHAT_PEER=…`. Where standard error does not lead to the journal it is text.

At no level there is anything in it that people write to each other, nor what their browsers agree on for a call, and
nobody's name: people are named by the beginning of their key, which `lanchatd people` shows.
"""


def settings_document() -> str:
    """The whole text."""
    rows = [
        f"| {_code(each.key if each.example else None)} | {_code(each.option and f'{each.option} {each.kind}')} "
        f"| {_code(each.variable)} | {each.text} | {each.otherwise} | {CHANGES[each.change]} |\n"
        for each in SETTINGS
    ]
    file = [f"{each.key} = {each.example}\n" for each in SETTINGS if each.example is not None]
    return "".join([_HEAD, *rows, _TAIL, *file, _LOG])


def _code(text: str | None) -> str:
    return f"`{text}`" if text else ""
