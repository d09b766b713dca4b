"""Looking at users and changing them: what the servicer of UserService calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from practice.identifiers import uuid7
from practice.rpc.errors import ErrorCode, PracticeError
from session_service import policy
from session_service.accounts import repository, rules
from session_service.accounts.model import Consent, ConsentKind, EndReason, Role, User
from session_service.policy import Relation

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from session_service.actors import Actor
    from session_service.paging import Page

GET_USER: Final = "/practice.accounts.v1.UserService/GetUser"
DEACTIVATE_USER: Final = "/practice.accounts.v1.UserService/DeactivateUser"

_STUDENT_FIELDS: Final = ("grade_level", "years_playing", "timezone")
_TEACHER_FIELDS: Final = ("bio", "specialties")
#: What an update mask may name, by role.
CHANGEABLE: Final[Mapping[Role, frozenset[str]]] = {
    Role.STUDENT: frozenset(
        {"display_name", "birth_year", *(f"student.{name}" for name in _STUDENT_FIELDS)}
    ),
    Role.TEACHER: frozenset(
        {"display_name", "birth_year", *(f"teacher.{name}" for name in _TEACHER_FIELDS)}
    ),
    Role.ADMIN: frozenset({"display_name"}),
}


class Links(Protocol):
    """Who is linked to whom; the studio knows."""

    def are_linked(self, session: Session, one: uuid.UUID, other: uuid.UUID) -> bool:
        """Whether there is an ACTIVE link between two people."""
        ...


class Presence(Protocol):
    """Who is still let in."""

    def present(self, session: Session, actor: Actor) -> User:
        """Return the caller, or raise LOGIN_ENDED."""
        ...


@dataclass(frozen=True, slots=True)
class UserChange:
    """New values by the paths of the mask, and the etag of what was read."""

    values: Mapping[str, object] = field(default_factory=dict)
    etag: str = ""


class Users:
    """The users of an installation.

    Parameters
    ----------
    presence
        Says who is still let in.
    links
        Says who is linked to whom.
    now
        The clock.
    """

    def __init__(self, presence: Presence, links: Links, now: Callable[[], datetime]) -> None:
        self._presence = presence
        self._links = links
        self._now = now

    def me(self, session: Session, actor: Actor) -> User:
        """Return the caller."""
        return self._presence.present(session, actor)

    def get(self, session: Session, actor: Actor, user_id: uuid.UUID) -> User:
        """Return somebody whom the caller may see.

        Raises
        ------
        PracticeError
            NOT_FOUND for everybody else.
        """
        self._presence.present(session, actor)
        policy.require(GET_USER, actor, self.relation(session, actor, user_id), "user")
        user = session.get(User, user_id)
        if user is None or (user.is_deleted and actor.role is not Role.ADMIN):
            raise policy.not_found("user")
        return user

    def page(
        self,
        session: Session,
        actor: Actor,
        page: Page,
        role: Role | None,
        *,
        is_deleted: bool | None,
    ) -> Sequence[User]:
        """Return a page of everybody, and one more."""
        self._presence.present(session, actor)
        return repository.users(session, page, role, is_deleted=is_deleted)

    def change_me(self, session: Session, actor: Actor, change: UserChange) -> User:
        """Change what the mask names.

        Raises
        ------
        PracticeError
            FIELD_INVALID for a path that is not the caller's or a value that can't be,
            ETAG_STALE when somebody else was faster.
        """
        user = self._presence.present(session, actor)
        if change.etag and change.etag != etag_of(user):
            raise _stale()
        _check_paths(change.values, user.role)
        for path, value in change.values.items():
            self._set(user, path, value)
        flag_modified(user, "display_name")  # a change of the profile alone counts, too
        try:
            session.flush()
        except StaleDataError:
            raise _stale() from None
        session.refresh(user)
        return user

    def _set(self, user: User, path: str, value: object) -> None:
        now = self._now()
        name = path.rpartition(".")[2]
        target: object = user
        if path.startswith("student."):
            target = user.student
        elif path.startswith("teacher."):
            target = user.teacher
        if name == "display_name":
            value = rules.clean_name(str(value), "user.display_name")
        elif name == "timezone":
            value = rules.check_timezone(str(value), "user.student.timezone")
        elif name == "birth_year" and isinstance(value, int):
            value = rules.check_birth_year(value, now, "user.birth_year")
        setattr(target, name, value)

    def deactivate(self, session: Session, actor: Actor, user_id: uuid.UUID) -> User:
        """Let somebody in no more, and end the logins; again changes nothing.

        Raises
        ------
        PracticeError
            NOT_FOUND; PRECONDITION_FAILED for the last admin.
        """
        self._presence.present(session, actor)
        policy.require(DEACTIVATE_USER, actor, self.relation(session, actor, user_id), "user")
        admin_count = repository.lock_admins(session)
        user = session.get(User, user_id, with_for_update=True)
        if user is None:
            raise policy.not_found("user")
        if user.is_deleted:
            return user
        if user.role is Role.ADMIN and admin_count == 1:
            raise PracticeError(
                ErrorCode.PRECONDITION_FAILED,
                "This is the last admin; make another one first.",
                precondition=f"user {user_id}",
            )
        user.deleted_at = self._now()
        repository.end_logins(session, EndReason.DEACTIVATED, self._now(), user_id=user_id)
        session.flush()
        session.refresh(user)
        return user

    def consents(self, session: Session, actor: Actor, page: Page) -> Sequence[Consent]:
        """Return a page of the caller's consents, and one more."""
        self._presence.present(session, actor)
        return repository.consents(session, actor.user_id, page)

    def set_consent(
        self, session: Session, actor: Actor, kind: ConsentKind, version: str, *, granted: bool
    ) -> Consent:
        """Give or withdraw a consent.

        Raises
        ------
        PracticeError
            PRECONDITION_FAILED for withdrawing what is needed to take part.
        """
        user = self._presence.present(session, actor)
        if not granted and kind in rules.required_consents(user.birth_year, self._now()):
            raise PracticeError(
                ErrorCode.PRECONDITION_FAILED,
                f"Without {kind.value.upper()} nobody can take part; ask for the account to be "
                "closed instead.",
                precondition=f"consent {kind.value.upper()}",
            )
        consent = Consent(
            id=uuid7(),
            user_id=user.id,
            kind=kind,
            granted=granted,
            document_version=version,
        )
        session.add(consent)
        session.flush()
        session.refresh(consent)
        return consent

    def names(self, session: Session, user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
        """Return the display names of several users."""
        return repository.display_names(session, user_ids)

    def relation(self, session: Session, actor: Actor, user_id: uuid.UUID) -> Relation:
        """Return what the caller is to somebody, whether there is such a user or not."""
        if actor.user_id == user_id:
            return Relation.SELF
        if self._links.are_linked(session, actor.user_id, user_id):
            return Relation.LINKED
        return Relation.STRANGER


def etag_of(user: User) -> str:
    """Return what changes whenever the user or the profile does."""
    return f"{user.id.hex[-12:]}-{user.revision}"


def _check_paths(values: Mapping[str, object], role: Role) -> None:
    unknown = sorted(set(values) - CHANGEABLE[role])
    if unknown or not values:
        known = ", ".join(sorted(CHANGEABLE[role]))
        named = f"{', '.join(unknown)} can't be changed" if unknown else "names nothing"
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            f"update_mask: {named}; these can: {known}",
            field="update_mask",
        )


def _stale() -> PracticeError:
    return PracticeError(
        ErrorCode.ETAG_STALE, "It was changed meanwhile; read it again and repeat.", field="etag"
    )
