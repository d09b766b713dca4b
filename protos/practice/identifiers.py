"""Identifiers that sort by the time at which they were made."""

from __future__ import annotations

import secrets
import time
import uuid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

_VERSION: Final = 7
_VARIANT: Final = 0b10


def uuid7(made_at: datetime | None = None) -> uuid.UUID:
    """Return a new UUID version 7: 48 bits of Unix milliseconds, then chance (RFC 9562, 5.7).

    Parameters
    ----------
    made_at
        The instant in it; now when None.
    """
    unix_ms = time.time_ns() // 1_000_000
    if made_at is not None:
        unix_ms = round(made_at.timestamp() * 1000)
    random_a = secrets.randbits(12)
    random_b = secrets.randbits(62)
    number = unix_ms << 80 | _VERSION << 76 | random_a << 64 | _VARIANT << 62 | random_b
    return uuid.UUID(int=number)
