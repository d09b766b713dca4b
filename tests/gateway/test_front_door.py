"""HTTP beside gRPC in the one program."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.settings import Settings
from gateway.standalone import CannotListenError, EmbeddedServer
from practice.rpc.errors import ErrorCode

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = {"email": "ada@example.org", "password": "wrong"}


def settings(data_dir: Path, http_port: int = 0) -> Settings:
    return Settings(
        grpc_port=0, http_port=http_port, metrics_port=0, data_dir=data_dir, drain_seconds=60
    )


async def test_it_serves_and_tells_those_who_come_while_it_drains(tmp_path: Path) -> None:
    server = EmbeddedServer(settings(tmp_path))
    await server.start()
    base_url = f"http://{server.http_address}"
    async with httpx.AsyncClient(base_url=base_url, timeout=60) as client:
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        assert "practice.analysis.v1.AnalysisService" in ready.json()["services"]
        refused = await client.post("/api/v1/auth:login", json=LOGIN)
        assert (refused.status_code, refused.json()["code"]) == (
            401,
            ErrorCode.LOGIN_FAILED.value,
        )
        with server._drain.call():  # somebody who takes long
            stopping = asyncio.create_task(server.stop())
            await server._drain.started.wait()
            late = await client.post("/api/v1/auth:login", json=LOGIN)
        assert (late.status_code, late.json()["code"]) == (503, ErrorCode.SERVER_DRAINING.value)
        assert int(late.headers["retry-after"]) >= 1
        assert await stopping
        with pytest.raises(httpx.ConnectError):
            await client.get("/healthz")


async def test_an_http_port_in_use_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = EmbeddedServer(settings(tmp_path, taken.getsockname()[1]))
        with pytest.raises(CannotListenError, match="PRACTICE_HTTP_PORT"):
            await server.start()
