"""The table of who may do what, row by row."""

from __future__ import annotations

import itertools
import uuid

import pytest

from practice.accounts.v1 import auth_pb2, users_pb2
from practice.library.v1 import library_pb2
from practice.progress.v1 import progress_pb2
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.principals import ANONYMOUS_SUBJECT, Principal
from practice.sessions.v1 import sessions_pb2
from practice.studio.v1 import studio_pb2
from session_service import policy
from session_service.accounts.model import Role
from session_service.policy import Relation

SELF, LINKED, STRANGER = Relation.SELF, Relation.LINKED, Relation.STRANGER
COMMON = Relation.COMMON
STUDENT, TEACHER, ADMIN = Role.STUDENT, Role.TEACHER, Role.ADMIN

#: What a student's teachers see, and admins.
SEEN_BY_TEACHERS_AND_ADMINS = {
    (STUDENT, SELF),
    (TEACHER, SELF),
    (TEACHER, LINKED),
    (ADMIN, SELF),
    (ADMIN, LINKED),
    (ADMIN, STRANGER),
}
#: What may be, written down once more: everything that is not here is refused.
ALLOWED: dict[str, set[tuple[Role, Relation]]] = {
    "AuthService/ChangePassword": {(STUDENT, SELF), (TEACHER, SELF), (ADMIN, SELF)},
    "UserService/GetMe": {(STUDENT, SELF), (TEACHER, SELF), (ADMIN, SELF)},
    "UserService/UpdateMe": {(STUDENT, SELF), (TEACHER, SELF), (ADMIN, SELF)},
    "UserService/GetUser": {
        (STUDENT, SELF),
        (STUDENT, LINKED),
        (TEACHER, SELF),
        (TEACHER, LINKED),
        (ADMIN, SELF),
        (ADMIN, LINKED),
        (ADMIN, STRANGER),
    },
    "UserService/ListUsers": {(ADMIN, SELF), (ADMIN, LINKED), (ADMIN, STRANGER)},
    "UserService/DeactivateUser": {(ADMIN, SELF), (ADMIN, LINKED), (ADMIN, STRANGER)},
    "UserService/ListConsents": {(STUDENT, SELF), (TEACHER, SELF), (ADMIN, SELF)},
    "UserService/SetConsent": {(STUDENT, SELF), (TEACHER, SELF), (ADMIN, SELF)},
    "StudioService/CreateInvitation": {(TEACHER, SELF)},
    "StudioService/AcceptInvitation": {(STUDENT, SELF)},
    "StudioService/EndLink": {
        (STUDENT, SELF),
        (TEACHER, SELF),
        (ADMIN, SELF),
        (ADMIN, LINKED),
        (ADMIN, STRANGER),
    },
    "StudioService/ListLinks": {(STUDENT, SELF), (TEACHER, SELF), (ADMIN, SELF)},
    "MetricsService/WriteMetrics": {(STUDENT, SELF), (TEACHER, SELF), (ADMIN, SELF)},
    "MetricsService/QueryTimeSeries": SEEN_BY_TEACHERS_AND_ADMINS,
    "MetricsService/GetPieceProgress": SEEN_BY_TEACHERS_AND_ADMINS,
}
for verb in ("Start", "Pause", "Resume", "Finish", "Update", "Delete", "Undelete"):
    ALLOWED[f"PracticeService/{verb}Session"] = {(STUDENT, SELF), (TEACHER, SELF), (ADMIN, SELF)}
ALLOWED["PracticeService/RecordSegmentClicks"] = ALLOWED["PracticeService/StartSession"]
for name in ("GetSession", "ListSessions", "GetHeatmap", "ListSessionEvents"):
    ALLOWED[f"PracticeService/{name}"] = {
        (STUDENT, SELF),
        (TEACHER, SELF),
        (TEACHER, LINKED),
        (ADMIN, SELF),
    }
EVERYBODYS_OWN = {(STUDENT, SELF), (TEACHER, SELF), (ADMIN, SELF)}
SEEN_BY_TEACHERS = EVERYBODYS_OWN | {(TEACHER, LINKED)}
READ_BY_ALL = {(STUDENT, COMMON), (TEACHER, COMMON), (ADMIN, COMMON)}
for verb in ("Create", "Update", "Delete", "Undelete"):
    ALLOWED[f"LibraryService/{verb}Tag"] = EVERYBODYS_OWN | {(ADMIN, COMMON)}
    ALLOWED[f"LibraryService/{verb}Piece"] = EVERYBODYS_OWN
    ALLOWED[f"LibraryService/{verb}Segment"] = EVERYBODYS_OWN
for name in ("GetTag", "ListTags"):
    ALLOWED[f"LibraryService/{name}"] = SEEN_BY_TEACHERS | READ_BY_ALL
for name in ("GetPiece", "ListPieces", "GetSegment", "ListSegments"):
    ALLOWED[f"LibraryService/{name}"] = SEEN_BY_TEACHERS
METHODS = [
    f"/{service.full_name}/{method.name}"
    for file in (auth_pb2, users_pb2, studio_pb2, progress_pb2, sessions_pb2, library_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]
GOVERNED = [method for method in METHODS if method not in policy.OPEN_METHODS]


def short(method: str) -> str:
    return method.rpartition(".")[2]


def principal(role: Role) -> Principal:
    return Principal(str(uuid.uuid4()), frozenset({role.value}), str(uuid.uuid4()))


def test_every_rpc_is_open_or_in_the_table() -> None:
    assert set(METHODS) == set(policy.POLICY) | policy.OPEN_METHODS
    assert not set(policy.POLICY) & policy.OPEN_METHODS
    assert {short(method) for method in GOVERNED} == set(ALLOWED)


@pytest.mark.parametrize("method", GOVERNED)
def test_the_table(method: str) -> None:
    for role, relation in itertools.product(Role, Relation):
        assert policy.may(method, role, relation) == ((role, relation) in ALLOWED[short(method)])


@pytest.mark.parametrize("method", GOVERNED)
def test_a_role_that_may_about_nobody_is_stopped_at_the_door(method: str) -> None:
    for role in Role:
        if any(pair[0] is role for pair in ALLOWED[short(method)]):
            policy.check_role(method, principal(role))
        else:
            with pytest.raises(PracticeError) as refused:
                policy.check_role(method, principal(role))
            assert refused.value.code is ErrorCode.PERMISSION_DENIED
    with pytest.raises(PracticeError) as refused:
        policy.check_role(method, Principal(ANONYMOUS_SUBJECT))
    assert refused.value.code is ErrorCode.UNAUTHENTICATED


def test_what_the_table_does_not_know_is_refused() -> None:
    unknown = "/practice.accounts.v1.UserService/Unheard"
    assert not any(policy.may(unknown, role, rel) for role in Role for rel in Relation)
    with pytest.raises(PracticeError):
        policy.check_role(unknown, principal(ADMIN))
    with pytest.raises(PracticeError):
        policy.check_role(GOVERNED[0], Principal(str(uuid.uuid4()), frozenset({"king"})))
