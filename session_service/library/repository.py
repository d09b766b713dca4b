"""Queries about tags, pieces and segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, tuple_, update

from session_service.library.model import PIECE_TAGS, Piece, Segment, Tag, TagType

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from session_service.db.columns import SoftDeleted
    from session_service.paging import Page


@dataclass(frozen=True, slots=True)
class TagFilter:
    """Which tags: somebody's, global ones, or both."""

    owner_id: uuid.UUID
    with_personal: bool = True
    with_global: bool = True
    type: TagType | None = None


@dataclass(frozen=True, slots=True)
class PieceFilter:
    """Which of somebody's pieces."""

    owner_id: uuid.UUID
    tag_id: uuid.UUID | None = None
    lowest_level: int | None = None
    highest_level: int | None = None


def tags(
    session: Session, page: Page, wanted: TagFilter, deleted_since: datetime | None
) -> Sequence[Tag]:
    """Return a page of tags and one more, newest first; None asks for those not deleted."""
    whose: list[ColumnElement[bool]] = []
    if wanted.with_personal:
        whose.append(Tag.owner_id == wanted.owner_id)
    if wanted.with_global:
        whose.append(Tag.owner_id.is_(None))
    query = select(Tag).where(or_(false(), *whose), _shown(Tag, deleted_since))
    if wanted.type is not None:
        query = query.where(Tag.type == wanted.type)
    if page.after is not None:
        query = query.where(Tag.id < page.after)
    return session.scalars(query.order_by(Tag.id.desc()).limit(page.size + 1)).all()


def usable_tags(
    session: Session, owner_id: uuid.UUID, tag_ids: Collection[uuid.UUID]
) -> Sequence[Tag]:
    """Return those of some tags that somebody may put on things: one's own and global ones."""
    is_usable = or_(Tag.owner_id == owner_id, Tag.owner_id.is_(None))
    query = select(Tag).where(Tag.id.in_(tag_ids), is_usable, Tag.deleted_at.is_(None))
    return session.scalars(query.order_by(Tag.id)).all()


def touch_tagged(session: Session, tag_id: uuid.UUID) -> None:
    """Count a change of every piece that has a tag: it shows, or does no more."""
    has_it = select(PIECE_TAGS.c.piece_id).where(PIECE_TAGS.c.tag_id == tag_id)
    change = update(Piece).where(Piece.id.in_(has_it)).values(revision=Piece.revision + 1)
    session.execute(change, execution_options={"synchronize_session": False})


def pieces(
    session: Session, page: Page, wanted: PieceFilter, deleted_since: datetime | None
) -> Sequence[Piece]:
    """Return a page of pieces and one more, newest first; None asks for those not deleted."""
    query = select(Piece).where(Piece.owner_id == wanted.owner_id, _shown(Piece, deleted_since))
    if wanted.tag_id is not None:
        query = query.where(_has_tag(wanted.tag_id))
    if wanted.lowest_level is not None:
        query = query.where(Piece.difficulty_level >= wanted.lowest_level)
    if wanted.highest_level is not None:
        query = query.where(Piece.difficulty_level <= wanted.highest_level)
    if page.after is not None:
        query = query.where(Piece.id < page.after)
    return session.scalars(query.order_by(Piece.id.desc()).limit(page.size + 1)).all()


def segments(
    session: Session, page: Page, piece_id: uuid.UUID, deleted_since: datetime | None
) -> Sequence[Segment]:
    """Return a page of a piece's segments and one more, by bars; None: those not deleted."""
    place = (Segment.start_bar, Segment.end_bar, Segment.id)
    query = select(Segment).where(Segment.piece_id == piece_id, _shown(Segment, deleted_since))
    if page.after is not None:
        last = select(*place).where(Segment.id == page.after).scalar_subquery()
        query = query.where(tuple_(*place) > last)
    return session.scalars(query.order_by(*place).limit(page.size + 1)).all()


def _has_tag(tag_id: uuid.UUID) -> ColumnElement[bool]:
    on_piece = and_(PIECE_TAGS.c.piece_id == Piece.id, PIECE_TAGS.c.tag_id == Tag.id)
    return exists().where(on_piece, Tag.id == tag_id, Tag.deleted_at.is_(None))


def _shown(kind: type[SoftDeleted], deleted_since: datetime | None) -> ColumnElement[bool]:
    if deleted_since is None:
        return kind.deleted_at.is_(None)
    return kind.deleted_at > deleted_since
