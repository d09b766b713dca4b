"""Pieces, and the tags on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.library import repository, rules
from session_service.library.model import Piece, Tag
from session_service.library.rules import PieceFacts
from session_service.library.shelf import Shelf

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from session_service.actors import Actor
    from session_service.library.repository import PieceFilter
    from session_service.paging import Page


class Pieces(Shelf[Piece]):
    """All pieces."""

    kind = Piece
    name = "Piece"
    plural = "Pieces"
    marked = "title"

    def owner_of(self, session: Session, row: Piece) -> uuid.UUID | None:  # noqa: ARG002 - it tells
        """Return whose a piece is."""
        return row.owner_id

    def create(
        self, session: Session, actor: Actor, piece_id: uuid.UUID, facts: PieceFacts
    ) -> Piece:
        """Put a piece into the caller's library, once.

        Raises
        ------
        PracticeError
            FIELD_INVALID, NOT_FOUND for a tag, ALREADY_EXISTS for an id that is taken.
        """
        self._people.me(session, actor)
        self._require(session, actor, "Create", actor.user_id)
        rules.check_piece(facts)
        piece = Piece(id=piece_id, owner_id=actor.user_id)
        piece.tags = tags_for(session, actor.user_id, facts.tag_ids, "piece.tag_ids")
        _write(piece, facts)

        def is_same(stored: Piece) -> bool:
            return stored.owner_id == actor.user_id and _facts_of(stored) == facts

        return self._add(session, piece, is_same)

    def change(
        self,
        session: Session,
        actor: Actor,
        piece_id: uuid.UUID,
        values: Mapping[str, Any],
        etag: str,
    ) -> Piece:
        """Change some of a piece's facts.

        Raises
        ------
        PracticeError
            FIELD_INVALID, NOT_FOUND (also for a tag), PERMISSION_DENIED, ETAG_STALE.
        """
        piece = self._live(session, actor, piece_id, etag)
        facts = replace(_facts_of(piece), **values)
        rules.check_piece(facts)
        if "tag_ids" in values:
            piece.tags = tags_for(session, piece.owner_id, facts.tag_ids, "piece.tag_ids")
        _write(piece, facts)
        self._save(session, piece)
        return piece

    def page(
        self, session: Session, actor: Actor, page: Page, wanted: PieceFilter, *, show_deleted: bool
    ) -> Sequence[Piece]:
        """Return a page of somebody's pieces, and one more.

        Raises
        ------
        PracticeError
            FIELD_INVALID for an empty range of difficulty, NOT_FOUND for somebody whom the caller
            may not see, PERMISSION_DENIED for deleted ones of somebody else.
        """
        self._people.me(session, actor)
        rules.check_levels(wanted.lowest_level, wanted.highest_level)
        since = self._check_list(session, actor, wanted.owner_id, show_deleted=show_deleted)
        return repository.pieces(session, page, wanted, since)


def tags_for(
    session: Session, owner_id: uuid.UUID, tag_ids: Collection[uuid.UUID], field: str
) -> list[Tag]:
    """Return the tags of these ids that somebody may put on things.

    Raises
    ------
    PracticeError
        NOT_FOUND naming the field, when one of them is not there or not for them.
    """
    found = repository.usable_tags(session, owner_id, tag_ids)
    if len(found) < len(set(tag_ids)):
        raise PracticeError(
            ErrorCode.NOT_FOUND, f"{field}: there is no such tag, or not for you.", field=field
        )
    return list(found)


def live_tags(piece: Piece) -> list[Tag]:
    """Return the tags that a piece shows."""
    return [tag for tag in piece.tags if not tag.is_deleted]


def _facts_of(piece: Piece) -> PieceFacts:
    return PieceFacts(
        title=piece.title,
        composer=piece.composer,
        difficulty_level=piece.difficulty_level,
        typical_duration_ms=piece.typical_duration_ms,
        performance_bpm=piece.performance_bpm,
        tag_ids=frozenset(tag.id for tag in live_tags(piece)),
    )


def _write(piece: Piece, facts: PieceFacts) -> None:
    piece.title, piece.composer = facts.title, facts.composer
    piece.difficulty_level = facts.difficulty_level
    piece.typical_duration_ms = facts.typical_duration_ms
    piece.performance_bpm = facts.performance_bpm
