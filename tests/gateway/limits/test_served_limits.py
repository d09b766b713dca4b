"""Rate limits of a running server, by its settings alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import httpx
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from pydantic import ValidationError

from gateway.limits.counting import rates_of
from gateway.settings import Settings
from gateway.standalone import SERVICES, EmbeddedServer
from practice.accounts.v1 import auth_pb2, auth_pb2_grpc, users_pb2, users_pb2_grpc
from practice.rpc.errors import ErrorCode
from practice.rpc.status import error_from_rpc
from tests.accounts.serving import PASSWORD, refusal, registration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.gateway.redis_server import RedisServer

#: Ten at once, and not another one while a test runs.
TEN = 1.0
TINY = 1e-4


def settings(data_dir: Path, **changes: Any) -> Settings:
    return Settings(grpc_port=0, http_port=0, metrics_port=0, data_dir=data_dir, **changes)


class Door:
    """A client of the open calls, from wherever it says."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.auth: Any = auth_pb2_grpc.AuthServiceStub(channel)
        self.users: Any = users_pb2_grpc.UserServiceStub(channel)
        self.health: Any = health_pb2_grpc.HealthStub(channel)

    def knock(self, forwarded_for: str = "") -> Any:
        metadata: Sequence[tuple[str, str]] = [("x-forwarded-for", forwarded_for)]
        return self.auth.GetKeySet(auth_pb2.GetKeySetRequest(), metadata=metadata)


async def test_an_address_that_calls_too_often_is_told_how_long_to_wait(tmp_path: Path) -> None:
    chosen = settings(tmp_path, calls_per_second_per_address=TINY)
    async with (
        EmbeddedServer(chosen, only=SERVICES) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        door = Door(channel)
        await door.knock()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await door.knock()
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert error_from_rpc(refused.value).code is ErrorCode.RATE_LIMITED
        failure: Any = refused.value
        status: Any = rpc_status.from_call(failure)
        quota, retry = error_details_pb2.QuotaFailure(), error_details_pb2.RetryInfo()
        assert sum(detail.Unpack(quota) or detail.Unpack(retry) for detail in status.details) == 2
        assert quota.violations[0].subject == "calls per address"
        assert 9_000 < retry.retry_delay.ToSeconds() <= 10_000
        for _ in range(3):  # load balancers are not counted
            await door.health.Check(health_pb2.HealthCheckRequest())


async def test_a_user_is_counted_too(tmp_path: Path) -> None:
    chosen = settings(tmp_path, calls_per_second_per_user=TINY)
    async with (
        EmbeddedServer(chosen, only=SERVICES) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        door = Door(channel)
        user = (await door.auth.Register(registration())).user
        login = auth_pb2.LoginRequest(email=user.email, password=PASSWORD)
        token = (await door.auth.Login(login)).tokens.access_token
        metadata = [("authorization", f"Bearer {token}")]
        await door.users.GetMe(users_pb2.GetMeRequest(), metadata=metadata)
        error = await refusal(door.users.GetMe(users_pb2.GetMeRequest(), metadata=metadata))
        assert (error.code, error.limit) == (ErrorCode.RATE_LIMITED, "calls per user")
        await door.knock()


async def test_only_a_trusted_proxy_says_who_is_behind_it(tmp_path: Path) -> None:
    chosen = settings(
        tmp_path, calls_per_second_per_address=TINY, trusted_proxies="127.0.0.0/8, 10.0.0.0/8"
    )
    async with (
        EmbeddedServer(chosen, only=SERVICES) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        door = Door(channel)
        await door.knock("192.0.2.1")
        await door.knock("192.0.2.2, 10.1.2.3")
        await door.knock("2001:db8::1")
        for same in ("198.51.100.7, 192.0.2.1", "192.0.2.2", "2001:db8::2", "::ffff:192.0.2.1"):
            error = await refusal(door.knock(same))
            assert error.code is ErrorCode.RATE_LIMITED, same


async def test_nobody_names_another_address_without_being_trusted(tmp_path: Path) -> None:
    chosen = settings(tmp_path, calls_per_second_per_address=TINY)
    async with (
        EmbeddedServer(chosen, only=SERVICES) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        door = Door(channel)
        await door.knock("192.0.2.1")
        assert (await refusal(door.knock("192.0.2.2"))).code is ErrorCode.RATE_LIMITED


async def test_rest_says_too_many_requests_and_when_to_come_again(tmp_path: Path) -> None:
    chosen = settings(tmp_path, calls_per_second_per_address=TINY)
    async with (
        EmbeddedServer(chosen) as server,
        httpx.AsyncClient(base_url=f"http://{server.http_address}", timeout=60) as client,
    ):
        assert (await client.get("/.well-known/jwks.json")).status_code == 200
        forged = {"x-forwarded-for": "192.0.2.1"}
        refused = await client.get("/.well-known/jwks.json", headers=forged)
        assert refused.status_code == 429
        assert refused.json()["code"] == "RATE_LIMITED"
        assert 9_000 < int(refused.headers["retry-after"]) <= 10_000
        assert (await client.get("/healthz")).status_code == 200


async def test_processes_with_one_redis_count_calls_together(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    chosen = settings(tmp_path, calls_per_second_per_address=TINY, redis_url=own_redis.url)
    async with (
        EmbeddedServer(chosen, only=SERVICES) as one,
        EmbeddedServer(chosen, only=SERVICES) as other,
        grpc.aio.insecure_channel(one.address) as to_one,
        grpc.aio.insecure_channel(other.address) as to_other,
    ):
        await Door(to_one).knock()
        assert (await refusal(Door(to_other).knock())).code is ErrorCode.RATE_LIMITED


def test_beyond_loopback_there_are_limits_that_no_student_meets() -> None:
    rates = rates_of(Settings(host="192.0.2.1"))
    assert rates.per_user is not None
    assert rates.per_address is not None
    assert rates.per_user.burst >= 500
    assert rates.per_address.every_s <= 0.002


def test_who_has_the_server_alone_is_not_limited_unless_it_is_asked_for() -> None:
    assert rates_of(Settings()) == rates_of(Settings(calls_per_second_per_user=0.0))
    assert rates_of(Settings()).per_user is None
    limited = rates_of(Settings(calls_per_second_per_user=TEN)).per_user
    assert limited is not None
    assert limited.burst == 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"redis_url": "http://example.org"},
        {"trusted_proxies": "everybody"},
        {"calls_per_second_per_user": -1},
        {"calls_per_second_per_address": "nan"},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)
