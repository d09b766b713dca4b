"""Accounts in the one program: from the command line, beyond loopback, and through a kill."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
import uuid
from typing import TYPE_CHECKING, Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from practice.accounts.v1 import auth_pb2, auth_pb2_grpc, users_pb2
from practice.rpc.errors import ErrorCode
from practice_client.accounts import Accounts
from practice_client.endpoint import Endpoint
from tests.accounts.serving import PASSWORD, assert_refused, registration
from tests.gateway.processes import environment, run, served
from tests.serving.live import LiveClient, assert_error

if TYPE_CHECKING:
    from pathlib import Path

EVERYWHERE = ("--grpc-port", "0", "--host", "0.0.0.0")  # noqa: S104 - what is tested
ONLY_SERVICES = ("--grpc-port", "0", "--only", "services")
ADA = ("--email", "ada@example.org", "--password-stdin")
NEW = ("--name", "Ada", "--birth-year", "1990", "--accept-terms")


async def test_a_person_registers_and_streams_to_a_server_beyond_loopback(tmp_path: Path) -> None:
    env = environment(tmp_path)
    async with served(*EVERYWHERE, env=env) as (_, listening):
        address = f"127.0.0.1:{listening.rpartition(':')[2]}"
        here = ("--server", address)
        code, out, err = await run("register", *ADA, *NEW, *here, env=env, typed=f"{PASSWORD}\n")
        assert (code, out) == (0, f"Logged in at {address} as ada@example.org.\n"), err
        code, out, _ = await run("whoami", "--json", *here, env=env)
        assert code == 0
        assert json.loads(out)["user"]["role"] == "STUDENT"
        kept = tmp_path / "credentials" / "credentials.json"
        assert not kept.stat().st_mode & 0o077
        token = json.loads(kept.read_text(encoding="utf-8"))[address]["access_token"]
        async with grpc.aio.insecure_channel(address) as channel:
            refused = LiveClient(channel).open()
            await refused.config()
            assert_error(await refused.error(), ErrorCode.UNAUTHENTICATED)
            stub = LiveClient(channel).stub
            call = stub.StreamingAnalyze(metadata=(("authorization", f"Bearer {token}"),))
            opened = type(refused)(call)
            await opened.config(session_id=str(uuid.uuid4()))
            assert_error(await opened.error(), ErrorCode.NOT_FOUND, "config.session_id")
            call = LiveClient(channel).stub.StreamingAnalyze(
                metadata=(("authorization", f"Bearer {token}"),)
            )
            assert (await type(refused)(call).ready()).stream_id
            call.cancel()
        code, out, _ = await run("logout", *here, env=env)
        assert code == 0
        code, _, err = await run("whoami", *here, env=env)
        assert (code, err.count("\n")) == (1, 1)
        assert "practice login" in err


async def test_the_first_admin_is_made_with_a_command(tmp_path: Path) -> None:
    env = environment(tmp_path)
    admin = ("admin", "create", *ADA, "--name", "Ada")
    code, out, err = await run(*admin, env=env, typed=f"{PASSWORD}\n")
    assert code == 0, err
    assert "is an admin now" in out
    code, _, err = await run(*admin, env=env, typed=f"{PASSWORD}\n")
    assert (code, err.count("\n")) == (1, 1)
    code, _, err = await run(*admin, env=env, typed="short\n")
    assert code == 1
    assert "password" in err
    code, out, _ = await run("migrate", env=env)
    assert (code, "was up to date" in out) == (0, True)
    async with served(*ONLY_SERVICES, env=env) as (_, address), Accounts(address) as accounts:
        login = await accounts.log_in("ada@example.org", PASSWORD)
        async with Accounts(Endpoint(address, login.tokens.access_token)) as known:
            assert (await known.me()).role == users_pb2.ROLE_ADMIN


async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    env = environment(tmp_path)
    acknowledged: list[str] = []
    for _ in range(3):
        async with served(*ONLY_SERVICES, env=env) as (process, address):
            await check_logins(address, acknowledged)
            enough = asyncio.Event()
            writers = [asyncio.create_task(write(address, acknowledged, enough)) for _ in range(3)]
            await enough.wait()
            process.send_signal(signal.SIGKILL)
            await process.wait()
            await asyncio.gather(*writers)
    with contextlib.closing(sqlite3.connect(tmp_path / "practice.db")) as kept:
        emails = {str(row[0]) for row in kept.execute("SELECT email FROM users")}
    assert len(acknowledged) >= 12
    assert set(acknowledged) <= emails


async def write(address: str, acknowledged: list[str], enough: asyncio.Event) -> None:
    """Register people until the server is gone; note who was told that it is done."""
    async with grpc.aio.insecure_channel(address) as channel:
        auth: Any = auth_pb2_grpc.AuthServiceStub(channel)
        while True:
            email = f"{uuid.uuid4().hex}@example.org"
            try:
                await auth.Register(registration(email=email), timeout=60)
            except grpc.aio.AioRpcError:
                return
            acknowledged.append(email)
            if len(acknowledged) % 4 == 0:
                enough.set()


async def check_logins(address: str, emails: list[str]) -> None:
    """Log in as the newest, with the token of a key from before the kill."""
    async with Accounts(address) as accounts:
        for email in emails[-1:]:
            await accounts.log_in(email, PASSWORD)


async def test_a_database_away_leaves_the_engine_serving(tmp_path: Path) -> None:
    env = environment(tmp_path, PRACTICE_DATABASE_URL=f"postgresql://ada@/x?host={tmp_path}")
    async with (
        served("--grpc-port", "0", env=env) as (_, address),
        grpc.aio.insecure_channel(address) as channel,
    ):
        health: Any = health_pb2_grpc.HealthStub(channel)
        for service, expected in (
            ("practice.analysis.v1.AnalysisService", health_pb2.HealthCheckResponse.SERVING),
            ("practice.accounts.v1.AuthService", health_pb2.HealthCheckResponse.NOT_SERVING),
        ):
            answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
            assert answer.status == expected, service
        await LiveClient(channel).open().ready()
        auth: Any = auth_pb2_grpc.AuthServiceStub(channel)
        request = auth_pb2.LoginRequest(email="ada@example.org", password=PASSWORD)
        error = await assert_refused(auth.Login(request), ErrorCode.STORE_UNAVAILABLE)
        assert error.retry_after_s


async def test_a_database_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    env = environment(tmp_path, PRACTICE_DATABASE_URL="mysql://root:hunter2@db/practice")
    code, _, err = await run("serve", "--grpc-port", "0", env=env)
    assert (code, err.count("\n")) == (1, 1)
    assert "PRACTICE_DATABASE_URL" in err
    assert "hunter2" not in err
