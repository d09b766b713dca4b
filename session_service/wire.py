"""Small translations that every codec needs."""

from __future__ import annotations

import uuid
from datetime import UTC
from typing import TYPE_CHECKING, Any

from google.protobuf.timestamp_pb2 import Timestamp

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from google.protobuf.field_mask_pb2 import FieldMask


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


def optional_id(message: Any, field: str) -> uuid.UUID | None:
    """Return an optional identifier, if it is there."""
    return uuid.UUID(getattr(message, field)) if message.HasField(field) else None


def masked(
    message: Any, mask: FieldMask, readers: Mapping[str, Callable[[Any], tuple[str, object]]]
) -> dict[str, object]:
    """Return the new values of what a mask names.

    Parameters
    ----------
    message
        What holds the values.
    mask
        Paths in it.
    readers
        By each path that can be changed, what makes a name and a value of the message.

    Raises
    ------
    PracticeError
        FIELD_INVALID for a mask that is empty, or names what can't be changed.
    """
    unknown = sorted(set(mask.paths) - set(readers))
    if unknown or not mask.paths:
        named = f"{', '.join(unknown)} can't be changed" if unknown else "names nothing"
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            f"update_mask: {named}; these can: {', '.join(sorted(readers))}",
            field="update_mask",
        )
    return dict(readers[path](message) for path in mask.paths)
