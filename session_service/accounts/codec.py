"""Between the contract's messages and the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from practice.accounts.v1 import auth_pb2, users_pb2
from practice.rpc.errors import ErrorCode, PracticeError
from session_service.accounts.access_tokens import public_key_text
from session_service.accounts.model import (
    Consent,
    ConsentKind,
    Role,
    StudentProfile,
    TeacherProfile,
    User,
    VerificationStatus,
)
from session_service.accounts.rules import Registration, StudentFacts, TeacherFacts
from session_service.accounts.users import UserChange, etag_of
from session_service.wire import to_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from session_service.accounts.logins import IssuedTokens

_ROLES: Final = {
    users_pb2.ROLE_STUDENT: Role.STUDENT,
    users_pb2.ROLE_TEACHER: Role.TEACHER,
    users_pb2.ROLE_ADMIN: Role.ADMIN,
}
_ROLE_NUMBERS: Final = {role: number for number, role in _ROLES.items()}
_CONSENTS: Final = {
    users_pb2.CONSENT_KIND_TERMS: ConsentKind.TERMS,
    users_pb2.CONSENT_KIND_GUARDIAN: ConsentKind.GUARDIAN,
    users_pb2.CONSENT_KIND_RECORDINGS: ConsentKind.RECORDINGS,
    users_pb2.CONSENT_KIND_RESEARCH: ConsentKind.RESEARCH,
}
_CONSENT_NUMBERS: Final = {kind: number for number, kind in _CONSENTS.items()}
_VERIFICATION_NUMBERS: Final = {
    VerificationStatus.UNVERIFIED: users_pb2.VERIFICATION_STATUS_UNVERIFIED,
    VerificationStatus.VERIFIED: users_pb2.VERIFICATION_STATUS_VERIFIED,
}
#: What a state filter asks for: whether the user is deactivated; absent does not ask.
STATE_FILTERS: Final = {
    users_pb2.USER_STATE_ACTIVE: False,
    users_pb2.USER_STATE_DEACTIVATED: True,
}


def to_registration(request: auth_pb2.RegisterRequest) -> Registration:
    """Return who wants an account."""
    role = _ROLES[request.role]
    profile: StudentFacts | TeacherFacts
    given = request.WhichOneof("profile")
    if given == "student" or (given is None and role is Role.STUDENT):
        student = request.student
        profile = StudentFacts(student.grade_level, student.years_playing, student.timezone)
    else:
        profile = TeacherFacts(request.teacher.bio, tuple(request.teacher.specialties))
    return Registration(
        email=request.email,
        password=request.password,
        display_name=request.display_name,
        role=role,
        birth_year=request.birth_year,
        profile=profile,
        consents=tuple(
            (_CONSENTS[grant.kind], grant.document_version) for grant in request.consents
        ),
    )


def to_role_filter(number: int) -> Role | None:
    """Return the role that is asked for, or None."""
    return _ROLES.get(number)  # type: ignore[call-overload, no-any-return]


def to_consent_kind(request: users_pb2.SetConsentRequest) -> ConsentKind:
    """Return what is agreed to."""
    return _CONSENTS[request.kind]


def to_change(request: users_pb2.UpdateMeRequest) -> UserChange:
    """Return the new values of the paths in the mask.

    Raises
    ------
    PracticeError
        FIELD_INVALID for a path that the message does not have.
    """
    values: dict[str, object] = {}
    for path in request.update_mask.paths:
        holder, _, name = path.rpartition(".")
        message = request.user
        if holder in {"student", "teacher"}:
            message = getattr(message, holder)
        elif holder:
            raise _no_path(path)
        if name not in message.DESCRIPTOR.fields_by_name:
            raise _no_path(path)
        value = getattr(message, name)
        values[path] = list(value) if name == "specialties" else value
    return UserChange(values, request.etag)


def to_user(user: User, *, is_private: bool) -> users_pb2.User:
    """Return a user as others see it, or with everything for the user and admins."""
    gone = user.is_deleted
    message = users_pb2.User(
        user_id=str(user.id),
        display_name=user.display_name,
        role=_ROLE_NUMBERS[user.role],
        state=users_pb2.USER_STATE_DEACTIVATED if gone else users_pb2.USER_STATE_ACTIVE,
        student=_to_student(user.student) if user.student else None,
        teacher=_to_teacher(user.teacher) if user.teacher else None,
        etag=etag_of(user),
        create_time=to_timestamp(user.created_at),
        update_time=to_timestamp(user.updated_at),
    )
    if is_private:
        message.email = user.email
        if user.birth_year is not None:
            message.birth_year = user.birth_year
    return message


def _to_student(profile: StudentProfile) -> users_pb2.StudentProfile:
    return users_pb2.StudentProfile(
        grade_level=profile.grade_level,
        years_playing=profile.years_playing,
        timezone=profile.timezone,
    )


def _to_teacher(profile: TeacherProfile) -> users_pb2.TeacherProfile:
    return users_pb2.TeacherProfile(
        bio=profile.bio,
        specialties=profile.specialties,
        verification_status=_VERIFICATION_NUMBERS[profile.verification_status],
    )


def to_consent(consent: Consent) -> users_pb2.Consent:
    """Return a consent."""
    return users_pb2.Consent(
        consent_id=str(consent.id),
        kind=_CONSENT_NUMBERS[consent.kind],
        granted=consent.granted,
        document_version=consent.document_version,
        record_time=to_timestamp(consent.created_at),
    )


def to_tokens(issued: IssuedTokens) -> auth_pb2.Tokens:
    """Return tokens."""
    return auth_pb2.Tokens(
        access_token=issued.access_token,
        access_expire_time=to_timestamp(issued.access_expires_at),
        refresh_token=issued.refresh_token,
        refresh_expire_time=to_timestamp(issued.refresh_expires_at),
    )


def to_key_set(keys: Mapping[str, Ed25519PublicKey]) -> auth_pb2.GetKeySetResponse:
    """Return public keys as JSON Web Keys (RFC 8037, section 2)."""
    return auth_pb2.GetKeySetResponse(
        keys=[
            auth_pb2.JsonWebKey(
                kty="OKP", crv="Ed25519", kid=kid, x=public_key_text(key), use="sig", alg="EdDSA"
            )
            for kid, key in keys.items()
        ]
    )


def _no_path(path: str) -> PracticeError:
    return PracticeError(
        ErrorCode.FIELD_INVALID, f"update_mask: there is no {path}", field="update_mask"
    )
