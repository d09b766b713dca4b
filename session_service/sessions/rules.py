"""What may happen to a session, free of any database: from a state and a wish to an event.

A wish that is fulfilled already makes no event, so that a repeat changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.sessions.model import EventKind, SessionState
from session_service.sessions.timeline import Clicks, Event, Plan, Practice

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import datetime

#: How far a player's clock may be ahead of ours.
CLOCK_TOLERANCE: Final = timedelta(seconds=30)
UNDELETABLE_FOR: Final = timedelta(days=30)
MOST_SPANS: Final = 1000
#: What an update mask may name.
CHANGEABLE: Final = frozenset(
    {"focus", "piece_id", "tag_ids", "target_bpm", "mode", "self_rating", "note"}
)


def start(plan: Plan, at: datetime | None, now: datetime) -> Event:
    """Begin a session at a time by the player's clock, or now.

    Raises
    ------
    PracticeError
        FIELD_INVALID for a time in the future.
    """
    at = now if at is None else _past(at, now, "start_time")
    names = ("focus", "piece_id", "tag_ids", "target_bpm", "mode")
    return Event(EventKind.STARTED, at, {name: getattr(plan, name) for name in names})


def is_same_start(first: Event, plan: Plan, at: datetime | None) -> bool:
    """Whether a session that began with an event was asked for in these words."""
    same_plan = all(getattr(plan, name) == value for name, value in first.changes.items())
    return same_plan and at in {None, first.at}


def pause(practice: Practice, at: datetime | None, now: datetime) -> Event | None:
    """Stop the clock.

    Raises
    ------
    PracticeError
        PRECONDITION_FAILED for a finished session, FIELD_INVALID for a time out of order.
    """
    _refuse_finished(practice)
    if practice.state is SessionState.PAUSED:
        return None
    return Event(EventKind.PAUSED, _next_instant(practice, at, now, "pause_time"))


def resume(practice: Practice, at: datetime | None, now: datetime) -> Event | None:
    """Let the clock run on.

    Raises
    ------
    PracticeError
        As `pause`; PRECONDITION_FAILED for more pauses than a session can have.
    """
    _refuse_finished(practice)
    if practice.state is SessionState.ACTIVE:
        return None
    if len(practice.spans) >= MOST_SPANS:
        raise _precondition(f"A session has at most {MOST_SPANS} pauses; finish this one.")
    return Event(EventKind.RESUMED, _next_instant(practice, at, now, "resume_time"))


def finish(
    practice: Practice, changes: Mapping[str, object], at: datetime | None, now: datetime
) -> Event | None:
    """End a session for good, with a rating and a note if there are any.

    Raises
    ------
    PracticeError
        FIELD_INVALID for a time out of order.
    """
    if practice.state is SessionState.FINISHED:
        return None
    at = _next_instant(practice, at, now, "finish_time")
    return Event(EventKind.FINISHED, at, dict(changes))


def update(practice: Practice, changes: Mapping[str, object], now: datetime) -> Event | None:
    """Change what a player says about a session.

    Raises
    ------
    PracticeError
        FIELD_INVALID for a name that can't be changed; PRECONDITION_FAILED for a rating before the
        end, and for another piece when segments of this one were clicked.
    """
    check_names(changes)
    new = {name: value for name, value in changes.items() if getattr(practice.plan, name) != value}
    if new.get("self_rating") is not None and practice.state is not SessionState.FINISHED:
        raise _precondition("Only a finished session can be rated; finish it first.")
    if "piece_id" in new and practice.clicks:
        raise _precondition("Segments of its piece were clicked, so the session keeps the piece.")
    return Event(EventKind.UPDATED, now, new) if new else None


def check_names(changes: Mapping[str, object]) -> None:
    """Refuse a mask that names what nobody can change, or nothing.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown or not changes:
        known = ", ".join(sorted(CHANGEABLE))
        named = f"{', '.join(unknown)} can't be changed" if unknown else "names nothing"
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            f"update_mask: {named}; these can: {known}",
            field="update_mask",
        )


def click(
    practice: Practice, counts: Mapping[uuid.UUID, tuple[int, datetime | None]], now: datetime
) -> Event:
    """Count clicks on segments, each with the time of the last one, or now.

    Raises
    ------
    PracticeError
        FIELD_INVALID for a time in the future or out of the session; PRECONDITION_FAILED for a
        session without a piece.
    """
    if practice.plan.piece_id is None:
        raise _precondition("The session has no piece, so no segments; give it one first.")
    latest = practice.finished_at or max(now, practice.started_at)
    clicks = {
        segment_id: Clicks(count, _click_instant(practice, at or latest, now))
        for segment_id, (count, at) in counts.items()
    }
    return Event(EventKind.CLICKED, max(one.last_at for one in clicks.values()), clicks=clicks)


def delete(practice: Practice, now: datetime) -> Event | None:
    """Take a session away."""
    return None if practice.deleted_at is not None else Event(EventKind.DELETED, now)


def undelete(practice: Practice, now: datetime) -> Event | None:
    """Bring a session back.

    Raises
    ------
    PracticeError
        PRECONDITION_FAILED when it is gone for too long.
    """
    if practice.deleted_at is None:
        return None
    if now - practice.deleted_at > UNDELETABLE_FOR:
        raise _precondition(f"It was deleted more than {UNDELETABLE_FOR.days} days ago.")
    return Event(EventKind.UNDELETED, now)


def check_range(start: datetime | None, end: datetime | None) -> None:
    """Refuse a range that ends before it begins.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    if start is not None and end is not None and end < start:
        raise _invalid("start_time_before", "lies before start_time_from")


def check_streamable(practice_state: SessionState) -> None:
    """Refuse audio for a session that is over.

    Raises
    ------
    PracticeError
        PRECONDITION_FAILED.
    """
    if practice_state is SessionState.FINISHED:
        raise _finished()


def _click_instant(practice: Practice, at: datetime, now: datetime) -> datetime:
    field = "segment_clicks.last_click_time"
    if at > max(now, practice.started_at):
        _past(at, now, field)
    if at < practice.started_at:
        raise _invalid(field, "lies before the session")
    if practice.finished_at is not None and at > practice.finished_at:
        raise _invalid(field, "lies after the session")
    return at


def _next_instant(practice: Practice, at: datetime | None, now: datetime, field: str) -> datetime:
    if at is None:
        return max(now, practice.latest_at)
    if at < practice.latest_at:
        what = "the start" if practice.latest_at == practice.started_at else "the last pause"
        raise _invalid(field, f"lies before {what} of the session, {practice.latest_at}")
    return _past(at, now, field)


def _past(at: datetime, now: datetime, field: str) -> datetime:
    if at > now + CLOCK_TOLERANCE:
        raise _invalid(field, "lies in the future; look at this device's clock")
    return at


def _refuse_finished(practice: Practice) -> None:
    if practice.state is SessionState.FINISHED:
        raise _finished()


def _finished() -> PracticeError:
    return _precondition("The session is finished; start another one.")


def _invalid(field: str, reason: str) -> PracticeError:
    return PracticeError(ErrorCode.FIELD_INVALID, f"{field}: {reason}", field=field)


def _precondition(reason: str) -> PracticeError:
    return PracticeError(ErrorCode.PRECONDITION_FAILED, reason, precondition="session")
