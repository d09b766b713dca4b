"""Users, consents, logins, links between teachers and students, and answered requests."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from session_service.db.stamps import (
    create_stamp_function,
    create_stamp_trigger,
    drop_stamp_function,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    create_stamp_function(op)
    _create_users()
    _create_profiles()
    _create_consents()
    _create_logins()
    _create_refresh_tokens()
    _create_links()
    _create_answered_requests()


def downgrade() -> None:
    """Go back to the one before."""
    for table in (
        "answered_requests",
        "links",
        "refresh_tokens",
        "logins",
        "consents",
        "teacher_profiles",
        "student_profiles",
        "users",
    ):
        op.drop_table(table)
    drop_stamp_function(op)


def _create_users() -> None:
    _create_table(
        "users",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("display_name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("birth_year", sa.Integer),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        _instant("deleted_at", nullable=True),
        sa.UniqueConstraint("email_key", name="uq_users_email_key"),
        _rule("users", "birth_year", "birth_year BETWEEN 1900 AND 2200"),
        _rule("users", "display_name", "length(display_name) BETWEEN 1 AND 100"),
        _rule("users", "role", "role IN ('student', 'teacher', 'admin')"),
    )
    op.create_index("ix_users_role_id", "users", ["role", "id"])


def _create_profiles() -> None:
    _create_table(
        "student_profiles",
        _reference("student_profiles", "user_id", "users.id"),
        sa.Column("grade_level", sa.String(40), nullable=False),
        sa.Column("years_playing", sa.Integer, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        _rule("student_profiles", "years_playing", "years_playing BETWEEN 0 AND 100"),
        key="user_id",
    )
    _create_table(
        "teacher_profiles",
        _reference("teacher_profiles", "user_id", "users.id"),
        sa.Column("bio", sa.String(2000), nullable=False),
        sa.Column("specialties", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("verification_status", sa.String(32), nullable=False),
        _rule(
            "teacher_profiles",
            "verification_status",
            "verification_status IN ('unverified', 'verified')",
        ),
        key="user_id",
    )


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid, nullable=False),
        _reference("consents", "user_id", "users.id"),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("document_version", sa.String(40), nullable=False),
        _instant("created_at", is_stamp=True),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        _rule("consents", "kind", "kind IN ('terms', 'guardian', 'recordings', 'research')"),
    )
    op.create_index("ix_consents_user_id_id", "consents", ["user_id", "id"])


def _create_logins() -> None:
    _create_table(
        "logins",
        _reference("logins", "user_id", "users.id"),
        sa.Column("request_id", sa.Uuid),
        _instant("ended_at", nullable=True),
        sa.Column("end_reason", sa.String(32)),
        sa.UniqueConstraint("user_id", "request_id", name="uq_logins_user_id_request_id"),
        _rule("logins", "ended", "(ended_at IS NULL) = (end_reason IS NULL)"),
        _rule(
            "logins",
            "end_reason",
            "end_reason IN ('logout', 'reuse', 'password_changed', 'deactivated')",
        ),
    )


def _create_refresh_tokens() -> None:
    _create_table(
        "refresh_tokens",
        _reference("refresh_tokens", "login_id", "logins.id"),
        sa.Column("token_sha256", sa.LargeBinary(32), nullable=False),
        _instant("issued_at"),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
        sa.Column("used_by_request_id", sa.Uuid),
        sa.Column("successor_id", sa.Uuid),
        sa.UniqueConstraint("token_sha256", name="uq_refresh_tokens_token_sha256"),
        _rule("refresh_tokens", "token_sha256", "length(token_sha256) = 32"),
        _rule("refresh_tokens", "used", "used_at IS NOT NULL OR successor_id IS NULL"),
    )
    op.create_index("ix_refresh_tokens_login_id", "refresh_tokens", ["login_id"])
    _create_partial_index(
        "uq_refresh_tokens_unused", "refresh_tokens", ["login_id"], "used_at IS NULL"
    )


def _create_links() -> None:
    _create_table(
        "links",
        _reference("links", "teacher_id", "users.id"),
        _reference("links", "student_id", "users.id", nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("note", sa.String(100), nullable=False),
        sa.Column("code_sha256", sa.LargeBinary(32), nullable=False),
        _instant("expires_at"),
        _instant("consented_at", nullable=True),
        _instant("ended_at", nullable=True),
        _reference("links", "ended_by", "users.id", nullable=True),
        sa.UniqueConstraint("code_sha256", name="uq_links_code_sha256"),
        _rule("links", "two_people", "teacher_id <> student_id"),
        _rule("links", "accepted", "(student_id IS NULL) = (consented_at IS NULL)"),
        _rule("links", "pending", "state <> 'pending' OR student_id IS NULL"),
        _rule("links", "active", "state <> 'active' OR student_id IS NOT NULL"),
        _rule("links", "ended", "(state = 'ended') = (ended_at IS NOT NULL)"),
        _rule("links", "state", "state IN ('pending', 'active', 'ended')"),
    )
    op.create_index("ix_links_teacher_id_id", "links", ["teacher_id", "id"])
    op.create_index("ix_links_student_id_id", "links", ["student_id", "id"])
    op.create_index("ix_links_ended_by", "links", ["ended_by"])
    _create_partial_index(
        "uq_links_active", "links", ["teacher_id", "student_id"], "state = 'active'"
    )


def _create_answered_requests() -> None:
    op.create_table(
        "answered_requests",
        sa.Column("actor_id", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("method", sa.String(120), nullable=False),
        sa.Column("request_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        _instant("created_at", is_stamp=True),
        sa.PrimaryKeyConstraint("actor_id", "request_id", name="pk_answered_requests"),
        _rule("answered_requests", "request_sha256", "length(request_sha256) = 32"),
    )
    op.create_index("ix_answered_requests_created_at", "answered_requests", ["created_at"])


def _create_table(table: str, *parts: Any, key: str = "id") -> None:
    """Make a table with a UUID key and stamps that the database keeps."""
    keys = [sa.Column("id", sa.Uuid, nullable=False)] if key == "id" else []
    op.create_table(
        table,
        *keys,
        *parts,
        _instant("created_at", is_stamp=True),
        _instant("updated_at", is_stamp=True),
        sa.PrimaryKeyConstraint(key, name=f"pk_{table}"),
    )
    create_stamp_trigger(op, table)


def _create_partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _instant(name: str, *, nullable: bool = False, is_stamp: bool = False) -> sa.Column[Any]:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    now = (
        "clock_timestamp()" if is_postgresql else "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"
    )
    default = sa.text(now) if is_stamp else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def _reference(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey(target, name=f"fk_{table}_{column}")
    return sa.Column(column, sa.Uuid, key, nullable=nullable)


def _rule(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=f"ck_{table}_{name}")
