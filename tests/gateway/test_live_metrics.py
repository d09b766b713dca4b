"""Live results of a practice session in the one program: kept through every kill."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import time
import uuid
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from practice.progress.v1 import progress_pb2, progress_pb2_grpc
from practice.sessions.v1 import sessions_pb2, sessions_pb2_grpc
from practice_client.accounts import Accounts
from tests.accounts.serving import PASSWORD, registration
from tests.gateway.processes import environment, served
from tests.serving.live import RATE_HZ, LiveCall, LiveClient, chunked, clicks

if TYPE_CHECKING:
    from pathlib import Path

ALL = ("--grpc-port", "0", "--http-port", "0")
HOP = RATE_HZ // 2
AUDIO = chunked(clicks(20.0))

Metadata = tuple[tuple[str, str], ...]


async def logged_in(address: str) -> Metadata:
    request = registration()
    async with Accounts(address) as accounts:
        await accounts.register(request)
        login = await accounts.log_in(request.email, PASSWORD)
    return (("authorization", f"Bearer {login.tokens.access_token}"),)


async def started(channel: grpc.aio.Channel, metadata: Metadata) -> str:
    stub: Any = sessions_pb2_grpc.PracticeServiceStub(channel)
    answer = await stub.StartSession(sessions_pb2.StartSessionRequest(), metadata=metadata)
    return str(answer.session.session_id)


async def kept_before_the_kill(call: LiveCall, process: asyncio.subprocess.Process) -> int:
    """Play until some seconds are acknowledged as kept, kill the server, return how far."""
    sending = asyncio.create_task(call.send(AUDIO))
    kept = await call.read_until("ack", lambda ack: ack.kept_through_sample >= 3 * RATE_HZ)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    await sending
    return int(kept.kept_through_sample)


@pytest.mark.timeout(300)  # four starts of the whole program
async def test_a_killed_server_loses_no_acknowledged_window(tmp_path: Path) -> None:
    env = environment(tmp_path)
    metadata: Metadata = ()
    session_id = ""
    kept: dict[str, int] = {}
    for _ in range(3):
        async with (
            served(*ALL, env=env) as (process, address),
            grpc.aio.insecure_channel(address) as channel,
        ):
            if not session_id:
                metadata = await logged_in(address)
                session_id = await started(channel, metadata)
            stream_id = str(uuid.uuid4())
            call = LiveClient(channel).open(metadata)
            await call.ready(session_id=session_id, stream_id=stream_id)
            kept[stream_id] = await kept_before_the_kill(call, process)
    async with served(*ALL, env=env) as (_, address):
        await arrived(tmp_path, kept)
        async with grpc.aio.insecure_channel(address) as channel:
            stub: Any = progress_pb2_grpc.MetricsServiceStub(channel)
            asked = progress_pb2.QueryTimeSeriesRequest(
                metric=progress_pb2.METRIC_BPM, session_id=session_id
            )
            asked.start_time.FromSeconds(int(time.time()) - 86_400)
            answer = await stub.QueryTimeSeries(asked, metadata=metadata)
            assert abs(answer.total.mean - 120.0) < 5.0


async def arrived(data_dir: Path, kept: dict[str, int]) -> None:
    """Wait until every window that was acknowledged is in the database."""
    expected = {
        (uuid.UUID(stream_id).hex, end)
        for stream_id, through in kept.items()
        for end in range(HOP, through + 1, HOP)
    }
    async with asyncio.timeout(100):
        while missing := expected - stored(data_dir):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)
    assert not missing


def stored(data_dir: Path) -> set[tuple[str, int]]:
    with contextlib.closing(sqlite3.connect(data_dir / "practice.db")) as database:
        rows = database.execute("SELECT stream_id, end_sample FROM window_metrics").fetchall()
    assert len(set(rows)) == len(rows), "each once"
    return set(rows)
