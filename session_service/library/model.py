"""What can be practised: pieces with their segments, and the tags on them."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Final

from sqlalchemy import Column, ForeignKey, Index, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from session_service.db.columns import Base, Keyed, SoftDeleted, Stamped, choice, rule

#: A character becomes at most 18 in normal form KC.
LONGEST_KEY: Final = 18 * 60

_OWNED = text("owner_id IS NOT NULL AND deleted_at IS NULL")
_GLOBAL = text("owner_id IS NULL AND deleted_at IS NULL")


class TagType(StrEnum):
    """What a tag is about."""

    GENERAL = "general"
    PIECE = "piece"
    TECHNIQUE = "technique"


class Tag(Base, Keyed, Stamped, SoftDeleted):
    """A word on pieces and sessions; without an owner it is everybody's.

    `name_key` is the name as it is compared, `revision` counts changes for etags.
    """

    __tablename__ = "tags"
    __table_args__ = (
        Index("ix_tags_owner_id_id", "owner_id", "id"),
        Index(
            "uq_tags_personal_name",
            "owner_id",
            "name_key",
            unique=True,
            sqlite_where=_OWNED,
            postgresql_where=_OWNED,
        ),
        Index(
            "uq_tags_global_name",
            "name_key",
            unique=True,
            sqlite_where=_GLOBAL,
            postgresql_where=_GLOBAL,
        ),
        rule("name", "length(name) BETWEEN 1 AND 60"),
        rule("color", "length(color) = 7 AND substr(color, 1, 1) = '#'"),
    )

    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    type: Mapped[TagType] = mapped_column(choice(TagType, "type"))
    color: Mapped[str] = mapped_column(String(7))
    revision: Mapped[int] = mapped_column()

    # Every change counts, and fails when another came in between.
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's interface


PIECE_TAGS: Final = Table(
    "piece_tags",
    Base.metadata,
    Column("piece_id", ForeignKey("pieces.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
    Index("ix_piece_tags_tag_id_piece_id", "tag_id", "piece_id"),
)


class Piece(Base, Keyed, Stamped, SoftDeleted):
    """Music that somebody practises. `revision` counts changes for etags."""

    __tablename__ = "pieces"
    __table_args__ = (
        Index("ix_pieces_owner_id_id", "owner_id", "id"),
        rule("title", "length(title) BETWEEN 1 AND 200"),
        rule("difficulty_level", "difficulty_level BETWEEN 1 AND 10"),
        rule("typical_duration_ms", "typical_duration_ms BETWEEN 1000 AND 14400000"),
        rule("performance_bpm", "performance_bpm BETWEEN 20 AND 400"),
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(200))
    composer: Mapped[str] = mapped_column(String(200))
    difficulty_level: Mapped[int | None]
    typical_duration_ms: Mapped[int | None]
    performance_bpm: Mapped[float | None]
    revision: Mapped[int] = mapped_column()

    tags: Mapped[list[Tag]] = relationship(secondary=PIECE_TAGS, lazy="selectin", order_by=Tag.id)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's interface


class Segment(Base, Keyed, Stamped, SoftDeleted):
    """A range of bars of a piece, both ends in it. `revision` counts changes for etags."""

    __tablename__ = "segments"
    __table_args__ = (
        Index("ix_segments_piece_id_bars", "piece_id", "start_bar", "end_bar", "id"),
        rule("name", "length(name) BETWEEN 1 AND 100"),
        rule("bars", "start_bar BETWEEN 1 AND end_bar AND end_bar <= 10000"),
    )

    piece_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pieces.id"))
    name: Mapped[str] = mapped_column(String(100))
    start_bar: Mapped[int]
    end_bar: Mapped[int]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's interface
