"""A session as the sum of what happened to it: events, and the state that they add up to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from session_service.sessions.model import EventKind, PracticeMode, SessionState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """What a player says about a session."""

    focus: str = ""
    piece_id: uuid.UUID | None = None
    tag_ids: frozenset[uuid.UUID] = frozenset()
    target_bpm: float | None = None
    mode: PracticeMode = PracticeMode.NORMAL
    self_rating: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Clicks:
    """How often a segment was clicked, and when last."""

    count: int
    last_at: datetime

    def with_more(self, more: Clicks) -> Clicks:
        """Return both together."""
        return Clicks(self.count + more.count, max(self.last_at, more.last_at))


@dataclass(frozen=True, slots=True)
class Span:
    """Active time; `end` is None while it goes on."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens. `changes` are new values of the plan's fields by their names."""

    kind: EventKind
    at: datetime
    changes: Mapping[str, object] = field(default_factory=dict)
    clicks: Mapping[uuid.UUID, Clicks] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Practice:
    """A session as it is after some events."""

    state: SessionState
    plan: Plan
    spans: tuple[Span, ...]
    finished_at: datetime | None = None
    deleted_at: datetime | None = None
    clicks: Mapping[uuid.UUID, Clicks] = field(default_factory=dict)

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return self.spans[0].start

    @property
    def latest_at(self) -> datetime:
        """When its clock was last started or stopped, or it was finished."""
        last = self.spans[-1]
        return self.finished_at or last.end or last.start

    def active_for(self, now: datetime) -> timedelta:
        """Return the time without pauses, up to now while it is active."""
        lengths = (max(span.end or now, span.start) - span.start for span in self.spans)
        return sum(lengths, timedelta())


def replay(events: Iterable[Event]) -> Practice:
    """Return the session that a history makes, from its first event on.

    Raises
    ------
    ValueError
        When it does not begin with STARTED.
    """
    practice: Practice | None = None
    for event in events:
        practice = started(event) if practice is None else after(practice, event)
    if practice is None:
        raise ValueError("a history without events makes no session")
    return practice


def started(event: Event) -> Practice:
    """Return the session that STARTED makes."""
    if event.kind is not EventKind.STARTED:
        raise ValueError(f"a history can't begin with {event.kind}")
    return Practice(SessionState.ACTIVE, _planned(Plan(), event), (Span(event.at),))


def after(practice: Practice, event: Event) -> Practice:
    """Return a session after one more event, which the rules allowed."""
    changes: dict[str, Any] = {}
    match event.kind:
        case EventKind.PAUSED:
            changes = {"state": SessionState.PAUSED, "spans": _closed(practice, event.at)}
        case EventKind.RESUMED:
            spans = (*practice.spans, Span(event.at))
            changes = {"state": SessionState.ACTIVE, "spans": spans}
        case EventKind.FINISHED:
            spans = _closed(practice, event.at)
            changes = {"state": SessionState.FINISHED, "spans": spans, "finished_at": event.at}
        case EventKind.CLICKED:
            changes = {"clicks": _added(practice.clicks, event.clicks)}
        case EventKind.DELETED:
            changes = {"deleted_at": event.at}
        case EventKind.UNDELETED:
            changes = {"deleted_at": None}
        case EventKind.STARTED:
            raise ValueError("a session starts once")
    return replace(practice, plan=_planned(practice.plan, event), **changes)


def _planned(plan: Plan, event: Event) -> Plan:
    changes: dict[str, Any] = dict(event.changes)
    return replace(plan, **changes)


def _closed(practice: Practice, at: datetime) -> tuple[Span, ...]:
    *earlier, last = practice.spans
    return (*earlier, last if last.end is not None else replace(last, end=at))


def _added(
    clicks: Mapping[uuid.UUID, Clicks], more: Mapping[uuid.UUID, Clicks]
) -> dict[uuid.UUID, Clicks]:
    added = dict(clicks)
    for segment_id, new in more.items():
        known = added.get(segment_id)
        added[segment_id] = new if known is None else known.with_more(new)
    return added
