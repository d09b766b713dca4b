"""What progress needs to know of practice sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from session_service.sessions.model import PracticeSession
from session_service.sessions.rules import check_streamable

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


class OwnSessions:
    """Whose sessions there are."""

    def owners(
        self, session: Session, session_ids: Collection[uuid.UUID]
    ) -> Mapping[uuid.UUID, uuid.UUID]:
        """Return whose the sessions are, deleted ones, too; what is not there is left out."""
        query = select(PracticeSession.id, PracticeSession.student_id)
        found = session.execute(query.where(PracticeSession.id.in_(session_ids)))
        return {row.id: row.student_id for row in found}

    def check_streamable(self, session: Session, session_id: uuid.UUID) -> None:
        """Refuse a session that is over."""
        check_streamable(session.get_one(PracticeSession, session_id).state)

    def ids_of(self, user_id: uuid.UUID, piece_id: uuid.UUID | None) -> Select[uuid.UUID]:
        """Return a query for the ids of someone's sessions, of one piece or of all."""
        query = select(PracticeSession.id).where(
            PracticeSession.student_id == user_id, PracticeSession.deleted_at.is_(None)
        )
        return query if piece_id is None else query.where(PracticeSession.piece_id == piece_id)
