"""Small translations that every codec needs."""

from __future__ import annotations

import uuid
from datetime import UTC
from typing import TYPE_CHECKING, Any

from google.protobuf.timestamp_pb2 import Timestamp

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from datetime import datetime


def to_timestamp(instant: datetime | None) -> Timestamp | None:
    """Return an instant as the contract has it; None stays absent."""
    if instant is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(instant)
    return timestamp


def to_instant(timestamp: Timestamp, field: str) -> datetime:
    """Return an instant of the contract.

    Raises
    ------
    PracticeError
        FIELD_INVALID when its nanoseconds are none.
    """
    try:
        return timestamp.ToDatetime(UTC)
    except ValueError:
        raise PracticeError(ErrorCode.FIELD_INVALID, f"{field}: is no time", field=field) from None


def request_id_of(request: Any) -> uuid.UUID | None:
    """Return a request's id, if it has one."""
    return uuid.UUID(request.request_id) if request.HasField("request_id") else None
