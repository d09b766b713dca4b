"""The error catalogue: what can go wrong, free of any transport."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

ERROR_DOMAIN: Final = "practice"


class ErrorCode(Enum):
    """Machine-readable reason of an error; the value is ``google.rpc.ErrorInfo.reason``."""

    # The request itself.
    MALFORMED_REQUEST = "MALFORMED_REQUEST"
    FIELD_INVALID = "FIELD_INVALID"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    METHOD_UNKNOWN = "METHOD_UNKNOWN"

    # Who asks.
    UNAUTHENTICATED = "UNAUTHENTICATED"
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105 - the name of a reason, not a secret
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - the name of a reason, not a secret
    LOGIN_FAILED = "LOGIN_FAILED"
    LOGIN_ENDED = "LOGIN_ENDED"
    ACCOUNT_DEACTIVATED = "ACCOUNT_DEACTIVATED"
    PERMISSION_DENIED = "PERMISSION_DENIED"

    # Things and their state.
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    PRECONDITION_FAILED = "PRECONDITION_FAILED"
    ETAG_STALE = "ETAG_STALE"

    # The audio stream's protocol.
    CONFIG_MISSING = "CONFIG_MISSING"
    CONFIG_REPEATED = "CONFIG_REPEATED"
    PARTIAL_SAMPLE = "PARTIAL_SAMPLE"
    CHUNK_TOO_LARGE = "CHUNK_TOO_LARGE"
    CLIP_TOO_LONG = "CLIP_TOO_LONG"
    PACE_EXCEEDED = "PACE_EXCEEDED"
    STREAM_IDLE = "STREAM_IDLE"
    STREAM_TOO_LONG = "STREAM_TOO_LONG"
    STREAM_TAKEN_OVER = "STREAM_TAKEN_OVER"
    STREAM_NOT_YOURS = "STREAM_NOT_YOURS"
    STREAM_NOT_RESUMABLE = "STREAM_NOT_RESUMABLE"
    RESUME_TOKEN_WRONG = "RESUME_TOKEN_WRONG"  # noqa: S105 - the name of a reason, not a secret
    READER_TOO_SLOW = "READER_TOO_SLOW"

    # Limits and the server's own state.
    RATE_LIMITED = "RATE_LIMITED"
    SERVER_FULL = "SERVER_FULL"
    SERVER_DRAINING = "SERVER_DRAINING"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    SERVER_UNREACHABLE = "SERVER_UNREACHABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    CANCELLED = "CANCELLED"
    DATA_LOST = "DATA_LOST"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field that breaks its rule.

    ``field`` is its path in the request (``config.hop_seconds``), ``rule`` is the rule's identifier
    (``double.gte_lte``) where there is one.
    """

    field: str
    description: str
    rule: str = ""


class PracticeError(Exception):
    """An error that may be shown to whoever caused it.

    Parameters
    ----------
    code
        Reason out of the catalogue.
    message
        One sentence that a person can act on; it leaves the process, so no secrets in it.
    field
        Path of the field that is wrong, when it is one field.
    violations
        Every field that is wrong, when they are several; `field` is then the first of them.
    retry_after_s
        How long to wait before the same request can succeed.
    limit
        Name of the limit that was hit (``streams per server``).
    precondition
        What the request was about (``stream 0192…``), when its state forbids the request.
    request_id
        Correlation id of the call, as told by the server.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        field: str | None = None,
        violations: tuple[FieldViolation, ...] = (),
        retry_after_s: float | None = None,
        limit: str | None = None,
        precondition: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        if field is not None and not violations:
            violations = (FieldViolation(field, message),)
        self.code = code
        self.message = message
        self.violations = violations
        self.retry_after_s = retry_after_s
        self.limit = limit
        self.precondition = precondition
        self.request_id = request_id

    @property
    def field(self) -> str | None:
        """Path of the first wrong field, or None."""
        return self.violations[0].field if self.violations else None
