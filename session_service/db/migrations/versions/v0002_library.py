"""The library: tags, pieces and their segments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from session_service.db.migrations.tables import (
    create_partial_index,
    create_table,
    instant,
    reference,
    rule,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    _create_tags()
    _create_pieces()
    _create_piece_tags()
    _create_segments()


def downgrade() -> None:
    """Go back to the one before."""
    for table in ("segments", "piece_tags", "pieces", "tags"):
        op.drop_table(table)


def _create_tags() -> None:
    create_table(
        "tags",
        reference("tags", "owner_id", "users.id", nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_key", sa.String(1080), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        instant("deleted_at", nullable=True),
        rule("tags", "name", "length(name) BETWEEN 1 AND 60"),
        rule("tags", "color", "length(color) = 7 AND substr(color, 1, 1) = '#'"),
        rule("tags", "type", "type IN ('general', 'piece', 'technique')"),
    )
    op.create_index("ix_tags_owner_id_id", "tags", ["owner_id", "id"])
    create_partial_index(
        "uq_tags_personal_name",
        "tags",
        ["owner_id", "name_key"],
        "owner_id IS NOT NULL AND deleted_at IS NULL",
    )
    create_partial_index(
        "uq_tags_global_name", "tags", ["name_key"], "owner_id IS NULL AND deleted_at IS NULL"
    )


def _create_pieces() -> None:
    create_table(
        "pieces",
        reference("pieces", "owner_id", "users.id"),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("composer", sa.String(200), nullable=False),
        sa.Column("difficulty_level", sa.Integer),
        sa.Column("typical_duration_ms", sa.Integer),
        sa.Column("performance_bpm", sa.Double),
        sa.Column("revision", sa.Integer, nullable=False),
        instant("deleted_at", nullable=True),
        rule("pieces", "title", "length(title) BETWEEN 1 AND 200"),
        rule("pieces", "difficulty_level", "difficulty_level BETWEEN 1 AND 10"),
        rule("pieces", "typical_duration_ms", "typical_duration_ms BETWEEN 1000 AND 14400000"),
        rule("pieces", "performance_bpm", "performance_bpm BETWEEN 20 AND 400"),
    )
    op.create_index("ix_pieces_owner_id_id", "pieces", ["owner_id", "id"])


def _create_piece_tags() -> None:
    op.create_table(
        "piece_tags",
        reference("piece_tags", "piece_id", "pieces.id"),
        reference("piece_tags", "tag_id", "tags.id"),
        sa.PrimaryKeyConstraint("piece_id", "tag_id", name="pk_piece_tags"),
    )
    op.create_index("ix_piece_tags_tag_id_piece_id", "piece_tags", ["tag_id", "piece_id"])


def _create_segments() -> None:
    create_table(
        "segments",
        reference("segments", "piece_id", "pieces.id"),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("start_bar", sa.Integer, nullable=False),
        sa.Column("end_bar", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        instant("deleted_at", nullable=True),
        rule("segments", "name", "length(name) BETWEEN 1 AND 100"),
        rule("segments", "bars", "start_bar BETWEEN 1 AND end_bar AND end_bar <= 10000"),
    )
    op.create_index(
        "ix_segments_piece_id_bars", "segments", ["piece_id", "start_bar", "end_bar", "id"]
    )
