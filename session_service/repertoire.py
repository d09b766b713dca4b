"""What practice sessions need of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.library.model import Piece, Segment
from session_service.library.repository import usable_tags

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection

    from sqlalchemy.orm import Session


class LibraryRepertoire:
    """Pieces, tags and segments by their tables."""

    def check_piece(self, session: Session, owner_id: uuid.UUID, piece_id: uuid.UUID) -> None:
        """Refuse a piece that somebody does not have.

        Raises
        ------
        PracticeError
            NOT_FOUND.
        """
        piece = session.get(Piece, piece_id)
        if piece is None or piece.is_deleted or piece.owner_id != owner_id:
            raise PracticeError(
                ErrorCode.NOT_FOUND,
                "piece_id: there is no such piece, or not for you.",
                field="piece_id",
            )

    def check_tags(
        self, session: Session, owner_id: uuid.UUID, tag_ids: Collection[uuid.UUID]
    ) -> None:
        """Refuse tags that are neither somebody's own nor everybody's.

        Raises
        ------
        PracticeError
            NOT_FOUND.
        """
        if len(usable_tags(session, owner_id, tag_ids)) != len(tag_ids):
            raise PracticeError(
                ErrorCode.NOT_FOUND,
                "tag_ids: there is no such tag, or not for you.",
                field="tag_ids",
            )

    def segments(self, session: Session, piece_id: uuid.UUID) -> dict[uuid.UUID, str]:
        """Return the names of a piece's segments, by their bars."""
        query = select(Segment.id, Segment.name).where(
            Segment.piece_id == piece_id, Segment.deleted_at.is_(None)
        )
        rows = session.execute(query.order_by(Segment.start_bar, Segment.end_bar, Segment.id))
        return {row[0]: row[1] for row in rows}
