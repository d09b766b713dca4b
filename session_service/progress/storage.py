"""Where points go: a port, and the adapter for SQLite. PostgreSQL has one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import func
from sqlalchemy.dialects.sqlite import insert

from session_service.progress.batches import BEAT_COLUMNS, WINDOW_COLUMNS
from session_service.progress.model import (
    WINDOW_METRICS,
    BeatMetric,
    HourlyMetric,
    Metric,
    WindowMetric,
)
from session_service.progress.sums import Sums

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from session_service.progress.batches import Row

    SumKey = tuple[uuid.UUID, int, datetime]

_BEAT_METRICS: Final = {"offset_ms": Metric.OFFSET_MS}


class PointStorage(Protocol):
    """Adds points and keeps the hours' sums, each point once."""

    def prepare(self, session: Session, instants: Collection[datetime]) -> None:
        """Get ready for points of about these times, before anything else is written."""
        ...

    def add_windows(self, session: Session, rows: Sequence[Row]) -> int:
        """Add windows, rows as in `WINDOW_COLUMNS`; returns how many were new."""
        ...

    def add_beats(self, session: Session, rows: Sequence[Row]) -> int:
        """Add beats, rows as in `BEAT_COLUMNS`; returns how many were new."""
        ...


class SqlitePoints:
    """Plain tables; the sums are made here."""

    def prepare(self, session: Session, instants: Collection[datetime]) -> None:
        """Do nothing: plain tables are always ready."""

    def add_windows(self, session: Session, rows: Sequence[Row]) -> int:
        """Add windows; returns how many were new."""
        return _add(session, WindowMetric, WINDOW_COLUMNS, rows, WINDOW_METRICS)

    def add_beats(self, session: Session, rows: Sequence[Row]) -> int:
        """Add beats; returns how many were new."""
        return _add(session, BeatMetric, BEAT_COLUMNS, rows, _BEAT_METRICS)


def _add(
    session: Session,
    table: Any,
    columns: Sequence[str],
    rows: Sequence[Row],
    metrics: Mapping[str, Metric],
) -> int:
    if not rows:
        return 0
    told = [getattr(table, name) for name in ("session_id", "recorded_at", *metrics)]
    statement = insert(table).on_conflict_do_nothing().returning(*told)
    values = [dict(zip(columns, row, strict=True)) for row in rows]
    fresh = session.execute(statement, values).all()
    _add_sums(session, _summed(fresh, list(metrics.values())))
    return len(fresh)


def _summed(fresh: Iterable[Any], metrics: Sequence[Metric]) -> Mapping[SumKey, Sums]:
    sums: dict[SumKey, Sums] = {}
    for session_id, instant, *values in fresh:
        hour = instant.replace(minute=0, second=0, microsecond=0)
        for metric, value in zip(metrics, values, strict=True):
            if value is not None:
                key, one = (session_id, int(metric), hour), Sums.of(value)
                sums[key] = sums[key] + one if key in sums else one
    return sums


def _add_sums(session: Session, sums: Mapping[SumKey, Sums]) -> None:
    if not sums:
        return
    new = insert(HourlyMetric)
    added = ("n", "total", "total_squares")
    statement = new.on_conflict_do_update(
        set_={
            **{name: getattr(HourlyMetric, name) + new.excluded[name] for name in added},
            "lowest": func.min(HourlyMetric.lowest, new.excluded.lowest),
            "highest": func.max(HourlyMetric.highest, new.excluded.highest),
        },
    )
    session.execute(statement, [_sum_values(key, one) for key, one in sums.items()])


def _sum_values(key: SumKey, sums: Sums) -> dict[str, Any]:
    session_id, metric, hour = key
    return {
        "session_id": session_id,
        "metric": metric,
        "hour": hour,
        "n": sums.n,
        "total": sums.total,
        "total_squares": sums.total_squares,
        "lowest": sums.lowest,
        "highest": sums.highest,
    }
