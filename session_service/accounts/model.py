"""Who there is: users with a profile of their role, what they agreed to, and their logins."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from session_service.db.columns import (
    JSON_VALUE,
    Base,
    Keyed,
    SoftDeleted,
    Stamped,
    choice,
    rule,
    utc_now,
)

SHA256_BYTES: Final = 32
_UNUSED = text("used_at IS NULL")


class Role(StrEnum):
    """What someone is here for."""

    STUDENT = "student"
    TEACHER = "teacher"
    ADMIN = "admin"


class VerificationStatus(StrEnum):
    """Whether somebody looked at a teacher's papers."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"


class ConsentKind(StrEnum):
    """What can be agreed to."""

    TERMS = "terms"
    GUARDIAN = "guardian"
    RECORDINGS = "recordings"
    RESEARCH = "research"


class EndReason(StrEnum):
    """Why a login ended before its time."""

    LOGOUT = "logout"
    REUSE = "reuse"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a reason, not a secret
    DEACTIVATED = "deactivated"


class User(Base, Keyed, Stamped, SoftDeleted):
    """Someone with a password; deactivated users are soft-deleted ones.

    `email_key` is the address as it is compared, `revision` counts changes for etags.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("email_key"),
        Index("ix_users_role_id", "role", "id"),
        rule("birth_year", "birth_year BETWEEN 1900 AND 2200"),
        rule("display_name", "length(display_name) BETWEEN 1 AND 100"),
    )

    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(320))
    display_name: Mapped[str] = mapped_column(String(100))
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    birth_year: Mapped[int | None]
    password_hash: Mapped[str] = mapped_column(String(200))
    revision: Mapped[int] = mapped_column()

    student: Mapped[StudentProfile | None] = relationship(lazy="selectin")
    teacher: Mapped[TeacherProfile | None] = relationship(lazy="selectin")

    # Every change counts, and fails when another came in between.
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's interface


class StudentProfile(Base, Stamped):
    """What only students have."""

    __tablename__ = "student_profiles"
    __table_args__ = (rule("years_playing", "years_playing BETWEEN 0 AND 100"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    grade_level: Mapped[str] = mapped_column(String(40))
    years_playing: Mapped[int]
    timezone: Mapped[str] = mapped_column(String(64))


class TeacherProfile(Base, Stamped):
    """What only teachers have."""

    __tablename__ = "teacher_profiles"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    bio: Mapped[str] = mapped_column(String(2000))
    specialties: Mapped[list[str]] = mapped_column(JSON_VALUE)
    verification_status: Mapped[VerificationStatus] = mapped_column(
        choice(VerificationStatus, "verification_status")
    )


class Consent(Base, Keyed):
    """One answer to one question; rows are only ever added."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_user_id_id", "user_id", "id"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[ConsentKind] = mapped_column(choice(ConsentKind, "kind"))
    granted: Mapped[bool]
    document_version: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())


class Login(Base, Keyed, Stamped):
    """A family of refresh tokens: one login on one device, until it ends."""

    __tablename__ = "logins"
    __table_args__ = (
        UniqueConstraint("user_id", "request_id"),
        rule("ended", "(ended_at IS NULL) = (end_reason IS NULL)"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    request_id: Mapped[uuid.UUID | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[EndReason | None] = mapped_column(choice(EndReason, "end_reason"))


class RefreshToken(Base, Keyed, Stamped):
    """One refresh token, by its hash. A login has at most one that is not used yet."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        Index("ix_refresh_tokens_login_id", "login_id"),
        Index(
            "uq_refresh_tokens_unused",
            "login_id",
            unique=True,
            sqlite_where=_UNUSED,
            postgresql_where=_UNUSED,
        ),
        rule("token_sha256", f"length(token_sha256) = {SHA256_BYTES}"),
        rule("used", "used_at IS NOT NULL OR successor_id IS NULL"),
    )

    login_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("logins.id"))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(SHA256_BYTES))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    # The request that used it, which alone may have its answer again.
    used_by_request_id: Mapped[uuid.UUID | None]
    successor_id: Mapped[uuid.UUID | None]
