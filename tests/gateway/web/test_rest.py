"""REST as a client sees it: statuses, errors, conditions, limits and headers."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from gateway.web.app import WebConfig
from gateway.web.lifecycle import Lifecycle, Retirement
from gateway.web.problems import HTTP_STATUS
from practice.rpc.errors import ErrorCode
from practice.rpc.logs import configure_logs
from tests.accounts.serving import PASSWORD
from tests.gateway.web.serving import HOST, Door, authorized, door

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from session_service.db.config import DatabaseConfig

ADA: dict[str, Any] = {
    "email": "ada@example.org",
    "password": PASSWORD,
    "display_name": "Ada",
    "role": "STUDENT",
    "birth_year": 1990,
    "consents": [{"kind": "TERMS", "document_version": "1"}],
}
JSON = {"content-type": "application/json"}
SITE = "https://app.example.org"


def assert_problem(
    answer: httpx.Response, status: int, code: ErrorCode, field: str | None = None
) -> None:
    content = answer.json()
    assert (answer.status_code, content["code"], content.get("field")) == (
        status,
        code.value,
        field,
    ), content
    assert content["detail"]
    assert answer.headers["content-type"] == "application/json"


def test_every_code_has_a_status() -> None:
    assert set(HTTP_STATUS) == set(ErrorCode)


async def test_somebody_registers_logs_in_and_changes_the_profile(web: Door) -> None:
    made = await web.client.post("/api/v1/auth:register", json=ADA)
    assert made.status_code == 201
    user = made.json()["user"]
    assert (user["role"], user["state"]) == ("STUDENT", "ACTIVE")
    assert made.headers["location"] == f"/api/v1/users/{user['user_id']}"
    login = {"email": ADA["email"], "password": PASSWORD}
    answer = await web.client.post("/api/v1/auth:login", json=login)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    tokens = answer.json()["tokens"]
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await web.client.get(made.headers["location"], headers=headers)).json()["user"] == user
    change = {"display_name": "Ada L.", "student": {"years_playing": 7}}
    changed = await web.client.patch("/api/v1/me", headers=headers, json=change)
    assert changed.status_code == 200
    assert changed.json()["user"]["student"] == {**user["student"], "years_playing": 7}
    only = {"update_mask": "display_name"}
    change = {"display_name": "Ada", "student": {"years_playing": 9}}
    changed = await web.client.patch("/api/v1/me", headers=headers, json=change, params=only)
    assert changed.json()["user"]["student"]["years_playing"] == 7
    refresh = {"refresh_token": tokens["refresh_token"]}
    out = await web.client.post("/api/v1/auth:logout", json=refresh)
    assert (out.status_code, out.content) == (204, b"")


async def test_lists_have_pages_and_filters(web: Door) -> None:
    admin = authorized(await web.services.admin())
    for _ in range(3):
        await web.services.register()
    query: dict[str, Any] = {"page_size": 2, "role": "STUDENT"}
    first = await web.client.get("/api/v1/users", params=query, headers=admin)
    assert len(first.json()["users"]) == 2
    following = first.links["next"]["url"]
    last = await web.client.get(following, headers=admin)
    assert len(last.json()["users"]) == 1
    assert "next" not in last.links
    assert all(user["role"] == "STUDENT" for user in last.json()["users"])


async def test_etags_save_answers_and_keep_changes_apart(web: Door) -> None:
    headers = authorized(await web.services.student())
    read = await web.client.get("/api/v1/me", headers=headers)
    etag = read.headers["etag"]
    assert etag == f'"{read.json()["user"]["etag"]}"'
    again = await web.client.get("/api/v1/me", headers={**headers, "if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    conditional = {**headers, "if-match": etag}
    change = {"display_name": "New"}
    done = await web.client.patch("/api/v1/me", headers=conditional, json=change)
    assert done.status_code == 200
    assert done.headers["etag"] != etag
    stale = await web.client.patch("/api/v1/me", headers=conditional, json=change)
    assert_problem(stale, 412, ErrorCode.ETAG_STALE, "etag")
    query = {"etag": etag.strip('"')}
    stale = await web.client.patch("/api/v1/me", headers=headers, json=change, params=query)
    assert_problem(stale, 409, ErrorCode.ETAG_STALE, "etag")
    path = "/api/v1/auth:logout"
    refused = await web.client.post(path, json={"refresh_token": "x"}, headers={"if-match": "x"})
    assert_problem(refused, 400, ErrorCode.MALFORMED_REQUEST)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, None),
        (b"\xff", 400, None),
        (b"[" * 100_000, 400, None),
        (b'{"email": NaN}', 400, None),
        (b"[]", 422, None),
        (b'{"email": 7}', 422, "email"),
        (b'{"no_such_field": 7}', 422, "no_such_field"),
        (b'{"birth_year": 1e99}', 422, "birth_year"),
        (b'{"birth_year": 1990.5}', 422, "birth_year"),
        (b'{"birth_year": true}', 422, "birth_year"),
        (b'{"role": "KING"}', 422, "role"),
        (b'{"role": {}}', 422, "role"),
        (b'{"consents": {}}', 422, "consents"),
        (b'{"consents": [{"kind": 1}]}', 422, "consents[0].kind"),
        (b'{"student": {}, "teacher": {}}', 422, "teacher"),
        (b'{"display_name": "\\ud800"}', 400, None),
    ],
)
async def test_bad_bodies_are_told_with_their_field(
    web: Door, body: bytes, status: int, field: str | None
) -> None:
    code = ErrorCode.MALFORMED_REQUEST if status == 400 else ErrorCode.FIELD_INVALID
    answer = await web.client.post("/api/v1/auth:register", content=body, headers=JSON)
    assert_problem(answer, status, code, field)


async def test_bad_queries_paths_and_tokens(web: Door) -> None:
    admin = authorized(await web.services.admin())
    get = web.client.get
    for query, field in (
        ("page_size=x", "page_size"),
        ("page_size=1&page_size=2", "page_size"),
        ("page_size=-1", "page_size"),
        ("role=KING", "role"),
        ("nonsense=1", "nonsense"),
        ("page_token=!!", "page_token"),
    ):
        answer = await get(f"/api/v1/users?{query}", headers=admin)
        assert_problem(answer, 422, ErrorCode.FIELD_INVALID, field)
    answer = await get("/api/v1/users/17", headers=admin)
    assert_problem(answer, 422, ErrorCode.FIELD_INVALID, "user_id")
    unknown = "/api/v1/users/01932f5e-0000-7000-8000-000000000000"
    assert_problem(await get(unknown, headers=admin), 404, ErrorCode.NOT_FOUND)
    nobody = await get("/api/v1/me")
    assert_problem(nobody, 401, ErrorCode.UNAUTHENTICATED)
    assert nobody.headers["www-authenticate"] == "Bearer"
    for token in (b"Bearer x", b"Basic x", b"Bearer \xff"):
        answer = await get("/api/v1/me", headers={b"authorization": token})
        assert_problem(answer, 401, ErrorCode.TOKEN_INVALID)
    student = authorized(await web.services.student())
    answer = await get("/api/v1/users", headers=student)
    assert_problem(answer, 403, ErrorCode.PERMISSION_DENIED)
    assert_problem(await get("/api/v1/nothing"), 404, ErrorCode.NOT_FOUND)
    wrong_verb = await web.client.put("/api/v1/me")
    assert_problem(wrong_verb, 405, ErrorCode.METHOD_UNKNOWN)
    assert wrong_verb.headers["allow"] == "GET, HEAD, PATCH"
    form = await web.client.post("/api/v1/auth:login", content=b"a=b")
    assert_problem(form, 400, ErrorCode.MALFORMED_REQUEST)


async def test_a_large_body_is_refused_before_it_is_read(web: Door) -> None:
    port = web.client.base_url.port
    reader, writer = await asyncio.open_connection(HOST, port)
    head = (
        "POST /api/v1/auth:login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        f"content-length: {1 << 40}\r\n\r\n"
    )
    writer.write(head.encode())
    assert b" 413 " in await reader.readline()
    writer.close()

    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(head.replace(f"content-length: {1 << 40}", "transfer-encoding: chunked").encode())
    for _ in range(20):
        writer.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")
    assert b" 413 " in await reader.readline()
    writer.close()


async def test_every_answer_has_safe_headers_and_the_callers_id(web: Door) -> None:
    for path in ("/healthz", "/api/v1/me", "/nothing", "/.well-known/jwks.json"):
        answer = await web.client.get(path, headers={"x-request-id": "lesson-7"})
        assert answer.headers["x-request-id"] == "lesson-7"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
    keys = await web.client.get("/.well-known/jwks.json")
    assert keys.headers["cache-control"] == "public, max-age=300"
    assert keys.headers["api-version"] == "v1"
    assert keys.json()["keys"][0]["crv"] == "Ed25519"
    assert (await web.client.get("/readyz")).status_code == 200


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logs("INFO", stream)
    yield stream
    structlog.reset_defaults()
    logging.getLogger("uvicorn").handlers = []


async def test_a_call_is_followed_by_its_id_through_the_logs(log: io.StringIO, web: Door) -> None:
    await web.client.get("/api/v1/me", headers={"x-request-id": "lesson-7"})
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    events = [line["event"] for line in lines if line.get("request_id") == "lesson-7"]
    assert sorted(events) == ["http_ended", "rpc_ended"]


async def test_only_listed_sites_may_call_from_a_browser(
    database: DatabaseConfig, tmp_path: Path
) -> None:
    config = WebConfig(cors_origins=(SITE,))
    async with door(database, tmp_path / "keys", config) as web:
        ask = {"access-control-request-method": "PATCH"}
        for origin, is_let_in in ((SITE, True), ("https://evil.example", False)):
            answer = await web.client.options("/api/v1/me", headers={**ask, "origin": origin})
            assert (answer.headers.get("access-control-allow-origin") == origin) is is_let_in
            answer = await web.client.get("/healthz", headers={"origin": origin})
            assert ("access-control-allow-origin" in answer.headers) is is_let_in


async def test_what_goes_away_says_so(database: DatabaseConfig, tmp_path: Path) -> None:
    retirement = Retirement(
        datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "https://example.org"
    )
    method = "/practice.accounts.v1.AuthService/GetKeySet"
    config = WebConfig(lifecycle=Lifecycle({method: retirement}))
    async with door(database, tmp_path / "keys", config) as web:
        answer = await web.client.get("/.well-known/jwks.json")
    assert answer.headers["deprecation"] == "@1767225600"
    assert answer.headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert 'rel="deprecation"' in answer.headers["link"]


async def test_without_services_requests_are_told_to_come_back(web: Door) -> None:
    await web.services.stop()
    answer = await web.client.post("/api/v1/auth:login", json={"email": "a", "password": "b"})
    assert_problem(answer, 503, ErrorCode.SERVER_UNREACHABLE)
    assert int(answer.headers["retry-after"]) >= 1
    ready = await web.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert (await web.client.get("/healthz")).status_code == 200
