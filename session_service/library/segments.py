"""Segments: ranges of bars of a piece. Who may see the piece sees them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from session_service import policy
from session_service.library import repository, rules
from session_service.library.model import Piece, Segment
from session_service.library.rules import SegmentFacts
from session_service.library.shelf import Shelf

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from session_service.actors import Actor
    from session_service.paging import Page


class Segments(Shelf[Segment]):
    """All segments."""

    kind = Segment
    name = "Segment"
    plural = "Segments"
    marked = "name"

    def owner_of(self, session: Session, row: Segment) -> uuid.UUID | None:
        """Return whose a segment's piece is; without its piece a segment is gone."""
        return _owner_of_piece(session, row.piece_id, self._sought)

    def create(
        self,
        session: Session,
        actor: Actor,
        piece_id: uuid.UUID,
        segment_id: uuid.UUID,
        facts: SegmentFacts,
    ) -> Segment:
        """Mark a range of bars, once.

        Raises
        ------
        PracticeError
            FIELD_INVALID, NOT_FOUND for the piece, PERMISSION_DENIED, ALREADY_EXISTS for an id
            that is taken.
        """
        self._people.me(session, actor)
        self._require(session, actor, "Create", _owner_of_piece(session, piece_id, "piece"))
        segment = Segment(id=segment_id, piece_id=piece_id)
        _write(segment, facts)

        def is_same(stored: Segment) -> bool:
            return stored.piece_id == piece_id and _facts_of(stored) == facts

        return self._add(session, segment, is_same)

    def change(
        self,
        session: Session,
        actor: Actor,
        segment_id: uuid.UUID,
        values: Mapping[str, Any],
        etag: str,
    ) -> Segment:
        """Change some of a segment's facts.

        Raises
        ------
        PracticeError
            FIELD_INVALID, NOT_FOUND, PERMISSION_DENIED, ETAG_STALE.
        """
        segment = self._live(session, actor, segment_id, etag)
        _write(segment, replace(_facts_of(segment), **values))
        self._save(session, segment)
        return segment

    def page(
        self, session: Session, actor: Actor, page: Page, piece_id: uuid.UUID, *, show_deleted: bool
    ) -> Sequence[Segment]:
        """Return a page of a piece's segments, and one more.

        Raises
        ------
        PracticeError
            NOT_FOUND for the piece, PERMISSION_DENIED for deleted ones of somebody else.
        """
        self._people.me(session, actor)
        owner_id = _owner_of_piece(session, piece_id, "piece")
        since = self._check_list(session, actor, owner_id, "piece", show_deleted=show_deleted)
        return repository.segments(session, page, piece_id, since)


def _owner_of_piece(session: Session, piece_id: uuid.UUID, sought: str) -> uuid.UUID:
    piece = session.get(Piece, piece_id)
    if piece is None or piece.is_deleted:
        raise policy.not_found(sought)
    return piece.owner_id


def _facts_of(segment: Segment) -> SegmentFacts:
    return SegmentFacts(segment.name, segment.start_bar, segment.end_bar)


def _write(segment: Segment, facts: SegmentFacts) -> None:
    segment.start_bar, segment.end_bar = rules.check_segment(facts)
    segment.name = facts.name
