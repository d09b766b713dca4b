"""Who may do what: the one table of role, relation and RPC.

A call is checked twice against it: before the handler runs, whether the caller's role may call it
at all; and by the service, once the caller's relation to the person concerned is known. An RPC
that the table does not have is refused.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.accounts.model import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from practice.rpc.principals import Principal
    from session_service.actors import Actor


class Relation(StrEnum):
    """What the caller is to the person whom a call is about."""

    SELF = "self"
    LINKED = "linked"  # teacher and student of an ACTIVE link, either way
    STRANGER = "stranger"
    COMMON = "common"  # there is no such person: it is about what belongs to everybody


_AUTH: Final = "/practice.accounts.v1.AuthService/"
_USERS: Final = "/practice.accounts.v1.UserService/"
_STUDIO: Final = "/practice.studio.v1.StudioService/"
_PRACTICE: Final = "/practice.sessions.v1.PracticeService/"
_LIBRARY: Final = "/practice.library.v1.LibraryService/"
_METRICS: Final = "/practice.progress.v1.MetricsService/"

_OWN: Final = frozenset({Relation.SELF})
_KNOWN: Final = frozenset({Relation.SELF, Relation.LINKED})
_ANYBODY: Final = frozenset({Relation.SELF, Relation.LINKED, Relation.STRANGER})
_NOBODY: Final[frozenset[Relation]] = frozenset()
_COMMON: Final = frozenset({Relation.COMMON})


def _row(
    student: frozenset[Relation], teacher: frozenset[Relation], admin: frozenset[Relation]
) -> Mapping[Role, frozenset[Relation]]:
    return {Role.STUDENT: student, Role.TEACHER: teacher, Role.ADMIN: admin}


def _practice() -> Mapping[str, Mapping[Role, frozenset[Relation]]]:
    """Rows of practice sessions: everybody has their own; teachers read those of their students."""
    changing = _row(student=_OWN, teacher=_OWN, admin=_OWN)
    reading = _row(student=_OWN, teacher=_KNOWN, admin=_OWN)
    verbs = ("Start", "Pause", "Resume", "Finish", "Update", "Delete", "Undelete")
    return {
        **{f"{_PRACTICE}{verb}Session": changing for verb in verbs},
        _PRACTICE + "RecordSegmentClicks": changing,
        **{
            _PRACTICE + name: reading
            for name in ("GetSession", "ListSessions", "GetHeatmap", "ListSessionEvents")
        },
    }


def _library(
    one: str, several: str, read_by_all: frozenset[Relation] = _NOBODY
) -> Mapping[str, Mapping[Role, frozenset[Relation]]]:
    """Rows of one kind of thing: one's own; teachers read, admins change what is common."""
    reading = _row(
        student=_OWN | read_by_all, teacher=_KNOWN | read_by_all, admin=_OWN | read_by_all
    )
    changing = _row(student=_OWN, teacher=_OWN, admin=_OWN | read_by_all)
    return {
        **{_LIBRARY + name: reading for name in (f"Get{one}", f"List{several}")},
        **{_LIBRARY + verb + one: changing for verb in ("Create", "Update", "Delete", "Undelete")},
    }


#: RPCs that need no access token.
OPEN_METHODS: Final = frozenset(
    _AUTH + name for name in ("Register", "Login", "Refresh", "Logout", "GetKeySet")
)

#: About whom each role may make a call.
POLICY: Final[Mapping[str, Mapping[Role, frozenset[Relation]]]] = {
    _AUTH + "ChangePassword": _row(student=_OWN, teacher=_OWN, admin=_OWN),
    _USERS + "GetMe": _row(student=_OWN, teacher=_OWN, admin=_OWN),
    _USERS + "UpdateMe": _row(student=_OWN, teacher=_OWN, admin=_OWN),
    _USERS + "GetUser": _row(student=_KNOWN, teacher=_KNOWN, admin=_ANYBODY),
    _USERS + "ListUsers": _row(student=_NOBODY, teacher=_NOBODY, admin=_ANYBODY),
    _USERS + "DeactivateUser": _row(student=_NOBODY, teacher=_NOBODY, admin=_ANYBODY),
    _USERS + "ListConsents": _row(student=_OWN, teacher=_OWN, admin=_OWN),
    _USERS + "SetConsent": _row(student=_OWN, teacher=_OWN, admin=_OWN),
    _STUDIO + "CreateInvitation": _row(student=_NOBODY, teacher=_OWN, admin=_NOBODY),
    _STUDIO + "AcceptInvitation": _row(student=_OWN, teacher=_NOBODY, admin=_NOBODY),
    _STUDIO + "EndLink": _row(student=_OWN, teacher=_OWN, admin=_ANYBODY),
    _STUDIO + "ListLinks": _row(student=_OWN, teacher=_OWN, admin=_OWN),
    **_practice(),
    **_library("Tag", "Tags", read_by_all=_COMMON),
    **_library("Piece", "Pieces"),
    **_library("Segment", "Segments"),
    _METRICS + "WriteMetrics": _row(student=_OWN, teacher=_OWN, admin=_OWN),
    _METRICS + "QueryTimeSeries": _row(student=_OWN, teacher=_KNOWN, admin=_ANYBODY),
    _METRICS + "GetPieceProgress": _row(student=_OWN, teacher=_KNOWN, admin=_ANYBODY),
}

#: The services that the table is about; other services look after themselves.
GOVERNED_SERVICES: Final = frozenset(method.split("/")[1] for method in POLICY)


def may(method: str, role: Role, relation: Relation) -> bool:
    """Whether a caller of this role may make a call about someone of this relation."""
    return relation in POLICY.get(method, {}).get(role, _NOBODY)


def check_role(method: str, principal: Principal) -> None:
    """Refuse a call that nobody of the caller's role may make.

    Raises
    ------
    PracticeError
        UNAUTHENTICATED for an anonymous caller, PERMISSION_DENIED for a role that may not.
    """
    if method.split("/")[1] not in GOVERNED_SERVICES or method in OPEN_METHODS:
        return
    if principal.is_anonymous:
        raise PracticeError(ErrorCode.UNAUTHENTICATED, "Log in first: this needs an access token.")
    rows = POLICY.get(method, {})
    if not any(rows.get(Role(role)) for role in principal.roles & set(Role)):
        name = method.rpartition("/")[2]
        raise PracticeError(ErrorCode.PERMISSION_DENIED, f"Your account may not call {name}.")


def require(method: str, actor: Actor, relation: Relation, sought: str) -> None:
    """Refuse a call about someone whom the caller may not see, as though they did not exist.

    Raises
    ------
    PracticeError
        NOT_FOUND, the same as for what does not exist.
    """
    if not may(method, actor.role, relation):
        raise not_found(sought)


def not_found(sought: str) -> PracticeError:
    """Return the error for what does not exist, or not for the caller."""
    return PracticeError(ErrorCode.NOT_FOUND, f"There is no such {sought}, or not for you.")
