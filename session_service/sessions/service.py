"""Practice sessions: what the servicer of PracticeService calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from practice.rpc.errors import ErrorCode, PracticeError
from session_service import policy, revisions
from session_service.policy import Relation
from session_service.sessions import repository, rules
from session_service.sessions.model import PracticeSession, SessionEvent
from session_service.sessions.timeline import Event, Plan, after, started

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from session_service.actors import Actor
    from session_service.paging import Page
    from session_service.sessions.repository import SessionFilter
    from session_service.sessions.timeline import Clicks

SERVICE: Final = "/practice.sessions.v1.PracticeService/"


class People(Protocol):
    """What sessions need to know of users."""

    def me(self, session: Session, actor: Actor) -> object:
        """Return the caller, or raise LOGIN_ENDED."""
        ...

    def relation(self, session: Session, actor: Actor, user_id: uuid.UUID) -> Relation:
        """Return what the caller is to somebody."""
        ...


class Repertoire(Protocol):
    """What sessions need to know of the library."""

    def check_piece(self, session: Session, owner_id: uuid.UUID, piece_id: uuid.UUID) -> None:
        """Raise NOT_FOUND for a piece that somebody does not have."""
        ...

    def check_tags(
        self, session: Session, owner_id: uuid.UUID, tag_ids: Collection[uuid.UUID]
    ) -> None:
        """Raise NOT_FOUND for tags that somebody may not put on things."""
        ...

    def segments(self, session: Session, piece_id: uuid.UUID) -> Mapping[uuid.UUID, str]:
        """Return the names of a piece's segments, in its order."""
        ...


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session, and for how long it was active up to now."""

    row: PracticeSession
    active_for: timedelta


class PracticeSessions:
    """The sessions of an installation.

    Parameters
    ----------
    people
        Who is who.
    repertoire
        What there is to practise.
    now
        The clock.
    """

    def __init__(self, people: People, repertoire: Repertoire, now: Callable[[], datetime]) -> None:
        self._people = people
        self._repertoire = repertoire
        self._now = now

    def start(
        self,
        session: Session,
        actor: Actor,
        session_id: uuid.UUID,
        plan: Plan,
        at: datetime | None,
    ) -> SessionView:
        """Begin a session of the caller's, once.

        Raises
        ------
        PracticeError
            NOT_FOUND for a piece or tag that is not the caller's, FIELD_INVALID for a time in the
            future, ALREADY_EXISTS for an id that is taken.
        """
        self._people.me(session, actor)
        policy.require(SERVICE + "StartSession", actor, Relation.SELF, "session")
        stored = session.get(PracticeSession, session_id)
        if stored is None:
            self._check(
                session, actor.user_id, {"piece_id": plan.piece_id, "tag_ids": plan.tag_ids}
            )
            event = rules.start(plan, at, self._now())
            row = repository.new_row(session_id, actor.user_id, started(event))
            stored = revisions.add_once(session, row)
            if stored is None:
                repository.append(session, session_id, event)
                return self._view(row)
        first = repository.to_event(repository.first_event(session, session_id))
        if stored.student_id != actor.user_id or not rules.is_same_start(first, plan, at):
            raise PracticeError(
                ErrorCode.ALREADY_EXISTS,
                "Another session has this id, or it was started otherwise; make a new one.",
                field="session_id",
            )
        return self._view(stored)

    def pause(
        self, session: Session, actor: Actor, session_id: uuid.UUID, at: datetime | None
    ) -> SessionView:
        """Stop the clock; raises as `rules.pause`, and NOT_FOUND."""
        row = self._changeable(session, actor, "PauseSession", session_id)
        return self._apply(session, row, rules.pause(repository.practice_of(row), at, self._now()))

    def resume(
        self, session: Session, actor: Actor, session_id: uuid.UUID, at: datetime | None
    ) -> SessionView:
        """Let the clock run on; raises as `rules.resume`, and NOT_FOUND."""
        row = self._changeable(session, actor, "ResumeSession", session_id)
        return self._apply(session, row, rules.resume(repository.practice_of(row), at, self._now()))

    def finish(
        self,
        session: Session,
        actor: Actor,
        session_id: uuid.UUID,
        changes: Mapping[str, object],
        at: datetime | None,
    ) -> SessionView:
        """End a session for good; raises as `rules.finish`, and NOT_FOUND."""
        row = self._changeable(session, actor, "FinishSession", session_id)
        event = rules.finish(repository.practice_of(row), changes, at, self._now())
        return self._apply(session, row, event)

    def update(
        self,
        session: Session,
        actor: Actor,
        session_id: uuid.UUID,
        changes: Mapping[str, object],
        etag: str,
    ) -> SessionView:
        """Change what the caller says about a session.

        Raises
        ------
        PracticeError
            As `rules.update`; NOT_FOUND, ETAG_STALE.
        """
        row = self._changeable(session, actor, "UpdateSession", session_id)
        revisions.check_etag(row, etag)
        rules.check_names(changes)
        self._check(session, row.student_id, changes)
        practice = repository.practice_of(row, repository.clicks_of(session, row.id))
        return self._apply(session, row, rules.update(practice, changes, self._now()))

    def delete(
        self, session: Session, actor: Actor, session_id: uuid.UUID, etag: str
    ) -> SessionView:
        """Take a session away; again changes nothing. Raises NOT_FOUND, ETAG_STALE."""
        row = self._changeable(session, actor, "DeleteSession", session_id, also_deleted=True)
        event = rules.delete(repository.practice_of(row), self._now())
        if event is not None:
            revisions.check_etag(row, etag)
        return self._apply(session, row, event)

    def undelete(self, session: Session, actor: Actor, session_id: uuid.UUID) -> SessionView:
        """Bring a session back; raises as `rules.undelete`, and NOT_FOUND."""
        row = self._changeable(session, actor, "UndeleteSession", session_id, also_deleted=True)
        return self._apply(session, row, rules.undelete(repository.practice_of(row), self._now()))

    def click(
        self,
        session: Session,
        actor: Actor,
        session_id: uuid.UUID,
        counts: Mapping[uuid.UUID, tuple[int, datetime | None]],
        event_id: uuid.UUID | None,
    ) -> Mapping[uuid.UUID, Clicks]:
        """Count clicks, once; returns the session's totals of these segments.

        Raises
        ------
        PracticeError
            As `rules.click`; NOT_FOUND for the session and for segments of other pieces,
            ALREADY_EXISTS for an event_id that is taken.
        """
        row = self._changeable(session, actor, "RecordSegmentClicks", session_id)
        known = repository.clicks_of(session, row.id)
        practice = repository.practice_of(row, known)
        stored = None if event_id is None else session.get(SessionEvent, event_id)
        if stored is not None:
            _check_same_clicks(stored, row.id, counts)
        else:
            event = rules.click(practice, counts, self._now())
            self._check_segments(session, row, counts)
            practice = after(practice, event)
            totals = {one: practice.clicks[one] for one in counts}
            repository.write_clicks(session, row.id, totals)
            repository.append(session, row.id, event, event_id)
            session.flush()
        return {one: practice.clicks[one] for one in counts}

    def get(self, session: Session, actor: Actor, session_id: uuid.UUID) -> SessionView:
        """Return a session that the caller may see; raises NOT_FOUND."""
        return self._view(self._readable(session, actor, "GetSession", session_id))

    def page(
        self, session: Session, actor: Actor, wanted: SessionFilter, page: Page, *, deleted: bool
    ) -> Sequence[PracticeSession]:
        """Return a page of someone's sessions, and one more; deleted ones only of the caller.

        Raises
        ------
        PracticeError
            NOT_FOUND for somebody whom the caller may not see, FIELD_INVALID for an empty range.
        """
        self._people.me(session, actor)
        relation = self._people.relation(session, actor, wanted.student_id)
        policy.require(SERVICE + "ListSessions", actor, relation, "student")
        rules.check_range(wanted.started_from, wanted.started_before)
        if deleted and relation is Relation.SELF:
            wanted = replace(wanted, deleted_since=self._now() - rules.UNDELETABLE_FOR)
        return repository.sessions(session, wanted, page)

    def events(
        self, session: Session, actor: Actor, session_id: uuid.UUID, page: Page
    ) -> Sequence[SessionEvent]:
        """Return a page of a session's history, and one more; raises NOT_FOUND."""
        row = self._readable(session, actor, "ListSessionEvents", session_id)
        return repository.events(session, row.id, page)

    def views(self, rows: Sequence[PracticeSession]) -> list[SessionView]:
        """Return sessions as they are shown."""
        return [self._view(row) for row in rows]

    def _readable(
        self, session: Session, actor: Actor, method: str, session_id: uuid.UUID
    ) -> PracticeSession:
        self._people.me(session, actor)
        row = session.get(PracticeSession, session_id)
        if row is None or row.is_deleted:
            raise policy.not_found("session")
        relation = self._people.relation(session, actor, row.student_id)
        policy.require(SERVICE + method, actor, relation, "session")
        return row

    def _changeable(
        self,
        session: Session,
        actor: Actor,
        method: str,
        session_id: uuid.UUID,
        *,
        also_deleted: bool = False,
    ) -> PracticeSession:
        """Return a session to be changed, locked until the commit."""
        self._people.me(session, actor)
        row = session.get(PracticeSession, session_id, with_for_update=True)
        if row is None or (row.is_deleted and not also_deleted):
            raise policy.not_found("session")
        relation = self._people.relation(session, actor, row.student_id)
        policy.require(SERVICE + method, actor, relation, "session")
        return row

    def _apply(self, session: Session, row: PracticeSession, event: Event | None) -> SessionView:
        if event is not None:
            repository.write(row, after(repository.practice_of(row), event))
            repository.append(session, row.id, event)
            revisions.save(session, row)
        return self._view(row)

    def _check(self, session: Session, owner_id: uuid.UUID, changes: Mapping[str, Any]) -> None:
        piece_id, tag_ids = changes.get("piece_id"), changes.get("tag_ids")
        if piece_id is not None:
            self._repertoire.check_piece(session, owner_id, piece_id)
        if tag_ids:
            self._repertoire.check_tags(session, owner_id, tag_ids)

    def _check_segments(
        self, session: Session, row: PracticeSession, segment_ids: Collection[uuid.UUID]
    ) -> None:
        known = {} if row.piece_id is None else self._repertoire.segments(session, row.piece_id)
        if set(segment_ids) - set(known):
            raise PracticeError(
                ErrorCode.NOT_FOUND,
                "The session's piece has no such segment.",
                field="segment_clicks.segment_id",
            )

    def _view(self, row: PracticeSession) -> SessionView:
        return SessionView(row, repository.practice_of(row).active_for(self._now()))


def _check_same_clicks(
    stored: SessionEvent,
    session_id: uuid.UUID,
    counts: Mapping[uuid.UUID, tuple[int, datetime | None]],
) -> None:
    clicks = {one: clicked.count for one, clicked in repository.to_event(stored).clicks.items()}
    asked = {one: count for one, (count, _) in counts.items()}
    if stored.session_id != session_id or clicks != asked:
        raise PracticeError(
            ErrorCode.ALREADY_EXISTS,
            "Another event has this id; make a new one.",
            field="event_id",
        )
