"""Sessions in tables: queries, and the rows of what the rules decided."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm.attributes import flag_modified

from practice.identifiers import uuid7
from session_service.sessions.model import (
    ActiveInterval,
    EventKind,
    PracticeMode,
    PracticeSession,
    SegmentClicks,
    SessionEvent,
    SessionState,
    SessionTag,
)
from session_service.sessions.timeline import Clicks, Event, Plan, Practice, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from session_service.paging import Page


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which of somebody's sessions; None does not ask."""

    student_id: uuid.UUID
    piece_id: uuid.UUID | None = None
    mode: PracticeMode | None = None
    state: SessionState | None = None
    started_from: datetime | None = None
    started_before: datetime | None = None
    #: Also those deleted later than this.
    deleted_since: datetime | None = None


def new_row(session_id: uuid.UUID, student_id: uuid.UUID, practice: Practice) -> PracticeSession:
    """Return the row of a session that has just begun."""
    row = PracticeSession(id=session_id, student_id=student_id, intervals=[], tags=[])
    _fill(row, practice)
    return row


def practice_of(row: PracticeSession, clicks: Mapping[uuid.UUID, Clicks] | None = None) -> Practice:
    """Return a stored session as the rules know it."""
    plan = Plan(
        focus=row.focus,
        piece_id=row.piece_id,
        tag_ids=frozenset(tag.tag_id for tag in row.tags),
        target_bpm=row.target_bpm,
        mode=row.mode,
        self_rating=row.self_rating,
        note=row.note,
    )
    spans = tuple(Span(one.started_at, one.ended_at) for one in row.intervals)
    return Practice(row.state, plan, spans, row.finished_at, row.deleted_at, clicks or {})


def clicks_of(session: Session, session_id: uuid.UUID) -> dict[uuid.UUID, Clicks]:
    """Return how often each segment was clicked in a session."""
    query = select(SegmentClicks).where(SegmentClicks.session_id == session_id)
    return {
        row.segment_id: Clicks(row.clicks, row.last_clicked_at) for row in session.scalars(query)
    }


def write(row: PracticeSession, practice: Practice) -> None:
    """Make a row what a session has become; it counts as a change whatever changed."""
    _fill(row, practice)
    flag_modified(row, "focus")


def write_clicks(
    session: Session, session_id: uuid.UUID, clicks: Mapping[uuid.UUID, Clicks]
) -> None:
    """Store new totals."""
    for segment_id, total in clicks.items():
        session.merge(
            SegmentClicks(
                session_id=session_id,
                segment_id=segment_id,
                clicks=total.count,
                last_clicked_at=total.last_at,
            )
        )


def append(
    session: Session, session_id: uuid.UUID, event: Event, event_id: uuid.UUID | None = None
) -> None:
    """Add an event to a session's history; the session's row is locked meanwhile."""
    last = select(func.max(SessionEvent.sequence)).where(SessionEvent.session_id == session_id)
    session.add(
        SessionEvent(
            id=event_id or uuid7(),
            session_id=session_id,
            sequence=(session.scalar(last) or 0) + 1,
            kind=event.kind,
            happened_at=event.at,
            details={"changes": _plain(event.changes), "clicks": _plain_clicks(event.clicks)},
        )
    )


def to_event(row: SessionEvent) -> Event:
    """Return a stored event as the rules know it."""
    clicks = {
        uuid.UUID(one["segment_id"]): Clicks(one["count"], datetime.fromisoformat(one["last_at"]))
        for one in row.details["clicks"]
    }
    return Event(row.kind, row.happened_at, _typed(row.details["changes"]), clicks)


def first_event(session: Session, session_id: uuid.UUID) -> SessionEvent:
    """Return what a session began with."""
    query = select(SessionEvent).where(SessionEvent.session_id == session_id)
    return session.scalars(query.where(SessionEvent.sequence == 1)).one()


def events(session: Session, session_id: uuid.UUID, page: Page) -> Sequence[SessionEvent]:
    """Return a page of a session's events and one more, oldest first."""
    query = select(SessionEvent).where(SessionEvent.session_id == session_id)
    if page.after is not None:
        last = select(SessionEvent.sequence).where(SessionEvent.id == page.after)
        query = query.where(SessionEvent.sequence > last.scalar_subquery())
    return session.scalars(query.order_by(SessionEvent.sequence).limit(page.size + 1)).all()


def click_events(session: Session, session_ids: Collection[uuid.UUID]) -> Sequence[SessionEvent]:
    """Return the clicks of some sessions, oldest first."""
    query = select(SessionEvent).where(
        SessionEvent.session_id.in_(session_ids), SessionEvent.kind == EventKind.CLICKED
    )
    return session.scalars(query.order_by(SessionEvent.sequence)).all()


def sessions(
    session: Session, wanted: SessionFilter, page: Page | None = None
) -> Sequence[PracticeSession]:
    """Return sessions, the last started first: a page of them and one more, or all."""
    query = select(PracticeSession).where(PracticeSession.student_id == wanted.student_id)
    is_shown: ColumnElement[bool] = PracticeSession.deleted_at.is_(None)
    if wanted.deleted_since is not None:
        is_shown = or_(is_shown, PracticeSession.deleted_at >= wanted.deleted_since)
    query = query.where(is_shown)
    for column, value in (
        (PracticeSession.piece_id, wanted.piece_id),
        (PracticeSession.mode, wanted.mode),
        (PracticeSession.state, wanted.state),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.started_from is not None:
        query = query.where(PracticeSession.started_at >= wanted.started_from)
    if wanted.started_before is not None:
        query = query.where(PracticeSession.started_at < wanted.started_before)
    place = (PracticeSession.started_at, PracticeSession.id)
    query = query.order_by(*(column.desc() for column in place))
    if page is None:
        return session.scalars(query).all()
    if page.after is not None:
        last = select(*place).where(PracticeSession.id == page.after).scalar_subquery()
        query = query.where(tuple_(*place) < last)
    return session.scalars(query.limit(page.size + 1)).all()


def total_clicks(session: Session, session_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Clicks]:
    """Return how often each segment was clicked in some sessions."""
    query = (
        select(
            SegmentClicks.segment_id,
            func.sum(SegmentClicks.clicks),
            func.max(SegmentClicks.last_clicked_at),
        )
        .where(SegmentClicks.session_id.in_(session_ids))
        .group_by(SegmentClicks.segment_id)
    )
    return {row[0]: Clicks(int(row[1]), row[2]) for row in session.execute(query)}


def _fill(row: PracticeSession, practice: Practice) -> None:
    plan = practice.plan
    row.state, row.started_at = practice.state, practice.started_at
    row.finished_at, row.deleted_at = practice.finished_at, practice.deleted_at
    row.focus, row.note, row.mode = plan.focus, plan.note, plan.mode
    row.piece_id, row.target_bpm, row.self_rating = (
        plan.piece_id,
        plan.target_bpm,
        plan.self_rating,
    )
    kept = [tag for tag in row.tags if tag.tag_id in plan.tag_ids]
    new = plan.tag_ids - {tag.tag_id for tag in kept}
    row.tags = [*kept, *(SessionTag(tag_id=tag_id) for tag_id in sorted(new))]
    for number, span in enumerate(practice.spans, 1):
        if number <= len(row.intervals):
            row.intervals[number - 1].ended_at = span.end
        else:
            row.intervals.append(_interval(number, practice.spans))


def _interval(number: int, spans: Sequence[Span]) -> ActiveInterval:
    span = spans[number - 1]
    is_first = number == 1
    return ActiveInterval(
        number=number,
        started_at=span.start,
        ended_at=span.end,
        previous_number=None if is_first else number - 1,
        previous_ended_at=None if is_first else spans[number - 2].end,
    )


def _plain(changes: Mapping[str, object]) -> dict[str, Any]:
    """Return new values as JSON has them."""
    plain: dict[str, Any] = {}
    for name, value in changes.items():
        if isinstance(value, uuid.UUID):
            plain[name] = str(value)
        elif isinstance(value, frozenset):
            plain[name] = sorted(str(one) for one in value)
        else:
            plain[name] = value
    return plain


def _typed(changes: Mapping[str, Any]) -> dict[str, object]:
    """Return new values as the plan has them."""
    typed: dict[str, object] = dict(changes)
    if changes.get("piece_id") is not None:
        typed["piece_id"] = uuid.UUID(changes["piece_id"])
    if "tag_ids" in changes:
        typed["tag_ids"] = frozenset(uuid.UUID(one) for one in changes["tag_ids"])
    if "mode" in changes:
        typed["mode"] = PracticeMode(changes["mode"])
    return typed


def _plain_clicks(clicks: Mapping[uuid.UUID, Clicks]) -> list[dict[str, Any]]:
    return [
        {"segment_id": str(one), "count": clicked.count, "last_at": clicked.last_at.isoformat()}
        for one, clicked in clicks.items()
    ]
