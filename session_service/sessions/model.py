"""Practice sessions: what they are about, when they were active, and all that happened to them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from session_service.db.columns import (
    JSON_VALUE,
    Base,
    Keyed,
    SoftDeleted,
    Stamped,
    choice,
    rule,
    utc_now,
)

_OPEN = text("ended_at IS NULL")


class SessionState(StrEnum):
    """Whether the clock runs."""

    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"


class PracticeMode(StrEnum):
    """What kind of practice it is."""

    NORMAL = "normal"
    SLOW_PRACTICE = "slow_practice"
    PERFORMANCE = "performance"


class EventKind(StrEnum):
    """What can happen to a session."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    FINISHED = "finished"
    UPDATED = "updated"
    CLICKED = "clicked"
    DELETED = "deleted"
    UNDELETED = "undeleted"


class PracticeSession(Base, Keyed, Stamped, SoftDeleted):
    """A session as it is now; `revision` counts changes for etags."""

    __tablename__ = "practice_sessions"
    __table_args__ = (
        Index("ix_practice_sessions_student_id_started_at_id", "student_id", "started_at", "id"),
        # For the lists of a piece, and its foreign key.
        Index(
            "ix_practice_sessions_piece_id_student_id_started_at_id",
            "piece_id",
            "student_id",
            "started_at",
            "id",
        ),
        rule("focus", "length(focus) <= 200"),
        rule("note", "length(note) <= 4000"),
        rule("target_bpm", "target_bpm BETWEEN 20 AND 400"),
        rule("self_rating", "self_rating BETWEEN 1 AND 5"),
        rule("rated", "self_rating IS NULL OR state = 'finished'"),
        rule("finished", "(state = 'finished') = (finished_at IS NOT NULL)"),
        rule("in_order", "finished_at >= started_at"),
    )

    student_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    piece_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pieces.id"))
    state: Mapped[SessionState] = mapped_column(choice(SessionState, "state"))
    mode: Mapped[PracticeMode] = mapped_column(choice(PracticeMode, "mode"))
    focus: Mapped[str] = mapped_column(String(200))
    target_bpm: Mapped[float | None]
    self_rating: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(4000))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    intervals: Mapped[list[ActiveInterval]] = relationship(
        lazy="selectin", order_by="ActiveInterval.number"
    )
    tags: Mapped[list[SessionTag]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    # Every change counts, and fails when another came in between.
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's interface


class SessionTag(Base):
    """A tag that a session bears."""

    __tablename__ = "session_tags"
    __table_args__ = (Index("ix_session_tags_tag_id", "tag_id"),)

    session_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("practice_sessions.id"), primary_key=True
    )
    tag_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tags.id"), primary_key=True)


class ActiveInterval(Base):
    """A stretch between two pauses, number 1, 2, 3 … of its session.

    Each row but the first names the end of the one before it, and a foreign key holds it to that:
    so no two overlap and only the last can be open, on every database.
    """

    __tablename__ = "active_intervals"
    __table_args__ = (
        UniqueConstraint("session_id", "number", "ended_at"),
        ForeignKeyConstraint(
            ["session_id", "previous_number", "previous_ended_at"],
            [
                "active_intervals.session_id",
                "active_intervals.number",
                "active_intervals.ended_at",
            ],
            name="fk_active_intervals_previous",
        ),
        Index("ix_active_intervals_previous", "session_id", "previous_number", "previous_ended_at"),
        Index(
            "uq_active_intervals_open",
            "session_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        rule("number", "number >= 1"),
        rule("chain", "number = 1 OR previous_number = number - 1"),
        rule("first", "(number = 1) = (previous_number IS NULL)"),
        rule("previous", "(previous_number IS NULL) = (previous_ended_at IS NULL)"),
        rule("apart", "previous_ended_at <= started_at"),
        rule("in_order", "started_at <= ended_at"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("practice_sessions.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    previous_number: Mapped[int | None]
    previous_ended_at: Mapped[datetime | None]


class SegmentClicks(Base, Stamped):
    """How often a segment was clicked in a session."""

    __tablename__ = "segment_clicks"
    __table_args__ = (
        Index("ix_segment_clicks_segment_id", "segment_id"),
        rule("clicks", "clicks >= 1"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("practice_sessions.id"), primary_key=True
    )
    segment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("segments.id"), primary_key=True)
    clicks: Mapped[int] = mapped_column(BigInteger)
    last_clicked_at: Mapped[datetime]


class SessionEvent(Base, Keyed):
    """One thing that happened; a trigger refuses to change what is written."""

    __tablename__ = "session_events"
    __table_args__ = (
        UniqueConstraint("session_id", "sequence"),
        rule("sequence", "sequence >= 1"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice_sessions.id"))
    sequence: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(choice(EventKind, "kind"))
    happened_at: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
