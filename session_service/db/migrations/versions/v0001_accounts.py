"""Users, consents, logins, links between teachers and students, and answered requests."""

from __future__ import annotations

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
from session_service.db.stamps import create_stamp_function, drop_stamp_function

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
    create_table(
        "users",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("display_name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("birth_year", sa.Integer),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        instant("deleted_at", nullable=True),
        sa.UniqueConstraint("email_key", name="uq_users_email_key"),
        rule("users", "birth_year", "birth_year BETWEEN 1900 AND 2200"),
        rule("users", "display_name", "length(display_name) BETWEEN 1 AND 100"),
        rule("users", "role", "role IN ('student', 'teacher', 'admin')"),
    )
    op.create_index("ix_users_role_id", "users", ["role", "id"])


def _create_profiles() -> None:
    create_table(
        "student_profiles",
        reference("student_profiles", "user_id", "users.id"),
        sa.Column("grade_level", sa.String(40), nullable=False),
        sa.Column("years_playing", sa.Integer, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        rule("student_profiles", "years_playing", "years_playing BETWEEN 0 AND 100"),
        key="user_id",
    )
    create_table(
        "teacher_profiles",
        reference("teacher_profiles", "user_id", "users.id"),
        sa.Column("bio", sa.String(2000), nullable=False),
        sa.Column("specialties", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("verification_status", sa.String(32), nullable=False),
        rule(
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
        reference("consents", "user_id", "users.id"),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("document_version", sa.String(40), nullable=False),
        instant("created_at", is_stamp=True),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        rule("consents", "kind", "kind IN ('terms', 'guardian', 'recordings', 'research')"),
    )
    op.create_index("ix_consents_user_id_id", "consents", ["user_id", "id"])


def _create_logins() -> None:
    create_table(
        "logins",
        reference("logins", "user_id", "users.id"),
        sa.Column("request_id", sa.Uuid),
        instant("ended_at", nullable=True),
        sa.Column("end_reason", sa.String(32)),
        sa.UniqueConstraint("user_id", "request_id", name="uq_logins_user_id_request_id"),
        rule("logins", "ended", "(ended_at IS NULL) = (end_reason IS NULL)"),
        rule(
            "logins",
            "end_reason",
            "end_reason IN ('logout', 'reuse', 'password_changed', 'deactivated')",
        ),
    )


def _create_refresh_tokens() -> None:
    create_table(
        "refresh_tokens",
        reference("refresh_tokens", "login_id", "logins.id"),
        sa.Column("token_sha256", sa.LargeBinary(32), nullable=False),
        instant("issued_at"),
        instant("expires_at"),
        instant("used_at", nullable=True),
        sa.Column("used_by_request_id", sa.Uuid),
        sa.Column("successor_id", sa.Uuid),
        sa.UniqueConstraint("token_sha256", name="uq_refresh_tokens_token_sha256"),
        rule("refresh_tokens", "token_sha256", "length(token_sha256) = 32"),
        rule("refresh_tokens", "used", "used_at IS NOT NULL OR successor_id IS NULL"),
    )
    op.create_index("ix_refresh_tokens_login_id", "refresh_tokens", ["login_id"])
    create_partial_index(
        "uq_refresh_tokens_unused", "refresh_tokens", ["login_id"], "used_at IS NULL"
    )


def _create_links() -> None:
    create_table(
        "links",
        reference("links", "teacher_id", "users.id"),
        reference("links", "student_id", "users.id", nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("note", sa.String(100), nullable=False),
        sa.Column("code_sha256", sa.LargeBinary(32), nullable=False),
        instant("expires_at"),
        instant("consented_at", nullable=True),
        instant("ended_at", nullable=True),
        reference("links", "ended_by", "users.id", nullable=True),
        sa.UniqueConstraint("code_sha256", name="uq_links_code_sha256"),
        rule("links", "two_people", "teacher_id <> student_id"),
        rule("links", "accepted", "(student_id IS NULL) = (consented_at IS NULL)"),
        rule("links", "pending", "state <> 'pending' OR student_id IS NULL"),
        rule("links", "active", "state <> 'active' OR student_id IS NOT NULL"),
        rule("links", "ended", "(state = 'ended') = (ended_at IS NOT NULL)"),
        rule("links", "state", "state IN ('pending', 'active', 'ended')"),
    )
    op.create_index("ix_links_teacher_id_id", "links", ["teacher_id", "id"])
    op.create_index("ix_links_student_id_id", "links", ["student_id", "id"])
    op.create_index("ix_links_ended_by", "links", ["ended_by"])
    create_partial_index(
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
        instant("created_at", is_stamp=True),
        sa.PrimaryKeyConstraint("actor_id", "request_id", name="pk_answered_requests"),
        rule("answered_requests", "request_sha256", "length(request_sha256) = 32"),
    )
    op.create_index("ix_answered_requests_created_at", "answered_requests", ["created_at"])
