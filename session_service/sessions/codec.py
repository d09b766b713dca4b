"""Between the contract's messages and the domain."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.duration_pb2 import Duration

from practice.rpc.errors import ErrorCode, PracticeError
from practice.sessions.v1 import sessions_pb2 as pb
from session_service import revisions
from session_service.sessions import repository
from session_service.sessions.model import EventKind, PracticeMode, SessionState
from session_service.sessions.repository import SessionFilter
from session_service.sessions.timeline import Clicks, Plan
from session_service.wire import optional_id, to_instant, to_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from google.protobuf.field_mask_pb2 import FieldMask

    from session_service.sessions.heatmap import Warmth
    from session_service.sessions.model import SessionEvent
    from session_service.sessions.service import SessionView

_STATE_NUMBERS: Final = {
    SessionState.ACTIVE: pb.SESSION_STATE_ACTIVE,
    SessionState.PAUSED: pb.SESSION_STATE_PAUSED,
    SessionState.FINISHED: pb.SESSION_STATE_FINISHED,
}
_STATES: Final = {number: state for state, number in _STATE_NUMBERS.items()}
_MODE_NUMBERS: Final = {
    PracticeMode.NORMAL: pb.PRACTICE_MODE_NORMAL,
    PracticeMode.SLOW_PRACTICE: pb.PRACTICE_MODE_SLOW_PRACTICE,
    PracticeMode.PERFORMANCE: pb.PRACTICE_MODE_PERFORMANCE,
}
_MODES: Final = {number: mode for mode, number in _MODE_NUMBERS.items()}
_KIND_NUMBERS: Final = {
    EventKind.STARTED: pb.SESSION_EVENT_KIND_STARTED,
    EventKind.PAUSED: pb.SESSION_EVENT_KIND_PAUSED,
    EventKind.RESUMED: pb.SESSION_EVENT_KIND_RESUMED,
    EventKind.FINISHED: pb.SESSION_EVENT_KIND_FINISHED,
    EventKind.UPDATED: pb.SESSION_EVENT_KIND_UPDATED,
    EventKind.CLICKED: pb.SESSION_EVENT_KIND_CLICKED,
    EventKind.DELETED: pb.SESSION_EVENT_KIND_DELETED,
    EventKind.UNDELETED: pb.SESSION_EVENT_KIND_UNDELETED,
}
_OPTIONAL: Final = frozenset({"piece_id", "target_bpm", "self_rating"})


def to_plan(request: pb.StartSessionRequest) -> Plan:
    """Return what somebody begins."""
    return Plan(
        focus=request.focus,
        piece_id=optional_id(request, "piece_id"),
        tag_ids=frozenset(uuid.UUID(one) for one in request.tag_ids),
        target_bpm=request.target_bpm if request.HasField("target_bpm") else None,
        mode=_MODES.get(request.mode, PracticeMode.NORMAL),
    )


def to_changes(session: pb.Session, mask: FieldMask) -> dict[str, object]:
    """Return the new values of the paths in the mask; unknown paths are for the rules to refuse."""
    return {path: _value(session, path) for path in mask.paths}


def to_finish(request: pb.FinishSessionRequest) -> dict[str, object]:
    """Return what somebody says of a session at its end."""
    names = ("self_rating", "note")
    return {name: getattr(request, name) for name in names if request.HasField(name)}


def to_counts(
    request: pb.RecordSegmentClicksRequest,
) -> dict[uuid.UUID, tuple[int, datetime | None]]:
    """Return how often each segment was clicked, and when last.

    Raises
    ------
    PracticeError
        FIELD_INVALID for a segment that is there twice.
    """
    field = "segment_clicks.last_click_time"
    counts = {
        uuid.UUID(one.segment_id): (one.clicks, optional_instant(one, "last_click_time", field))
        for one in request.segment_clicks
    }
    if len(counts) < len(request.segment_clicks):
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            "segment_clicks: name each segment once.",
            field="segment_clicks",
        )
    return counts


def to_filter(request: Any, caller_id: uuid.UUID) -> SessionFilter:
    """Return whose sessions are asked for, and which."""
    is_list = isinstance(request, pb.ListSessionsRequest)
    return SessionFilter(
        student_id=optional_id(request, "student_id") or caller_id,
        piece_id=optional_id(request, "piece_id") if is_list else uuid.UUID(request.piece_id),
        mode=_MODES.get(request.mode) if is_list else None,
        state=_STATES.get(request.state) if is_list else None,
        started_from=optional_instant(request, "start_time_from"),
        started_before=optional_instant(request, "start_time_before"),
    )


def optional_instant(message: Any, name: str, field: str | None = None) -> datetime | None:
    """Return an optional time, if it is there.

    Raises
    ------
    PracticeError
        FIELD_INVALID for one that is none.
    """
    return to_instant(getattr(message, name), field or name) if message.HasField(name) else None


def to_session(view: SessionView, *, with_intervals: bool = True) -> pb.Session:
    """Return a session; in a list without its intervals."""
    row = view.row
    message = pb.Session(
        session_id=str(row.id),
        student_id=str(row.student_id),
        state=_STATE_NUMBERS[row.state],
        start_time=to_timestamp(row.started_at),
        finish_time=to_timestamp(row.finished_at),
        etag=revisions.etag_of(row),
        create_time=to_timestamp(row.created_at),
        update_time=to_timestamp(row.updated_at),
        delete_time=to_timestamp(row.deleted_at),
    )
    plan = repository.practice_of(row).plan
    for name in Plan.__dataclass_fields__:
        _set(message, name, getattr(plan, name))
    active_for = Duration()
    active_for.FromTimedelta(view.active_for)
    message.active_duration.CopyFrom(active_for)
    for one in row.intervals if with_intervals else ():
        message.active_intervals.add(
            start_time=to_timestamp(one.started_at), end_time=to_timestamp(one.ended_at)
        )
    return message


def to_clicks(totals: Mapping[uuid.UUID, Clicks]) -> list[pb.SegmentClicks]:
    """Return how often segments were clicked."""
    return [
        pb.SegmentClicks(
            segment_id=str(one), clicks=total.count, last_click_time=to_timestamp(total.last_at)
        )
        for one, total in totals.items()
    ]


def to_warmth(warmth: Warmth) -> pb.HeatmapSegment:
    """Return a segment of a heatmap."""
    return pb.HeatmapSegment(
        segment_id=str(warmth.segment_id),
        name=warmth.name,
        clicks=warmth.clicks,
        intensity=warmth.intensity,
        color=warmth.color,
        last_click_time=to_timestamp(warmth.last_at),
        error=warmth.error,
        measured_windows=warmth.window_count,
    )


def to_event(row: SessionEvent) -> pb.SessionEvent:
    """Return an entry of a history."""
    event = repository.to_event(row)
    message = pb.SessionEvent(
        event_id=str(row.id),
        session_id=str(row.session_id),
        sequence=row.sequence,
        kind=_KIND_NUMBERS[row.kind],
        event_time=to_timestamp(row.happened_at),
        record_time=to_timestamp(row.created_at),
        segment_clicks=to_clicks(event.clicks),
    )
    for name, value in event.changes.items():
        message.update_mask.paths.append(name)
        _set(message.session, name, value)
    return message


def _value(session: pb.Session, name: str) -> object:
    if name in _OPTIONAL and not session.HasField(name):
        return None
    value: Any = getattr(session, name, None)
    match name:
        case "piece_id":
            return uuid.UUID(value)
        case "tag_ids":
            return frozenset(uuid.UUID(one) for one in value)
        case "mode":
            return _MODES.get(value, PracticeMode.NORMAL)
        case _:
            return value


def _set(message: pb.Session, name: str, value: Any) -> None:
    """Put a value of a plan into the field of its name."""
    if value is None:
        return
    if name == "tag_ids":
        message.tag_ids.extend(sorted(str(one) for one in value))
    elif name == "mode":
        message.mode = _MODE_NUMBERS[value]
    else:
        setattr(message, name, str(value) if isinstance(value, uuid.UUID) else value)
