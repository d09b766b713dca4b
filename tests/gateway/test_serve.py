"""`practice serve` as a person starts it."""

from __future__ import annotations

import asyncio
import signal
import urllib.request
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from practice.rpc.errors import ErrorCode
from tests.gateway.processes import environment, run, served
from tests.serving.live import (
    SMALL_BUFFERS,
    LiveClient,
    assert_error,
    chunked,
    clicks,
    connect,
    embedded_server,
)

if TYPE_CHECKING:
    from pathlib import Path


async def test_it_serves_says_so_and_leaves_politely(tmp_path: Path) -> None:
    data_dir = tmp_path / "made by the server"
    env = environment(data_dir, PRACTICE_LOG_LEVEL="INFO")
    async with served("--grpc-port", "0", env=env) as (process, address):
        async with grpc.aio.insecure_channel(address) as channel:
            health: Any = health_pb2_grpc.HealthStub(channel)
            for service in ("", "practice.analysis.v1.AnalysisService"):
                answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
                assert answer.status == health_pb2.HealthCheckResponse.SERVING
            call = LiveClient(channel).open()
            ready = await call.ready()
            await call.audio(clicks(1.0))
            await call.read_until("ack")
            process.send_signal(signal.SIGTERM)
            goodbye = await call.read_until("going_away")
            assert goodbye.resume_token == ready.resume_token
            assert_error(await call.error(), ErrorCode.SERVER_DRAINING)
        out, err = await process.communicate()
        assert process.returncode == 0
        assert out == b""
        assert b"1 stream" in err
        assert b"rpc_ended" in err, "logs go to stderr"
        assert b"Traceback" not in err
    assert data_dir.is_dir()


async def test_a_second_signal_does_not_wait_for_the_streams(tmp_path: Path) -> None:
    env = environment(tmp_path, PRACTICE_DRAIN_SECONDS="3600")
    async with (
        served("--grpc-port", "0", env=env) as (process, address),
        grpc.aio.insecure_channel(address, options=SMALL_BUFFERS) as channel,
    ):
        call = LiveClient(channel).open()
        await call.ready(hop_seconds=0.1)
        await call.send(chunked(clicks(29.0)))  # and read nothing of what it says
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        while b"Stopping" not in await process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        await process.wait()
    assert process.returncode == 0


async def test_metrics_are_served(tmp_path: Path) -> None:
    async with embedded_server(tmp_path) as server, connect(server) as client:
        await client.analyze(clicks(1.0))
        body = await asyncio.to_thread(fetch, f"http://{server.metrics_address}/metrics")
    assert "practice_rpc_handled_total{" in body
    assert "AnalyzeClip" in body


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - the test's own server
        text: str = response.read().decode()
        return text


async def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    env = environment(tmp_path)
    async with served("--grpc-port", "0", env=env) as (_, address):
        port = address.rpartition(":")[2]
        code, out, err = await run("serve", "--grpc-port", port, env=env)
        assert (code, out) == (1, "")
        assert err == (
            f"practice: cannot listen: 127.0.0.1:{port} is in use "
            "(choose another port with --grpc-port or PRACTICE_GRPC_PORT)\n"
        )
        code, _, err = await run(
            "serve", "--grpc-port", "0", env={**env, "PRACTICE_METRICS_PORT": port}
        )
        assert code == 1
        assert "PRACTICE_METRICS_PORT" in err
        assert "Traceback" not in err


@pytest.mark.parametrize(
    ("host", "reason"),
    [("nowhere.invalid", "has no address"), ("192.0.2.1", "no address of this machine")],
)
async def test_a_host_that_is_not_here_is_one_clear_line(
    tmp_path: Path, host: str, reason: str
) -> None:
    code, out, err = await run(
        "serve", "--grpc-port", "0", "--host", host, env=environment(tmp_path)
    )
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert host in err
    assert reason in err
    assert "--host or PRACTICE_HOST" in err


async def test_a_setting_that_does_not_fit_is_one_clear_line(tmp_path: Path) -> None:
    env = environment(tmp_path, PRACTICE_GRPC_PORT="many")
    code, out, err = await run("serve", env=env)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "PRACTICE_GRPC_PORT" in err


async def test_wrong_usage_has_its_own_code(tmp_path: Path) -> None:
    code, _, err = await run("serve", "--grpc-port", "70000", env=environment(tmp_path))
    assert code == 2
    assert "--grpc-port" in err


async def test_a_data_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    code, _, err = await run("serve", "--grpc-port", "0", env=environment(taken / "below"))
    assert code == 1
    assert str(taken) in err
    assert "Traceback" not in err


async def test_beyond_this_machine_everybody_needs_a_token(tmp_path: Path) -> None:
    env = environment(tmp_path)
    async with served("--grpc-port", "0", "--host", "0.0.0.0", env=env) as (process, address):  # noqa: S104
        port = address.rpartition(":")[2]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            call = LiveClient(channel).open()
            await call.config()
            assert_error(await call.error(), ErrorCode.UNAUTHENTICATED)
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
    assert b"access token" in err
