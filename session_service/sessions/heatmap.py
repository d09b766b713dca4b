"""Which segments of a piece someone worked on most, and how far off they were there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from session_service import policy
from session_service.sessions import repository, rules
from session_service.sessions.service import SERVICE, People, Repertoire

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from session_service.actors import Actor
    from session_service.sessions.model import PracticeSession, SessionEvent
    from session_service.sessions.repository import SessionFilter
    from session_service.sessions.timeline import Clicks

_COLD_RGB: Final = (0xFF, 0xE5, 0xB4)
_HOT_RGB: Final = (0xFF, 0x45, 0x00)


class Stretch(NamedTuple):
    """A part of a session that was spent on one segment."""

    session_id: uuid.UUID
    segment_id: uuid.UUID
    start: datetime
    end: datetime


class MeanAccuracy(NamedTuple):
    """The mean of some windows' accuracies (0 to 100), and how many they are."""

    mean: float
    window_count: int


class Measurements(Protocol):
    """What was heard; the progress domain knows."""

    def accuracy(
        self, session: Session, stretches: Sequence[Stretch]
    ) -> Mapping[uuid.UUID, MeanAccuracy]:
        """Return by segment the mean accuracy of the windows that ended in its stretches."""
        ...


@dataclass(frozen=True, slots=True)
class Warmth:
    """One segment in a heatmap; `intensity` is 0 to 1, `error` 0 to 100 or unknown."""

    segment_id: uuid.UUID
    name: str
    clicks: int
    intensity: float
    last_at: datetime | None
    error: float | None
    window_count: int

    @property
    def color(self) -> str:
        """The intensity as a colour, #RRGGBB."""
        parts = (
            round(cold + (hot - cold) * self.intensity)
            for cold, hot in zip(_COLD_RGB, _HOT_RGB, strict=True)
        )
        return "#" + "".join(f"{part:02X}" for part in parts)


class Heatmaps:
    """Heatmaps of pieces.

    Parameters
    ----------
    people
        Who is who.
    repertoire
        What there is to practise.
    now
        The clock.
    measurements
        What was heard.
    """

    def __init__(
        self,
        people: People,
        repertoire: Repertoire,
        now: Callable[[], datetime],
        measurements: Measurements,
    ) -> None:
        self._people = people
        self._repertoire = repertoire
        self._now = now
        self._measurements = measurements

    def of_piece(
        self,
        session: Session,
        actor: Actor,
        piece_id: uuid.UUID,
        wanted: SessionFilter,
        session_id: uuid.UUID | None,
    ) -> list[Warmth]:
        """Return every segment of somebody's piece, in its order.

        Raises
        ------
        PracticeError
            NOT_FOUND for a piece or person that is not for the caller, FIELD_INVALID for an empty
            range.
        """
        self._people.me(session, actor)
        relation = self._people.relation(session, actor, wanted.student_id)
        policy.require(SERVICE + "GetHeatmap", actor, relation, "piece")
        self._repertoire.check_piece(session, wanted.student_id, piece_id)
        rules.check_range(wanted.started_from, wanted.started_before)
        rows = [
            row
            for row in repository.sessions(session, wanted)
            if session_id is None or row.id == session_id
        ]
        if session_id is not None and not rows:
            raise policy.not_found("session")
        clicks = repository.total_clicks(session, [row.id for row in rows])
        most = max((one.count for one in clicks.values()), default=0)
        heard = self._heard(session, rows)
        return [
            _warmth(segment_id, name, clicks.get(segment_id), most, heard.get(segment_id))
            for segment_id, name in self._repertoire.segments(session, piece_id).items()
        ]

    def _heard(
        self, session: Session, rows: Sequence[PracticeSession]
    ) -> Mapping[uuid.UUID, MeanAccuracy]:
        by_session: dict[uuid.UUID, list[SessionEvent]] = {row.id: [] for row in rows}
        for event in repository.click_events(session, by_session):
            by_session[event.session_id].append(event)
        now = self._now()
        spent = [one for row in rows for one in stretches(row, by_session[row.id], now)]
        return self._measurements.accuracy(session, spent)


def _warmth(
    segment_id: uuid.UUID,
    name: str,
    clicked: Clicks | None,
    most: int,
    accuracy: MeanAccuracy | None,
) -> Warmth:
    count = clicked.count if clicked else 0
    return Warmth(
        segment_id,
        name,
        count,
        intensity=count / most if most else 0.0,
        last_at=clicked.last_at if clicked else None,
        error=100.0 - accuracy.mean if accuracy else None,
        window_count=accuracy.window_count if accuracy else 0,
    )


def stretches(row: PracticeSession, events: Iterable[SessionEvent], now: datetime) -> list[Stretch]:
    """Return what a session was spent on: from a click to the next one, or the next pause."""
    clicks = sorted(
        (clicked.last_at, segment_id)
        for event in events
        for segment_id, clicked in repository.to_event(event).clicks.items()
    )
    spent = []
    for number, (at, segment_id) in enumerate(clicks):
        next_click = clicks[number + 1][0] if number + 1 < len(clicks) else None
        span = next(
            (one for one in row.intervals if one.ended_at is None or one.ended_at > at), None
        )
        if span is None:
            continue
        start = max(at, span.started_at)
        end = min(filter(None, (next_click, span.ended_at)), default=now)
        if start < end:
            spent.append(Stretch(row.id, segment_id, start, end))
    return spent
