"""Logins: families of refresh tokens, of which each works once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from practice.identifiers import uuid7
from practice.rpc.errors import ErrorCode, PracticeError
from session_service.accounts import repository
from session_service.accounts.access_tokens import AccessTokens, Claims
from session_service.accounts.model import EndReason, Login, RefreshToken, User
from session_service.secrets_by_id import SecretsById, stored

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

REFRESH_LIFETIME: Final = timedelta(days=7)
#: How long a lost answer can be had again.
_REPEATED_FOR: Final = timedelta(hours=24)
_PURPOSE: Final = "refresh"


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What somebody who got in gets."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


class Logins:
    """Starts, goes on with, and ends logins.

    Parameters
    ----------
    access_tokens
        Issues access tokens.
    secrets
        Derives refresh tokens.
    now
        The clock.
    """

    def __init__(
        self, access_tokens: AccessTokens, secrets: SecretsById, now: Callable[[], datetime]
    ) -> None:
        self._access_tokens = access_tokens
        self._secrets = secrets
        self._now = now

    def start(self, session: Session, user: User, request_id: uuid.UUID | None) -> IssuedTokens:
        """Start a login; a repeated request gets the tokens that it got before."""
        if request_id is not None:
            first = repository.login_of_request(session, user.id, request_id)
            if first is not None:
                return self._issued(user, first)
        login = Login(id=uuid7(), user_id=user.id, request_id=request_id)
        session.add(login)
        session.flush()
        return self._issued(user, self._add_token(session, login.id))

    def go_on(
        self, session: Session, refresh_token: str, request_id: uuid.UUID | None
    ) -> IssuedTokens | PracticeError:
        """Trade a refresh token for new tokens.

        Returns
        -------
        IssuedTokens or PracticeError
            A refusal is returned and not raised, because what it changed must be committed: using
            a token twice ends the login.
        """
        now = self._now()
        token = repository.refresh_token(session, stored(refresh_token))
        if token is None:
            return PracticeError(
                ErrorCode.TOKEN_INVALID, "This is no refresh token of this server; log in again."
            )
        login = session.get_one(Login, token.login_id)
        user = session.get_one(User, login.user_id)
        if login.ended_at is not None or user.is_deleted:
            return PracticeError(ErrorCode.LOGIN_ENDED, "This login has ended; log in again.")
        if token.used_at is not None:
            return self._again(session, user, token, request_id)
        if token.expires_at <= now:
            return PracticeError(
                ErrorCode.TOKEN_EXPIRED, "The refresh token has expired; log in again."
            )
        token.used_at = now
        token.used_by_request_id = request_id
        session.flush()  # before its successor: a login has one unused token at a time
        successor = self._add_token(session, token.login_id)
        token.successor_id = successor.id
        return self._issued(user, successor)

    def end(self, session: Session, refresh_token: str) -> None:
        """End the login of a refresh token, if there is one."""
        token = repository.refresh_token(session, stored(refresh_token))
        if token is not None:
            repository.end_login(session, token.login_id, EndReason.LOGOUT, self._now())

    def _again(
        self, session: Session, user: User, token: RefreshToken, request_id: uuid.UUID | None
    ) -> IssuedTokens | PracticeError:
        """Answer a token that was used before: a lost answer, or a thief."""
        used_at = token.used_at or self._now()
        is_repeat = request_id is not None and request_id == token.used_by_request_id
        if is_repeat and token.successor_id and self._now() - used_at < _REPEATED_FOR:
            return self._issued(user, session.get_one(RefreshToken, token.successor_id))
        repository.end_login(session, token.login_id, EndReason.REUSE, self._now())
        return PracticeError(
            ErrorCode.LOGIN_ENDED,
            "This refresh token was used before, so someone else may have it. The login was "
            "ended; log in again.",
        )

    def _add_token(self, session: Session, login_id: uuid.UUID) -> RefreshToken:
        now = self._now()
        token_id = uuid7()
        token = RefreshToken(
            id=token_id,
            login_id=login_id,
            token_sha256=stored(self._secrets.token(_PURPOSE, token_id)),
            issued_at=now,
            expires_at=now + REFRESH_LIFETIME,
        )
        session.add(token)
        session.flush()
        return token

    def _issued(self, user: User, token: RefreshToken) -> IssuedTokens:
        """Return the tokens of a row; the same for the same row, as long as the key signs."""
        claims = Claims(user.id, user.role, token.login_id, token.id, token.issued_at)
        return IssuedTokens(
            access_token=self._access_tokens.issue(claims),
            access_expires_at=claims.expires_at,
            refresh_token=self._secrets.token(_PURPOSE, token.id),
            refresh_expires_at=token.expires_at,
        )
