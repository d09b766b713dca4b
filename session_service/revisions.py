"""Rows that count their changes: etags, creating once, and deleting for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from sqlalchemy.orm import Session

#: How long a deleted row can be had back.
UNDELETE_WITHIN: Final = timedelta(days=30)


class Revised(Protocol):
    """A row with a key and a number that grows with every change."""

    id: Any
    revision: Any


Row = TypeVar("Row", bound=Revised)


def etag_of(row: Revised) -> str:
    """Return what changes whenever the row does."""
    row_id: uuid.UUID = row.id
    return f"{row_id.hex[-12:]}-{row.revision}"


def check_etag(row: Revised, etag: str) -> None:
    """Refuse a change of what is no longer as it was read; an empty etag does not ask.

    Raises
    ------
    PracticeError
        ETAG_STALE.
    """
    if etag and etag != etag_of(row):
        raise _stale()


def save(session: Session, row: Revised) -> None:
    """Write a changed row, and read what the database made of it.

    Raises
    ------
    PracticeError
        ETAG_STALE when somebody else was faster.
    """
    try:
        session.flush()
    except StaleDataError:
        raise _stale() from None
    session.refresh(row)


def add_once(session: Session, row: Row) -> Row | None:
    """Insert a row; return the one that has its key already, or None when it was inserted.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        When the row breaks another promise of the database.
    """
    kind = type(row)
    if (stored := session.get(kind, row.id)) is not None:
        return stored
    row_id = row.id
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        if (twin := session.get(kind, row_id)) is None:
            raise
        return twin  # the same request, sent twice at once
    session.refresh(row)
    return None


def can_be_had_back(deleted_at: datetime | None, now: datetime) -> bool:
    """Whether something is deleted, and not for too long."""
    return deleted_at is not None and deleted_at > now - UNDELETE_WITHIN


def _stale() -> PracticeError:
    return PracticeError(
        ErrorCode.ETAG_STALE, "It was changed meanwhile; read it again and repeat.", field="etag"
    )
