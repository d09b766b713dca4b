"""Answers that were given, so that a repeated request does nothing twice."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from session_service.db.columns import Base, rule, utc_now


class AnsweredRequest(Base):
    """One mutation's answer, by who asked and the request's id. It holds no secrets."""

    __tablename__ = "answered_requests"
    __table_args__ = (
        Index("ix_answered_requests_created_at", "created_at"),
        rule("request_sha256", "length(request_sha256) = 32"),
    )

    actor_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(String(120))
    request_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
