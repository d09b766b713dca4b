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
    FINISH = "resume only to get the summary: the server takes no more audio"
    SURFACE = "surface"


_REMEDIES: Final = {
    # The connection or the server broke, or the server asked to come back.
    ErrorCode.SERVER_FULL: Remedy.RESUME,
    ErrorCode.SERVER_DRAINING: Remedy.RESUME,
    ErrorCode.SERVER_UNREACHABLE: Remedy.RESUME,
    ErrorCode.DEADLINE_EXCEEDED: Remedy.RESUME,
    ErrorCode.READER_TOO_SLOW: Remedy.RESUME,
    ErrorCode.CANCELLED: Remedy.RESUME,
    ErrorCode.INTERNAL: Remedy.RESUME,
    ErrorCode.PACE_EXCEEDED: Remedy.RESUME,
    ErrorCode.RATE_LIMITED: Remedy.RESUME,
    ErrorCode.STREAM_IDLE: Remedy.RESUME_WHEN_NEEDED,
    ErrorCode.NOT_FOUND: Remedy.START_AGAIN,
    ErrorCode.STREAM_NOT_RESUMABLE: Remedy.START_AGAIN,
    ErrorCode.STREAM_TOO_LONG: Remedy.FINISH,
}
# Worth repeating only when the server says when: without it, the request itself is too much.
_WITH_RETRY_INFO: Final = frozenset({ErrorCode.PACE_EXCEEDED, ErrorCode.RATE_LIMITED})
_NEEDS_TOKEN: Final = frozenset(
    {ErrorCode.NOT_FOUND, ErrorCode.STREAM_NOT_RESUMABLE, ErrorCode.STREAM_TOO_LONG}
)
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
    if error.code in _WITH_RETRY_INFO and error.retry_after_s is None:
        return Remedy.SURFACE
    if error.code is ErrorCode.INTERNAL and internal_failures >= MOST_INTERNAL_FAILURES:
        return Remedy.SURFACE
    if error.code in _NEEDS_TOKEN and not has_token:
        return Remedy.SURFACE
    return _REMEDIES.get(error.code, Remedy.SURFACE)
