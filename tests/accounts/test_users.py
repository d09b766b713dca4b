"""Users, consents, links and who may see whom, over gRPC on both databases."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from practice.accounts.v1 import users_pb2 as pb
from practice.rpc.errors import ErrorCode
from practice.studio.v1 import studio_pb2 as studio
from tests.accounts.serving import Clock, Person, Served, assert_refused, refusal


def update(mask: list[str], etag: str = "", **user: Any) -> pb.UpdateMeRequest:
    return pb.UpdateMeRequest(user=pb.User(**user), update_mask=FieldMask(paths=mask), etag=etag)


async def invite(server: Served, teacher: Person) -> str:
    request = studio.CreateInvitationRequest(note="Ada, Tuesdays")
    answer = await server.studio.CreateInvitation(request, metadata=teacher.metadata)
    code: str = answer.code
    return code


def accept(server: Served, student: Person, code: str) -> Any:
    request = studio.AcceptInvitationRequest(code=code, consent=True)
    return server.studio.AcceptInvitation(request, metadata=student.metadata)


def get(server: Served, viewer: Person, whom: Person) -> Any:
    request = pb.GetUserRequest(user_id=whom.user.user_id)
    return server.users.GetUser(request, metadata=viewer.metadata)


async def test_the_mask_says_what_changes(server: Served) -> None:
    ada = await server.student()
    profile = pb.StudentProfile(grade_level="8", years_playing=4, timezone="Asia/Tokyo")
    request = update(["student.grade_level"], ada.user.etag, display_name="X", student=profile)
    answer = await server.users.UpdateMe(request, metadata=ada.metadata)
    assert answer.user.display_name == ada.user.display_name
    assert answer.user.student.grade_level == "8"
    assert answer.user.student.timezone == "UTC"
    assert answer.user.etag != ada.user.etag
    await assert_refused(
        server.users.UpdateMe(request, metadata=ada.metadata), ErrorCode.ETAG_STALE, "etag"
    )


async def test_a_mask_of_what_is_not_ones_own_is_refused(server: Served) -> None:
    ada = await server.student()
    for mask in (["role"], ["teacher.bio"], ["email"], ["nonsense"], ["student.x"], ["a.b"], []):
        call = server.users.UpdateMe(update(mask), metadata=ada.metadata)
        await assert_refused(call, ErrorCode.FIELD_INVALID, "update_mask")
    blank = update(["display_name"], display_name="  ")
    await assert_refused(
        server.users.UpdateMe(blank, metadata=ada.metadata),
        ErrorCode.FIELD_INVALID,
        "user.display_name",
    )


async def test_changes_at_once_never_overwrite_each_other(server: Served) -> None:
    ada = await server.student()
    requests = [update(["display_name"], ada.user.etag, display_name=f"A{n}") for n in range(5)]
    calls = (server.users.UpdateMe(request, metadata=ada.metadata) for request in requests)
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(answer, pb.UpdateMeResponse) for answer in answers) == 1


async def test_a_teacher_sees_a_student_only_through_an_active_link(server: Served) -> None:
    teacher, student, stranger = (
        await server.teacher(),
        await server.student(),
        await server.student(),
    )
    await assert_refused(get(server, teacher, student), ErrorCode.NOT_FOUND)
    code = await invite(server, teacher)
    await assert_refused(get(server, teacher, student), ErrorCode.NOT_FOUND)
    link = (await accept(server, student, code.lower().replace("-", " "))).link
    assert link.state == studio.LINK_STATE_ACTIVE
    assert (link.note, link.other_display_name) == ("", teacher.user.display_name)
    seen = (await get(server, teacher, student)).user
    assert seen.display_name == student.user.display_name
    assert not seen.HasField("email")
    assert not seen.HasField("birth_year")
    assert (await get(server, student, teacher)).user.user_id == teacher.user.user_id
    await assert_refused(get(server, stranger, student), ErrorCode.NOT_FOUND)
    end = studio.EndLinkRequest(link_id=link.link_id)
    await assert_refused(
        server.studio.EndLink(end, metadata=stranger.metadata), ErrorCode.NOT_FOUND
    )
    for person in (student, teacher):  # the second changes nothing
        ended = (await server.studio.EndLink(end, metadata=person.metadata)).link
        assert ended.state == studio.LINK_STATE_ENDED
    await assert_refused(get(server, teacher, student), ErrorCode.NOT_FOUND)


async def test_someone_else_looks_like_nobody(server: Served) -> None:
    ada, bob = await server.student(), await server.student()
    real = await refusal(get(server, ada, bob))
    request = pb.GetUserRequest(user_id=str(uuid.uuid4()))
    made_up = await refusal(server.users.GetUser(request, metadata=ada.metadata))
    assert (real.code, real.message) == (made_up.code, made_up.message)


async def test_a_code_is_for_one_student(server: Served) -> None:
    teacher = await server.teacher()
    students = [await server.student() for _ in range(4)]
    code = await invite(server, teacher)
    answers = await asyncio.gather(
        *(accept(server, student, code) for student in students), return_exceptions=True
    )
    winners = [
        student
        for student, answer in zip(students, answers, strict=True)
        if isinstance(answer, studio.AcceptInvitationResponse)
    ]
    assert len(winners) == 1
    again = await accept(server, winners[0], code)
    assert again.link.state == studio.LINK_STATE_ACTIVE
    twin = accept(server, winners[0], await invite(server, teacher))
    await assert_refused(twin, ErrorCode.ALREADY_EXISTS, "code")


async def test_a_code_works_for_a_while_and_needs_consent(server: Served, clock: Clock) -> None:
    teacher, student = await server.teacher(), await server.student()
    code = await invite(server, teacher)
    without = studio.AcceptInvitationRequest(code=code)
    await assert_refused(
        server.studio.AcceptInvitation(without, metadata=student.metadata),
        ErrorCode.FIELD_INVALID,
        "consent",
    )
    clock.advance(timedelta(days=7))
    teacher, student = (
        await server.log_in(teacher.user.email),
        await server.log_in(student.user.email),
    )
    await assert_refused(accept(server, student, code), ErrorCode.NOT_FOUND, "code")
    for state, count in ((studio.LINK_STATE_PENDING, 0), (studio.LINK_STATE_ENDED, 1)):
        request = studio.ListLinksRequest(state=state)
        answer = await server.studio.ListLinks(request, metadata=teacher.metadata)
        assert len(answer.links) == count
        assert all(link.state == state for link in answer.links)


async def test_a_repeated_invitation_is_the_same_and_its_code_is_nowhere(server: Served) -> None:
    teacher = await server.teacher()
    request = studio.CreateInvitationRequest(request_id=str(uuid.uuid4()))
    first = await server.studio.CreateInvitation(request, metadata=teacher.metadata)
    again = await server.studio.CreateInvitation(request, metadata=teacher.metadata)
    assert first == again
    mine = await server.studio.ListLinks(studio.ListLinksRequest(), metadata=teacher.metadata)
    assert first.code not in str(mine)


async def test_links_come_in_pages(server: Served) -> None:
    teacher = await server.teacher()
    for _ in range(5):
        await invite(server, teacher)
    found: list[str] = []
    token = ""
    while True:
        request = studio.ListLinksRequest(page_size=2, page_token=token)
        answer = await server.studio.ListLinks(request, metadata=teacher.metadata)
        found += [link.link_id for link in answer.links]
        if not (token := answer.next_page_token):
            break
    assert found == sorted(set(found), reverse=True)
    assert len(found) == 5
    for wrong in ("nonsense", "AAAA"):
        request = studio.ListLinksRequest(page_token=wrong)
        call = server.studio.ListLinks(request, metadata=teacher.metadata)
        await assert_refused(call, ErrorCode.FIELD_INVALID, "page_token")


async def test_a_deactivated_user_is_out_at_once(server: Served) -> None:
    admin, ada = await server.admin(), await server.student()
    request = pb.DeactivateUserRequest(user_id=ada.user.user_id)
    for _ in range(2):
        answer = await server.users.DeactivateUser(request, metadata=admin.metadata)
        assert answer.user.state == pb.USER_STATE_DEACTIVATED
    error = await refusal(server.users.GetMe(pb.GetMeRequest(), metadata=ada.metadata))
    assert error.code is ErrorCode.LOGIN_ENDED
    error = await refusal(server.log_in(ada.user.email))
    assert error.code is ErrorCode.ACCOUNT_DEACTIVATED
    error = await refusal(server.log_in(ada.user.email, "wrong password"))
    assert error.code is ErrorCode.LOGIN_FAILED
    gone = pb.ListUsersRequest(state=pb.USER_STATE_DEACTIVATED)
    listed = await server.users.ListUsers(gone, metadata=admin.metadata)
    assert [user.user_id for user in listed.users] == [ada.user.user_id]


async def test_the_last_admin_stays(server: Served) -> None:
    one, other = await server.admin(), await server.admin()
    calls = [
        server.users.DeactivateUser(
            pb.DeactivateUserRequest(user_id=whom.user.user_id), metadata=actor.metadata
        )
        for actor, whom in ((one, other), (other, one))
    ]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(answer, pb.DeactivateUserResponse) for answer in answers) == 1


async def test_consents_are_a_history(server: Served) -> None:
    ada = await server.student()
    for granted in (True, False):
        request = pb.SetConsentRequest(
            kind=pb.CONSENT_KIND_RESEARCH, granted=granted, document_version="2"
        )
        await server.users.SetConsent(request, metadata=ada.metadata)
    answer = await server.users.ListConsents(pb.ListConsentsRequest(), metadata=ada.metadata)
    told = [(consent.kind, consent.granted) for consent in answer.consents]
    assert told == [
        (pb.CONSENT_KIND_RESEARCH, False),
        (pb.CONSENT_KIND_RESEARCH, True),
        (pb.CONSENT_KIND_TERMS, True),
    ]
