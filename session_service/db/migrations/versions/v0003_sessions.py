"""Practice sessions: their active intervals, tags, segment clicks, and the history of events."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from session_service.db.migrations.tables import (
    create_partial_index,
    create_table,
    instant,
    reference,
    rule,
)
from session_service.db.stamps import create_stamp_trigger

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Deleting stays possible: whoever leaves takes their history along.
_FIXED_SQLITE: Final = """
CREATE TRIGGER session_events_fixed BEFORE UPDATE ON session_events
BEGIN
    SELECT RAISE(ABORT, 'session_events is append-only');
END
"""
_FIXED_FUNCTION: Final = """
CREATE FUNCTION practice_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23000';
END $$
"""
_FIXED_POSTGRESQL: Final = """
CREATE TRIGGER session_events_fixed BEFORE UPDATE ON session_events
FOR EACH ROW EXECUTE FUNCTION practice_refuse_update()
"""


def upgrade() -> None:
    """Go to this revision."""
    _create_sessions()
    _create_session_tags()
    _create_intervals()
    _create_segment_clicks()
    _create_events()


def downgrade() -> None:
    """Go back to the one before."""
    for table in (
        "session_events",
        "segment_clicks",
        "active_intervals",
        "session_tags",
        "practice_sessions",
    ):
        op.drop_table(table)
    if _is_postgresql():
        op.execute("DROP FUNCTION practice_refuse_update()")


def _create_sessions() -> None:
    table = "practice_sessions"
    create_table(
        table,
        reference(table, "student_id", "users.id"),
        reference(table, "piece_id", "pieces.id", nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("focus", sa.String(200), nullable=False),
        sa.Column("target_bpm", sa.Double),
        sa.Column("self_rating", sa.Integer),
        sa.Column("note", sa.String(4000), nullable=False),
        instant("started_at"),
        instant("finished_at", nullable=True),
        sa.Column("revision", sa.Integer, nullable=False),
        instant("deleted_at", nullable=True),
        rule(table, "focus", "length(focus) <= 200"),
        rule(table, "note", "length(note) <= 4000"),
        rule(table, "target_bpm", "target_bpm BETWEEN 20 AND 400"),
        rule(table, "self_rating", "self_rating BETWEEN 1 AND 5"),
        rule(table, "rated", "self_rating IS NULL OR state = 'finished'"),
        rule(table, "finished", "(state = 'finished') = (finished_at IS NOT NULL)"),
        rule(table, "in_order", "finished_at >= started_at"),
        rule(table, "state", "state IN ('active', 'paused', 'finished')"),
        rule(table, "mode", "mode IN ('normal', 'slow_practice', 'performance')"),
    )
    for columns in (
        ["student_id", "started_at", "id"],
        ["piece_id", "student_id", "started_at", "id"],
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _create_session_tags() -> None:
    op.create_table(
        "session_tags",
        reference("session_tags", "session_id", "practice_sessions.id"),
        reference("session_tags", "tag_id", "tags.id"),
        sa.PrimaryKeyConstraint("session_id", "tag_id", name="pk_session_tags"),
    )
    op.create_index("ix_session_tags_tag_id", "session_tags", ["tag_id"])


def _create_intervals() -> None:
    table = "active_intervals"
    previous = ["session_id", "previous_number", "previous_ended_at"]
    op.create_table(
        table,
        reference(table, "session_id", "practice_sessions.id"),
        sa.Column("number", sa.Integer, nullable=False),
        instant("started_at"),
        instant("ended_at", nullable=True),
        sa.Column("previous_number", sa.Integer),
        instant("previous_ended_at", nullable=True),
        sa.PrimaryKeyConstraint("session_id", "number", name=f"pk_{table}"),
        sa.UniqueConstraint(
            "session_id", "number", "ended_at", name=f"uq_{table}_session_id_number_ended_at"
        ),
        sa.ForeignKeyConstraint(
            previous,
            [f"{table}.session_id", f"{table}.number", f"{table}.ended_at"],
            name=f"fk_{table}_previous",
        ),
        rule(table, "number", "number >= 1"),
        rule(table, "chain", "number = 1 OR previous_number = number - 1"),
        rule(table, "first", "(number = 1) = (previous_number IS NULL)"),
        rule(table, "previous", "(previous_number IS NULL) = (previous_ended_at IS NULL)"),
        rule(table, "apart", "previous_ended_at <= started_at"),
        rule(table, "in_order", "started_at <= ended_at"),
    )
    op.create_index(f"ix_{table}_previous", table, previous)
    create_partial_index(f"uq_{table}_open", table, ["session_id"], "ended_at IS NULL")


def _create_segment_clicks() -> None:
    table = "segment_clicks"
    op.create_table(
        table,
        reference(table, "session_id", "practice_sessions.id"),
        reference(table, "segment_id", "segments.id"),
        sa.Column("clicks", sa.BigInteger, nullable=False),
        instant("last_clicked_at"),
        instant("created_at", is_stamp=True),
        instant("updated_at", is_stamp=True),
        sa.PrimaryKeyConstraint("session_id", "segment_id", name=f"pk_{table}"),
        rule(table, "clicks", "clicks >= 1"),
    )
    op.create_index(f"ix_{table}_segment_id", table, ["segment_id"])
    create_stamp_trigger(op, table)


def _create_events() -> None:
    table = "session_events"
    kinds = "'started', 'paused', 'resumed', 'finished', 'updated', 'clicked', 'deleted'"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid, nullable=False),
        reference(table, "session_id", "practice_sessions.id"),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        instant("happened_at"),
        sa.Column("details", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        instant("created_at", is_stamp=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("session_id", "sequence", name=f"uq_{table}_session_id_sequence"),
        rule(table, "sequence", "sequence >= 1"),
        rule(table, "kind", f"kind IN ({kinds}, 'undeleted')"),
    )
    if _is_postgresql():
        op.execute(_FIXED_FUNCTION)
        op.execute(_FIXED_POSTGRESQL)
    else:
        op.execute(_FIXED_SQLITE)


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")
