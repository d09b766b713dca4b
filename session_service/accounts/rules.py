"""What holds for accounts, free of any database."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.accounts.model import ConsentKind, Role

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_OF_AGE_YEARS: Final = 18
_UTC: Final = "UTC"


@dataclass(frozen=True, slots=True)
class StudentFacts:
    """A student's profile."""

    grade_level: str = ""
    years_playing: int = 0
    timezone: str = _UTC


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """A teacher's profile, as far as the teacher writes it."""

    bio: str = ""
    specialties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody who wants an account."""

    email: str
    password: str
    display_name: str
    role: Role
    birth_year: int
    profile: StudentFacts | TeacherFacts
    consents: tuple[tuple[ConsentKind, str], ...]


def email_key(email: str) -> str:
    """Return an address as it is compared: one person has one account, however it is typed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email.strip()).casefold())


def clean_name(name: str, field: str) -> str:
    """Return a name without space around it, in normal form C.

    Raises
    ------
    PracticeError
        FIELD_INVALID when nothing is left.
    """
    cleaned = unicodedata.normalize("NFC", " ".join(name.split()))
    if not cleaned:
        raise PracticeError(ErrorCode.FIELD_INVALID, f"{field}: must not be blank", field=field)
    return cleaned


def check_timezone(name: str, field: str) -> str:
    """Return a time zone's name, UTC when it is empty.

    Raises
    ------
    PracticeError
        FIELD_INVALID when there is no such zone.
    """
    if not name:
        return _UTC
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            f"{field}: no IANA time zone; one is Europe/Berlin",
            field=field,
        ) from None
    return name


def check_birth_year(birth_year: int, now: datetime, field: str) -> int:
    """Return a year of birth that can be.

    Raises
    ------
    PracticeError
        FIELD_INVALID for one that is still to come.
    """
    if birth_year > now.year:
        raise PracticeError(ErrorCode.FIELD_INVALID, f"{field}: lies in the future", field=field)
    return birth_year


def may_be_minor(birth_year: int, now: datetime) -> bool:
    """Whether someone may be under 18: in the year of the 18th birthday nobody knows."""
    return now.year - birth_year <= _OF_AGE_YEARS


def required_consents(birth_year: int | None, now: datetime) -> frozenset[ConsentKind]:
    """Return what someone must agree to, to take part at all."""
    if birth_year is not None and may_be_minor(birth_year, now):
        return frozenset({ConsentKind.TERMS, ConsentKind.GUARDIAN})
    return frozenset({ConsentKind.TERMS})


def check_consents(
    given: Collection[ConsentKind], birth_year: int, now: datetime, field: str
) -> None:
    """Refuse a registration without the consents that it needs.

    Raises
    ------
    PracticeError
        FIELD_INVALID naming what is missing.
    """
    missing = sorted(required_consents(birth_year, now) - set(given))
    if missing:
        names = " and ".join(kind.value.upper() for kind in missing)
        raise PracticeError(
            ErrorCode.FIELD_INVALID, f"{field}: {names} must be agreed to", field=field
        )


def check_password(password: str, email: str, field: str) -> None:
    """Refuse the passwords that anybody would try first.

    Raises
    ------
    PracticeError
        FIELD_INVALID for the address itself, or one character over and over.
    """
    folded = password.casefold()
    if folded == email_key(email) or len(set(folded)) == 1:
        raise PracticeError(
            ErrorCode.FIELD_INVALID, f"{field}: too easy to guess; choose another", field=field
        )


def check_profile(registration: Registration) -> None:
    """Refuse a profile of another role.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    wanted = StudentFacts if registration.role is Role.STUDENT else TeacherFacts
    if not isinstance(registration.profile, wanted):
        field = "student" if isinstance(registration.profile, StudentFacts) else "teacher"
        raise PracticeError(
            ErrorCode.FIELD_INVALID, f"{field}: not the profile of this role", field=field
        )
