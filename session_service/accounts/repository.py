"""Queries about users and their logins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, update

from session_service.accounts.model import Consent, EndReason, Login, RefreshToken, Role, User

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from session_service.paging import Page


class Credentials(NamedTuple):
    """What a login is checked against."""

    user_id: uuid.UUID
    password_hash: str
    is_deleted: bool


def credentials(session: Session, email_key: str) -> Credentials | None:
    """Return an account's credentials: one query, whether there is one or not."""
    query = select(User.id, User.password_hash, User.deleted_at.is_not(None))
    row = session.execute(query.where(User.email_key == email_key)).one_or_none()
    return None if row is None else Credentials(row[0], row[1], bool(row[2]))


def active_user(session: Session, user_id: uuid.UUID, login_id: uuid.UUID) -> User | None:
    """Return a user who is let in and whose login has not ended, or None."""
    query = (
        select(User)
        .join(Login, Login.user_id == User.id)
        .where(User.id == user_id, User.deleted_at.is_(None))
        .where(Login.id == login_id, Login.ended_at.is_(None))
    )
    return session.scalars(query).one_or_none()


def users(
    session: Session, page: Page, role: Role | None, *, is_deleted: bool | None
) -> Sequence[User]:
    """Return a page of users and one more, oldest first."""
    query = select(User).order_by(User.id).limit(page.size + 1)
    if page.after is not None:
        query = query.where(User.id > page.after)
    if role is not None:
        query = query.where(User.role == role)
    if is_deleted is not None:
        gone = User.deleted_at.is_not(None)
        query = query.where(gone if is_deleted else ~gone)
    return session.scalars(query).all()


def lock_admins(session: Session) -> int:
    """Return how many admins are let in; none of them changes until the commit."""
    query = select(User.id).where(User.role == Role.ADMIN, User.deleted_at.is_(None))
    return len(session.scalars(query.order_by(User.id).with_for_update()).all())


def display_names(session: Session, user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of several users."""
    query = select(User.id, User.display_name).where(User.id.in_(user_ids))
    return {row[0]: row[1] for row in session.execute(query)}


def consents(session: Session, user_id: uuid.UUID, page: Page) -> Sequence[Consent]:
    """Return a page of someone's consents and one more, newest first."""
    query = select(Consent).where(Consent.user_id == user_id)
    if page.after is not None:
        query = query.where(Consent.id < page.after)
    return session.scalars(query.order_by(Consent.id.desc()).limit(page.size + 1)).all()


def login_of_request(
    session: Session, user_id: uuid.UUID, request_id: uuid.UUID
) -> RefreshToken | None:
    """Return the first refresh token of the login that a request started, if it did."""
    query = (
        select(RefreshToken)
        .join(Login, Login.id == RefreshToken.login_id)
        .where(Login.user_id == user_id, Login.request_id == request_id)
        .order_by(RefreshToken.id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def refresh_token(session: Session, token_sha256: bytes) -> RefreshToken | None:
    """Return a refresh token, locked until the commit so that it is used once."""
    query = select(RefreshToken).where(RefreshToken.token_sha256 == token_sha256)
    return session.scalars(query.with_for_update()).one_or_none()


def end_logins(
    session: Session,
    reason: EndReason,
    now: datetime,
    *,
    user_id: uuid.UUID,
    but: uuid.UUID | None = None,
) -> None:
    """End someone's logins, all or all but one."""
    change = update(Login).where(Login.user_id == user_id, Login.ended_at.is_(None))
    if but is not None:
        change = change.where(Login.id != but)
    session.execute(change.values(ended_at=now, end_reason=reason))


def end_login(session: Session, login_id: uuid.UUID, reason: EndReason, now: datetime) -> None:
    """End one login, if it has not ended."""
    change = update(Login).where(Login.id == login_id, Login.ended_at.is_(None))
    session.execute(change.values(ended_at=now, end_reason=reason))
