"""Lists in pages: by key, so that rows that come or go meanwhile shift nothing."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = TypeVar("Row")

DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 1000
_UUID_BYTES: Final = 16
_FILTER_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for: ``size`` rows that come after the row ``after``."""

    size: int
    after: uuid.UUID | None
    filters: bytes

    @classmethod
    def asked_by(cls, request: Any) -> Self:
        """Return the page that a List request asks for.

        Raises
        ------
        PracticeError
            FIELD_INVALID for a token that is not of this list with these filters.
        """
        filters = _digest(request)
        size = min(request.page_size or DEFAULT_SIZE, LARGEST_SIZE)
        if not request.page_token:
            return cls(size, None, filters)
        try:
            raw = base64.b64decode(request.page_token, altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        if len(raw) != _UUID_BYTES + _FILTER_BYTES or raw[_UUID_BYTES:] != filters:
            raise PracticeError(
                ErrorCode.FIELD_INVALID,
                "Not a next_page_token of this list with these filters; begin without one.",
                field="page_token",
            )
        return cls(size, uuid.UUID(bytes=raw[:_UUID_BYTES]), filters)

    def cut(self, rows: Sequence[Row]) -> tuple[Sequence[Row], str]:
        """Split ``size + 1`` rows into the page and the token of the next one ("" at the end)."""
        if len(rows) <= self.size:
            return rows, ""
        page = rows[: self.size]
        last: Any = page[-1]
        return page, base64.urlsafe_b64encode(last.id.bytes + self.filters).decode()


def _digest(request: Any) -> bytes:
    """Return a fingerprint of what is listed: everything but the page."""
    what = type(request)()
    what.CopyFrom(request)
    what.ClearField("page_size")
    what.ClearField("page_token")
    text = what.DESCRIPTOR.full_name.encode() + what.SerializeToString(deterministic=True)
    return hashlib.sha256(text).digest()[:_FILTER_BYTES]
