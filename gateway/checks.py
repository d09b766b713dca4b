"""The doctor's checks: each looks at one thing and says what it found."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.addresses import obstacle
from gateway.engine import kernel_cache_dir, kernel_count
from gateway.listening import microphone_name
from practice.rpc.errors import PracticeError
from practice.rpc.status import error_from_rpc

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.settings import Settings

_REACH_TIMEOUT_S: Final = 2.0


class Outcome(Enum):
    """How a check went."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; ``detail`` is a sentence for a person."""

    name: str
    outcome: Outcome
    detail: str


async def run_checks(settings: Settings, environ: Mapping[str, str]) -> tuple[Check, ...]:
    """Run every check, in the order in which a server would need the things."""
    server = await check_server(_server_address(settings, environ))
    is_up = server.outcome is Outcome.OK
    return (
        check_data_dir(settings.data_dir),
        check_kernel_cache(kernel_cache_dir(settings)),
        check_port("gRPC port", settings.host, settings.grpc_port, is_up=is_up),
        check_port("HTTP port", settings.host, settings.http_port, is_up=is_up),
        check_port("metrics port", settings.host, settings.metrics_port, is_up=is_up),
        server,
        await asyncio.to_thread(check_microphone),
    )


def _server_address(settings: Settings, environ: Mapping[str, str]) -> str:
    return environ.get("PRACTICE_SERVER") or f"{settings.host}:{settings.grpc_port}"


def check_data_dir(data_dir: Path) -> Check:
    """Whether the data folder can be written, or made."""
    folder = data_dir
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Check("data folder", Outcome.FAILED, f"{folder} is not writable: {error.strerror}")
    will_be = "" if folder == data_dir else ", will be made"
    return Check("data folder", Outcome.OK, f"{data_dir} is writable{will_be}")


def check_kernel_cache(cache_dir: Path) -> Check:
    """Whether compiled kernels are at hand, so that a start takes seconds."""
    count = kernel_count(cache_dir)
    if not count:
        detail = f"{cache_dir} holds no kernels yet; the first start compiles them"
        return Check("kernel cache", Outcome.WARNING, detail)
    return Check("kernel cache", Outcome.OK, f"{cache_dir} holds {count} compiled kernels")


def check_port(name: str, host: str, port: int, *, is_up: bool) -> Check:
    """Whether a server could listen there; a running server of ours is a good reason why not."""
    if port == 0:
        return Check(name, Outcome.OK, "a free one is taken at start")
    variable = f"PRACTICE_{name.replace(' ', '_').upper()}"
    reason = obstacle(host, port, variable, "PRACTICE_HOST")
    if reason is None:
        return Check(name, Outcome.OK, f"{port} is free")
    if is_up:
        return Check(name, Outcome.OK, f"{port} is held by the running server")
    return Check(name, Outcome.FAILED, reason)


async def check_server(address: str) -> Check:
    """Whether a server answers there and serves."""
    host_port = address.rpartition("://")[2]
    is_secure = address.startswith(("grpcs://", "https://"))
    try:
        async with _channel(host_port, is_secure=is_secure) as channel:
            status = await _health(channel)
    except PracticeError as error:
        reason = error.message.rpartition(": ")[2]
        detail = f"none answers at {address} (`practice serve` starts one): {reason}"
        return Check("server", Outcome.WARNING, detail)
    if status != health_pb2.HealthCheckResponse.SERVING:
        return Check("server", Outcome.WARNING, f"the one at {address} is up but does not serve")
    return Check("server", Outcome.OK, f"the one at {address} serves")


def _channel(host_port: str, *, is_secure: bool) -> grpc.aio.Channel:
    if is_secure:
        return grpc.aio.secure_channel(host_port, grpc.ssl_channel_credentials())
    return grpc.aio.insecure_channel(host_port)


async def _health(channel: grpc.aio.Channel) -> int:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    try:
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=_REACH_TIMEOUT_S)
    except grpc.aio.AioRpcError as error:
        raise error_from_rpc(error) from error
    return int(answer.status)


def check_microphone() -> Check:
    """Whether sound can be captured."""
    try:
        return Check("microphone", Outcome.OK, microphone_name())
    except Exception as error:  # noqa: BLE001 - audio libraries raise what they like
        return Check("microphone", Outcome.WARNING, str(error))
