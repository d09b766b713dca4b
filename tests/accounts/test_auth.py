"""Registering, logging in, refreshing, logging out, over gRPC on both databases."""

from __future__ import annotations

import asyncio
import unicodedata
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from practice.accounts.v1 import auth_pb2 as auth
from practice.accounts.v1 import users_pb2 as pb
from practice.rpc.errors import ErrorCode
from tests.accounts.serving import (
    PASSWORD,
    Clock,
    Person,
    Served,
    assert_refused,
    refusal,
    registration,
)

TERMS = auth.ConsentGrant(kind=pb.CONSENT_KIND_TERMS, document_version="1")
GUARDIAN = auth.ConsentGrant(kind=pb.CONSENT_KIND_GUARDIAN, document_version="1")
NEW_PASSWORD = "another horse battery"  # noqa: S105 - a test's
THIS_YEAR = datetime.now(UTC).year


def login(email: str, password: str = PASSWORD, **fields: Any) -> auth.LoginRequest:
    return auth.LoginRequest(email=email, password=password, **fields)


def refresh(person: Person, **fields: Any) -> auth.RefreshRequest:
    return auth.RefreshRequest(refresh_token=person.tokens.refresh_token, **fields)


async def me(server: Served, person: Person) -> pb.User:
    answer = await server.users.GetMe(pb.GetMeRequest(), metadata=person.metadata)
    user: pb.User = answer.user
    return user


async def test_who_registers_can_log_in_and_is_known(server: Served) -> None:
    profile = pb.StudentProfile(grade_level="7", years_playing=3, timezone="Europe/Berlin")
    user = await server.register(email="Ada@Example.org", display_name=" Ada  L. ", student=profile)
    assert (user.email, user.display_name, user.role) == (
        "Ada@Example.org",
        "Ada L.",
        pb.ROLE_STUDENT,
    )
    assert user.student == profile
    person = await server.log_in("aDA@eXAMPLE.ORG")
    assert await me(server, person) == user


UNFITTING: list[tuple[dict[str, Any], str]] = [
    ({"email": "nobody"}, "email"),
    ({"email": "a@" + "b" * 250 + ".org"}, "email"),
    ({"password": "short"}, "password"),
    ({"password": "p" * 257}, "password"),
    ({"password": "with a \x07 in it"}, "password"),
    ({"password": "aaaaaaaaaaaa"}, "password"),
    ({"email": "long.enough@example.org", "password": "Long.Enough@Example.org"}, "password"),
    ({"display_name": ""}, "display_name"),
    ({"display_name": "   "}, "display_name"),
    ({"display_name": "x" * 101}, "display_name"),
    ({"display_name": "evil\u202etxt"}, "display_name"),
    ({"role": pb.ROLE_ADMIN}, "role"),
    ({"role": 0}, "role"),
    ({"role": 99}, "role"),
    ({"birth_year": 1492}, "birth_year"),
    ({"birth_year": THIS_YEAR + 1}, "birth_year"),
    ({"consents": []}, "consents"),
    ({"consents": [GUARDIAN]}, "consents"),
    ({"birth_year": THIS_YEAR - 12}, "consents"),
    ({"student": pb.StudentProfile(timezone="Mars/Olympus")}, "student.timezone"),
    ({"student": pb.StudentProfile(years_playing=-1)}, "student.years_playing"),
    ({"teacher": pb.TeacherProfile(bio="x")}, "teacher"),
    ({"request_id": "1"}, "request_id"),
]


async def test_a_registration_that_does_not_fit_names_its_field(server: Served) -> None:
    for changes, field in UNFITTING:
        call = server.auth.Register(registration(**changes))
        await assert_refused(call, ErrorCode.FIELD_INVALID, field)


async def test_a_minor_needs_a_guardian(server: Served) -> None:
    user = await server.register(birth_year=THIS_YEAR - 12, consents=[TERMS, GUARDIAN])
    person = await server.log_in(user.email)
    withdrawal = pb.SetConsentRequest(kind=pb.CONSENT_KIND_GUARDIAN, document_version="1")
    await assert_refused(
        server.users.SetConsent(withdrawal, metadata=person.metadata),
        ErrorCode.PRECONDITION_FAILED,
    )


async def test_an_address_has_one_account_however_it_is_typed(server: Served) -> None:
    await server.register(email="bob@example.org")
    twin = registration(email="BOB@Example.ORG")
    await assert_refused(server.auth.Register(twin), ErrorCode.ALREADY_EXISTS, "email")


async def test_twins_that_register_at_once_get_one_account(server: Served) -> None:
    calls = [server.auth.Register(registration(email="one@example.org")) for _ in range(4)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(answer, auth.RegisterResponse) for answer in answers) == 1


async def test_a_repeated_registration_gets_the_first_answer(server: Served) -> None:
    request = registration(request_id=str(uuid.uuid4()))
    answers = await asyncio.gather(*(server.auth.Register(request) for _ in range(3)))
    assert answers[0] == answers[1] == answers[2]
    request.display_name = "Somebody else"
    await assert_refused(server.auth.Register(request), ErrorCode.ALREADY_EXISTS, "request_id")


async def test_a_wrong_password_and_an_unknown_address_look_the_same(server: Served) -> None:
    user = await server.register()
    wrong = await refusal(server.auth.Login(login(user.email, "wrong password")))
    unknown = await refusal(server.auth.Login(login("nobody@example.org")))
    assert (wrong.code, wrong.message, wrong.field) == (
        unknown.code,
        unknown.message,
        unknown.field,
    )
    assert wrong.code is ErrorCode.LOGIN_FAILED


async def test_who_guesses_has_to_wait_registered_or_not(server: Served) -> None:
    user = await server.register()
    for email in (user.email, "nobody@example.org"):
        for _ in range(10):
            await assert_refused(
                server.auth.Login(login(email, "wrong password")), ErrorCode.LOGIN_FAILED
            )
        limited = await assert_refused(server.auth.Login(login(email)), ErrorCode.RATE_LIMITED)
        assert limited.retry_after_s
        assert limited.limit == "attempts at this account"


async def test_a_password_is_the_same_in_every_normal_form(server: Served) -> None:
    password = "pässwörd\u00a0übung"  # noqa: S105 - a test's
    user = await server.register(password=unicodedata.normalize("NFD", password))
    await server.log_in(user.email, unicodedata.normalize("NFC", password))
    await server.log_in(user.email, password.replace("\u00a0", " "))


async def test_a_refresh_token_works_once_and_its_reuse_ends_the_login(server: Served) -> None:
    person = await server.student()
    answer = await server.auth.Refresh(refresh(person))
    newer = Person(person.user, answer.tokens)
    assert newer.tokens.refresh_token != person.tokens.refresh_token
    await assert_refused(server.auth.Refresh(refresh(person)), ErrorCode.LOGIN_ENDED)
    await assert_refused(server.auth.Refresh(refresh(newer)), ErrorCode.LOGIN_ENDED)
    error = await refusal(server.users.GetMe(pb.GetMeRequest(), metadata=newer.metadata))
    assert error.code is ErrorCode.LOGIN_ENDED


async def test_a_refresh_token_used_by_many_at_once_lets_one_of_them_in(server: Served) -> None:
    person = await server.student()
    calls = (server.auth.Refresh(refresh(person)) for _ in range(6))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    tokens = [answer for answer in answers if isinstance(answer, auth.RefreshResponse)]
    assert len(tokens) == 1
    newest = Person(person.user, tokens[0].tokens)
    await assert_refused(server.auth.Refresh(refresh(newest)), ErrorCode.LOGIN_ENDED)


async def test_a_lost_answer_to_a_refresh_can_be_had_again(server: Served) -> None:
    person = await server.student()
    request = refresh(person, request_id=str(uuid.uuid4()))
    answers = await asyncio.gather(*(server.auth.Refresh(request) for _ in range(3)))
    assert answers[0] == answers[1] == answers[2]
    assert (await server.auth.Refresh(refresh(Person(person.user, answers[0].tokens)))).tokens


async def test_a_repeated_login_is_one_login(server: Served) -> None:
    user = await server.register()
    request = login(user.email, request_id=str(uuid.uuid4()))
    first, again = await server.auth.Login(request), await server.auth.Login(request)
    assert first.tokens == again.tokens
    await assert_refused(
        server.auth.Login(login(user.email, "wrong password", request_id=request.request_id)),
        ErrorCode.LOGIN_FAILED,
    )


async def test_tokens_end_in_time(server: Served, clock: Clock) -> None:
    person = await server.student()
    clock.advance(timedelta(minutes=30, seconds=29))
    await me(server, person)
    clock.advance(timedelta(seconds=1))
    error = await refusal(server.users.GetMe(pb.GetMeRequest(), metadata=person.metadata))
    assert error.code is ErrorCode.TOKEN_EXPIRED
    clock.advance(timedelta(days=7))
    await assert_refused(server.auth.Refresh(refresh(person)), ErrorCode.TOKEN_EXPIRED)


async def test_nothing_lives_on_after_a_logout(server: Served) -> None:
    person = await server.student()
    other = await server.log_in(person.user.email)
    request = auth.LogoutRequest(refresh_token=person.tokens.refresh_token)
    await server.auth.Logout(request)
    await server.auth.Logout(request)
    await server.auth.Logout(auth.LogoutRequest(refresh_token="unknown"))  # noqa: S106
    await assert_refused(server.auth.Refresh(refresh(person)), ErrorCode.LOGIN_ENDED)
    error = await refusal(server.users.GetMe(pb.GetMeRequest(), metadata=person.metadata))
    assert error.code is ErrorCode.LOGIN_ENDED
    await me(server, other)


async def test_a_changed_password_ends_the_other_logins(server: Served) -> None:
    person = await server.student()
    other = await server.log_in(person.user.email)
    request = auth.ChangePasswordRequest(
        old_password=PASSWORD, new_password=NEW_PASSWORD, request_id=str(uuid.uuid4())
    )
    for _ in range(2):  # the second is a repeat
        await server.auth.ChangePassword(request, metadata=person.metadata)
    await me(server, person)
    await assert_refused(server.auth.Refresh(refresh(other)), ErrorCode.LOGIN_ENDED)
    await assert_refused(server.auth.Login(login(person.user.email)), ErrorCode.LOGIN_FAILED)
    await server.log_in(person.user.email, NEW_PASSWORD)
    request.request_id = str(uuid.uuid4())
    await assert_refused(
        server.auth.ChangePassword(request, metadata=person.metadata),
        ErrorCode.FIELD_INVALID,
        "old_password",
    )


async def test_text_is_text(server: Served) -> None:
    name = "Robert'); DROP TABLE users;-- <script>"
    user = await server.register(display_name=name)
    assert (await me(server, await server.log_in(user.email))).display_name == name
