"""Batches into tables, each point once, and only into sessions of whoever heard it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from session_service.progress import repository
from session_service.progress.batches import Batch, beat_rows, window_rows
from session_service.progress.postgresql import PostgresqlPoints
from session_service.progress.storage import PointStorage, SqlitePoints

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from session_service.progress.repository import Stream


class SessionOwners(Protocol):
    """What has to be known of practice sessions to add to them."""

    def owners(
        self, session: Session, session_ids: Collection[uuid.UUID]
    ) -> Mapping[uuid.UUID, uuid.UUID]:
        """Return whose the sessions are; those that are not there are left out."""
        ...

    def check_streamable(self, session: Session, session_id: uuid.UUID) -> None:
        """Refuse a session that is over, or raise nothing."""
        ...


@dataclass(slots=True)
class Outcome:
    """What became of some batches.

    Parameters
    ----------
    new_windows, new_beats
        Points that were not there before.
    foreign
        Batches for sessions that are not their owner's, or of a stream with another sample rate:
        nothing of them is stored.
    """

    new_windows: int = 0
    new_beats: int = 0
    foreign: list[Batch] = field(default_factory=list)


class Ingest:
    """Adds batches in a unit of work.

    Parameters
    ----------
    owners
        The practice sessions.
    """

    def __init__(self, owners: SessionOwners) -> None:
        self._owners = owners

    def store(self, session: Session, batches: Sequence[Batch]) -> Outcome:
        """Add batches; a point that is there already stays as it is."""
        outcome = Outcome()
        own = self._own(session, batches, outcome)
        points = _points_of(session)
        points.prepare(session, {instant for batch in own for instant in batch.span})
        streams = repository.register_streams(session, own)
        fitting: list[Batch] = []
        for batch in own:
            does_fit = _fits(batch, streams[batch.key])
            (fitting if does_fit else outcome.foreign).append(batch)
        starts = {key: stream.started_at for key, stream in streams.items()}
        windows = [row for one in fitting for row in window_rows(one, starts[one.key])]
        beats = [row for one in fitting for row in beat_rows(one, starts[one.key])]
        outcome.new_windows = points.add_windows(session, windows)
        outcome.new_beats = points.add_beats(session, beats)
        for batch in fitting:
            if batch.request.HasField("summary"):
                repository.sum_up(session, batch.key, batch.request.summary)
        return outcome

    def _own(self, session: Session, batches: Sequence[Batch], outcome: Outcome) -> list[Batch]:
        owners = self._owners.owners(session, {batch.session_id for batch in batches})
        own: list[Batch] = []
        for batch in batches:
            is_own = owners.get(batch.session_id) == batch.owner_id
            (own if is_own else outcome.foreign).append(batch)
        return own


def _fits(batch: Batch, stream: Stream) -> bool:
    return (
        stream.user_id == batch.owner_id and stream.sample_rate_hz == batch.request.sample_rate_hz
    )


def _points_of(session: Session) -> PointStorage:
    is_embedded = session.get_bind().dialect.name == "sqlite"
    return SqlitePoints() if is_embedded else PostgresqlPoints()
