"""What a dashboard asks of one student's year on PostgreSQL: how long its aggregates take.

Run as ``python -m benchmarks.services.student_year [--beats N] [--json FILE]``. The rows are made
in the database, so nothing is said here of how they come in (see `metrics_ingest`).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from practice.identifiers import uuid7
from session_service.accounts.model import Role, User
from session_service.db import history
from session_service.db.config import DatabaseConfig
from session_service.db.engine import make_engine
from session_service.progress.model import Metric, MetricStream
from session_service.progress.postgresql import make_partitions, month_of
from session_service.progress.repository import hourly_sums
from session_service.schema import METADATA
from session_service.sessions.model import PracticeMode, PracticeSession, SessionState
from tests.persistence import postgresql

if TYPE_CHECKING:
    import uuid

OUT: Final = Path(__file__).parents[1] / "out" / "student_year.json"
START: Final = datetime(2025, 1, 1, 16, tzinfo=UTC)
DAYS: Final = 365
REPEATS: Final = 20
BEATS_PER_S: Final = 2
POINTS: Final = METADATA.tables["beat_metrics"]

_BEATS: Final = text("""
    INSERT INTO beat_metrics (session_id, stream_id, beat_index, recorded_at, sample, onset_sample,
        beat_in_bar, confidence, strength, offset_ms)
    SELECT s.session_id, s.stream_id, n, s.started_at + n * interval '1 second' / :per_s,
        n * 8000, n * 8000, 1 + n % 4, 0.9, 1, 20 * sin(n)
    FROM metric_streams s, generate_series(1, :each) n
""")
_HOURS: Final = text("""
    INSERT INTO hourly_metrics (session_id, metric, hour, n, total, total_squares, lowest, highest)
    SELECT session_id, :metric, date_trunc('hour', recorded_at, 'UTC'), count(*), sum(offset_ms),
        sum(offset_ms * offset_ms), min(offset_ms), max(offset_ms)
    FROM beat_metrics GROUP BY 1, 3
""")


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.services.student_year")
    parser.add_argument("--beats", type=int, default=10_000_000)
    parser.add_argument("--json", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, postgresql.running() as server:
        address = server.new_database("benchmark")
        report = _measure(DatabaseConfig.from_setting(address, Path(folder)), options.beats)
    print(", ".join(f"{name} {value:.1f}" for name, value in report.items()))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _measure(config: DatabaseConfig, beat_count: int) -> dict[str, float]:
    history.upgrade(config)
    engine = make_engine(config)
    with Session(engine) as session:
        session.execute(text("SET statement_timeout = 0"))
        student_id = _fill(session, beat_count // DAYS)
        session.commit()
        session.execute(text("ANALYZE"))
        took_ms = sorted(_year_ms(session, student_id) for _ in range(REPEATS))
        beats = session.execute(select(func.count()).select_from(POINTS)).scalar_one()
    engine.dispose()
    return {"beats": beats, "p50 ms": statistics.median(took_ms), "longest ms": took_ms[-1]}


def _fill(session: Session, beats_a_day: int) -> uuid.UUID:
    """Make a student who practises every day, with all the beats; return the id."""
    student = User(
        id=uuid7(),
        email="ada@example.org",
        email_key="ada@example.org",
        display_name="Ada",
        role=Role.STUDENT,
        password_hash="none",  # noqa: S106 - nobody logs in
    )
    session.add(student)
    session.flush()
    days = [START + timedelta(days=number) for number in range(DAYS)]
    ids = {day: uuid7() for day in days}
    session.add_all(_practice(ids[day], student.id, day) for day in days)
    session.flush()
    session.add_all(_stream(ids[day], student.id, day) for day in days)
    evenings = [*days, days[-1] + timedelta(days=1)]  # the last one may go on after midnight
    make_partitions(session, "beat_metrics", {month_of(day) for day in evenings})
    session.flush()
    session.execute(_BEATS, {"each": beats_a_day, "per_s": BEATS_PER_S})
    session.execute(_HOURS, {"metric": int(Metric.OFFSET_MS)})
    return student.id


def _practice(session_id: uuid.UUID, student_id: uuid.UUID, day: datetime) -> PracticeSession:
    return PracticeSession(
        id=session_id,
        student_id=student_id,
        state=SessionState.ACTIVE,
        mode=PracticeMode.NORMAL,
        focus="",
        note="",
        started_at=day,
    )


def _stream(session_id: uuid.UUID, student_id: uuid.UUID, day: datetime) -> MetricStream:
    return MetricStream(
        session_id=session_id,
        stream_id=uuid7(),
        user_id=student_id,
        started_at=day,
        sample_rate_hz=16_000,
    )


def _year_ms(session: Session, student_id: uuid.UUID) -> float:
    mine = select(PracticeSession.id).where(PracticeSession.student_id == student_id)
    began_s = time.perf_counter()
    rows = hourly_sums(session, mine, [Metric.OFFSET_MS], START, START + timedelta(days=DAYS + 1))
    took_ms = 1e3 * (time.perf_counter() - began_s)
    if not rows:
        raise RuntimeError("the year is empty")
    return took_ms


if __name__ == "__main__":
    main()
