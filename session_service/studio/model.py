"""Links between teachers and students, from the invitation to the end."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from session_service.db.columns import Base, Keyed, Stamped, choice, rule


class LinkState(StrEnum):
    """How far a link is."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


_ACTIVE = text("state = 'active'")


class Link(Base, Keyed, Stamped):
    """A teacher, and the student who accepted the code; PENDING until then."""

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("code_sha256"),
        Index("ix_links_teacher_id_id", "teacher_id", "id"),
        Index("ix_links_student_id_id", "student_id", "id"),
        Index("ix_links_ended_by", "ended_by"),
        Index(
            "uq_links_active",
            "teacher_id",
            "student_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        rule("two_people", "teacher_id <> student_id"),
        rule("accepted", "(student_id IS NULL) = (consented_at IS NULL)"),
        rule("pending", "state <> 'pending' OR student_id IS NULL"),
        rule("active", "state <> 'active' OR student_id IS NOT NULL"),
        rule("ended", "(state = 'ended') = (ended_at IS NOT NULL)"),
    )

    teacher_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    student_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    state: Mapped[LinkState] = mapped_column(choice(LinkState, "state"))
    note: Mapped[str] = mapped_column(String(100))
    code_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires_at: Mapped[datetime]
    consented_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
