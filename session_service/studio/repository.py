"""Queries about links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, or_, select

from session_service.studio.model import Link, LinkState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from session_service.paging import Page


def are_linked(session: Session, one: uuid.UUID, other: uuid.UUID) -> bool:
    """Whether there is an ACTIVE link between two people, whoever teaches whom."""
    either_way = or_(
        and_(Link.teacher_id == one, Link.student_id == other),
        and_(Link.teacher_id == other, Link.student_id == one),
    )
    query = select(exists().where(either_way, Link.state == LinkState.ACTIVE))
    return bool(session.scalar(query))


def by_code(session: Session, code_sha256: bytes) -> Link | None:
    """Return the link of a code, locked until the commit so that one student gets it."""
    query = select(Link).where(Link.code_sha256 == code_sha256)
    return session.scalars(query.with_for_update()).one_or_none()


def page_of(
    session: Session,
    user_id: uuid.UUID,
    page: Page,
    state: LinkState | None,
    now: datetime,
) -> Sequence[Link]:
    """Return a page of someone's links and one more, newest first."""
    query = select(Link).where(or_(Link.teacher_id == user_id, Link.student_id == user_id))
    if page.after is not None:
        query = query.where(Link.id < page.after)
    if state is not None:
        query = query.where(_shown_as(state, now))
    return session.scalars(query.order_by(Link.id.desc()).limit(page.size + 1)).all()


def _shown_as(state: LinkState, now: datetime) -> ColumnElement[bool]:
    is_late = and_(Link.state == LinkState.PENDING, Link.expires_at <= now)
    if state is LinkState.PENDING:
        return and_(Link.state == LinkState.PENDING, Link.expires_at > now)
    if state is LinkState.ENDED:
        return or_(Link.state == LinkState.ENDED, is_late)
    return Link.state == state
