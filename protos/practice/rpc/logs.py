"""Structured logs: one JSON object per line on stderr, never a secret."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

import structlog

from practice.rpc.principals import current_request_id

if TYPE_CHECKING:
    from collections.abc import MutableMapping

REDACTED: Final = "[redacted]"

_SECRET_KEY: Final = re.compile(
    r"token|password|secret|authorization|api_?key|cookie", re.IGNORECASE
)
_SECRET_TEXT: Final = re.compile(
    r"(?P<lead>bearer\s+|(?:token|password|secret|authorization|api_?key)[\"']?\s*[=:]\s*b?[\"']?)"
    r"[^\s\"',;)}]+",
    re.IGNORECASE,
)


def configure_logs(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set structlog up; called once by each program's composition root.

    Parameters
    ----------
    level
        Lowest level that is written: DEBUG, INFO, WARNING or ERROR.
    stream
        Where to; stderr when None.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            add_request_id,
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def add_request_id(
    logger: Any,  # noqa: ARG001 - structlog's interface
    method_name: str,  # noqa: ARG001 - structlog's interface
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    """Name the call that a line belongs to."""
    if (request_id := current_request_id()) is not None:
        event.setdefault("request_id", request_id)
    return event


def redact(
    logger: Any,  # noqa: ARG001 - structlog's interface
    method_name: str,  # noqa: ARG001 - structlog's interface
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    """Blank values under secret-sounding keys, and credentials inside any text."""
    for key, value in event.items():
        if _SECRET_KEY.search(key):
            event[key] = REDACTED
        elif isinstance(value, str):
            event[key] = _SECRET_TEXT.sub(rf"\g<lead>{REDACTED}", value)
    return event
