"""Series and progress out of the sums: what the servicer of MetricsService calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from practice.rpc.errors import ErrorCode, PracticeError
from session_service import policy
from session_service.progress import repository, rules
from session_service.progress.ingest import Ingest, Outcome, SessionOwners
from session_service.progress.model import Metric
from session_service.progress.rules import MOST_BUCKETS, Bucket
from session_service.progress.sums import Sums, added_up

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from session_service.actors import Actor
    from session_service.policy import Relation
    from session_service.progress.batches import Batch

_SERVICE: Final = "/practice.progress.v1.MetricsService/"
QUERY_TIME_SERIES: Final = _SERVICE + "QueryTimeSeries"
GET_PIECE_PROGRESS: Final = _SERVICE + "GetPieceProgress"


class People(Protocol):
    """What has to be known of users."""

    def me(self, session: Session, actor: Actor) -> object:
        """Return the caller, or raise LOGIN_ENDED."""
        ...

    def relation(self, session: Session, actor: Actor, user_id: uuid.UUID) -> Relation:
        """Return what the caller is to somebody."""
        ...


class PracticeSessions(SessionOwners, Protocol):
    """What has to be known of practice sessions."""

    def ids_of(self, user_id: uuid.UUID, piece_id: uuid.UUID | None) -> Select[uuid.UUID]:
        """Return a query for the ids of someone's sessions, of one piece or of all."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked about, and in which time; None is the caller, or any."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    user_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    piece_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Sums by the beginning of their bucket, and over all."""

    points: Mapping[datetime, Sums]
    total: Sums | None


@dataclass(frozen=True, slots=True)
class PieceDay:
    """One day of one piece; None where nothing was measured."""

    day: date
    held_bpm: float | None
    stream_count: int
    accuracy: Sums | None
    steadiness: Sums | None


class Metrics:
    """The points of an installation.

    Parameters
    ----------
    people
        The users.
    sessions
        The practice sessions.
    now
        The clock.
    """

    def __init__(
        self,
        people: People,
        sessions: PracticeSessions,
        now: Callable[[], datetime],
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._ingest = Ingest(sessions)
        self._now = now

    def write(self, session: Session, actor: Actor, batch: Batch) -> Outcome:
        """Add points to one of the caller's sessions.

        Raises
        ------
        PracticeError
            NOT_FOUND for a session of somebody else, FIELD_INVALID for points in the future or a
            sample rate that is not the stream's.
        """
        self._people.me(session, actor)
        rules.check_not_ahead(batch.span[1], self._now())
        if self._owner(session, batch.session_id) != actor.user_id:
            raise policy.not_found("session")
        outcome = self._ingest.store(session, [batch])
        if outcome.foreign:
            raise PracticeError(
                ErrorCode.FIELD_INVALID,
                "The stream has another sample rate already.",
                field="sample_rate_hz",
            )
        return outcome

    def series(
        self, session: Session, actor: Actor, metric: Metric, bucket: Bucket, scope: Scope
    ) -> Series:
        """Return one metric over time.

        Raises
        ------
        PracticeError
            NOT_FOUND for somebody whom the caller may not see, FIELD_INVALID for a range that is
            too long or has too many buckets.
        """
        rules.check_range(scope.start, scope.end, rules.LONGEST_SERIES)
        has_session = scope.session_id is not None
        rules.check_bucket(scope.start, scope.end, bucket, has_session=has_session)
        session_ids = self._session_ids(session, actor, scope, QUERY_TIME_SERIES)
        if bucket is Bucket.MINUTE:
            sums = repository.minute_sums(
                session, session_ids, metric, scope.start, scope.end, most=MOST_BUCKETS + 1
            )
            rules.check_count(len(sums))
        else:
            start = scope.start.replace(minute=0, second=0, microsecond=0)
            hours = repository.hourly_sums(session, session_ids, [metric], start, scope.end)
            sums = [(hour, one) for _, hour, one in hours]
        points = rules.in_buckets(sums, bucket, scope.zone)
        return Series(points, added_up(points.values()))

    def piece_days(self, session: Session, actor: Actor, scope: Scope) -> list[PieceDay]:
        """Return how a piece got on, oldest day first.

        Raises
        ------
        PracticeError
            As `series`.
        """
        rules.check_range(scope.start, scope.end, rules.LONGEST_PROGRESS)
        session_ids = self._session_ids(session, actor, scope, GET_PIECE_PROGRESS)
        start = scope.start.replace(minute=0, second=0, microsecond=0)
        shown = (Metric.ACCURACY, Metric.STEADINESS)
        hours = repository.hourly_sums(session, session_ids, shown, start, scope.end)
        accuracy, steadiness = (
            rules.in_buckets(
                ((hour, sums) for metric, hour, sums in hours if metric is one),
                Bucket.DAY,
                scope.zone,
            )
            for one in shown
        )
        tempi = repository.held_tempi(session, session_ids, start, scope.end)
        held = rules.in_buckets(
            ((began, Sums.of(bpm)) for began, bpm in tempi), Bucket.DAY, scope.zone
        )
        return [
            PieceDay(
                day=day.date(),
                held_bpm=held[day].highest if day in held else None,
                stream_count=held[day].n if day in held else 0,
                accuracy=accuracy.get(day),
                steadiness=steadiness.get(day),
            )
            for day in sorted({*accuracy, *steadiness, *held})
        ]

    def _session_ids(
        self, session: Session, actor: Actor, scope: Scope, method: str
    ) -> Select[uuid.UUID]:
        """Return a query for the sessions in scope, if the caller may see them."""
        self._people.me(session, actor)
        user_id = scope.user_id or actor.user_id
        if scope.session_id is not None:
            owner_id = self._owner(session, scope.session_id)
            if owner_id is None or scope.user_id not in {None, owner_id}:
                raise policy.not_found("session")
            user_id = owner_id
        sought = "user" if scope.session_id is None else "session"
        relation = self._people.relation(session, actor, user_id)
        policy.require(method, actor, relation, sought)
        query = self._sessions.ids_of(user_id, scope.piece_id)
        if scope.session_id is None:
            return query
        (session_id,) = query.selected_columns
        return query.where(session_id == scope.session_id)

    def _owner(self, session: Session, session_id: uuid.UUID) -> uuid.UUID | None:
        return self._sessions.owners(session, [session_id]).get(session_id)
