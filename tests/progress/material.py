"""Points, and people with sessions to have them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from practice.analysis.v1 import analysis_pb2
from practice.identifiers import uuid7
from practice.progress.v1 import progress_pb2
from session_service.accounts.model import Role, User
from session_service.progress.batches import Batch
from session_service.sessions.model import PracticeMode, PracticeSession, SessionState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection

    from session_service.db.database import Database

RATE_HZ = 16_000
HOP = RATE_HZ // 2
START = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)


async def add_user(database: Database) -> uuid.UUID:
    user_id = uuid7()
    user = User(
        id=user_id,
        email=f"{user_id}@example.org",
        email_key=f"{user_id}@example.org",
        display_name="Ada",
        role=Role.STUDENT,
        birth_year=1990,
        password_hash="$argon2id$…",  # noqa: S106 - no password
    )
    await database.write(lambda session: session.add(user))
    return user_id


async def begin(database: Database, owner_id: uuid.UUID, **values: Any) -> uuid.UUID:
    """Add a practice session and return its id."""
    session_id = uuid7()
    row = PracticeSession(
        id=session_id,
        student_id=owner_id,
        **{
            "state": SessionState.ACTIVE,
            "mode": PracticeMode.NORMAL,
            "focus": "",
            "note": "",
            "started_at": START,
            **values,
        },
    )
    await database.write(lambda session: session.add(row))
    return session_id


def window(number: int, **values: Any) -> analysis_pb2.WindowResult:
    """Return the window that ends after `number` hops of half a second."""
    told = {
        "start_sample": max(0, (number - 8) * HOP),
        "end_sample": number * HOP,
        "state": analysis_pb2.WINDOW_STATE_LOCKED,
        "bpm": 90.0 + number % 5,
        "accuracy": 80.0,
        "level_dbfs": -20.0,
        **values,
    }
    return analysis_pb2.WindowResult(**told)


def beat(index: int, **values: Any) -> analysis_pb2.Beat:
    told = {
        "beat_index": index,
        "sample": index * HOP,
        "confidence": 0.9,
        "strength": 0.5,
        "offset_ms": 3.0 * (-1) ** index,
        "final": True,
        **values,
    }
    return analysis_pb2.Beat(**told)


def batch(
    owner_id: uuid.UUID,
    session_id: uuid.UUID,
    windows: Collection[analysis_pb2.WindowResult] = (),
    beats: Collection[analysis_pb2.Beat] = (),
    **values: Any,
) -> Batch:
    request = progress_pb2.WriteMetricsRequest(
        session_id=str(session_id),
        windows=windows,
        beats=beats,
        **{"stream_id": str(session_id), "sample_rate_hz": RATE_HZ, **values},
    )
    if not request.HasField("stream_start_time"):
        request.stream_start_time.FromDatetime(START)
    return Batch(owner_id, request)
