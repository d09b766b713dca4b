"""Which failures of a stream are worth another attempt."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from practice.rpc.errors import ErrorCode

if TYPE_CHECKING:
    from practice.rpc.errors import PracticeError


class Remedy(Enum):
    """What to do about a failure."""

    RESUME = "resume"
    RESUME_WHEN_NEEDED = "resume when there is something to send"
    START_AGAIN = "start again: the server no longer knows the stream"
    SURFACE = "surface"


# The connection or the server broke, or the server asked to come back.
_PASSING: Final = frozenset(
    {
        ErrorCode.SERVER_FULL,
        ErrorCode.SERVER_DRAINING,
        ErrorCode.SERVER_UNREACHABLE,
        ErrorCode.DEADLINE_EXCEEDED,
        ErrorCode.READER_TOO_SLOW,
        ErrorCode.CANCELLED,
    }
)
# Worth repeating only when the server says when: without it, the request itself is too much.
_WITH_RETRY_INFO: Final = frozenset({ErrorCode.PACE_EXCEEDED, ErrorCode.RATE_LIMITED})
_FORGOTTEN: Final = frozenset({ErrorCode.NOT_FOUND, ErrorCode.STREAM_NOT_RESUMABLE})
# A transport that breaks in an odd place reports INTERNAL, and so does a defect of the server;
# the first is over after a repeat or two.
MOST_INTERNAL_FAILURES: Final = 3


def remedy_for(error: PracticeError, *, has_token: bool, internal_failures: int) -> Remedy:
    """Decide what to do about a failure.

    Parameters
    ----------
    error
        What the server or the connection said.
    has_token
        Whether the failed attempt was a resume.
    internal_failures
        INTERNAL errors in a row, this one included.
    """
    if error.code is ErrorCode.STREAM_IDLE:
        return Remedy.RESUME_WHEN_NEEDED
    if error.code in _PASSING:
        return Remedy.RESUME
    if error.code in _WITH_RETRY_INFO and error.retry_after_s is not None:
        return Remedy.RESUME
    if error.code in _FORGOTTEN and has_token:
        return Remedy.START_AGAIN
    if error.code is ErrorCode.INTERNAL and internal_failures < MOST_INTERNAL_FAILURES:
        return Remedy.RESUME
    return Remedy.SURFACE
