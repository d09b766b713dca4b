"""Making accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from practice.identifiers import uuid7
from practice.rpc.errors import ErrorCode, PracticeError
from session_service.accounts import rules
from session_service.accounts.model import (
    Consent,
    Role,
    StudentProfile,
    TeacherProfile,
    User,
    VerificationStatus,
)
from session_service.accounts.rules import Registration, StudentFacts
from session_service.db.constraints import constraint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    #: Called in the same unit of work as the registration; raising undoes both.
    OnRegistered = Callable[[Session, User], None]


class Registrations:
    """Makes accounts.

    Parameters
    ----------
    now
        The clock.
    on_registered
        What else happens to a new student or teacher, in the same unit of work.
    """

    def __init__(
        self, now: Callable[[], datetime], on_registered: Sequence[OnRegistered] = ()
    ) -> None:
        self._now = now
        self._on_registered = tuple(on_registered)

    def check(self, registration: Registration) -> None:
        """Refuse what can't become an account, before anything expensive is done.

        Raises
        ------
        PracticeError
            FIELD_INVALID.
        """
        now = self._now()
        rules.clean_name(registration.display_name, "display_name")
        rules.check_birth_year(registration.birth_year, now, "birth_year")
        rules.check_password(registration.password, registration.email, "password")
        rules.check_profile(registration)
        if isinstance(registration.profile, StudentFacts):
            rules.check_timezone(registration.profile.timezone, "student.timezone")
        kinds = [kind for kind, _ in registration.consents]
        rules.check_consents(kinds, registration.birth_year, now, "consents")

    def register(self, session: Session, registration: Registration, password_hash: str) -> User:
        """Add a student or a teacher.

        Raises
        ------
        PracticeError
            ALREADY_EXISTS when the address has an account.
        """
        user = _add_user(
            session,
            registration.role,
            (registration.email, registration.display_name, registration.birth_year),
            password_hash,
        )
        _add_profile(session, user, registration)
        for kind, version in registration.consents:
            session.add(Consent(user_id=user.id, kind=kind, granted=True, document_version=version))
        session.flush()
        for follow_up in self._on_registered:
            follow_up(session, user)
        session.refresh(user)
        return user

    def add_admin(
        self, session: Session, email: str, display_name: str, password_hash: str
    ) -> User:
        """Add an admin; only the machine's keeper can, with a command.

        Raises
        ------
        PracticeError
            ALREADY_EXISTS when the address has an account.
        """
        return _add_user(session, Role.ADMIN, (email, display_name, None), password_hash)


def _add_user(
    session: Session, role: Role, person: tuple[str, str, int | None], password_hash: str
) -> User:
    """Add the row of somebody: e-mail address, name and year of birth."""
    email, display_name, birth_year = person
    user = User(
        id=uuid7(),
        email=email.strip(),
        email_key=rules.email_key(email),
        display_name=rules.clean_name(display_name, "display_name"),
        role=role,
        birth_year=birth_year,
        password_hash=password_hash,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        if constraint_of(error, User.metadata) != "uq_users_email_key":
            raise
        raise PracticeError(
            ErrorCode.ALREADY_EXISTS,
            "This e-mail address has an account already; log in instead.",
            field="email",
        ) from error
    return user


def _add_profile(session: Session, user: User, registration: Registration) -> None:
    profile = registration.profile
    if isinstance(profile, StudentFacts):
        session.add(
            StudentProfile(
                user_id=user.id,
                grade_level=profile.grade_level,
                years_playing=profile.years_playing,
                timezone=rules.check_timezone(profile.timezone, "student.timezone"),
            )
        )
    else:
        session.add(
            TeacherProfile(
                user_id=user.id,
                bio=profile.bio,
                specialties=list(profile.specialties),
                verification_status=VerificationStatus.UNVERIFIED,
            )
        )
