"""Calendars, and limits of what may be asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from session_service.progress.sums import Sums

MOST_BUCKETS: Final = 1000
LONGEST_SERIES: Final = timedelta(days=5 * 366)
LONGEST_PROGRESS: Final = timedelta(days=2 * 366)
DEFAULT_PROGRESS: Final = timedelta(days=90)
#: How far a point may be ahead of the clock: two machines' clocks, and a stream sent faster than
#: it was played.
CLOCK_TOLERANCE: Final = timedelta(minutes=5)


class Bucket(Enum):
    """How much time one point of a series is about; the value is the shortest that it can be."""

    MINUTE = timedelta(minutes=1)
    HOUR = timedelta(hours=1)
    DAY = timedelta(hours=23)
    WEEK = timedelta(days=6, hours=23)
    MONTH = timedelta(days=27, hours=23)


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone; UTC for "".

    Raises
    ------
    PracticeError
        FIELD_INVALID when there is none of that name.
    """
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            "Not a time zone; take an IANA name like Europe/Berlin.",
            field="time_zone",
        ) from None


def bucket_start(instant: datetime, bucket: Bucket, zone: ZoneInfo) -> datetime:
    """Return when an instant's bucket begins: a day, week or month by the zone's calendar.

    Sums are kept by UTC's hours; where a zone is half an hour off, the hour around midnight belongs
    to the day in which it began.
    """
    local = instant.astimezone(zone)
    if bucket in {Bucket.MINUTE, Bucket.HOUR}:
        return local
    # Midnight by its name: days have 23 or 25 hours now and then.
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if bucket is Bucket.WEEK:
        day -= timedelta(days=day.weekday())
    return day.replace(day=1) if bucket is Bucket.MONTH else day


def in_buckets(
    sums: Iterable[tuple[datetime, Sums]], bucket: Bucket, zone: ZoneInfo
) -> Mapping[datetime, Sums]:
    """Return sums by the beginning of their bucket, oldest first.

    Parameters
    ----------
    sums
        With the beginning of their hour, or of their minute for `Bucket.MINUTE`.
    """
    found: dict[datetime, Sums] = {}
    for instant, one in sums:
        start = bucket_start(instant, bucket, zone)
        found[start] = found[start] + one if start in found else one
    return dict(sorted(found.items()))


def check_range(start: datetime, end: datetime, longest: timedelta) -> None:
    """Refuse a range that ends before it starts, or is too long.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    if end <= start:
        raise PracticeError(
            ErrorCode.FIELD_INVALID, "end_time must come after start_time.", field="end_time"
        )
    if end - start > longest:
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            f"At most {longest.days} days at once; ask for less.",
            field="end_time",
        )


def check_bucket(start: datetime, end: datetime, bucket: Bucket, *, has_session: bool) -> None:
    """Refuse a series of too many buckets, and minutes of more than one session.

    A session has only so many minutes, wherever they lie: see `check_count`.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    if bucket is not Bucket.MINUTE:
        check_count((end - start) / bucket.value)
    elif not has_session:
        raise PracticeError(
            ErrorCode.FIELD_INVALID, "MINUTE needs a session_id.", field="session_id"
        )


def check_count(bucket_count: float) -> None:
    """Refuse an answer that would be too long.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    if bucket_count > MOST_BUCKETS:
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            f"More than {MOST_BUCKETS} buckets; ask for a shorter time or a larger bucket.",
            field="bucket",
        )


def check_not_ahead(newest: datetime, now: datetime) -> None:
    """Refuse points that can't have been heard yet.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    if newest > now + CLOCK_TOLERANCE:
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            "The last point lies in the future; is stream_start_time right?",
            field="stream_start_time",
        )
