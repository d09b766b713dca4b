"""Getting in: what the servicer of AuthService calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.accounts import repository, rules
from session_service.accounts.model import EndReason, User

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from session_service.accounts.logins import IssuedTokens, Logins
    from session_service.accounts.passwords import Passwords
    from session_service.accounts.throttle import Throttle
    from session_service.actors import Actor
    from session_service.db.database import Database


class Authentications:
    """Logins by password, and changes of passwords.

    Parameters
    ----------
    database
        Where units of work run.
    passwords
        Hashes them.
    logins
        Starts and ends them.
    throttle
        How often somebody may try.
    now
        The clock.
    """

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        logins: Logins,
        throttle: Throttle,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._logins = logins
        self._throttle = throttle
        self._now = now

    async def log_in(
        self, email: str, password: str, host: str, request_id: uuid.UUID | None
    ) -> tuple[User, IssuedTokens]:
        """Let somebody in.

        Raises
        ------
        PracticeError
            LOGIN_FAILED, the same for a wrong password and an unknown address, and as late;
            ACCOUNT_DEACTIVATED, only for who knows the password; RATE_LIMITED.
        """
        key = rules.email_key(email)
        await self._throttle.enter(host)
        await self._throttle.try_account(key)
        found = await self._database.read(lambda session: repository.credentials(session, key))
        is_right = await self._passwords.check(found.password_hash if found else None, password)
        if found is None or not is_right:
            raise PracticeError(
                ErrorCode.LOGIN_FAILED, "E-mail address and password do not fit together."
            )
        await self._throttle.forgive(key)
        if found.is_deleted:
            raise _deactivated()
        new_hash = None
        if self._passwords.is_outdated(found.password_hash):
            new_hash = await self._passwords.hash(password)
        return await self._database.write(
            lambda session: self._start(session, found, new_hash, request_id)
        )

    def _start(
        self,
        session: Session,
        checked: repository.Credentials,
        new_hash: str | None,
        request_id: uuid.UUID | None,
    ) -> tuple[User, IssuedTokens]:
        user = session.get_one(User, checked.user_id, with_for_update=True)
        if user.is_deleted:
            raise _deactivated()
        if user.password_hash != checked.password_hash:  # changed while it was checked
            raise PracticeError(
                ErrorCode.LOGIN_FAILED, "E-mail address and password do not fit together."
            )
        if new_hash is not None:
            user.password_hash = new_hash
            session.flush()
            session.refresh(user)
        return user, self._logins.start(session, user, request_id)

    async def go_on(
        self, refresh_token: str, host: str, request_id: uuid.UUID | None
    ) -> IssuedTokens:
        """Trade a refresh token for new tokens.

        Raises
        ------
        PracticeError
            TOKEN_INVALID, TOKEN_EXPIRED or LOGIN_ENDED.
        """
        await self._throttle.enter(host)
        answer = await self._database.write(
            lambda session: self._logins.go_on(session, refresh_token, request_id)
        )
        if isinstance(answer, PracticeError):
            raise answer
        return answer

    async def log_out(self, refresh_token: str) -> None:
        """End a login, if there is one."""
        await self._database.write(lambda session: self._logins.end(session, refresh_token))

    async def hash_for_change(self, actor: Actor, old_password: str, new_password: str) -> str:
        """Return the hash of a new password, if the old one is right.

        Raises
        ------
        PracticeError
            FIELD_INVALID for a wrong old password, or a new one that is no good; RATE_LIMITED.
        """
        user = await self._database.read(lambda session: self.present(session, actor))
        rules.check_password(new_password, user.email, "new_password")
        await self._throttle.try_account(user.email_key)
        if not await self._passwords.check(user.password_hash, old_password):
            raise PracticeError(
                ErrorCode.FIELD_INVALID,
                "old_password: not your password",
                field="old_password",
            )
        await self._throttle.forgive(user.email_key)
        return await self._passwords.hash(new_password)

    def change_password(self, session: Session, actor: Actor, password_hash: str) -> None:
        """Store a new password's hash and end all other logins."""
        user = self.present(session, actor)
        user.password_hash = password_hash
        repository.end_logins(
            session,
            EndReason.PASSWORD_CHANGED,
            self._now(),
            user_id=user.id,
            but=actor.login_id,
        )

    def present(self, session: Session, actor: Actor) -> User:
        """Return the caller, who may have been logged out or deactivated since the token.

        Raises
        ------
        PracticeError
            LOGIN_ENDED.
        """
        user = repository.active_user(session, actor.user_id, actor.login_id)
        if user is None:
            raise PracticeError(ErrorCode.LOGIN_ENDED, "This login has ended; log in again.")
        return user

    async def allow_registration(self, host: str, password: str) -> str:
        """Return a new password's hash, unless too many come from one address.

        Raises
        ------
        PracticeError
            RATE_LIMITED.
        """
        await self._throttle.enter(host)
        return await self._passwords.hash(password)


def _deactivated() -> PracticeError:
    return PracticeError(
        ErrorCode.ACCOUNT_DEACTIVATED, "This account was deactivated; ask an admin."
    )
