"""What aiohttp's server logs: a traceback only for a fault of ours, not for what somebody else sends."""

from __future__ import annotations

import logging

from aiohttp.http_exceptions import HttpProcessingError

_log = logging.getLogger(__name__)


def server_log(name: str) -> logging.Logger:
    """A logger for a server. Anybody can send what is no HTTP, before it is known who they are: that is one line."""
    logger = logging.getLogger(name)
    logger.addFilter(_not_broken)
    return logger


def _not_broken(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        _log.info("A request that is no proper HTTP was refused: %r", error.message[:100])
        return False
    return True
