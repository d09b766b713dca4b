"""Identifiers that sort by the time at which they were made."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_VERSION: Final = 7
_VARIANT: Final = 0b10


def uuid7(made_at: datetime | None = None) -> uuid.UUID:
    """Return a new UUID version 7: 48 bits of Unix milliseconds, then chance (RFC 9562, 5.7).

    Parameters
    ----------
    made_at
        The instant in it; now when None.
    """
    # Down, never to the nearest: nothing may seem made after the instant it was made at.
    unix_ms = ((made_at or datetime.now(UTC)) - _EPOCH) // _MILLISECOND
    random_a = secrets.randbits(12)
    random_b = secrets.randbits(62)
    number = unix_ms << 80 | _VERSION << 76 | random_a << 64 | _VARIANT << 62 | random_b
    return uuid.UUID(int=number)
